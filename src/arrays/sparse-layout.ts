import { integersBelow } from '../base/random';
import { atOnce, type Steps } from '../base/steps';
import type { SparseMatrix, SparseRows } from './sparse-matrix';

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

/** The same where they are four bytes each, and there is a list of them, too. */
const MAX_FLOATS_PER_NONZERO = 1;

/** A matrix that is nearly all zeros in the form in which it is multiplied: its frequent columns as they are, lists of the others' nonzeros. */
export interface SparseLayout {
  /** The frequent columns in order; none where they are not worth it. */
  readonly frequent: Int32Array;
  /** What is in them, row after row. */
  readonly denseBlock: Uint8Array | Float32Array;
  /** Row `i` has nonzeros in the other columns `columns[rowSplits[i]]` to `columns[rowSplits[i + 1] − 1]`. */
  readonly rowSplits: Int32Array;
  readonly columns: Int32Array;
  /** What they are, if not ones. */
  readonly values?: Float32Array;
  /** A row with some of these, but few. Where no row has any, one is added. */
  readonly last: number;
}

/** Nonzeros that are looked at at once: a millisecond or two. */
const NONZEROS_AT_ONCE = 2 ** 18;

function* frequentOf(matrix: SparseRows): Steps<Int32Array> {
  const {
    shape: [rows, dimension],
    rowSplits,
    columns,
    size,
    values,
  } = matrix;
  const nonzeros = new Int32Array(dimension);
  const end = rowSplits.at(-1) ?? 0;
  for (let from = rowSplits[0] ?? 0; from < end; from += NONZEROS_AT_ONCE) {
    const to = Math.min(from + NONZEROS_AT_ONCE, end);
    for (let index = from; index < to; index++) {
      const column = columns[index] ?? 0;
      nonzeros[column] = (nonzeros[column] ?? 0) + 1;
    }
    yield;
  }
  const nonzerosIn = (column: number): number => nonzeros[column] ?? 0;
  const frequent = integersBelow(dimension)
    .filter((column) => nonzerosIn(column) >= rows * FREQUENT)
    .sort((one, other) => nonzerosIn(other) - nonzerosIn(one))
    .slice(
      0,
      Math.floor(((values === undefined ? MAX_NUMBERS_PER_NONZERO : MAX_FLOATS_PER_NONZERO) * size) / rows),
    );
  const all = frequent.reduce((total, column) => total + nonzerosIn(column), 0);
  return all < rows * MIN_NONZEROS_PER_ROW ? new Int32Array() : frequent.sort();
}

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

/** Lists of nonzeros, row after row. */
type Lists = Pick<SparseLayout, 'rowSplits' | 'columns' | 'values'>;

/** Row splits that begin with 0, and the nonzeros: in place where they do already. */
const fromZero = ({ rowSplits, columns, values, size }: SparseRows): Lists => {
  const first = rowSplits[0] ?? 0;
  return {
    rowSplits: first === 0 ? rowSplits : rowSplits.map((split) => split - first),
    columns: columns.subarray(first, first + size),
    ...(values === undefined ? {} : { values: values.subarray(first, first + size) }),
  };
};

/** Takes the frequent columns out of the lists. */
function* apart(matrix: SparseRows, frequent: Int32Array): Steps<Lists & Pick<SparseLayout, 'denseBlock'>> {
  const [rows, dimension] = matrix.shape;
  const width = frequent.length;
  const places = new Int32Array(dimension).fill(-1);
  frequent.forEach((column, place) => (places[column] = place));
  const { values } = matrix;
  const denseBlock = values === undefined ? new Uint8Array(rows * width) : new Float32Array(rows * width);
  const rowSplits = new Int32Array(rows + 1);
  const columns = new Int32Array(matrix.size);
  const others = values === undefined ? undefined : new Float32Array(matrix.size);
  let kept = 0;
  let until = NONZEROS_AT_ONCE;
  for (let row = 0; row < rows; row++) {
    const end = matrix.rowSplits[row + 1] ?? 0;
    for (let index = matrix.rowSplits[row] ?? 0; index < end; index++) {
      const column = matrix.columns[index] ?? 0;
      const place = places[column] ?? -1;
      const value = values === undefined ? 1 : (values[index] ?? 0);
      if (place >= 0) denseBlock[row * width + place] = value;
      else {
        if (others !== undefined) others[kept] = value;
        columns[kept++] = column;
      }
    }
    rowSplits[row + 1] = kept;
    if (end - (matrix.rowSplits[0] ?? 0) < until) continue;
    until += NONZEROS_AT_ONCE;
    yield;
  }
  return {
    rowSplits,
    columns: columns.slice(0, kept),
    denseBlock,
    ...(others === undefined ? {} : { values: others.slice(0, kept) }),
  };
}

/** The layout of rows; others may run now and then while it is made. */
export function* layoutInSteps(matrix: SparseRows): Steps<SparseLayout> {
  const [rows] = matrix.shape;
  const frequent = yield* frequentOf(matrix);
  const parts =
    frequent.length === 0
      ? { ...fromZero(matrix), denseBlock: new Uint8Array() }
      : yield* apart(matrix, frequent);
  const last = fewestNonzeros(parts.rowSplits);
  if (last !== undefined) return { ...parts, frequent, last };
  const rowSplits = new Int32Array(rows + 2).fill(1, rows + 1);
  const one = {
    columns: Int32Array.of(0),
    ...(parts.values === undefined ? {} : { values: Float32Array.of(1) }),
  };
  return { ...parts, ...one, frequent, rowSplits, last: rows };
}

const known = new WeakMap<SparseMatrix, SparseLayout>();

/** Makes the layout of a large matrix: in between, others may run. */
export function* prepareLayout(matrix: SparseMatrix): Steps<void> {
  if (matrix.size > NONZEROS_AT_ONCE && !known.has(matrix)) known.set(matrix, yield* layoutInSteps(matrix));
}

/** The layout of a matrix, made once. */
export const layoutOf = (matrix: SparseMatrix): SparseLayout => {
  const found = known.get(matrix) ?? atOnce(layoutInSteps(matrix));
  known.set(matrix, found);
  return found;
};
