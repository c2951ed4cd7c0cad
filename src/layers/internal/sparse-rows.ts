import { attribute, run } from '../../ops/native';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../tfjs/tensorflow';
import type { SparseBatch } from '../../arrays/sparse-input';

/** The columns of some rows' nonzeros, row after row, and how many each row has. */
export interface RowsOfColumns {
  readonly columns: Tensor;
  readonly counts: Tensor;
}

/** Takes `count` rows out of lists of columns. */
export const rowsOf = (
  { rowSplits, columns }: Pick<SparseBatch, 'rowSplits' | 'columns'>,
  rows: Tensor,
  count: number,
): RowsOfColumns => {
  const [ends, found] = run(
    'RaggedGather',
    [
      attribute.type('Tvalues', 'int32'),
      attribute.type('Tindices', 'int32'),
      attribute.type('Tsplits', 'int32'),
      attribute.int('PARAMS_RAGGED_RANK', 1),
      attribute.int('OUTPUT_RAGGED_RANK', 1),
    ],
    [rowSplits, columns, rows],
    2,
  ) as [Tensor, Tensor]; // two outputs were asked for
  return { columns: found, counts: tf.sub(tf.slice(ends, [1], [count]), tf.slice(ends, [0], [count])) };
};

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
