import { argumentError } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import type { Tensor2D } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { tensorOfRows } from './rows-tensor';

/** Rows that are nearly all zeros, by what is not. */
export interface SparseRows {
  readonly shape: readonly [rows: number, dimension: number];
  /** Row `i` has nonzeros in the columns `columns[rowSplits[i]]` to `columns[rowSplits[i + 1] − 1]`, each once. */
  readonly rowSplits: Int32Array;
  readonly columns: Int32Array;
  /** What they are, if not ones. */
  readonly values?: Float32Array;
  /** The number of nonzeros. */
  readonly size: number;
}

/** Set while a matrix is made of parts that are known to be right. */
let areKnownParts = false;

/** A matrix of parts that are known to be right, which makes looking at each of them unnecessary. */
export const sparseMatrixOf = (
  rowSplits: Int32Array,
  columns: Int32Array,
  dimension: number,
): SparseMatrix => {
  areKnownParts = true;
  try {
    return new SparseMatrix(rowSplits, columns, dimension);
  } finally {
    areKnownParts = false;
  }
};

const at = (argument: string) => ({ function: 'SparseMatrix', argument });

/** Throws if one row has a column that there is not, or one twice. */
const checkRow = (columns: Int32Array, from: number, to: number, row: number, dimension: number): void => {
  const seen = new Set<number>();
  for (let index = from; index < to; index++) {
    const column = columns[index] ?? -1;
    if (column < 0 || column >= dimension) {
      throw argumentError(
        at(`columns[${index}]`),
        `a column from 0 to ${dimension - 1}, \`dimension\` less one`,
        column,
        'Give a larger `dimension`, or correct the columns',
      );
    }
    if (seen.has(column)) {
      throw argumentError(
        at(`columns[${index}]`),
        `a column that row ${row} does not have yet`,
        column,
        'Give each column of a row once',
      );
    }
    seen.add(column);
  }
};

const checkParts = (rowSplits: Int32Array, columns: Int32Array, dimension: number): void => {
  if (!(rowSplits instanceof Int32Array) || rowSplits.length === 0) {
    throw argumentError(
      at('rowSplits'),
      'an Int32Array: where each row begins in `columns`, and the end of the last',
      rowSplits,
      'Let vectorizeSequences(sequences, { sparse: true }) make the matrix',
    );
  }
  if (!(columns instanceof Int32Array)) {
    throw argumentError(at('columns'), 'an Int32Array of the columns that have ones, row by row', columns);
  }
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > 2 ** 31) {
    throw argumentError(at('dimension'), 'a positive integer, at most 2³¹: the number of columns', dimension);
  }
  for (let row = 0; row < rowSplits.length; row++) {
    const split = rowSplits[row] ?? 0;
    if (split < (rowSplits[row - 1] ?? 0) || split > columns.length) {
      throw argumentError(
        at(`rowSplits[${row}]`),
        `from ${rowSplits[row - 1] ?? 0}, where the row before begins, to ${columns.length}, the number of columns`,
        split,
      );
    }
    if (row > 0) checkRow(columns, rowSplits[row - 1] ?? 0, split, row - 1, dimension);
  }
};

/**
 * A matrix of zeros and ones that keeps only where the ones are: for each row, the columns. The 25,000 training reviews
 * of IMDB over 10,000 words take 14 MB so, and 1 GB as a tensor.
 *
 * `fit`, `evaluate` and `predict` take it as a tensor, for models whose first layer is dense. Made by
 * `vectorizeSequences(sequences, { dimension, sparse: true })`. It is JavaScript's own: there is nothing to dispose. Its first
 * use with a model keeps a form that is quicker to multiply with it, which takes up to three times as much: 25 MB there.
 *
 * @throws KerasArgumentError if the parts do not fit each other, or a row has a column that there is not, or one twice.
 * @example
 * const x = vectorizeSequences([[1, 3, 3], [0]], { dimension: 4, sparse: true })
 * assert.deepStrictEqual([x.shape, x.size], [[2, 4], 3])
 */
export class SparseMatrix {
  readonly shape: readonly [number, number];
  readonly dtype = 'float32';
  /** Where each row begins in `columns`, and the end of the last. To be read only. */
  readonly rowSplits: Int32Array;
  /** The columns that have ones, row by row. To be read only. */
  readonly columns: Int32Array;

  /** Row `i` has ones in the columns `columns[rowSplits[i]]` to `columns[rowSplits[i + 1] − 1]`, each once. Both are copied. */
  constructor(rowSplits: Int32Array, columns: Int32Array, dimension: number) {
    if (!areKnownParts) checkParts(rowSplits, columns, dimension);
    this.rowSplits = areKnownParts ? rowSplits : rowSplits.slice();
    this.columns = areKnownParts ? columns : columns.slice();
    this.shape = [rowSplits.length - 1, dimension];
  }

  /** The number of ones. */
  get size(): number {
    return (this.rowSplits.at(-1) ?? 0) - (this.rowSplits[0] ?? 0);
  }

  /**
   * Rows `from` to `from + count − 1`, over the same memory.
   *
   * @throws KerasArgumentError if there are no such rows.
   */
  slice(from: number, count: number): SparseMatrix {
    const [rows, dimension] = this.shape;
    const isRow = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
    if (!isRow(from) || !isRow(count) || from + count > rows) {
      throw new KerasArgumentError({
        function: 'slice',
        argument: 'from',
        expected: `the rows must be among the ${rows} of the matrix, counted from 0`,
        received: `from: ${describe(from)}, count: ${describe(count)}`,
        advice: `Write slice(from, count) with from + count of at most ${rows}`,
      });
    }
    return sparseMatrixOf(this.rowSplits.subarray(from, from + count + 1), this.columns, dimension);
  }

  /**
   * The same matrix as a tensor, which is the caller's to dispose.
   *
   * @throws KerasArgumentError if it does not fit into memory.
   */
  toTensor(): Tensor2D {
    const [rows, dimension] = this.shape;
    checkAllocation(
      { function: 'toTensor', argument: 'shape' },
      rows * dimension,
      `${rows} rows of ${dimension} columns`,
      'Take some of the rows: slice(from, count)',
    );
    return tensorOfRows(rows, dimension, (into, row) => {
      for (let index = this.rowSplits[row] ?? 0; index < (this.rowSplits[row + 1] ?? 0); index++) {
        into[this.columns[index] ?? 0] = 1;
      }
    });
  }
}
