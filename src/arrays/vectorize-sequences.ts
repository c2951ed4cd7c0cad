import type { callForm, CallForm } from '../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  optional,
  positiveInteger,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import type { Tensor2D } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { dataFunction } from './call-styles';
import { tensorOfRows } from './rows-tensor';
import { checkSequences, type NumberSequence } from './sequences';
import { sparseMatrixOf, type SparseMatrix } from './sparse-matrix';

/** Options of {@link vectorizeSequences}. */
export interface VectorizeSequencesOptions {
  /** The number of columns: ids go from 0 to `dimension` − 1. Default 10000. */
  dimension?: number | undefined;
  /** Whether to keep only where the ones are: a {@link SparseMatrix} instead of a tensor. Default false. */
  sparse?: boolean | undefined;
}

const NAME = 'vectorizeSequences';
/** The longest array of numbers that Node.js makes. */
const MAX_ELEMENTS = 2 ** 32 - 1;

const CHECKS = {
  dimension: optional(positiveInteger, 10_000),
  sparse: optional(boolean, false),
} satisfies OptionChecks<VectorizeSequencesOptions>;

/** {@link vectorizeSequences}: a tensor, or, with `sparse: true`, a sparse matrix. */
export interface VectorizeSequences {
  (sequences: readonly NumberSequence[], options: SparseOptions): SparseMatrix;
  (sequences: readonly NumberSequence[], options?: DenseOptions): Tensor2D;
  (
    options: SparseOptions,
  ): <Sequences extends readonly NumberSequence[]>(sequences: Sequences) => SparseMatrix;
  (options?: DenseOptions): <Sequences extends readonly NumberSequence[]>(sequences: Sequences) => Tensor2D;
  readonly [callForm]: CallForm<['vectorize']>;
}

type SparseOptions = VectorizeSequencesOptions & { sparse: true };
type DenseOptions = VectorizeSequencesOptions & { sparse?: false | undefined };

const checkId = (id: number | undefined, row: number, position: number, dimension: number): number => {
  if (id !== undefined && Number.isInteger(id) && id >= 0 && id < dimension) return id;
  throw argumentError(
    { function: NAME, argument: `sequences[${row}][${position}]` },
    `an id: a whole number from 0 to ${dimension - 1}`,
    id,
    `Give a larger dimension, or load the data with numWords: ${dimension}`,
  );
};

/** Columns of which it is noted in an array where they were seen, 64 MB. */
const MAX_NOTED_COLUMNS = 2 ** 24;

const sparseRows = (list: readonly NumberSequence[], dimension: number): SparseMatrix => {
  const rowSplits = new Int32Array(list.length + 1);
  const columns = new Int32Array(list.reduce((total, { length }) => total + length, 0));
  if (dimension > 2 ** 31) {
    const expected = 'at most 2³¹, the most columns of a sparse matrix';
    throw argumentError(
      { function: NAME, argument: 'dimension' },
      expected,
      dimension,
      'Give the largest id plus one',
    );
  }
  // The row in which a column was seen last: an id that occurs again in its row is not a second one.
  const seen = dimension <= MAX_NOTED_COLUMNS ? new Int32Array(dimension).fill(-1) : undefined;
  // Of columns that would be too many to note all of them.
  const rare = new Map<number, number>();
  let size = 0;
  list.forEach((sequence, row) => {
    for (let position = 0; position < sequence.length; position++) {
      const id = checkId(sequence[position], row, position, dimension);
      if ((seen?.[id] ?? rare.get(id)) === row) continue;
      if (seen === undefined) rare.set(id, row);
      else seen[id] = row;
      columns[size++] = id;
    }
    rowSplits[row + 1] = size;
  });
  return sparseMatrixOf(rowSplits, columns.slice(0, size), dimension);
};

const vectorize = (
  sequences: unknown,
  { dimension, sparse }: CheckedOptions<typeof CHECKS>,
): Tensor2D | SparseMatrix => {
  const place = { function: NAME, argument: 'sequences' };
  const list = checkSequences(sequences, place);
  if (sparse) return sparseRows(list, dimension);
  if (list.length * dimension > MAX_ELEMENTS) {
    throw argumentError(
      { function: NAME, argument: 'dimension' },
      `at most ${Math.floor(MAX_ELEMENTS / list.length)} for ${list.length} sequences`,
      dimension,
      'Give a smaller dimension, or vectorize the sequences in parts',
    );
  }
  checkAllocation(
    { function: NAME, argument: 'dimension' },
    list.length * dimension,
    `${list.length} rows of ${dimension} columns`,
    'Give sparse: true or a smaller dimension, or vectorize the sequences in parts',
  );
  return tensorOfRows(list.length, dimension, (into, row) => {
    const sequence = list[row] ?? [];
    for (let position = 0; position < sequence.length; position++) {
      into[checkId(sequence[position], row, position, dimension)] = 1;
    }
  });
};

/**
 * Sequences of ids as rows of zeros with a one at each id that occurs (multi-hot), however often it does.
 *
 * In `n` sequences, out float32 `[n, dimension]`, a new tensor, yours to dispose. It takes `4 · n · dimension` bytes:
 * 1 GB for the 25,000 training reviews of IMDB and 10,000 words. With `sparse: true` it is a {@link SparseMatrix} of a
 * hundredth of that, which `fit`, `evaluate` and `predict` take as well.
 *
 * @throws KerasArgumentError if an id is no whole number from 0 to `dimension` − 1.
 * @example
 * const x = vectorizeSequences([[1, 3, 3], [0]], { dimension: 4 })
 * assert.deepStrictEqual(x.arraySync(), [[0, 1, 0, 1], [1, 0, 0, 0]])
 * @see The function `vectorize_sequences` of the book *Deep Learning with R*
 */
export const vectorizeSequences: VectorizeSequences = dataFunction('sequences', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (sequences, _, options) => vectorize(sequences, options),
});
