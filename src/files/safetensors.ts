/**
 * Arrays in a file of the format safetensors: the length of a header in eight bytes, the header, which is JSON and says of each array
 * its type, shape and place, then the arrays, one after the other. https://github.com/huggingface/safetensors
 */
import { open, type FileHandle } from 'node:fs/promises';
import { isPlainObject } from '../base/checks';
import { sizeOf } from '../base/shapes';
import { excerpt, MalformedError } from './malformed';

/** Types of numbers that are written and read. Truth values are bytes. */
export type SafeDtype = 'float32' | 'int32' | 'bool';

const TYPES = {
  float32: { name: 'F32', bytes: 4, Values: Float32Array },
  int32: { name: 'I32', bytes: 4, Values: Int32Array },
  bool: { name: 'BOOL', bytes: 1, Values: Uint8Array },
} as const;

export type SafeValues = Float32Array | Int32Array | Uint8Array;

/** An array to be written; its values are asked for when it is its turn. */
export interface SafeArray {
  readonly name: string;
  readonly dtype: SafeDtype;
  readonly shape: readonly number[];
  readonly values: () => Promise<SafeValues>;
}

const LENGTH_BYTES = 8;

/** The most that a header may have: the format's own limit. */
const MAX_HEADER = 100_000_000;

/** What is said of the file besides, under a name of the format. */
const METADATA = '__metadata__';

const writeAll = async (handle: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, done);
    done += bytesWritten;
  }
};

/** Writes arrays and texts; of the arrays' values one after the other is in memory. */
export const writeSafetensors = async (
  file: string,
  arrays: readonly SafeArray[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> => {
  let end = 0;
  const entries = arrays.map(({ name, dtype, shape }) => {
    const from = end;
    end += sizeOf(shape) * TYPES[dtype].bytes;
    return [name, { dtype: TYPES[dtype].name, shape, data_offsets: [from, end] }] as const;
  });
  const text = JSON.stringify(Object.fromEntries([[METADATA, metadata] as const, ...entries]));
  // Arrays begin at a multiple of eight bytes.
  const bytes = Buffer.byteLength(text);
  const header = Buffer.from(text + ' '.repeat((LENGTH_BYTES - (bytes % LENGTH_BYTES)) % LENGTH_BYTES));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle = await open(file, 'wx');
  try {
    await writeAll(handle, Buffer.concat([length, header]));
    for (const { values: get } of arrays) {
      const values = await get();
      await writeAll(handle, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  } finally {
    await handle.close();
  }
};

/** An array in a file. */
export interface StoredArray {
  readonly dtype: SafeDtype;
  readonly shape: readonly number[];
  readonly from: number;
}

const dtypeOf = (name: unknown): SafeDtype | undefined =>
  (Object.keys(TYPES) as SafeDtype[]).find((dtype) => TYPES[dtype].name === name); // as the record has them

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** An array's entry in the header, checked against the size of the file. */
const storedArray = (name: string, entry: unknown, room: number): StoredArray => {
  const { dtype: type, shape, data_offsets: offsets } = isPlainObject(entry) ? entry : {};
  const dtype = dtypeOf(type);
  if (dtype === undefined || !Array.isArray(shape) || !shape.every(isSize) || !Array.isArray(offsets))
    throw new MalformedError(`the header does not say what ${excerpt(name)} is`);
  const [from, to] = offsets as unknown[];
  const bytes = sizeOf(shape) * TYPES[dtype].bytes;
  if (!isSize(from) || !isSize(to) || to > room || to - from !== bytes)
    throw new MalformedError(`the place of ${excerpt(name)} is not within the file, or not of its size`);
  return { dtype, shape, from };
};

const headerOf = async (handle: FileHandle): Promise<{ header: Record<string, unknown>; begin: number }> => {
  const { size } = await handle.stat();
  const read = async (bytes: number, from: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, from);
    if (bytesRead < bytes) throw new MalformedError('it is cut off');
    return buffer;
  };
  if (size < LENGTH_BYTES) throw new MalformedError('it is cut off');
  const length = (await read(LENGTH_BYTES, 0)).readBigUInt64LE();
  if (length > BigInt(Math.min(MAX_HEADER, size - LENGTH_BYTES)))
    throw new MalformedError('its header is longer than the file, or too long');
  let header: unknown;
  try {
    header = JSON.parse((await read(Number(length), LENGTH_BYTES)).toString('utf8'));
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    throw new MalformedError('its header is no JSON');
  }
  if (!isPlainObject(header)) throw new MalformedError('its header is no object');
  return { header, begin: LENGTH_BYTES + Number(length) };
};

/** What a file has, by its header. */
export class SafetensorsReader {
  private constructor(
    private readonly file: string,
    private readonly begin: number,
    readonly arrays: ReadonlyMap<string, StoredArray>,
    readonly metadata: ReadonlyMap<string, unknown>,
  ) {}

  /** @throws MalformedError if it is no such file. */
  static async open(file: string): Promise<SafetensorsReader> {
    const handle = await open(file, 'r');
    try {
      const { header, begin } = await headerOf(handle);
      const { size } = await handle.stat();
      const { [METADATA]: metadata = {}, ...entries } = header;
      if (!isPlainObject(metadata)) throw new MalformedError('what its header says of it is no object');
      const arrays = new Map(
        Object.entries(entries).map(([name, entry]) => [name, storedArray(name, entry, size - begin)]),
      );
      return new SafetensorsReader(file, begin, arrays, new Map(Object.entries(metadata)));
    } finally {
      await handle.close();
    }
  }

  /** The values of some arrays, one after the other. */
  async *read(names: readonly string[]): AsyncGenerator<readonly [name: string, values: SafeValues]> {
    const handle = await open(this.file, 'r');
    try {
      for (const name of names) {
        const stored = this.arrays.get(name);
        if (stored === undefined) throw new MalformedError(`there is no ${excerpt(name)}`);
        const { Values } = TYPES[stored.dtype];
        const values = new Values(sizeOf(stored.shape));
        const bytes = new Uint8Array(values.buffer);
        for (let done = 0; done < bytes.byteLength;) {
          const place = this.begin + stored.from + done;
          const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, place);
          if (bytesRead === 0) throw new MalformedError('it is cut off');
          done += bytesRead;
        }
        yield [name, values];
      }
    } finally {
      await handle.close();
    }
  }
}
