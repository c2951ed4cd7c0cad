import { sizeOf } from '../../base/shapes';
import { rm } from 'node:fs/promises';
import { Hdf5Thread } from './thread';

/** Types of numbers that are written. Truth values are bytes. */
export type Hdf5Dtype = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8';

/** A text, texts (of fixed width, padded with zeros, as NumPy's bytes) or numbers. */
export type Hdf5Attribute = string | readonly string[] | readonly number[];

type Values = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** Bytes that are handed over at a time: what a data set costs in memory besides the caller's own values. */
const PIECE = 2 ** 23;

/** Writes an HDF5 file part by part. Until it is closed the file is of no use; {@link discard} removes it. */
export class Hdf5Writer {
  private readonly thread = Hdf5Thread.take();

  private constructor(readonly file: string) {}

  static async create(file: string): Promise<Hdf5Writer> {
    const writer = new Hdf5Writer(file);
    try {
      await writer.thread.ask('open', { file, mode: 'w' });
      return writer;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  /** Makes a group; those above it must be there. */
  async group(path: string): Promise<void> {
    await this.thread.ask('group', { path });
  }

  async attribute(path: string, name: string, value: Hdf5Attribute): Promise<void> {
    await this.thread.ask('attribute', { path, name, value, fixed: true });
  }

  /** Writes numbers, row-major, a piece at a time: the values themselves are not copied as a whole. */
  async dataset(path: string, dtype: Hdf5Dtype, shape: readonly number[], values: Values): Promise<void> {
    const [length = 1, ...rest] = shape;
    const rowLength = sizeOf(rest);
    const pieces = Math.ceil(values.byteLength / PIECE);
    if (shape.length === 0 || length < 2 || pieces < 2) {
      const data = copyOf(values, 0, values.length);
      await this.thread.ask('create', { path, dtype, shape, data }, [data]);
      return;
    }
    // Of equal size: the file holds the last one whole.
    const rows = Math.ceil(length / pieces);
    await this.thread.ask('create', { path, dtype, shape, chunk: rows });
    for (let from = 0; from < length; from += rows) {
      const to = Math.min(length, from + rows);
      const data = copyOf(values, from * rowLength, to * rowLength);
      await this.thread.ask('write', { path, dtype, from, to, data }, [data]);
    }
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    try {
      await this.thread.ask('flush');
    } finally {
      await this.thread.release();
    }
  }

  /** Gives up: nothing of the file stays. */
  async discard(): Promise<void> {
    await this.thread.release();
    await rm(this.file, { force: true });
  }
}

const copyOf = (values: Values, from: number, to: number): ArrayBuffer => {
  const bytes = new Uint8Array(
    values.buffer,
    values.byteOffset + from * values.BYTES_PER_ELEMENT,
    (to - from) * values.BYTES_PER_ELEMENT,
  );
  // A new one, since a part of another's memory cannot be handed over.
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
};
