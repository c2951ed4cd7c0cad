import type { SparseMatrix } from '../arrays/sparse-matrix';
import { attribute, run } from '../native';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../tensorflow';

/** The row with the fewest ones, but some. Where there is none at all, one is added. */
const withFew = (splits: Int32Array): number | undefined => {
  let found: number | undefined;
  let fewest = Infinity;
  for (let row = 0; row + 1 < splits.length && fewest > 1; row++) {
    const ones = (splits[row + 1] ?? 0) - (splits[row] ?? 0);
    if (ones > 0 && ones < fewest) [found, fewest] = [row, ones];
  }
  return found;
};

/**
 * A sparse matrix as tensors: its splits and columns, in place where they begin with 0, and a row with some ones, which all
 * batches get as an additional last row: TensorFlow's sums over rows leave their output as it was in memory where there
 * is nothing at all to sum; so there always is.
 */
export class SparseInput {
  readonly shape: readonly [number, number];
  readonly splits: Tensor1D;
  readonly columns: Tensor1D;
  readonly last: Tensor1D;

  constructor(readonly matrix: SparseMatrix) {
    this.shape = matrix.shape;
    const { size } = matrix;
    const [rows] = matrix.shape;
    const first = matrix.splits[0] ?? 0;
    const splits = first === 0 ? matrix.splits : matrix.splits.map((split) => split - first);
    const last = withFew(splits);
    const list = (values: Int32Array): Tensor1D => tf.tensor1d(values, 'int32');
    if (last === undefined) {
      this.splits = list(new Int32Array(rows + 2).fill(1, rows + 1));
      this.columns = list(Int32Array.of(0));
    } else {
      this.splits = list(splits);
      this.columns = list(matrix.columns.subarray(first, first + size));
    }
    this.last = list(Int32Array.of(last ?? rows));
  }
}

/** Rows of a sparse input: all of it, and which rows. */
export interface SparseBatch {
  readonly splits: Tensor;
  readonly columns: Tensor;
  readonly last: Tensor;
  readonly rows: Tensor;
}

const standing = new WeakMap<Tensor, SparseBatch>();

/**
 * A tensor that stands for a sparse batch on its way to the dense layer that takes it: it has the batch's shape and
 * nothing behind it. To be made inside a tidy.
 */
export const standIn = (shape: readonly number[], batch: SparseBatch): Tensor => {
  const nothing = tf.scalar(0);
  const { dataId } = nothing;
  // A second tensor over the same data, which each of the two frees once.
  tf.backend().incRef(dataId);
  const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: 'float32' });
  standing.set(tensor, batch);
  return tensor;
};

/** What a tensor stands for, if it does. */
export const standsFor = (tensor: Tensor): SparseBatch | undefined => standing.get(tensor);

/** Some rows' ones: the column of each, and its row, which counts from 0; then how many each row has. */
interface Ones {
  readonly columns: Tensor;
  readonly rows: Tensor;
  readonly counts: Tensor;
}

const FLOAT = attribute.type('T', 'float');
const INT32 = attribute.type('T', 'int32');
const INDICES = attribute.type('Tidx', 'int32');

/** The ones of rows `from` to `from + count − 1` of a batch, and of the row that comes after them. */
const onesOf = (
  { splits, columns, last, rows }: SparseBatch,
  from: number,
  count: number,
  bits: number,
): Ones => {
  const [ends, found] = run(
    'RaggedGather',
    [
      attribute.type('Tvalues', 'int32'),
      attribute.type('Tindices', 'int32'),
      attribute.type('Tsplits', 'int32'),
      attribute.int('PARAMS_RAGGED_RANK', 1),
      attribute.int('OUTPUT_RAGGED_RANK', 1),
    ],
    [splits, columns, tf.concat([tf.slice(rows, [from], [count]), last])],
    2,
  ) as [Tensor, Tensor]; // two outputs were asked for
  const counts = tf.sub(tf.slice(ends, [1], [count + 1]), tf.slice(ends, [0], [count + 1]));
  // Row r's ones are numbered r · 2^bits, r · 2^bits + 1, …: the row is what is above the lower bits.
  const starts = tf.tensor1d(
    Int32Array.from({ length: count + 1 }, (_, row) => row * 2 ** bits),
    'int32',
  );
  const [, numbers] = run(
    'RaggedRange',
    [INT32, attribute.type('Tsplits', 'int32')],
    [starts, tf.add(starts, counts), tf.scalar(1, 'int32')],
    2,
  ) as [Tensor, Tensor]; // as above
  const [numbered] = run('RightShift', [INT32], [numbers, tf.scalar(bits, 'int32')], 1);
  return { columns: found, rows: numbered as Tensor, counts };
};

/** For each of `count` rows the sum of the kernel's rows at its ones. */
const sumOfRows = (kernel: Tensor, ones: Ones, count: number): Tensor => {
  const [sums] = run(
    'SparseSegmentSumWithNumSegments',
    [FLOAT, INDICES, attribute.type('Tnumsegments', 'int32')],
    [kernel, ones.columns, ones.rows, tf.scalar(count + 1, 'int32')],
    1,
  );
  const { shape } = kernel;
  return tf.slice(sums as Tensor, [0, 0], [count, shape[1] ?? 0]); // one output was asked for
};

/** The gradient of a kernel's row is the sum of those of the rows that it went into. */
const gradientOf = (gradient: Tensor, { columns, rows, counts }: Ones, dimension: number): Tensor => {
  const count = gradient.shape[0];
  const scale = tf.reshape(tf.cast(tf.slice(counts, [0], [count]), 'float32'), [count, 1]);
  // The op is the gradient of a mean: it divides by the counts. The row that was added gets 0.
  const [sums] = run(
    'SparseSegmentMeanGrad',
    [FLOAT, INDICES],
    [
      tf.pad(tf.mul(gradient, scale), [
        [0, 1],
        [0, 0],
      ]),
      columns,
      rows,
      tf.scalar(dimension, 'int32'),
    ],
    1,
  );
  return sums as Tensor; // one output was asked for
};

/** Cuts `count` rows into two halves, for TensorFlow to work on side by side, or more where their numbering needs it. */
const partsOf = (count: number, bits: number): { from: number; count: number }[] => {
  const most = 2 ** (31 - bits) - 2;
  const parts = Math.min(count, Math.max(2, Math.ceil(count / most)));
  const start = (part: number): number => Math.floor((count * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({
    from: start(part),
    count: start(part + 1) - start(part),
  }));
};

/** The product of a batch of zeros and ones, `[rows, dimension]`, with a kernel `[dimension, units]`. Out `[rows, units]`. */
export const sparseMatMul = (batch: SparseBatch, kernel: Tensor, rows: number): Tensor2D => {
  const [dimension = 0, units = 0] = kernel.shape;
  // A row's ones number at most the columns.
  const bits = Math.ceil(Math.log2(dimension + 1));
  const parts = partsOf(rows, bits);
  const product = tf.customGrad((weights, save) => {
    const ones = parts.map(({ from, count }) => onesOf(batch, from, count, bits));
    (save as (tensors: Tensor[]) => void)(ones.flatMap(({ columns: c, rows: r, counts }) => [c, r, counts]));
    const sums = parts.map(({ count }, part) => sumOfRows(weights as Tensor, ones[part] as Ones, count));
    return {
      value: tf.concat(sums),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const gradients = parts.map(({ from, count }, part) => {
          const [c, r, counts] = saved.slice(3 * part) as [Tensor, Tensor, Tensor];
          return gradientOf(
            tf.slice(gradient, [from, 0], [count, units]),
            { columns: c, rows: r, counts },
            dimension,
          );
        });
        return tf.addN(gradients);
      },
    };
  });
  return product(kernel) as Tensor2D;
};
