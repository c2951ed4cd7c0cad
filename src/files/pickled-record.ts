/** Dictionaries of lists and arrays of bytes out of Python pickles, as CIFAR's files are. */
import { sizeOf } from '../base/shapes';
import { excerpt, MalformedError } from './malformed';
import { PickledArray, unpickle } from './pickle';

/** Bytes with a shape. */
export interface PickledBytes {
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** A dictionary of a pickle: {@link readPickledRecord}. */
export class PickledRecord {
  constructor(private readonly values: ReadonlyMap<unknown, unknown>) {}

  #get(key: string): unknown {
    if (this.values.has(key)) return this.values.get(key);
    const known = excerpt([...this.values.keys()].join(', '));
    throw new MalformedError(`its dictionary has no '${key}', but ${known || 'nothing'}`);
  }

  /** An array of bytes of a shape, where null fits any size. */
  bytes(key: string, shape: readonly (number | null)[]): PickledBytes {
    const value = this.#get(key);
    const sizes = value instanceof PickledArray && value.filled ? value.shape : [];
    const fits =
      sizes.length === shape.length && shape.every((size, axis) => size === null || size === sizes[axis]);
    if (!(value instanceof PickledArray) || typeof value.items !== 'string' || !fits) {
      const wanted = shape.map((size) => size ?? 'n').join(', ');
      throw new MalformedError(`its '${key}' is no array of bytes of shape (${wanted})`);
    }
    const expected = sizeOf(sizes);
    if (value.items.length !== expected)
      throw new MalformedError(
        `its '${key}' has ${value.items.length} bytes where its shape needs ${expected}`,
      );
    return { shape: sizes, bytes: Buffer.from(value.items, 'latin1') };
  }

  /** A list of classes, 0 to `classes − 1`, of a length. */
  labels(key: string, length: number, classes: number): Int32Array {
    const value = this.#get(key);
    if (!Array.isArray(value) || value.length !== length)
      throw new MalformedError(`its '${key}' is no list of ${length} labels`);
    const wrong = value.findIndex(
      (label) => !Number.isInteger(label) || Number(label) < 0 || Number(label) >= classes,
    );
    if (wrong !== -1) {
      const label = excerpt(String(value[wrong]));
      throw new MalformedError(
        `its '${key}' has the label ${label} at ${wrong}, outside 0 to ${classes - 1}`,
      );
    }
    return Int32Array.from(value as readonly number[]); // as just seen
  }
}

/**
 * Reads the pickle of a dictionary of lists and arrays of bytes.
 *
 * @param rows how many items its lists should have, which bounds what the pickle may make
 * @throws MalformedError if it is anything else.
 */
export const readPickledRecord = (bytes: Buffer, rows: number): PickledRecord => {
  const value = unpickle(bytes, rows, true);
  if (!(value instanceof Map)) throw new MalformedError('its pickle is no dictionary');
  return new PickledRecord(value);
};
