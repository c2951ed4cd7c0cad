/** Numbers in arrays in arrays: their shape, and the numbers in one row. */
import { argumentError, MAX_RANK, type Place } from '../base/checks';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { tf } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { checkThere, isBig, isTyped } from './typed-array';

/** What numbers are copied into. */
type Numbers = Float32Array | Int32Array;

/** The error about something that is no number, at a path in an argument. */
export const notANumber = (place: Place, value: unknown, path = ''): KerasArgumentError =>
  argumentError(
    place,
    'made of numbers only',
    value,
    typeof value === 'bigint' || isBig(value)
      ? `Convert it: ${typeof value === 'bigint' ? 'Number(value)' : 'Float32Array.from(values, Number)'}`
      : value instanceof tf.Tensor
        ? 'Join tensors to one first: tf.stack(rows)'
        : `See ${place.argument}${path}`,
  );

/** The error about an array of more axes than TensorFlow's operations take. */
export const tooManyAxes = (place: Place, value: unknown): KerasArgumentError =>
  argumentError(
    place,
    `an array of at most ${MAX_RANK} axes`,
    value,
    'Take arrays apart that are in each other for no reason, or reshape the array to fewer axes',
  );

/** The lengths along the first element of each level. */
const nestedShape = (value: unknown, place: Place): number[] => {
  const shape: number[] = [];
  let level = value;
  // There is an end to it, though an array may hold itself.
  for (; Array.isArray(level) && shape.length <= MAX_RANK; level = level[0] as unknown)
    shape.push(level.length);
  if (isTyped(level)) shape.push(level.length);
  if (shape.length > MAX_RANK) throw tooManyAxes(place, value);
  return shape;
};

/**
 * Copies a list of numbers, and says whether it is one. It does nothing else, so that V8 makes a few instructions for each
 * number of it; what is wrong with a list is for {@link faultIn} to find.
 */
const copyNumbers = (list: readonly unknown[], length: number, into: Numbers, offset: number): boolean => {
  for (let index = 0; index < length; index++) {
    const value = list[index];
    if (typeof value === 'number') into[offset + index] = value;
    else if (typeof value === 'boolean') into[offset + index] = value ? 1 : 0;
    else return false;
  }
  return true;
};

/**
 * The same of a list that begins with a truth value. A function of its own, since V8 keeps such lists in another way: what it
 * makes for both kinds takes several times as long for each number.
 */
const copyTruthValues = (
  list: readonly unknown[],
  length: number,
  into: Numbers,
  offset: number,
): boolean => {
  for (let index = 0; index < length; index++) {
    const value = list[index];
    if (typeof value !== 'boolean' && typeof value !== 'number') return false;
    into[offset + index] = Number(value);
  }
  return true;
};

/** The shape of nested arrays, and how many numbers there are in one item of each level. */
interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

const layoutOf = (shape: readonly number[]): Layout => ({
  shape,
  strides: shape.map((_, axis) => sizeOf(shape.slice(axis + 1))),
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Copies the lists of numbers in a level of arrays, and says whether all are of the shape, and of numbers only. */
const copyLevel = (list: unknown, layout: Layout, depth: number, into: Numbers, offset: number): boolean => {
  const { shape, strides } = layout;
  const length = shape[depth] ?? 0;
  const isInnermost = depth === shape.length - 1;
  if (!Array.isArray(list)) {
    if (!isInnermost || !isTyped(list) || list.length !== length) return false;
    into.set(list, offset);
    return true;
  }
  if (list.length !== length) return false;
  if (isInnermost) {
    const copy = typeof list[0] === 'boolean' ? copyTruthValues : copyNumbers;
    return copy(list, length, into, offset);
  }
  const stride = strides[depth] ?? 0;
  for (let index = 0; index < length; index++) {
    if (!copyLevel(list[index], layout, depth + 1, into, offset + index * stride)) return false;
  }
  return true;
};

/** What is wrong in nested arrays, the first of it: rows of another length, or what is no number. */
const faultIn = (value: unknown, shape: readonly number[], place: Place): KerasArgumentError | undefined => {
  const position: number[] = [];
  const path = (): string => position.map((index) => `[${index}]`).join('');
  const look = (item: unknown, depth: number): KerasArgumentError | undefined => {
    if (depth === shape.length) {
      const isNumber = typeof item === 'number' || typeof item === 'boolean';
      return isNumber ? undefined : notANumber(place, item, path());
    }
    const list = Array.isArray(item) || isTyped(item) ? item : undefined;
    if (isTyped(list)) checkThere(list, place);
    if (list === undefined && typeof item !== 'number') return notANumber(place, item, path());
    const length = shape[depth] ?? 0;
    if (list?.length !== length) {
      const what = list === undefined ? `is ${describe(item)}` : `of length ${list.length}`;
      return raggedError(place, `${place.argument}${path()} ${what}, while the first has ${length}`);
    }
    for (let index = 0; index < length; index++) {
      position[depth] = index;
      const fault = look(list[index], depth + 1);
      if (fault !== undefined) return fault;
    }
    position.length = depth;
    return undefined;
  };
  return look(value, 0);
};

const raggedError = (place: Place, received: string): KerasArgumentError =>
  new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `\`${place.argument}\` must have rows of one length`,
    received,
    advice: 'Make all rows as long, for sequences of ids with padSequences(sequences, { maxlen })',
  });

/** Numbers in one row, with their shape. */
export interface Flat {
  readonly numbers: Numbers;
  readonly shape: number[];
}

/**
 * The numbers of nested arrays in one row, row by row. The shape is that of the first items, or the one that must be.
 *
 * @throws KerasArgumentError that says where rows are of different lengths, or something is no number.
 */
export const flattenNested = (
  value: unknown,
  place: Place,
  isInteger = false,
  shape = nestedShape(value, place),
): Flat => {
  const size = sizeOf(shape);
  checkAllocation(place, size, `an array of shape ${describeShape(shape)}`, 'Give the data in parts');
  const numbers = isInteger ? new Int32Array(size) : new Float32Array(size);
  // Without numbers, there is nothing to copy, but rows may be of different lengths, and typed arrays without memory.
  const isNumber = shape.length === 0;
  const [list, layout] = isNumber ? [[value], layoutOf([1])] : [value, layoutOf(shape)];
  if (size > 0 && copyLevel(list, layout, 0, numbers, 0)) return { numbers, shape };
  const fault = faultIn(value, shape, place);
  if (fault !== undefined) throw fault;
  // Arrays that are others at the second look, as a proxy's may be.
  if (size > 0) throw notANumber(place, value);
  return { numbers, shape };
};
