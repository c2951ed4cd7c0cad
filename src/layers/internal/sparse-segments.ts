import { attribute, run } from '../../ops/native';
import { tf, type Tensor, type Tensor2D } from '../../tfjs/tensorflow';
import type { SparseBatch } from '../../arrays/sparse-input';
import { frequentOf, rowsOf, zerosTimes } from './sparse-rows';

/** Some rows' nonzeros: the column of each, and its row, which counts from 0; then how many each row has. */
interface Nonzeros {
  readonly columns: Tensor;
  readonly rows: Tensor;
  readonly counts: Tensor;
}

const FLOAT = attribute.type('T', 'float');
const INT32 = attribute.type('T', 'int32');
const INDICES = attribute.type('Tidx', 'int32');

/** The nonzeros of rows `from` to `from + count − 1` of a batch, and of the row that comes after them. */
const nonzerosOf = (
  { rowSplits, columns, last, rows }: SparseBatch,
  from: number,
  count: number,
  bits: number,
): Nonzeros => {
  const { columns: found, counts } = rowsOf(
    { rowSplits, columns },
    tf.concat([tf.slice(rows, [from], [count]), last]),
    count + 1,
  );
  // Row r's nonzeros are numbered r · 2^bits, r · 2^bits + 1, …: the row is what is above the lower bits.
  const starts = tf.tensor1d(
    Int32Array.from({ length: count + 1 }, (_, row) => row * 2 ** bits),
    'int32',
  );
  const [, numbers] = run(
    'RaggedRange',
    [INT32, attribute.type('Tsplits', 'int32')],
    [starts, tf.add(starts, counts), tf.scalar(1, 'int32')],
    2,
  ) as [Tensor, Tensor]; // one output for each of the two
  const [numbered] = run('RightShift', [INT32], [numbers, tf.scalar(bits, 'int32')], 1);
  return { columns: found, rows: numbered as Tensor, counts };
};

/** For each of `count` rows the sum of the kernel's rows at its nonzeros. */
const sumOfRows = (kernel: Tensor, nonzeros: Nonzeros, count: number): Tensor => {
  const [sums] = run(
    'SparseSegmentSumWithNumSegments',
    [FLOAT, INDICES, attribute.type('Tnumsegments', 'int32')],
    [kernel, nonzeros.columns, nonzeros.rows, tf.scalar(count + 1, 'int32')],
    1,
  );
  const { shape } = kernel;
  return tf.slice(sums as Tensor, [0, 0], [count, shape[1] ?? 0]); // one output was asked for
};

/** Rows of a kernel, and their gradients. */
interface KernelRows {
  readonly columns: Tensor;
  readonly gradients: Tensor;
}

/**
 * The gradient of a kernel's row is the sum of those of the rows that it went into. `known` are some that others make: a
 * gradient of its own for each.
 */
const gradientOf = (
  gradient: Tensor2D,
  nonzeros: Nonzeros,
  dimension: number,
  known: KernelRows[],
): Tensor => {
  const [count, units] = gradient.shape;
  const scale = tf.reshape(tf.cast(tf.slice(nonzeros.counts, [0], [count]), 'float32'), [count, 1]);
  const [sums] = run(
    'SparseSegmentMeanGrad',
    [FLOAT, INDICES],
    [
      // The op is the gradient of a mean: it divides by the counts. The row that was added gets 0.
      tf.concat([tf.mul(gradient, scale), tf.zeros([1, units]), ...known.map(({ gradients }) => gradients)]),
      tf.concat([nonzeros.columns, ...known.map(({ columns }) => columns)]),
      tf.concat([
        nonzeros.rows,
        ...known.map(({ columns }) => tf.range(count + 1, count + 1 + columns.size, 1, 'int32')),
      ]),
      tf.scalar(dimension, 'int32'),
    ],
    1,
  );
  return sums as Tensor; // one output was asked for
};

/** Cuts `count` rows into two halves, for TensorFlow to work on side by side, or more where their numbering needs it. */
const partsOf = (count: number, bits: number): { from: number; count: number }[] => {
  const maxRows = 2 ** (31 - bits) - 2;
  const parts = Math.min(count, Math.max(2, Math.ceil(count / maxRows)));
  const start = (part: number): number => Math.floor((count * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({
    from: start(part),
    count: start(part + 1) - start(part),
  }));
};

/**
 * The product of a sparse batch with a kernel by sums over segments of rows: the quickest that TensorFlow 1 has. In two halves, side
 * by side.
 */
export const segmentMatMul = (batch: SparseBatch, kernel: Tensor, rows: number): Tensor2D => {
  const [dimension = 0, units = 0] = kernel.shape;
  // A row's nonzeros number at most the columns.
  const bits = Math.ceil(Math.log2(dimension + 1));
  const parts = partsOf(rows, bits);
  const product = tf.customGrad((weights, save) => {
    const nonzeros = parts.map(({ from, count }) => nonzerosOf(batch, from, count, bits));
    const frequent = frequentOf(batch);
    (save as (tensors: Tensor[]) => void)([
      ...nonzeros.flatMap(({ columns, rows: numbers, counts }) => [columns, numbers, counts]),
      ...(frequent === undefined ? [] : [frequent.denseBlock, frequent.frequent]),
    ]);
    const sums: Tensor2D = tf.add(
      tf.concat(
        parts.map(({ count }, part) => sumOfRows(weights as Tensor, nonzeros[part] as Nonzeros, count)),
      ),
      zerosTimes(weights as Tensor2D),
    );
    return {
      value:
        frequent === undefined
          ? sums
          : tf.add(sums, tf.matMul(frequent.denseBlock, tf.gather(weights as Tensor2D, frequent.frequent))),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [denseBlock, columns] = saved.slice(3 * parts.length);
        const known: KernelRows[] = [];
        if (denseBlock !== undefined && columns !== undefined) {
          const gradients = tf.transpose(tf.matMul(gradient as Tensor2D, denseBlock as Tensor2D, true));
          known.push({ columns, gradients });
        }
        const gradients = parts.map(({ from, count }, part) => {
          const [c, r, counts] = saved.slice(3 * part) as [Tensor, Tensor, Tensor];
          const its = tf.slice(gradient as Tensor2D, [from, 0], [count, units]);
          return gradientOf(its, { columns: c, rows: r, counts }, dimension, part === 0 ? known : []);
        });
        return tf.addN(gradients);
      },
    };
  });
  return product(kernel) as Tensor2D;
};
