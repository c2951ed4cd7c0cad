import { sizeOf } from '../../base/shapes';
import { fromBfloat16, fromFloat16 } from '../half';
import { MalformedError } from '../malformed';
import { Hdf5Thread } from './thread';

/** What is at a path of a file. `dtype` is named as NumPy does, or says what stands in its place. */
export type Hdf5Found =
  | { readonly kind: 'group'; readonly names: readonly string[] }
  | {
      readonly kind: 'dataset';
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly itemBytes: number;
    };

type Attributes = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>;

/** Numbers as they come out of a file. */
export type Hdf5Values =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array;

/** Bytes that are read at a time. */
const PIECE = 2 ** 23;

/** Types of numbers that come out as typed arrays. */
const READABLE = /^(?:b?float16|float32|float64|u?int(?:8|16|32|64))$/;

/** How the bits of numbers become numbers, of types that there are no arrays of. */
const FROM_BITS: Readonly<Record<string, (bits: Uint16Array) => Float32Array>> = {
  float16: (bits) => Float32Array.from(bits, fromFloat16),
  bfloat16: fromBfloat16,
};

/** Rows of a data set, and how many numbers they have. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

/** Reads an HDF5 file on demand: nothing of it is in memory but what was asked for. Nothing outside it is ever read. */
export class Hdf5Reader {
  private readonly thread = Hdf5Thread.take();

  private constructor() {}

  /**
   * Opens a file, or the part of one that is an HDF5 file of its own.
   *
   * @throws MalformedError if it is no HDF5 file.
   * @throws DiskError if it cannot be read.
   */
  static async open(
    file: string,
    part?: { readonly offset: number; readonly length: number },
  ): Promise<Hdf5Reader> {
    const reader = new Hdf5Reader();
    try {
      await reader.thread.ask('open', { file, mode: 'r', part });
      return reader;
    } catch (error) {
      await reader.thread.release();
      throw error;
    }
  }

  async look(path: string): Promise<Hdf5Found | undefined> {
    return this.thread.ask('look', { path });
  }

  /** The attributes that are texts or numbers, or lists of them; others are undefined. */
  async attributes(path: string): Promise<Attributes> {
    return this.thread.ask('attributes', { path });
  }

  /** The numbers of a data set, row-major. Who asks knows the shape, and that memory can hold it. */
  async read(path: string): Promise<Hdf5Values> {
    const found = await this.look(path);
    if (found?.kind !== 'dataset') throw new MalformedError(`there is no data set ${path}`);
    const { shape, dtype, itemBytes } = found;
    if (!READABLE.test(dtype))
      throw new MalformedError(`${path} is of the type ${dtype}, where numbers must stand`);
    const [length = 1, ...rest] = shape;
    const rowLength = sizeOf(rest);
    const size = length * rowLength;
    const rows = Math.max(1, Math.floor(PIECE / Math.max(1, rowLength * itemBytes)));
    if (shape.length === 0 || length <= rows) return this.piece(path, dtype, { from: 0, to: length, size });
    let all: Hdf5Values | undefined;
    for (let from = 0; from < length; from += rows) {
      const to = Math.min(length, from + rows);
      const part = await this.piece(path, dtype, { from, to, size: (to - from) * rowLength });
      // Of the class that the type of the data set comes in.
      all ??= new (part.constructor as new (length: number) => Hdf5Values)(size);
      // Both are of that class.
      (all as Float32Array).set(part as Float32Array, from * rowLength);
    }
    return all as Hdf5Values; // there was one piece at least
  }

  async close(): Promise<void> {
    await this.thread.release();
  }

  private async piece(path: string, dtype: string, { from, to, size }: Piece): Promise<Hdf5Values> {
    const values = await this.thread.ask<Hdf5Values | number[] | null>('read', { path, from, to });
    if (values === null) return new Float32Array(0);
    const numbers = Array.isArray(values)
      ? Float64Array.from(values)
      : (FROM_BITS[dtype]?.(values as Uint16Array) ?? values); // of these types, bits
    if (numbers.length !== size)
      throw new MalformedError(`${path} holds ${numbers.length} numbers in the place of ${size}`);
    return numbers;
  }
}
