import { argumentError, MAX_RANK, type Place } from '../base/checks';
import { describeShape } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { atOnce, type Steps } from '../base/steps';
import { isPromise } from '../base/streams';
import { tf, type DataType, type Tensor } from '../tfjs/tensorflow';
import { lengthsOf, nestedTensorInSteps, notANumber, tooManyAxes } from './nested';
import { checkThere, isBig, isTyped, type NumericArray } from './typed-array';

export type { NumericArray };

/** Arrays of numbers in arrays, all of one length at each depth. */
export type NestedArray = number | boolean | readonly NestedArray[];

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

const isSize = (size: unknown): boolean =>
  typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;

/** A flat array that comes with its shape, as a tensor. */
const shaped = ({ data, shape }: ShapedArray, place: Place, dtype: DataType | undefined): Steps<Tensor> => {
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
  const size = sizeOf(shape);
  if (size !== list.length) {
    throw argumentError(
      place,
      `as long as its shape ${describeShape(shape)} says, ${size}`,
      list,
      'Correct the shape',
    );
  }
  return nestedTensorInSteps(list, at, dtype, [...shape], [list.length]);
};

/** A value of the user's as a tensor, and whether that is a new one, which whoever asked for it frees. */
interface Converted {
  readonly tensor: Tensor;
  readonly isNew: boolean;
}

/** A tensor in a type; undefined if the value is none. */
const givenTensor = (value: unknown, place: Place, dtype: DataType | undefined): Converted | undefined => {
  if (!(value instanceof tf.Tensor)) return undefined;
  if (value.isDisposed) {
    throw argumentError(place, 'a tensor that is not disposed', value, 'Dispose it after the last use');
  }
  if (value.dtype === 'string' || value.dtype === 'complex64') {
    throw argumentError(place, 'a tensor of numbers', value);
  }
  const tensor = value as Tensor; // of any rank, which `instanceof` leaves untyped
  if (dtype === undefined || tensor.dtype === dtype) return { tensor, isNew: false };
  return { tensor: tf.cast(tensor, dtype), isNew: true };
};

/**
 * Arrays of the user's as a tensor, which the caller frees. Between some of many numbers others may run, who may change the arrays. Whoever
 * does not go to the end calls `return`.
 */
export const arrayInSteps = (value: unknown, place: Place, dtype?: DataType): Steps<Tensor> => {
  if (!isArrayLike(value)) {
    throw argumentError(
      place,
      'data: a tensor, nested arrays of numbers, a typed array, or { data, shape }',
      value,
      isPromise(value)
        ? 'Await the promise first'
        : 'Write for example [[1, 2], [3, 4]] or tf.tensor2d(values, [rows, columns])',
    );
  }
  if (isBig(value)) throw notANumber(place, value);
  if (typeof value === 'object' && isShaped(value)) return shaped(value, place, dtype);
  if (isTyped(value)) checkThere(value, place);
  return nestedTensorInSteps(value, place, dtype);
};

/** How many numbers arrays of the user's have, as far as the first items tell. */
export const countNumbers = (value: Exclude<ArrayLike, Tensor>): number =>
  sizeOf(lengthsOf(typeof value === 'object' && isShaped(value) ? value.data : value));

/**
 * A value of the user's as a tensor. A tensor passes as it is and stays the user's; anything else is converted, and
 * `isNew` is true: whoever asked frees it.
 */
export const toTensor = (value: unknown, place: Place, dtype?: DataType): Converted =>
  givenTensor(value, place, dtype) ?? { tensor: atOnce(arrayInSteps(value, place, dtype)), isNew: true };
