/** No function takes an argument that it does not look at. */
import * as keras from '../src/index';
import { tensorCount } from './support/tensors';

/** Functions that take any number of arguments, or are called by others with more than they need: `values.map(describe)`. */
const VARIADIC = ['pipe', 'flow', 'sequence', 'shape', 'describe', 'describeShape'];

const functions = Object.entries(keras).filter(
  ([name, value]) =>
    typeof value === 'function' &&
    !VARIADIC.includes(name) &&
    !/^class\b/.test(Function.prototype.toString.call(value)),
) as unknown as [string, (...args: unknown[]) => unknown][]; // without types, as JavaScript calls them

const errorOf = async (call: () => unknown): Promise<unknown> => {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each(functions)('%s says that it takes no nine arguments', async (name, call) => {
  const before = tensorCount();
  const values = [[1], [1], {}, {}, {}, {}, {}, {}, {}];
  const error = await errorOf(() => call(...values));
  expect(error).toBeInstanceOf(keras.KerasArgumentError);
  expect((error as Error).message).toMatch(
    new RegExp(`^${name}: (${name}\\(\\) takes |the options must be given by their names, in one object)`),
  );
  expect(tensorCount()).toBe(before);
});

const y = keras.tf.ones([1, 2]);
test.each([
  [
    'setRandomSeed',
    [1, 2],
    'setRandomSeed() takes one argument, `seed`. Received: 2 besides. Write setRandomSeed(seed).',
  ],
  [
    'optimizerSgd',
    [{}, 3],
    'optimizerSgd() takes one argument, `options`. Received: 3 besides. Give all options by their names',
  ],
  ['metricAuc', [{}, 3], 'metricAuc() takes one argument, `options`. Received: 3 besides.'],
  ['regularizerL1L2', [{}, 0.1], 'regularizerL1L2() takes one argument, `options`. Received: 0.1 besides.'],
  ['initializerZeros', [{}, 0.1], 'initializerZeros() takes one argument, `options`. Received: 0.1 besides.'],
  [
    'kerasModelSequential',
    [{}, { name: 'a' }],
    "kerasModelSequential() takes one argument, `options`. Received: { name: 'a' } besides.",
  ],
  [
    'layerInput',
    [{ shape: [1] }, { name: 'a' }],
    "layerInput() takes one argument, `options`. Received: { name: 'a' } besides.",
  ],
  [
    'shared',
    [keras.layerDense({ units: 1 }), 5],
    'shared() takes one argument, `step`. Received: 5 besides. Write shared(step).',
  ],
  [
    'customMetric',
    ['a', () => y, 5],
    'customMetric() takes 2 arguments, `name`, `values`. Received: 5 besides.',
  ],
  [
    'kerasModel',
    [y, y, {}, 5],
    'kerasModel() takes 3 arguments, `inputs`, `outputs`, `options`. Received: 5 besides.',
  ],
  [
    'lossMeanSquaredError',
    [y, y, {}, { delta: 1 }],
    'lossMeanSquaredError() takes 3 arguments, `yTrue`, `yPred`, `options`. Received: { delta: 1 } besides.',
  ],
  [
    'lossHuber',
    [y, y, { delta: 1 }, 5],
    'lossHuber() takes 3 arguments, `yTrue`, `yPred`, `options`. Received: 5 besides.',
  ],
  ['activationTanh', [y, 5], 'activationTanh() takes one argument, `x`. Received: 5 besides.'],
  ['activationRelu', [y, {}, 5], 'activationRelu() takes'],
  [
    'datasetMnist',
    [{ embedded: true }, 5],
    'datasetMnist() takes one argument, `options`. Received: 5 besides.',
  ],
  [
    'layerConv2d',
    [32, 3],
    'layerConv2d: the options must be given by their names, in one object. Received: 32, 3.',
  ],
  ['layerDense', [10], 'layerDense: the options must be an object. Received: 10.'],
])('%s says what it takes: %#', async (name, args, says) => {
  const call = (keras as unknown as Record<string, (...all: unknown[]) => unknown>)[name];
  const error = await errorOf(() => call?.(...args));
  expect(error).toBeInstanceOf(keras.KerasArgumentError);
  expect((error as Error).message).toContain(says);
});

test('steps and formatters may be handed to map(), which gives them more than they take', () => {
  const inputs = [keras.layerInput({ shape: [1] }), keras.layerInput({ shape: [1] })];
  expect(inputs.map(keras.layerDense({ units: 1 }))).toHaveLength(2);
  expect([1, 'a'].map(keras.describe)).toEqual(['1', "'a'"]);
  expect([[1], [null, 2]].map(keras.describeShape)).toEqual(['[1]', '[null, 2]']);
});
