/** Numbers in arrays in arrays: their shape, and the numbers in one row. */
import { argumentError, MAX_RANK, type Place } from '../base/checks';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { atOnce, type Steps } from '../base/steps';
import { filledTensorInSteps } from '../tfjs/binding';
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

/** The lengths along the first element of each level, of as many as are looked at. */
export const lengthsOf = (value: unknown): number[] => {
  const lengths: number[] = [];
  let level = value;
  // There is an end to it, though an array may hold itself.
  for (; Array.isArray(level) && lengths.length <= MAX_RANK; level = level[0] as unknown)
    lengths.push(level.length);
  if (isTyped(level)) lengths.push(level.length);
  return lengths;
};

const nestedShape = (value: unknown, place: Place): number[] => {
  const shape = lengthsOf(value);
  if (shape.length > MAX_RANK) throw tooManyAxes(place, value);
  return shape;
};

/** Takes numbers in order, and hands them on in pieces of one length. */
export class Pieces {
  used = 0;
  /** Numbers that were handed on. */
  private handedOn = 0;
  /** How many of them there were when others could last run. */
  private before = 0;

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
    this.handedOn += this.used;
    this.used = 0;
  }

  /** Whether others may run: if enough was handed on since it was last true. */
  takePause(): boolean {
    if (this.handedOn - this.before < NUMBERS_AT_ONCE) return false;
    this.before = this.handedOn;
    return true;
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

const copyOf = (list: readonly unknown[]): Copy =>
  typeof list[0] === 'boolean' ? copyTruthValues : copyNumbers;

/** Copies what there is room for of a list of numbers, from one of them on. Gives how many; undefined if not all are numbers. */
const copyPart = (
  list: readonly unknown[] | NumericArray,
  from: number,
  pieces: Pieces,
): number | undefined => {
  const count = Math.min(list.length - from, pieces.room());
  if (isTyped(list)) pieces.buffer.set(list.subarray(from, from + count), pieces.used);
  else if (!copyOf(list)(list, from, count, pieces.buffer, pieces.used)) return undefined;
  pieces.used += count;
  return count;
};

/** Whether a level of arrays is a list of numbers of a length. */
const isList = (list: unknown, length: number): list is readonly unknown[] | NumericArray =>
  (Array.isArray(list) || isTyped(list)) && list.length === length;

/** Copies the lists of numbers in a level of arrays, and says whether all are of the shape, and of numbers only. */
const copyLevel = (list: unknown, shape: readonly number[], depth: number, pieces: Pieces): boolean => {
  const length = shape[depth] ?? 0;
  if (!isList(list, length)) return false;
  if (depth === shape.length - 1) {
    for (let from = 0; from < length;) {
      const count = copyPart(list, from, pieces);
      if (count === undefined) return false;
      from += count;
    }
    return true;
  }
  if (!Array.isArray(list)) return false;
  for (let index = 0; index < length; index++) {
    if (!copyLevel(list[index], shape, depth + 1, pieces)) return false;
  }
  return true;
};

/** The same, of many numbers: between some of them others may run, who may change the arrays. */
function* copyInSteps(
  list: unknown,
  shape: readonly number[],
  depth: number,
  pieces: Pieces,
): Steps<boolean> {
  const length = shape[depth] ?? 0;
  if (!isList(list, length)) return false;
  if (depth === shape.length - 1) {
    for (let from = 0; from < length;) {
      const count = list.length === length ? copyPart(list, from, pieces) : undefined;
      if (count === undefined) return false;
      from += count;
      if (pieces.takePause()) yield;
    }
    return true;
  }
  if (!Array.isArray(list)) return false;
  const isLarge = sizeOf(shape.slice(depth + 1)) > NUMBERS_AT_ONCE;
  for (let index = 0; index < length; index++) {
    const isCopied = isLarge
      ? yield* copyInSteps(list[index], shape, depth + 1, pieces)
      : copyLevel(list[index], shape, depth + 1, pieces);
    if (!isCopied) return false;
    if (pieces.takePause()) yield;
  }
  return true;
}

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

/** The outermost list, and the lengths of its levels: a single number is in a list of one. */
const outermost = (value: unknown, shape: readonly number[]): readonly [unknown, readonly number[]] =>
  shape.length === 0 ? [[value], [1]] : [value, shape];

/** Throws what is wrong with nested arrays that could not be copied; without numbers, there was nothing to copy. */
const checkNested = (value: unknown, shape: readonly number[], place: Place): void => {
  // Rows may be of different lengths, and typed arrays without memory.
  const fault = faultIn(value, shape, place);
  if (fault !== undefined) throw fault;
  // Arrays that are others at the second look, as a proxy's may be.
  if (sizeOf(shape) > 0) throw notANumber(place, value);
};

/** Numbers. From so many on, they go to TensorFlow in pieces of as many, which stay in a processor's cache on their way. */
export const PIECE = 65_536;

/** Numbers that are copied before others may run: about a millisecond. */
const NUMBERS_AT_ONCE = PIECE;

/** Nested arrays as a tensor. */
interface Nested {
  readonly value: unknown;
  readonly place: Place;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly lengths: readonly number[];
}

const numbersFor = (dtype: DataType, length: number): Numbers =>
  dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);

const wholeTensor = ({ value, place, dtype, shape, lengths }: Nested): Tensor => {
  const pieces = new Pieces(numbersFor(dtype, sizeOf(lengths)), () => undefined);
  const isCopied = sizeOf(lengths) > 0 && copyLevel(...outermost(value, lengths), 0, pieces);
  if (!isCopied) checkNested(value, lengths, place);
  return tf.tensor(pieces.buffer, [...shape], dtype);
};

/** Hands on the numbers, or says what is wrong with them. */
function* handOn({ value, place, lengths }: Nested, pieces: Pieces): Steps<void> {
  if (yield* copyInSteps(...outermost(value, lengths), 0, pieces)) pieces.flush();
  else checkNested(value, lengths, place);
}

/** Of many numbers, without an array of all of them. */
const tensorInPieces = (nested: Nested, dtype: 'int32' | 'float32'): Steps<Tensor> =>
  filledTensorInSteps(nested.shape, dtype, (take) =>
    handOn(nested, new Pieces(numbersFor(dtype, PIECE), take)),
  );

/**
 * Nested arrays, or a typed array, as a tensor, which the caller frees. The shape is that of the first items; `lengths`, where the
 * arrays are of another shape than the tensor. The numbers are copied: a tensor over the caller's memory would change with it.
 * Between some of many of them others may run, who may change the arrays. Whoever does not go to the end calls `return`.
 *
 * @throws KerasArgumentError that says where rows are of different lengths, or something is no number.
 */
export function* nestedTensorInSteps(
  value: unknown,
  place: Place,
  dtype: DataType = 'float32',
  shape: readonly number[] = nestedShape(value, place),
  lengths: readonly number[] = shape,
): Steps<Tensor> {
  const size = sizeOf(lengths);
  checkAllocation(place, size, `an array of shape ${describeShape(lengths)}`, 'Give the data in parts');
  const nested = { value, place, dtype, shape, lengths };
  return size > PIECE && (dtype === 'int32' || dtype === 'float32')
    ? yield* tensorInPieces(nested, dtype)
    : wholeTensor(nested);
}

/** The same at once. */
export const nestedTensor = (...given: Parameters<typeof nestedTensorInSteps>): Tensor =>
  atOnce(nestedTensorInSteps(...given));
