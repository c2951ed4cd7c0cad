import { checkAllocation } from '../../arrays/allocate';
import {
  argumentError,
  anyNumber,
  boolean,
  checkOptions,
  optional,
  positiveInteger,
  type OptionChecks,
} from '../../base/checks';
import { refuseSurplus } from '../../base/function-name';
import { integersBelow, nextSeed, permutation, PlacedStream } from '../../base/random';

/** Options of {@link kFold}. */
export interface KFoldOptions {
  /** How many folds there are; 5 by default. */
  k?: number | undefined;
  /** Whether rows are dealt out at random, not one fold after the other; false by default. */
  shuffle?: boolean | undefined;
  /** What the random order begins from; drawn by default. */
  seed?: number | undefined;
}

/** The rows to train on and those to validate on, by their numbers. */
export interface Fold {
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

const NAME = 'kFold';
const CHECKS = {
  k: optional(positiveInteger, 5),
  shuffle: optional(boolean, false),
  seed: optional(anyNumber),
} satisfies OptionChecks<KFoldOptions>;

/**
 * Folds for cross-validation: each row is in the validation of one of them, and in the training of all others.
 *
 * The first `rows mod k` folds have a row more than the others. Rows are taken by `tf.gather(x, fold.training)`.
 *
 * @throws KerasArgumentError if there are fewer rows than folds, or fewer than two folds.
 * @example
 * const folds = kFold(5, { k: 2 })
 * assert.deepStrictEqual(folds.map(({ validation }) => [...validation]), [[0, 1, 2], [3, 4]])
 * assert.deepStrictEqual(folds.map(({ training }) => [...training]), [[3, 4], [0, 1, 2]])
 * @see scikit-learn `KFold`
 */
export const kFold = (rows: number, options?: KFoldOptions, ...surplus: []): Fold[] => {
  refuseSurplus(NAME, ['rows', 'options'], surplus);
  const given: unknown = rows;
  const place = { function: NAME, argument: 'rows' };
  if (typeof given !== 'number')
    throw argumentError(place, 'how many rows there are', given, 'Write kFold(x.length), or x.shape[0]');
  positiveInteger(given, place);
  const { k, shuffle, seed } = checkOptions(NAME, options, CHECKS);
  if (k < 2 || k > rows) {
    throw argumentError({ function: NAME, argument: 'k' }, `from 2 to the number of rows, ${rows}`, k);
  }
  checkAllocation(
    place,
    rows * k,
    `${k} folds of ${rows} rows`,
    'Give fewer folds, or split the rows by splitDataset',
  );
  const order = shuffle ? permutation(rows, new PlacedStream(seed ?? nextSeed()).next) : integersBelow(rows);
  const size = Math.floor(rows / k);
  const longer = rows % k;
  return Array.from({ length: k }, (_, fold) => {
    const from = fold * size + Math.min(fold, longer);
    const to = from + size + (fold < longer ? 1 : 0);
    const validation = order.slice(from, to).sort();
    const training = Int32Array.from([...order.subarray(0, from), ...order.subarray(to)]).sort();
    return { training, validation };
  });
};
