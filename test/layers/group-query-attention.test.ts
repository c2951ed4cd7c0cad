/** Attention whose heads share keys and values: its likes, dropout, what it does not see, and what does not fit. */
import {
  getLayer,
  getWeights,
  kerasModel,
  layerGroupQueryAttention,
  layerInput,
  layerMultiHeadAttention,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  tf,
  type GroupQueryAttentionOptions,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { withStepSeed } from '../../src/ops/random';
import { distance, waves } from './support';

const input = (...shape: (number | null)[]): SymbolicTensor => layerInput({ shape });

test('with a head of key and value for each of the query it is multi-head attention', () => {
  const [a, b] = [input(4, 6), input(5, 6)];
  const grouped = kerasModel([a, b], layerGroupQueryAttention([a, b], { headDim: 2, numQueryHeads: 3, numKeyValueHeads: 3 })); // prettier-ignore
  const several = kerasModel([a, b], layerMultiHeadAttention([a, b], { numHeads: 3, keyDim: 2 }));
  setWeights(several, getWeights(grouped));
  const data = [waves([2, 4, 6], 1), waves([2, 5, 6], 2)];
  expect(distance(predictOnBatch(grouped, data), predictOnBatch(several, data))).toBeLessThan(1e-6);
});

test('drops scores while training, others in each step, the same for the same seed', () => {
  setRandomSeed(3);
  const x = input(40, 6);
  const options = { headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2, dropout: 0.4 } as const;
  const model = kerasModel(x, layerGroupQueryAttention([x, x], options));
  const layer = getLayer(model, { index: 1 });
  // Of equal values the output is the share that is left, whatever the scores.
  layer.setWeights(layer.weights.map(({ shape, originalName }) =>
    originalName.includes('value') && originalName.includes('bias') ? tf.ones(shape as number[]) : tf.zeros(shape as number[]),
  )); // prettier-ignore
  const outputKernel = layer.weights.findIndex(({ shape }) => shape.join() === '4,2,6');
  layer.setWeights(layer.weights.map((weight, index) => (index === outputKernel ? tf.fill([4, 2, 6], 1 / 8) : weight.read()))); // prettier-ignore
  const data = tf.zeros([3, 40, 6]);
  const at = (step: number): Tensor =>
    withStepSeed(
      tf.tensor1d([7, step], 'int32'),
      () => layer.apply([data, data], { training: true }) as Tensor,
    );
  const [first, again, second] = [at(0), at(0), at(1)];
  expect(distance(first, again)).toBe(0);
  expect(distance(first, second)).toBeGreaterThan(0.01);
  // 3 · 40 · 4 rows of 40 scores: the mean is within five standard errors of 1.
  const mean = Number(tf.mean(first).dataSync()[0]);
  expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(0.4 / 0.6 / (3 * 40 * 4 * 40)));
  expect(distance(layer.apply([data, data]) as Tensor, tf.ones([3, 40, 6]))).toBeLessThan(1e-6);
});

test('what may see nothing gets nothing, and no more than the bias comes out', () => {
  const [a, pairs] = [input(3, 4), layerInput({ shape: [3, 3], dtype: 'bool' })];
  const [output, scores] = layerGroupQueryAttention([a, a, a, pairs], {
    headDim: 2,
    numQueryHeads: 2,
    numKeyValueHeads: 1,
    returnAttentionScores: true,
  });
  const model = kerasModel([a, pairs], [output, scores]);
  const seen = tf.tensor3d([[[1, 1, 0], [0, 0, 0], [0, 0, 1]]], undefined, 'bool'); // prettier-ignore
  const [values, shares] = predictOnBatch(model, [waves([1, 3, 4], 1), seen]) as [Tensor, Tensor];
  const sums = tf.sum(shares, -1).arraySync() as number[][][];
  sums.flat().forEach((row) => {
    expect(row[0]).toBeCloseTo(1, 5);
    expect(row[1]).toBe(0);
  });
  expect((values.arraySync() as number[][][])[0]?.[1]).toEqual([0, 0, 0, 0]);
});

describe('what does not fit', () => {
  const options: GroupQueryAttentionOptions = { headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2 };
  const errors: readonly [string, () => unknown, string][] = [
    ['heads that do not divide', () => layerGroupQueryAttention({ ...options, numQueryHeads: 3 }), '`numQueryHeads` must be a multiple of `numKeyValueHeads`, which is 2. Received: 3.'],
    ['no heads', () => layerGroupQueryAttention({ headDim: 2, numQueryHeads: 2 } as never), 'the option `numKeyValueHeads` is required'],
    ['a rate of 1', () => layerGroupQueryAttention({ ...options, dropout: 1 }), '`dropout` must be a fraction of the units'],
    ['vectors', () => layerGroupQueryAttention([input(3), input(3)], options), 'needs input of 3 dimensions'],
    ['more keys than values', () => layerGroupQueryAttention([input(2, 3), input(4, 3), input(5, 3)], options), 'needs a key for each value, and has 5 keys and 4 values'],
    ['features that are not known', () => layerGroupQueryAttention([input(2, null), input(4, 3)], options), 'needs to know the size of the last axis'],
    ['five inputs', () => layerGroupQueryAttention([1, 2, 3, 4, 5].map(() => input(2, 2)), options), 'needs two to 4 inputs'],
  ]; // prettier-ignore
  test.each(errors)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
