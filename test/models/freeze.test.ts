import {
  compile,
  fit,
  freezeWeights,
  getLayer,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerModel,
  pipe,
  tf,
  unfreezeWeights,
  type SequentialModel,
} from '../../src/index';
import { weightArrays } from '../support/weights';

const stack = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3], name: 'a' }),
    layerDense({ units: 2, name: 'b' }),
    layerDense({ units: 2, name: 'c' }),
    layerDense({ units: 1, name: 'd' }),
  );

const trainable = (model: SequentialModel): string =>
  model.layers
    .filter((layer) => layer.trainable)
    .map(({ name }) => name)
    .join('');

test('ranges include both ends, and what is outside them is set the other way', () => {
  const model = stack();
  expect(freezeWeights(model)).toBe(model);
  expect(trainable(model)).toBe('');
  expect(pipe(model, unfreezeWeights)).toBe(model);
  expect(trainable(model)).toBe('abcd');
  for (const [options, frozen, unfrozen] of [
    [{ to: 'b' }, 'cd', 'ab'],
    [{ from: 'b' }, 'a', 'bcd'],
    [{ from: 1, to: 2 }, 'ad', 'bc'],
    [{ from: -1 }, 'abc', 'd'],
    [{ from: getLayer(model, 'c'), to: -1 }, 'ab', 'cd'],
    [{ to: 0 }, 'bcd', 'a'],
  ] as const) {
    expect(trainable(freezeWeights(model, options))).toBe(frozen);
    expect(trainable(pipe(model, unfreezeWeights(options)))).toBe(unfrozen);
  }
});

test('layers are chosen by name, position, themselves, truth values or a function', () => {
  const model = stack();
  for (const which of [
    ['a', 'c'],
    [0, -2],
    [getLayer(model, 'a'), 'c'],
    [true, false, true, false],
    ({ name }: { name: string }) => name === 'a' || name === 'c',
  ]) {
    expect(trainable(freezeWeights(model, { which }))).toBe('bd');
    expect(trainable(unfreezeWeights(model, { which }))).toBe('ac');
  }
  expect(trainable(freezeWeights(model, { which: 'd' }))).toBe('abc');
  expect(trainable(freezeWeights(model, { which: [] }))).toBe('abcd');
});

test('a model inside, and a layer alone', () => {
  const inner = stack();
  const model = pipe(kerasModelSequential(), layerModel(inner), layerDense({ units: 1, name: 'top' }));
  freezeWeights(model, { to: 0 });
  expect(trainable(inner)).toBe('');
  expect(model.tf.trainableWeights).toHaveLength(2);
  unfreezeWeights(inner, { from: 'd' });
  unfreezeWeights(model.layers[1] as (typeof model.layers)[number]);
  expect(trainable(inner)).toBe('d');
  const layer = getLayer(inner, 'd');
  expect(freezeWeights(layer)).toBe(layer);
  expect(layer.trainable).toBe(false);
});

test.each(['eager', 'compiled'] as const)(
  'frozen weights stay, from the next compile on: %s',
  async (engine) => {
    const model = pipe(stack(), compile({ optimizer: 'sgd', loss: 'mse' }));
    const x = tf.randomNormal([8, 3], 0, 1, 'float32', 1);
    const y = tf.ones([8, 1]);
    const changed = async (): Promise<boolean[]> => {
      const before = getWeights(model);
      await fit(model, x, y, { epochs: 2, verbose: 0, engine });
      return getWeights(model).map((weight, index) =>
        Boolean(tf.any(tf.notEqual(weight, before[index] as typeof weight)).dataSync()[0]),
      );
    };
    freezeWeights(model, { to: 'c' });
    expect(await changed()).toEqual([true, true, true, true, true, true, true, true]);
    compile(model, { optimizer: 'sgd', loss: 'mse' });
    expect(await changed()).toEqual([false, false, false, false, false, false, true, true]);
    expect(weightArrays(model)).toHaveLength(8);
  },
);

test('what is no such layer is said', () => {
  const model = stack();
  const message = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };
  expect(message(() => freezeWeights(model, { from: 'A' }))).toMatch(
    /^freezeWeights: `from` must be the name of a layer of the model\. Received: 'A'\..*a/,
  );
  expect(message(() => unfreezeWeights(model, { to: 4 }))).toMatch(
    /^unfreezeWeights: `to` must be an index of one of 4 layers, from 0, or from −1 down from the end\. Received: 4\./,
  );
  expect(message(() => freezeWeights(model, { to: getLayer(stack(), 'a') }))).toMatch(
    "`to` must be a layer of the model. Received: 'a'. The layers are: a, b, c, d.",
  );
  expect(message(() => freezeWeights(model, { from: 'c', to: 'b' }))).toMatch(
    "freezeWeights: `from` must be before `to`, or the same layer. Received: from 'c' (position 2) to 'b' (position 1).",
  );
  expect(message(() => freezeWeights(model, { which: [true] }))).toMatch(
    '`which` must be a truth value for each of the 4 layers',
  );
  expect(message(() => freezeWeights(model, { which: ['a'], from: 1 }))).toMatch(
    'layers are chosen by `from` and `to`, or by `which`',
  );
  // @ts-expect-error: not a place
  expect(message(() => freezeWeights(model, { from: 1.5, to: {} }))).toMatch('`from` must be a layer');
  // @ts-expect-error: neither names nor truth values
  expect(message(() => freezeWeights(model, { which: [true, 'a'] }))).toMatch(
    '`which` must be names, positions',
  );
  expect(message(() => freezeWeights(getLayer(model, 'a'), { from: 1 }))).toMatch(
    "`from`, `to` and `which` choose among the layers of a model. Received: the layer 'a'.",
  );
  expect(message(() => freezeWeights(pipe(kerasModelSequential(), layerDense({ units: 1 }))))).toMatch(
    'freezeWeights: the shape of the input must be known',
  );
  expect(trainable(model)).toBe('abcd');
});
