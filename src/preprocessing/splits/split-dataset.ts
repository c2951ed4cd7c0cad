import { toTensor, type DataArray } from '../../arrays/tensors';
import { isText, textTensor, type NestedText } from '../../arrays/texts';
import {
  anyNumber,
  argumentError,
  boolean,
  checkOptions,
  optional,
  type Check,
  type OptionChecks,
  type Place,
} from '../../base/checks';
import { KerasShapeError, type KerasArgumentError } from '../../base/errors';
import { refuseSurplus } from '../../base/function-name';
import { integersBelow, nextSeed, permutation, PlacedStream } from '../../base/random';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** Options of {@link splitDataset}. */
export interface SplitDatasetOptions {
  /** How large the first part is: a fraction below 1 of the rows, or a number of rows; the rest by default. */
  leftSize?: number | undefined;
  /** How large the second part is, in the same way; the rest by default. */
  rightSize?: number | undefined;
  /** Whether rows are taken in a random order; false by default. */
  shuffle?: boolean | undefined;
  /** What the random order begins from; drawn by default. */
  seed?: number | undefined;
}

const NAME = 'splitDataset';

const size: Check<number> = (value, place) => {
  const isSize = typeof value === 'number' && value > 0 && (value < 1 || Number.isSafeInteger(value));
  if (isSize) return value;
  throw argumentError(place, 'a fraction between 0 and 1, or a number of rows', value, 'Write leftSize: 0.8');
};

const CHECKS = {
  leftSize: optional(size),
  rightSize: optional(size),
  shuffle: optional(boolean, false),
  seed: optional(anyNumber),
} satisfies OptionChecks<SplitDatasetOptions>;

/** How many rows each part has. */
const sizesOf = (
  rows: number,
  { leftSize, rightSize }: { readonly leftSize?: number; readonly rightSize?: number },
): readonly [left: number, right: number] => {
  if (leftSize === undefined && rightSize === undefined) {
    throw argumentError(
      { function: NAME, argument: 'leftSize' },
      'given, or `rightSize`',
      undefined,
      'Write leftSize: 0.8',
    );
  }
  // As Keras rounds them.
  const count = (one: number | undefined): number | undefined =>
    one === undefined ? undefined : one < 1 ? Math.round(one * rows) : one;
  const [first, second] = [count(leftSize), count(rightSize)];
  const left = first ?? rows - (second ?? 0);
  const right = second ?? rows - left;
  if (left > 0 && right > 0 && left + right <= rows) return [left, right];
  throw argumentError(
    { function: NAME, argument: first === undefined ? 'rightSize' : 'leftSize' },
    `such that both parts have rows, of the ${rows} that there are`,
    first === undefined ? rightSize : leftSize,
    `The parts would have ${left} and ${right}`,
  );
};

/** One of the arrays: how many rows it has, and some of them as a new tensor. */
interface Rows {
  readonly count: number;
  readonly take: (places: Int32Array) => Tensor;
}

const withoutRows = (place: Place, value: unknown): KerasArgumentError =>
  argumentError(place, 'an array of rows', value, 'Give the rows in a list, or a tensor of one axis or more');

/** Texts are taken as JavaScript's, which have no kernel to gather them. */
const rowsOfTexts = (value: NestedText | Tensor, place: Place): Rows => {
  const texts = value instanceof tf.Tensor ? (value.arraySync() as unknown) : value;
  if (!Array.isArray(texts)) throw withoutRows(place, value);
  return {
    count: texts.length,
    take: (places) =>
      textTensor(
        Array.from(places, (row) => texts[row] as NestedText), // or what `textTensor` refuses
        place,
      ),
  };
};

const rowsOf = (value: unknown, index: number): Rows => {
  const place = { function: NAME, argument: `arrays[${index}]` };
  if (isText(value)) return rowsOfTexts(value, place);
  const { tensor } = toTensor(value, place);
  if (tensor.rank === 0) throw withoutRows(place, value);
  const [count = 0] = tensor.shape;
  return { count, take: (places) => tf.gather(tensor, tf.tensor1d(places, 'int32')) };
};

/** How many rows all arrays have. */
const commonCount = (arrays: readonly Rows[]): number => {
  const [first] = arrays;
  const rows = first?.count ?? 0;
  const other = arrays.findIndex(({ count }) => count !== rows);
  if (other !== -1) {
    throw new KerasShapeError({
      function: NAME,
      argument: `arrays[${other}]`,
      expected: 'all arrays must have the same number of rows',
      received: `${rows} and ${arrays[other]?.count ?? 0}`,
      advice: 'Give for each row of one the row of the other',
    });
  }
  if (rows > 0) return rows;
  throw argumentError(
    { function: NAME, argument: 'arrays' },
    'arrays with rows',
    0,
    'Look where they come from',
  );
};

/**
 * Splits arrays of the same rows into two parts: `[xLeft, yLeft]` and `[xRight, yRight]` of `[x, y]`.
 *
 * Arrays are of numbers or of texts. The rows of the parts are the first ones and those after them, or, with `shuffle`, random ones, the same
 * of each array. Gives new tensors, yours to dispose. Split a part again for a third: `const [train, rest] = …; const [validation, test] =
 * splitDataset(rest, …)`.
 *
 * @throws KerasArgumentError if a part would have no rows.
 * @throws KerasShapeError if the arrays differ in length.
 * @example
 * const parts = splitDataset([[[1], [2], [3], [4]], ['a', 'b', 'c', 'd']], { leftSize: 0.75 })
 * assert.deepStrictEqual(parts.map((part) => part.map(({ shape }) => shape)), [[[3, 1], [3]], [[1, 1], [1]]])
 * @see Keras `split_dataset`
 */
export const splitDataset = (
  arrays: readonly (DataArray | readonly NestedText[])[],
  options?: SplitDatasetOptions,
  ...surplus: []
): [left: Tensor[], right: Tensor[]] => {
  refuseSurplus(NAME, ['arrays', 'options'], surplus);
  const { shuffle, seed, ...sizes } = checkOptions(NAME, options, CHECKS);
  const list: unknown = arrays;
  if (!Array.isArray(list) || list.length === 0) {
    throw argumentError(
      { function: NAME, argument: 'arrays' },
      'a list of arrays',
      arrays,
      'Write splitDataset([x, y], …)',
    );
  }
  return tf.tidy(() => {
    const parts = list.map(rowsOf);
    const rows = commonCount(parts);
    const [left, right] = sizesOf(rows, sizes);
    const order = shuffle
      ? permutation(rows, new PlacedStream(seed ?? nextSeed()).next)
      : integersBelow(rows);
    const part = (from: number, count: number): Tensor[] =>
      parts.map(({ take }) => take(order.slice(from, from + count)));
    return [part(0, left), part(left, right)];
  });
};
