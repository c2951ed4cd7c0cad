import { argumentError, MAX_RANK, type Place } from '../base/checks';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { tf, type DataType, type Tensor, type TypedArray } from '../tfjs/tensorflow';

/** Arrays of numbers in arrays, all of one length at each depth. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** Typed arrays of numbers: all but those of BigInts. */
export type NumericArray = TypedArray | Int8Array | Int16Array | Uint16Array | Uint32Array | Float64Array;

/** A flat array with its shape. */
export interface ShapedArray {
  readonly data: NumericArray | readonly number[];
  readonly shape: readonly number[];
}

/** What stands for an array of numbers wherever data is taken. */
export type ArrayLike = Tensor | NestedArray | NumericArray | readonly NumericArray[] | ShapedArray;

/** What stands for an array with at least one axis. */
export type DataArray = Exclude<ArrayLike, number | boolean>;

const isShaped = (value: object): value is ShapedArray =>
  'data' in value && 'shape' in value && Array.isArray(value.shape) && !(value instanceof tf.Tensor);

/** Whether a value can be one array of numbers, as against a collection of several. */
export const isArrayLike = (value: unknown): value is ArrayLike =>
  typeof value === 'number' ||
  value instanceof tf.Tensor ||
  Array.isArray(value) ||
  (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
  (typeof value === 'object' && value !== null && isShaped(value));

const isTyped = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && !isBig(value);

const isBig = (value: unknown): boolean => value instanceof BigInt64Array || value instanceof BigUint64Array;

const isGone = ({ buffer, length }: NumericArray): boolean => {
  if (length > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    // No view can be made of memory that was transferred.
    return true;
  }
};

/** Throws if a typed array's memory was given away: its length is 0 then, whatever it was. */
const checkThere = (values: NumericArray, place: Place): void => {
  if (!isGone(values)) return;
  throw argumentError(
    place,
    'a typed array whose memory is still there',
    values,
    'Its memory was transferred, to a worker for example: transfer a copy, values.slice()',
  );
};

const notANumber = (place: Place, value: unknown, path = ''): KerasArgumentError =>
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

const tooManyAxes = (place: Place, value: unknown): KerasArgumentError =>
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

/** The numbers of nested arrays in one row, or an error that says where they are ragged or hold something else. */
const flatten = (
  value: unknown,
  shape: readonly number[],
  into: Float32Array | Int32Array,
  place: Place,
): void => {
  let offset = 0;
  const position: number[] = [];
  const path = (): string => position.map((index) => `[${index}]`).join('');
  const fill = (item: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof item !== 'number' && typeof item !== 'boolean') throw notANumber(place, item, path());
      into[offset++] = Number(item);
      return;
    }
    const list = Array.isArray(item) || isTyped(item) ? item : undefined;
    if (isTyped(list)) checkThere(list, place);
    if (list === undefined && typeof item !== 'number') throw notANumber(place, item, path());
    if (list === undefined || list.length !== shape[depth]) {
      throw new KerasArgumentError({
        function: place.function,
        argument: place.argument,
        expected: `\`${place.argument}\` must have rows of one length`,
        received: `${place.argument}${path()} ${list === undefined ? `is ${describe(item)}` : `of length ${list.length}`}, while the first has ${shape[depth] ?? 0}`,
        advice: 'Make all rows as long, for sequences of ids with padSequences(sequences, { maxlen })',
      });
    }
    if (isTyped(list) && depth === shape.length - 1) {
      into.set(list, offset);
      offset += list.length;
      return;
    }
    for (let index = 0; index < list.length; index++) {
      position[depth] = index;
      fill(list[index], depth + 1);
    }
    position.length = depth;
  };
  fill(value, 0);
};

const isSize = (size: unknown): boolean =>
  typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;

/** The numbers of a flat array that comes with its shape. */
const shaped = (
  { data, shape }: ShapedArray,
  place: Place,
  dtype: DataType | undefined,
): Float32Array | Int32Array => {
  if (shape.length > MAX_RANK) throw tooManyAxes({ ...place, argument: `${place.argument}.shape` }, shape);
  if (![...shape].every(isSize)) {
    throw argumentError(
      { ...place, argument: `${place.argument}.shape` },
      'made of integers of 0 or more',
      shape,
      'Write for example { data, shape: [rows, columns] }',
    );
  }
  const at = { ...place, argument: `${place.argument}.data` };
  const list: unknown = data; // callers without types give anything
  if (!Array.isArray(list) && !isTyped(list)) throw notANumber(at, list);
  if (isTyped(list)) checkThere(list, at);
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== list.length) {
    throw argumentError(
      place,
      `as long as its shape ${describeShape(shape)} says, ${size}`,
      list,
      'Correct the shape',
    );
  }
  return isTyped(list) ? copyOf(list, dtype) : flat(list, at);
};

const flat = (list: readonly unknown[], place: Place): Float32Array => {
  const numbers = new Float32Array(list.length);
  flatten(list, [list.length], numbers, place);
  return numbers;
};

/**
 * A value of the user's as a tensor. A tensor passes as it is and stays the user's; anything else is converted, and
 * `made` is true: whoever asked frees it.
 */
export const toTensor = (
  value: unknown,
  place: Place,
  dtype?: DataType,
): { readonly tensor: Tensor; readonly made: boolean } => {
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) {
      throw argumentError(place, 'a tensor that is not disposed', value, 'Dispose it after the last use');
    }
    if (value.dtype === 'string' || value.dtype === 'complex64') {
      throw argumentError(place, 'a tensor of numbers', value);
    }
    const tensor = value as Tensor; // of any rank, which `instanceof` leaves untyped
    if (dtype === undefined || tensor.dtype === dtype) return { tensor, made: false };
    return { tensor: tf.cast(tensor, dtype), made: true };
  }
  if (!isArrayLike(value)) {
    throw argumentError(
      place,
      'data: a tensor, nested arrays of numbers, a typed array, or { data, shape }',
      value,
      'Write for example [[1, 2], [3, 4]] or tf.tensor2d(values, [rows, columns])',
    );
  }
  if (isBig(value)) throw notANumber(place, value);
  if (typeof value === 'object' && isShaped(value)) {
    return {
      tensor: tf.tensor(shaped(value, place, dtype), [...value.shape], dtype ?? 'float32'),
      made: true,
    };
  }
  if (isTyped(value)) {
    checkThere(value, place);
    return { tensor: tf.tensor1d(copyOf(value, dtype), dtype ?? 'float32'), made: true };
  }
  const shape = nestedShape(value, place);
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
  flatten(value, shape, numbers, place);
  return { tensor: tf.tensor(numbers, shape, dtype ?? 'float32'), made: true };
};

/**
 * The numbers of a typed array in memory of their own. A tensor over the user's memory would change with it, at a time that
 * depends on what TensorFlow has read already.
 */
const copyOf = (data: NumericArray, dtype: DataType | undefined): Float32Array | Int32Array =>
  dtype === 'int32' ? new Int32Array(data) : new Float32Array(data);
