/** Products of sparse batches against those of the same dense ones. */
import { SparseInput, sparseMatMul } from '../../src/layers/sparse-input';
import { tf, vectorizeSequences, type SparseMatrix, type Tensor } from '../../src/index';

const DIMENSION = 7;
const matrix = (sequences: readonly number[][]): SparseMatrix =>
  vectorizeSequences(sequences, { dimension: DIMENSION, sparse: true });
const mixed = matrix([[6], [1, 2, 2], [], [0, 3, 5, 6], [], [4, 0]]);

const cases: readonly (readonly [string, SparseMatrix, readonly number[]])[] = [
  ['all rows', mixed, [0, 1, 2, 3, 4, 5]],
  ['some rows, in another order, one of them twice', mixed, [5, 3, 2, 3]],
  ['one row', mixed, [3]],
  ['rows without ones', mixed, [2, 4]],
  ['rows of a part of a matrix', mixed.slice(2, 4), [3, 1, 0, 2]],
  ['a matrix without any ones', matrix([[], [], []]), [2, 0]],
  ['a part of a matrix without any ones', mixed.slice(4, 1), [0]],
  ['a full matrix', matrix([[0, 1, 2, 3, 4, 5, 6]]), [0, 0]],
];

test.each(cases)('%s', (_, x, rows) => {
  tf.tidy(() => {
    const { splits, columns, last } = new SparseInput(x);
    const batch = { splits, columns, last, rows: tf.tensor1d([...rows], 'int32') };
    const kernel = tf.randomNormal([DIMENSION, 3], 0, 1, 'float32', 5);
    const factors = tf.randomNormal([rows.length, 3], 0, 1, 'float32', 6);
    const dense = tf.gather(x.toTensor(), [...rows]);
    const compare = (product: (weights: Tensor) => Tensor): Tensor[] => {
      const { value, grad } = tf.valueAndGrad((weights) => tf.sum(tf.mul(product(weights), factors)))(kernel);
      return [product(kernel), value, grad];
    };
    const expected = compare((weights) => tf.matMul(dense, weights as typeof kernel));
    compare((weights) => sparseMatMul(batch, weights, rows.length)).forEach((tensor, index) => {
      const wanted = expected[index]?.dataSync() ?? [];
      expect(tensor.shape).toEqual(expected[index]?.shape);
      tensor.dataSync().forEach((value, position) => expect(value).toBeCloseTo(wanted[position] ?? NaN, 5));
    });
  });
});
