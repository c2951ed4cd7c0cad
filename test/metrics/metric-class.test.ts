import {
  compile,
  evaluate,
  kerasModelSequential,
  KerasArgumentError,
  KerasShapeError,
  layerDense,
  newMetricClass,
  pipe,
  tf,
  type Tensor,
} from '../../src/index';
import { expectNumbers, grid, kerasOwnParts } from '../support/own-parts';

const metricOwn = newMetricClass({
  classname: 'OwnTruePositives',
  initialize: () => ({ hits: 0, count: 0 }),
  updateState: (yTrue, yPred, sampleWeight) => {
    const positive = tf.mul(tf.cast(tf.greater(yPred, 0.5), 'float32'), yTrue);
    const weights = sampleWeight === undefined ? tf.onesLike(positive) : tf.reshape(sampleWeight, [-1, 1]);
    return { hits: tf.sum(tf.mul(positive, weights)), count: tf.sum(tf.mul(weights, tf.onesLike(positive))) };
  },
  result: ({ hits, count }) => hits / count,
});

const rows = (tensor: Tensor, from: number, to: number): Tensor =>
  tensor.slice([from, ...Array<number>(tensor.rank - 1).fill(0)], [to - from, ...tensor.shape.slice(1)]);

test('over unequal batches with weights it is Keras’s', () => {
  const metric = metricOwn();
  const [yTrue, yPred] = [tf.cast(tf.greater(grid([9, 1]), 0), 'float32'), tf.abs(grid([9, 1], 0.3))];
  const weights = tf.abs(grid([9], 0.7));
  for (const [from, to] of [
    [0, 4],
    [4, 5],
    [5, 9],
  ] as const) {
    metric.update(rows(yTrue, from, to), rows(yPred, from, to), rows(weights, from, to));
  }
  expectNumbers(metric.result(), kerasOwnParts.metric.result);
  expect(metric.name).toBe('own_true_positives');
  expect(metric.reset().result()).toBeNaN();
  expect(metricOwn({ name: 'hits' }).name).toBe('hits');
});

test.each(['eager', 'compiled'] as const)('a state of arrays counts in a model, %s', async (engine) => {
  const metricTable = newMetricClass({
    classname: 'Table',
    initialize: ({ classes }: { classes: number }) => ({
      table: Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0)),
    }),
    updateState: (yTrue, yPred, _weights, { classes }) => ({
      table: tf.matMul(
        tf.oneHot(tf.cast(tf.reshape(yTrue, [-1]), 'int32'), classes),
        tf.oneHot(tf.argMax(yPred, -1), classes),
        true,
      ),
    }),
    result: ({ table }) => (table[0]?.[0] ?? NaN) * 100 + (table[1]?.[0] ?? NaN),
  });
  const model = pipe(
    kerasModelSequential(),
    // The first class wherever the input is positive.
    layerDense({ units: 2, inputShape: [1], weights: [[[1, -1]], [0, 0]] }),
    compile({ loss: 'sparse_categorical_crossentropy', metrics: [metricTable({ classes: 2 })] }),
  );
  const result = await evaluate(model, [[1], [2], [-1], [3], [4]], [0, 1, 1, 0, 1], {
    batchSize: 2,
    verbose: 0,
    engine,
  });
  expect(result['table']).toBe(202);
});

test('mistakes', () => {
  const define = (updateState: unknown, initialize: unknown = () => ({ hits: 0 })) =>
    newMetricClass({ classname: 'Wrong', initialize, updateState, result: () => 0 } as never);
  expect(() => define(undefined)).toThrow(/newMetricClass: the option `updateState` is required/);
  expect(() => newMetricClass({ classname: 'a b' } as never)).toThrow(KerasArgumentError);
  expect(() => define(() => undefined)().update([1], [1])).toThrow(
    /metricWrong: `updateState` must be a function that returns an object of tensors, `hits` among them. Received: undefined. Write return/,
  );
  expect(() => define(() => ({ hits: tf.zeros([2]) }))().update([1], [1])).toThrow(KerasShapeError);
  expect(() =>
    define(
      () => undefined,
      () => ({}),
    )(),
  ).toThrow(/`initialize` must give the state/);
  expect(() =>
    define(
      () => undefined,
      () => ({ hits: [[1], [2, 3]] }),
    )(),
  ).toThrow(/`initialize` must give the state/);
  expect(() => metricOwn(5 as never)).toThrow(/metricOwnTruePositives: `options` must be an object/);
});
