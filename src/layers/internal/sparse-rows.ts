import { attribute, run } from '../../ops/native';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../tfjs/tensorflow';
import type { SparseBatch } from '../../arrays/sparse-input';

/** The columns of some rows' nonzeros, row after row, and how many each row has. */
export interface RowsOfColumns {
  readonly columns: Tensor;
  readonly counts: Tensor;
}

/** Rows out of lists of numbers, one after the other, and where each begins and ends. */
const gatherRows = (
  rowSplits: Tensor,
  numbers: Tensor,
  type: 'int32' | 'float',
  rows: Tensor,
): readonly [ends: Tensor, numbers: Tensor] =>
  run(
    'RaggedGather',
    [
      attribute.type('Tvalues', type),
      attribute.type('Tindices', 'int32'),
      attribute.type('Tsplits', 'int32'),
      attribute.int('PARAMS_RAGGED_RANK', 1),
      attribute.int('OUTPUT_RAGGED_RANK', 1),
    ],
    [rowSplits, numbers, rows],
    2,
  ) as [Tensor, Tensor]; // two outputs were asked for

/** Takes `count` rows out of lists of columns. */
export const rowsOf = (
  { rowSplits, columns }: Pick<SparseBatch, 'rowSplits' | 'columns'>,
  rows: Tensor,
  count: number,
): RowsOfColumns => {
  const [ends, found] = gatherRows(rowSplits, columns, 'int32', rows);
  return { columns: found, counts: tf.sub(tf.slice(ends, [1], [count]), tf.slice(ends, [0], [count])) };
};

/** What is in these columns; undefined for ones. */
export const valuesOf = ({ rowSplits, values, rows }: SparseBatch): Tensor | undefined =>
  values === undefined ? undefined : gatherRows(rowSplits, values, 'float', rows)[1];

/** The batch's rows of the frequent columns, if there are any. */
export const frequentOf = ({
  frequent,
  denseBlock,
  rows,
}: SparseBatch): { frequent: Tensor1D; denseBlock: Tensor2D } | undefined =>
  frequent === undefined || denseBlock === undefined
    ? undefined
    : {
        frequent: frequent as Tensor1D,
        denseBlock: tf.cast(tf.gather(denseBlock, rows), 'float32') as Tensor2D,
      };

/** 0 for each of a kernel's columns, or NaN where one of its numbers is not finite: what the zeros of a dense batch would make of them. */
export const zerosTimes = (kernel: Tensor2D): Tensor1D => {
  const sums: Tensor1D = tf.sum(kernel, 0);
  return tf.sub(sums, sums);
};
