import type { Place } from '../base/checks';
import type { IdsOf } from '../models/id-inputs';
import { describeShape, KerasArgumentError } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { attribute, native, NativeScope } from '../ops/native';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** The first value of a tensor that is not as it should be, and where it is: `NaN at x[3][0]`. */
export const firstNot = (tensor: Tensor, argument: string, good: (value: number) => boolean): string => {
  const data = tensor.dataSync();
  const first = data.findIndex((value) => !good(value));
  const position = tensor.shape.map((size, axis) => {
    const inner = sizeOf(tensor.shape.slice(axis + 1));
    return Math.floor(first / inner) % size;
  });
  return `${String(data[first])} at ${argument}${position.map((index) => `[${index}]`).join('')}`;
};

/** A few numbers are quicker to look at from here than by TensorFlow. */
const MAX_VALUES_READ = 1000;

/** Whether all values of a tensor are as they should be: `goodHere` and `good` say the same of a number and of all. */
export const all = (tensor: Tensor, goodHere: (value: number) => boolean, good: () => Tensor): boolean =>
  tensor.size <= MAX_VALUES_READ
    ? tensor.dataSync().every(goodHere)
    : tf.tidy(() => tf.all(good()).dataSync()[0] === 1);

/**
 * Data of large tensors that were found finite. They stay as they are, so that the next call need not look at them again, which takes
 * 20 ms for 400 MB.
 */
const knownFinite = new WeakSet<Tensor['dataId']>();

/** Whether a sum is finite; frees it. */
const isFiniteSum = (sum: Tensor): boolean => {
  const [value] = sum.dataSync();
  sum.dispose();
  return Number.isFinite(value);
};

/**
 * Whether a sum over all values, or over their squares, is finite: then each of them is. One pass without memory of its
 * own, much quicker than a look at each value; sums of squares overflow from 1e19 on, and say nothing then.
 */
const hasFiniteSum = (tensor: Tensor): boolean => {
  if (tensor.size > MAX_VALUES_READ) {
    if (knownFinite.has(tensor.dataId)) return true;
    const isFinite = isFiniteSum(native.halfSumOfSquares(tensor));
    if (isFinite) knownFinite.add(tensor.dataId);
    return isFinite;
  }
  let sum = 0;
  for (const value of tensor.dataSync()) sum += value;
  return Number.isFinite(sum);
};

const FLOATS = attribute.type('T', 'float');

/** Numbers that are looked at before others may run: about a millisecond. */
const NUMBERS_AT_ONCE = 2 ** 22;

/**
 * Looks at the numbers of a large tensor a part at a time, so that {@link checkFinite} need not look at them as a whole: before each part others
 * may run, and dispose the tensor. Whoever does not go to the end calls `return`.
 */
export function* findFiniteInSteps(tensor: Tensor): Generator<undefined, void, undefined> {
  const { dataId, dtype, size } = tensor;
  if (dtype !== 'float32' || size <= NUMBERS_AT_ONCE || knownFinite.has(dataId)) return;
  const scope = new NativeScope();
  try {
    const flat = scope.run(
      'Reshape',
      [FLOATS, attribute.type('Tshape', 'int32')],
      [tensor, scope.ints([size])],
    );
    for (let first = 0; first < size; first += NUMBERS_AT_ONCE) {
      yield;
      // Begins where TensorFlow need not copy it.
      const place = [scope.ints([first]), scope.ints([Math.min(NUMBERS_AT_ONCE, size - first)])];
      const part = scope.run('Slice', [FLOATS, attribute.type('Index', 'int32')], [flat, ...place]);
      // The whole check says what is wrong.
      if (!isFiniteSum(scope.wrap(scope.run('L2Loss', [FLOATS], [part])))) return;
    }
    knownFinite.add(dataId);
  } finally {
    scope.free();
  }
}

/** Throws if a tensor holds NaN or an infinity, and says where the first one is. */
export const checkFinite = (tensor: Tensor, what: string, place: Place): void => {
  if (tensor.dtype !== 'float32') return;
  if (hasFiniteSum(tensor)) return;
  if (all(tensor, Number.isFinite, () => tf.isFinite(tensor))) return;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `${what} must be made of finite numbers`,
    received: firstNot(tensor, place.argument, Number.isFinite),
    advice: 'Remove or replace such values, or find the division or logarithm that made them',
  });
};

/** Why an input must be made of whole numbers, as a clause, and what to do about others. */
export interface WholeReason {
  readonly why: string;
  readonly advice: string;
}

/** Throws if a tensor holds fractions, which tfjs would cut off. */
export const checkWhole = (
  tensor: Tensor,
  what: string,
  place: Place,
  { why, advice }: WholeReason,
): void => {
  if (all(tensor, Number.isInteger, () => tf.equal(tensor, tf.round(tensor)))) return;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `${what} must be made of whole numbers, ${why}`,
    received: firstNot(tensor, place.argument, Number.isInteger),
    advice,
  });
};

/** Up to here float32 tells each whole number from the next. */
const MAX_EXACT = 2 ** 24 - 1;

/** The number at a place of the user's data, before it became one of float32. */
const valueAt = (data: unknown, index: number): unknown => {
  if (data instanceof tf.Tensor) return data.dataSync()[index];
  if (ArrayBuffer.isView(data)) return (data as Float64Array)[index]; // whatever its numbers are
  if (Array.isArray(data)) {
    const rows: unknown[] = data.flat(Infinity);
    if (!ArrayBuffer.isView(rows[0])) return rows[index];
    return rows.flatMap((row) => [...(row as Float64Array)])[index]; // rows of typed arrays, as `toTensor` takes them
  }
  return (data as { readonly data: ArrayLike<unknown> }).data[index]; // the one form of data that is left
};

/** Throws if ids are too large for float32 to tell one from the next, by which another row would be looked up. */
export const checkIds = (tensor: Tensor, data: unknown, place: Place, { layer, count }: IdsOf): void => {
  const isExact = (value: number): boolean => Math.abs(value) <= MAX_EXACT;
  if (isWithin(tensor, -MAX_EXACT, MAX_EXACT)) return;
  const id = Number(
    valueAt(
      data,
      tensor.dataSync().findIndex((value) => !isExact(value)),
    ),
  );
  const isMissing = id < 0 || id >= count;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: isMissing
      ? `the ids that come to layer '${layer}' must be from 0 to ${count - 1}, its \`inputDim\` less one`
      : `the ids that come to layer '${layer}' must be at most ${MAX_EXACT}, since its input is one of floats`,
    received: `the id ${id}`,
    advice: isMissing
      ? 'Give `inputDim` as the largest id plus one, or load the data with fewer words'
      : "Give the model an input of integers: layerInput({ shape: [null], dtype: 'int32' })",
  });
};

/** Throws if there are no rows. */
export const checkNotEmpty = (
  { shape }: { readonly shape: readonly number[] },
  what: string,
  place: Place,
): void => {
  if (shape[0] !== 0) return;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `${what} must have at least one row`,
    received: `no rows: shape ${describeShape(shape)}`,
    advice: 'Check how the data was read and split',
  });
};

/** Whether all values of a tensor are from `min` to `max`. */
export const isWithin = (tensor: Tensor, min: number, max: number): boolean =>
  all(
    tensor,
    (value) => value >= min && value <= max,
    () => tf.logicalAnd(tf.greaterEqual(tensor, min), tf.lessEqual(tensor, max)),
  );

/** Whether a value of the user's is a tensor of integers already. */
export const isInteger = (value: unknown): boolean => value instanceof tf.Tensor && value.dtype === 'int32';
