/** Names of layers, models, outputs and metrics that are not plain words. */
import {
  compile,
  customMetric,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  layerDense,
  layerInput,
  metricAuc,
  pipe,
  testOnBatch,
  tf,
  trainOnBatch,
} from '../../src/index';
import { mergeRows, rows } from '../layers/table';

/** Each layer function, called with the options that it needs and some more; a layer of tfjs's has its name from there. */
const STEPS: Readonly<Record<string, (options: object) => unknown>> = {
  ...Object.fromEntries(
    [...rows, ...mergeRows].filter(({ verb }) => verb !== 'layerTf').map(({ verb, wrong }) => [verb, wrong]),
  ),
  layerInput: (options) => layerInput({ shape: [1], ...options }),
};

const NAMES = ['my layer', 'my/layer', 'Größe', 'a:b', '__proto__', '_a', '', ' '];

describe.each(NAMES)('the name %p', (name) => {
  test.each(Object.entries(STEPS))('is refused by %s', (functionName, call) => {
    const before = tf.memory().numTensors;
    expect(() => call({ name })).toThrow(KerasArgumentError);
    expect(() => call({ name })).toThrow(
      `${functionName}: \`name\` must be a name: letters from a to z, digits, \`_\`, \`-\` and \`.\`, a letter or digit first. Received: '${name}'.`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test('is refused by models', () => {
    const input = layerInput({ shape: [1] });
    expect(() => kerasModelSequential({ name })).toThrow('kerasModelSequential: `name` must be a name');
    expect(() => kerasModel(input, layerDense(input, { units: 1 }), { name })).toThrow(
      'kerasModel: `name` must be a name',
    );
  });
});

/** Names that all objects have something under. */
const INHERITED = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];

test.each(INHERITED)('the name %s is refused by layers', (name) => {
  expect(() => layerDense({ units: 1, name })).toThrow(
    `layerDense: \`name\` must be none of the names that all JavaScript objects have something under. Received: '${name}'. Write name: '${name}_1'.`,
  );
});

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  const options = { engine, epochs: 2, verbose: 0 } as const;

  test.each([...INHERITED, '__proto__'])('a metric named %s', async (name) => {
    const mine = customMetric(name, (yTrue, yPred) => tf.sub(yTrue, yPred));
    for (const metric of [metricAuc({ name }), mine]) {
      const model = pipe(
        kerasModelSequential(),
        layerDense({ units: 1, activation: 'sigmoid', inputShape: [2] }),
        compile({ loss: 'mse', metrics: [metric] }),
      );
      const data = [[[1, 2]], [1]] as const;
      const history = await fit(model, ...data, { ...options, validationData: [...data] });
      expect(Object.keys(history.metrics)).toEqual(['loss', name, 'val_loss', `val_${name}`]);
      expect(Object.getOwnPropertyDescriptor(history.metrics, name)?.value).toHaveLength(2);
      expect(Object.getPrototypeOf(history.metrics)).toBe(Object.prototype);
      expect(history.rows().map(({ metric: of }) => of)).toEqual([
        'loss',
        'loss',
        name,
        name,
        'loss',
        'loss',
        name,
        name,
      ]);
      expect(String(history)).toContain(`${name}: `);
      for (const result of [
        await evaluate(model, ...data, { engine, verbose: 0 }),
        trainOnBatch(model, ...data),
        testOnBatch(model, ...data),
      ]) {
        expect(Object.keys(result)).toEqual(['loss', name]);
      }
      model.dispose();
    }
  });
});
