import { argumentError, type Place } from '../base/checks';
import type { TypedArray } from '../tfjs/tensorflow';

/** Typed arrays of numbers: all but those of BigInts. */
export type NumericArray = TypedArray | Int8Array | Int16Array | Uint16Array | Uint32Array | Float64Array;

/** Whether a value is a typed array of BigInts. */
export const isBig = (value: unknown): boolean =>
  value instanceof BigInt64Array || value instanceof BigUint64Array;

/** Whether a value is a typed array of numbers. */
export const isTyped = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && !isBig(value);

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
export const checkThere = (values: NumericArray, place: Place): void => {
  if (!isGone(values)) return;
  throw argumentError(
    place,
    'a typed array whose memory is still there',
    values,
    'Its memory was transferred, to a worker for example: transfer a copy, values.slice()',
  );
};
