/** Products of sparse batches against those of the same dense ones. */
import { sparseInSteps } from '../../../src/arrays/dense-nonzeros';
import { atOnce } from '../../../src/base/steps';
import { layoutInSteps, layoutOf } from '../../../src/arrays/sparse-layout';
import { SparseInput } from '../../../src/arrays/sparse-input';
import { sparseMatMul } from '../../../src/layers/internal/sparse-product';
import { tf, vectorizeSequences, type SparseMatrix, type Tensor } from '../../../src/index';

const DIMENSION = 7;
const matrix = (sequences: readonly (readonly number[])[], dimension = DIMENSION): SparseMatrix =>
  vectorizeSequences(sequences, { dimension, sparse: true });
const mixed = matrix([[6], [1, 2, 2], [], [0, 3, 5, 6], [], [4, 0]]);

const below = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
/** Columns 3, 4, … 14 are frequent, the others are not. */
const crowded = matrix(
  below(30).map((row) => [...below(12).map((column) => column + 3), (row * 7) % 40]),
  40,
);
const full = matrix(
  below(9).map(() => below(10)),
  10,
);

const cases: readonly (readonly [string, SparseMatrix, readonly number[], number])[] = [
  ['all rows', mixed, [0, 1, 2, 3, 4, 5], 0],
  ['some rows, in another order, one of them twice', mixed, [5, 3, 2, 3], 0],
  ['one row', mixed, [3], 0],
  ['rows without ones', mixed, [2, 4], 0],
  ['rows of a part of a matrix', mixed.slice(2, 4), [3, 1, 0, 2], 0],
  ['a matrix without any ones', matrix([[], [], []]), [2, 0], 0],
  ['a part of a matrix without any ones', mixed.slice(4, 1), [0], 0],
  ['a small full matrix', matrix([[0, 1, 2, 3, 4, 5, 6]]), [0, 0], 0],
  ['frequent columns', crowded, [4, 29, 0, 4, 11], 12],
  ['frequent columns of one row', crowded, [17], 12],
  ['frequent columns of a part of a matrix', crowded.slice(5, 20), [19, 0, 3], 12],
  ['nothing but frequent columns', full, [8, 2, 5], 10],
];

const kernels = [1, 3, 31, 32, 70];
const ofKernels = cases.flatMap(([title, ...rest], index) =>
  (index === 0 || rest[2] > 0 ? kernels : [3]).map((units) => [title, units, ...rest] as const),
);

const expectClose = (received: readonly Tensor[], expected: readonly Tensor[]): void =>
  received.forEach((tensor, index) => {
    const wanted = expected[index]?.dataSync() ?? [];
    expect(tensor.shape).toEqual(expected[index]?.shape);
    tensor.dataSync().forEach((value, position) => expect(value).toBeCloseTo(wanted[position] ?? NaN, 5));
  });

test.each(ofKernels)('%s, a kernel of %i columns', (_, units, x, rows, frequent) => {
  tf.tidy(() => {
    const [, dimension] = x.shape;
    expect(layoutOf(x).frequent).toHaveLength(frequent);
    const { parts } = SparseInput.of(x);
    const batch = { ...parts, rows: tf.tensor1d([...rows], 'int32') };
    const kernel = tf.randomNormal([dimension, units], 0, 1, 'float32', 5);
    // However many columns, the sum is of the size of that of three.
    const factors = tf.randomNormal([rows.length, units], 0, Math.min(1, 3 / units), 'float32', 6);
    const dense = tf.gather(x.toTensor(), [...rows]);
    const compare = (product: (weights: Tensor) => Tensor): Tensor[] => {
      const { value, grad } = tf.valueAndGrad((weights) => tf.sum(tf.mul(product(weights), factors)))(kernel);
      return [product(kernel), value, grad];
    };
    const expected = compare((weights) => tf.matMul(dense, weights as typeof kernel));
    expectClose(
      compare((weights) => sparseMatMul(batch, weights, rows.length)),
      expected,
    );
  });
});

test.each(ofKernels)('%s, other numbers than ones, a kernel of %i columns', (_, units, x, rows) => {
  tf.tidy(() => {
    const [height, dimension] = x.shape;
    const matrix = tf.mul(x.toTensor(), tf.randomUniform([height, dimension], -1, 1, 'float32', 7));
    const found = atOnce(sparseInSteps(matrix, 1));
    const { parts } = new SparseInput(x.shape, atOnce(layoutInSteps(found as NonNullable<typeof found>))); // within that
    expect(parts.values === undefined).toBe(x.size === 0);
    const kernel = tf.randomNormal([dimension, units], 0, 1, 'float32', 5);
    const factors = tf.randomNormal([rows.length, units], 0, Math.min(1, 3 / units), 'float32', 6);
    const compare = (product: (weights: Tensor) => Tensor): Tensor[] => {
      const { value, grad } = tf.valueAndGrad((weights) => tf.sum(tf.mul(product(weights), factors)))(kernel);
      return [product(kernel), value, grad];
    };
    const batch = { ...parts, rows: tf.tensor1d([...rows], 'int32') };
    expectClose(
      compare((weights) => sparseMatMul(batch, weights, rows.length)),
      compare((weights) => tf.matMul(tf.gather(matrix, [...rows]), weights as typeof kernel)),
    );
  });
});

test.each([NaN, Infinity, -Infinity])(
  'where a kernel has %p, its column is NaN for all rows, as their zeros would make it',
  (value) => {
    tf.tidy(() => {
      const { parts } = SparseInput.of(mixed);
      const rows = [1, 2, 4, 0];
      const kernel = tf.buffer([DIMENSION, 3]);
      // No row has a one in column 4 or 3 of these.
      kernel.set(value, 4, 1);
      const product = sparseMatMul(
        { ...parts, rows: tf.tensor1d(rows, 'int32') },
        kernel.toTensor(),
        rows.length,
      );
      expect(product.arraySync()).toEqual(rows.map(() => [0, NaN, 0]));
    });
  },
);
