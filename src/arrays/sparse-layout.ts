import { integersBelow } from '../base/random';
import type { SparseMatrix } from './sparse-matrix';

/**
 * A column with nonzeros in so many of the rows, or more, is quicker as part of a product of matrices, with its zeros, than
 * as a list of nonzeros.
 */
const FREQUENT = 1 / 8;

/** So many nonzeros must a row have in such columns, on average, for the product to be worth its operations. */
const MIN_NONZEROS_PER_ROW = 8;

/**
 * They may have so many numbers for each nonzero of the matrix, a byte each, which is half of what the list of all nonzeros takes: of
 * more such columns, the most frequent are taken.
 */
const MAX_NUMBERS_PER_NONZERO = 2;

/** A matrix of zeros and ones in the form in which it is multiplied: its frequent columns as they are, lists of the others' nonzeros. */
export interface SparseLayout {
  /** The frequent columns in order; none where they are not worth it. */
  readonly frequent: Int32Array;
  /** What is in them, row after row. */
  readonly denseBlock: Uint8Array;
  /** Row `i` has nonzeros in the other columns `columns[rowSplits[i]]` to `columns[rowSplits[i + 1] − 1]`. */
  readonly rowSplits: Int32Array;
  readonly columns: Int32Array;
  /** A row with some of these, but few. Where no row has any, one is added. */
  readonly last: number;
}

const frequentOf = ({ shape: [rows, dimension], rowSplits, columns, size }: SparseMatrix): Int32Array => {
  const nonzeros = new Int32Array(dimension);
  const end = rowSplits.at(-1) ?? 0;
  for (let index = rowSplits[0] ?? 0; index < end; index++) {
    const column = columns[index] ?? 0;
    nonzeros[column] = (nonzeros[column] ?? 0) + 1;
  }
  const nonzerosIn = (column: number): number => nonzeros[column] ?? 0;
  const frequent = integersBelow(dimension)
    .filter((column) => nonzerosIn(column) >= rows * FREQUENT)
    .sort((one, other) => nonzerosIn(other) - nonzerosIn(one))
    .slice(0, Math.floor((MAX_NUMBERS_PER_NONZERO * size) / rows));
  const all = frequent.reduce((total, column) => total + nonzerosIn(column), 0);
  return all < rows * MIN_NONZEROS_PER_ROW ? new Int32Array() : frequent.sort();
};

/** The row with the fewest nonzeros, but some. */
const fewestNonzeros = (rowSplits: Int32Array): number | undefined => {
  let found: number | undefined;
  let fewest = Infinity;
  for (let row = 0; row + 1 < rowSplits.length && fewest > 1; row++) {
    const nonzeros = (rowSplits[row + 1] ?? 0) - (rowSplits[row] ?? 0);
    if (nonzeros > 0 && nonzeros < fewest) [found, fewest] = [row, nonzeros];
  }
  return found;
};

/** Row splits that begin with 0, and the columns: in place where they do already. */
const fromZero = ({
  rowSplits,
  columns,
  size,
}: SparseMatrix): Pick<SparseLayout, 'rowSplits' | 'columns'> => {
  const first = rowSplits[0] ?? 0;
  return {
    rowSplits: first === 0 ? rowSplits : rowSplits.map((split) => split - first),
    columns: columns.subarray(first, first + size),
  };
};

/** Takes the frequent columns out of the lists. */
const apart = (
  matrix: SparseMatrix,
  frequent: Int32Array,
): Pick<SparseLayout, 'rowSplits' | 'columns' | 'denseBlock'> => {
  const [rows, dimension] = matrix.shape;
  const width = frequent.length;
  const places = new Int32Array(dimension).fill(-1);
  frequent.forEach((column, place) => (places[column] = place));
  const denseBlock = new Uint8Array(rows * width);
  const rowSplits = new Int32Array(rows + 1);
  const columns = new Int32Array(matrix.size);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const end = matrix.rowSplits[row + 1] ?? 0;
    for (let index = matrix.rowSplits[row] ?? 0; index < end; index++) {
      const column = matrix.columns[index] ?? 0;
      const place = places[column] ?? -1;
      if (place < 0) columns[kept++] = column;
      else denseBlock[row * width + place] = 1;
    }
    rowSplits[row + 1] = kept;
  }
  return { rowSplits, columns: columns.slice(0, kept), denseBlock };
};

const layOut = (matrix: SparseMatrix): SparseLayout => {
  const [rows] = matrix.shape;
  const frequent = frequentOf(matrix);
  const parts =
    frequent.length === 0 ? { ...fromZero(matrix), denseBlock: new Uint8Array() } : apart(matrix, frequent);
  const last = fewestNonzeros(parts.rowSplits);
  if (last !== undefined) return { ...parts, frequent, last };
  const rowSplits = new Int32Array(rows + 2).fill(1, rows + 1);
  return { ...parts, frequent, rowSplits, columns: Int32Array.of(0), last: rows };
};

const known = new WeakMap<SparseMatrix, SparseLayout>();

/** The layout of a matrix, made once. */
export const layoutOf = (matrix: SparseMatrix): SparseLayout => {
  const found = known.get(matrix) ?? layOut(matrix);
  known.set(matrix, found);
  return found;
};
