import { argumentError, type Place } from '../checks';
import { describe, describeShape, KerasArgumentError } from '../errors';
import { tf, type DataType, type Tensor, type TypedArray } from '../tensorflow';

/** Arrays of numbers in arrays, all of one length at each depth. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** A flat array with its shape. */
export interface ShapedArray {
  readonly data: TypedArray | readonly number[];
  readonly shape: readonly number[];
}

/** What stands for an array of numbers wherever data is taken. */
export type ArrayLike = Tensor | NestedArray | TypedArray | ShapedArray;

const isShaped = (value: object): value is ShapedArray =>
  'data' in value && 'shape' in value && Array.isArray(value.shape) && !(value instanceof tf.Tensor);

/** Whether a value can be one array of numbers, as against a collection of several. */
export const isArrayLike = (value: unknown): value is ArrayLike =>
  typeof value === 'number' ||
  value instanceof tf.Tensor ||
  Array.isArray(value) ||
  (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
  (typeof value === 'object' && value !== null && isShaped(value));

/** The shape of nested arrays, or an error that says where they are ragged or hold something else than numbers. */
const nestedShape = (value: NestedArray, place: Place): number[] => {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0] as unknown)
    shape.push(level.length);
  const check = (item: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof item === 'number' || typeof item === 'boolean') return;
      throw argumentError(place, 'made of numbers only', item, `See ${place.argument}${path}`);
    }
    if (ArrayBuffer.isView(item) && depth === shape.length - 1) return;
    if (!Array.isArray(item) || item.length !== shape[depth]) {
      throw new KerasArgumentError({
        function: place.function,
        argument: place.argument,
        expected: `\`${place.argument}\` must have rows of one length`,
        received: `${place.argument}${path} ${Array.isArray(item) ? `of length ${item.length}` : `is ${describe(item)}`}, while the first has ${shape[depth] ?? 0}`,
        advice: 'Make all rows as long, for sequences of ids with padSequences(sequences, { maxlen })',
      });
    }
    item.forEach((inner, index) => check(inner, depth + 1, `${path}[${index}]`));
  };
  if (Array.isArray(value)) {
    value.forEach((inner: unknown, index) => check(inner, 1, `[${index}]`));
  }
  return shape;
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
    if (dtype === undefined || value.dtype === dtype) return { tensor: value, made: false };
    return { tensor: tf.cast(value, dtype), made: true };
  }
  if (!isArrayLike(value)) {
    throw argumentError(
      place,
      'data: a tensor, nested arrays of numbers, a typed array, or { data, shape }',
      value,
      'Write for example [[1, 2], [3, 4]] or tf.tensor2d(values, [rows, columns])',
    );
  }
  if (typeof value === 'object' && isShaped(value)) {
    const size = value.shape.reduce((product, length) => product * length, 1);
    if (size !== value.data.length) {
      throw argumentError(
        place,
        `as long as its shape ${describeShape(value.shape)} says, ${size}`,
        value.data,
        'Correct the shape',
      );
    }
    return { tensor: tf.tensor(asFloats(value.data), [...value.shape], dtype ?? 'float32'), made: true };
  }
  if (ArrayBuffer.isView(value)) {
    return {
      tensor: tf.tensor1d(asFloats(value as TypedArray), (dtype ?? 'float32') as 'float32'),
      made: true,
    };
  }
  const shape = nestedShape(value as NestedArray, place);
  return { tensor: tf.tensor(value as number[], shape, dtype ?? 'float32'), made: true };
};

/** tfjs takes some typed arrays only; the others are copied. */
const asFloats = (data: TypedArray | readonly number[]): TypedArray | number[] =>
  data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array
    ? data
    : Float32Array.from(data);
