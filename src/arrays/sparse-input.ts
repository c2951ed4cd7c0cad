import { layoutOf, type SparseLayout } from './sparse-layout';
import type { SparseMatrix } from './sparse-matrix';
import { binding } from '../tfjs/binding';
import { aliasOf } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** A sparse matrix as tensors, over its layout's memory: see there. */
export interface SparseParts {
  readonly rowSplits: Tensor;
  readonly columns: Tensor;
  /** The nonzeros in these columns, if they are not ones. */
  readonly values?: Tensor;
  /**
   * A row with some nonzeros, which all batches get as an additional last row: TensorFlow's sums over rows leave their output as
   * it was in memory where there is nothing at all to sum; so there always is.
   */
  readonly last: Tensor;
  /** The frequent columns and what is in them, `[rows, frequent columns]`, if there are any. */
  readonly frequent?: Tensor;
  readonly denseBlock?: Tensor;
}

/** The parts with their names. */
export const entriesOf = (parts: SparseParts): [string, Tensor][] =>
  Object.entries(parts) as [string, Tensor][]; // all are tensors

/**
 * A dense block of ones: bytes, but on TensorFlow 1, which takes longer to make numbers of a batch's bytes than to gather four times as many. It makes
 * them of all bytes: in JavaScript's memory, in each call, they would have V8 collect all objects every few calls.
 */
const blockOfOnes = (block: SparseLayout['denseBlock'], shape: [number, number]): Tensor => {
  const bytes = tf.tensor2d(block, shape, 'bool');
  if (!binding().TF_Version.startsWith('1.')) return bytes;
  const numbers = tf.cast(bytes, 'float32');
  bytes.dispose();
  return numbers;
};

/** Sparse rows as an input. */
export class SparseInput {
  readonly parts: SparseParts;

  constructor(
    readonly shape: readonly [rows: number, dimension: number],
    { rowSplits, columns, values, last, frequent, denseBlock }: SparseLayout,
    private readonly source?: SparseMatrix,
  ) {
    const list = (numbers: Int32Array): Tensor => tf.tensor1d(numbers, 'int32');
    this.parts = {
      rowSplits: list(rowSplits),
      columns: list(columns),
      ...(values === undefined ? {} : { values: tf.tensor1d(values) }),
      last: list(Int32Array.of(last)),
      ...(frequent.length === 0
        ? {}
        : {
            frequent: list(frequent),
            denseBlock:
              values === undefined
                ? blockOfOnes(denseBlock, [shape[0], frequent.length])
                : tf.tensor2d(denseBlock, [shape[0], frequent.length]),
          }),
    };
  }

  static of(matrix: SparseMatrix): SparseInput {
    return new SparseInput(matrix.shape, layoutOf(matrix), matrix);
  }

  /** The matrix that it is. */
  get matrix(): SparseMatrix {
    return this.source as SparseMatrix; // of rows that were a tensor, which nobody asks for it
  }
}

/** Rows of a sparse input: all of it, and which rows. */
export interface SparseBatch extends SparseParts {
  readonly rows: Tensor;
}

const placeholders = new WeakMap<Tensor, SparseBatch>();

/**
 * A tensor that stands for a sparse batch on its way to the dense layer that takes it: it has the batch's shape and
 * nothing behind it. To be made inside a tidy.
 */
export const sparsePlaceholder = (shape: readonly number[], batch: SparseBatch): Tensor => {
  const tensor = aliasOf(tf.scalar(0), shape);
  placeholders.set(tensor, batch);
  return tensor;
};

/** What a tensor stands for, if it does. */
export const sparseBatchOf = (tensor: Tensor): SparseBatch | undefined => placeholders.get(tensor);
