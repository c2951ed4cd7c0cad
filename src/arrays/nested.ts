/** Numbers in arrays in arrays: their shape, and the numbers in one row. */
import { argumentError, MAX_RANK, type Place } from '../base/checks';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { filledTensor } from '../tfjs/binding';
import { tf, type DataType, type Tensor } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { checkThere, isBig, isTyped, type NumericArray } from './typed-array';

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

/** Takes numbers in order, and hands them on in pieces of one length. */
export class Pieces {
  used = 0;

  constructor(
    readonly buffer: Numbers,
    private readonly take: (piece: Numbers) => void,
  ) {}

  /** How many numbers there is room for, one at least. */
  room(): number {
    if (this.used === this.buffer.length) this.flush();
    return this.buffer.length - this.used;
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.used > 0) this.take(this.buffer.subarray(0, this.used));
    this.used = 0;
  }
}

type Copy = (list: readonly unknown[], from: number, count: number, into: Numbers, offset: number) => boolean;

/**
 * Copies a part of a list of numbers, and says whether it is one. It does nothing else, so that V8 makes a few instructions for each
 * number of it; what is wrong with a list is for {@link faultIn} to find.
 */
const copyNumbers: Copy = (list, from, count, into, offset) => {
  for (let index = 0; index < count; index++) {
    const value = list[from + index];
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
const copyTruthValues: Copy = (list, from, count, into, offset) => {
  for (let index = 0; index < count; index++) {
    const value = list[from + index];
    if (typeof value !== 'boolean' && typeof value !== 'number') return false;
    into[offset + index] = Number(value);
  }
  return true;
};

const copyList = (list: readonly unknown[], pieces: Pieces): boolean => {
  const copy = typeof list[0] === 'boolean' ? copyTruthValues : copyNumbers;
  for (let from = 0; from < list.length;) {
    const count = Math.min(list.length - from, pieces.room());
    if (!copy(list, from, count, pieces.buffer, pieces.used)) return false;
    pieces.used += count;
    from += count;
  }
  return true;
};

const copyTyped = (list: NumericArray, pieces: Pieces): void => {
  for (let from = 0; from < list.length;) {
    const count = Math.min(list.length - from, pieces.room());
    pieces.buffer.set(list.subarray(from, from + count), pieces.used);
    pieces.used += count;
    from += count;
  }
};

/** Copies the lists of numbers in a level of arrays, and says whether all are of the shape, and of numbers only. */
const copyLevel = (list: unknown, shape: readonly number[], depth: number, pieces: Pieces): boolean => {
  const length = shape[depth] ?? 0;
  const isInnermost = depth === shape.length - 1;
  if (!Array.isArray(list)) {
    if (!isInnermost || !isTyped(list) || list.length !== length) return false;
    copyTyped(list, pieces);
    return true;
  }
  if (list.length !== length) return false;
  if (isInnermost) return copyList(list, pieces);
  for (let index = 0; index < length; index++) {
    if (!copyLevel(list[index], shape, depth + 1, pieces)) return false;
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

/** Hands on the numbers of nested arrays, which must be of a shape, row by row; or says what is wrong with them. */
const copyNested = (value: unknown, shape: readonly number[], place: Place, pieces: Pieces): void => {
  const [list, lengths] = shape.length === 0 ? [[value], [1]] : [value, shape];
  // Without numbers, there is nothing to copy, but rows may be of different lengths, and typed arrays without memory.
  const isEmpty = sizeOf(shape) === 0;
  if (!isEmpty && copyLevel(list, lengths, 0, pieces)) {
    pieces.flush();
    return;
  }
  const fault = faultIn(value, shape, place);
  if (fault !== undefined) throw fault;
  // Arrays that are others at the second look, as a proxy's may be.
  if (!isEmpty) throw notANumber(place, value);
};

/** Numbers. From so many on, they go to TensorFlow in pieces of as many, which stay in a processor's cache on their way. */
const PIECE = 65_536;

/**
 * Nested arrays, or a typed array, as a tensor, which the caller frees. The shape is that of the first items; `lengths`, where the
 * arrays are of another shape than the tensor. The numbers are copied: a tensor over the caller's memory would change with it.
 *
 * @throws KerasArgumentError that says where rows are of different lengths, or something is no number.
 */
export const nestedTensor = (
  value: unknown,
  place: Place,
  dtype: DataType = 'float32',
  shape = nestedShape(value, place),
  lengths: readonly number[] = shape,
): Tensor => {
  const size = sizeOf(lengths);
  checkAllocation(place, size, `an array of shape ${describeShape(lengths)}`, 'Give the data in parts');
  const make = (length: number): Numbers =>
    dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  if (size > PIECE && (dtype === 'int32' || dtype === 'float32')) {
    return filledTensor(shape, dtype, (take) => {
      copyNested(value, lengths, place, new Pieces(make(PIECE), take));
    });
  }
  const numbers = make(size);
  copyNested(value, lengths, place, new Pieces(numbers, () => undefined));
  return tf.tensor(numbers, shape, dtype);
};
