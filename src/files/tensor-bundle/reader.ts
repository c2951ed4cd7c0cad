/** Reads TensorFlow's checkpoints: `NAME.index`, which says where each tensor is, and `NAME.data-00000-of-00001`, … with their bytes. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { crc32c, maskedCrc32c } from '../crc32c';
import { excerpt, MalformedError } from '../malformed';
import { fieldsOf, VarintReader } from '../protocol-buffers';
import { shapeIn } from '../tensor-shape';
import { entriesOfTable } from './table';
import { isNumberType, numberType, TEXT_TYPE, type BundleNumbers } from './types';

/** The file of a part of a checkpoint's tensors. */
export const shardFile = (prefix: string, shard: number, shards: number): string => {
  const digits = (value: number): string => String(value).padStart(5, '0');
  return `${prefix}.data-${digits(shard)}-of-${digits(shards)}`;
};

/** A tensor of a checkpoint. */
export interface BundleEntry {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly bytes: number;
  readonly checksum: number;
}

/** The most shards that a checkpoint may have: the digits in their names. */
const MAX_SHARDS = 99_999;

const shardsIn = (header: Uint8Array, what: string): number => {
  let shards = 0;
  for (const field of fieldsOf(header, what)) {
    if (field.number === 1) shards = field.integer;
    else if (field.number === 2 && field.integer !== 0)
      throw new MalformedError(`${what} is of a machine with another order of bytes`);
  }
  if (shards >= 1 && shards <= MAX_SHARDS) return shards;
  throw new MalformedError(`${what} says that it has ${shards} files of data`);
};

const entryIn = (value: Uint8Array, what: string): BundleEntry => {
  const entry = { dtype: 0, shape: [] as number[], shard: 0, offset: 0, bytes: 0, checksum: 0 };
  for (const field of fieldsOf(value, what)) {
    if (field.number === 1) entry.dtype = field.integer;
    else if (field.number === 2) entry.shape = shapeIn(field, what) ?? [-1];
    else if (field.number === 3) entry.shard = field.integer;
    else if (field.number === 4) entry.offset = field.integer;
    else if (field.number === 5) entry.bytes = field.integer;
    else if (field.number === 6) entry.checksum = field.integer;
    else if (field.number === 7)
      throw new MalformedError(`${what} is stored in slices, as variables that are split over machines are`);
  }
  const { shape, offset, bytes, dtype } = entry;
  if (shape.some((size) => size < 0) || offset < 0 || bytes < 0)
    throw new MalformedError(`${what} has a negative size`);
  if (isNumberType(dtype)) {
    const size = shape.reduce((product, length) => product * length, numberType(dtype, what).bytes);
    if (size !== bytes)
      throw new MalformedError(`${what} must take ${size} bytes for its shape, and takes ${bytes}`);
  }
  return entry;
};

/** A checkpoint that is open. */
export class TensorBundle {
  private readonly files = new Map<number, { readonly handle: FileHandle; readonly size: number }>();

  private constructor(
    private readonly prefix: string,
    private readonly shards: number,
    /** Its tensors, by their keys. */
    readonly entries: ReadonlyMap<string, BundleEntry>,
  ) {}

  /** Opens the checkpoint of a prefix. Nothing of the data is read, but that it can be there is checked. */
  static async open(prefix: string): Promise<TensorBundle> {
    const what = 'the index';
    const table = await readFile(`${prefix}.index`);
    let shards: number | undefined;
    const entries = new Map<string, BundleEntry>();
    for (const [key, value] of entriesOfTable(table, what)) {
      if (shards === undefined && key.length === 0) shards = shardsIn(value, what);
      else {
        const name = key.toString();
        if (entries.has(name)) throw new MalformedError(`${what} has '${excerpt(name)}' twice`);
        entries.set(name, entryIn(value, `'${excerpt(name)}'`));
      }
    }
    if (shards === undefined) throw new MalformedError(`${what} has no head`);
    const bundle = new TensorBundle(prefix, shards, entries);
    try {
      await bundle.checkSizes();
    } catch (error) {
      await bundle.close();
      throw error;
    }
    return bundle;
  }

  /** All must be within the files, and all together not more than they hold. */
  private async checkSizes(): Promise<void> {
    const totals = new Map<number, number>();
    for (const [name, { shard, offset, bytes }] of this.entries) {
      if (shard < 0 || shard >= this.shards)
        throw new MalformedError(`'${excerpt(name)}' is in a file ${shard} of ${this.shards}`);
      const { size } = await this.fileOf(shard);
      const total = (totals.get(shard) ?? 0) + bytes;
      if (offset + bytes > size || total > size)
        throw new MalformedError(`'${excerpt(name)}' is said to be where the data has already ended`);
      totals.set(shard, total);
    }
  }

  private async fileOf(shard: number): Promise<{ readonly handle: FileHandle; readonly size: number }> {
    const known = this.files.get(shard);
    if (known !== undefined) return known;
    const handle = await open(shardFile(this.prefix, shard, this.shards), 'r');
    try {
      const file = { handle, size: (await handle.stat()).size };
      this.files.set(shard, file);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private entryOf(key: string): BundleEntry {
    const entry = this.entries.get(key);
    if (entry === undefined) throw new MalformedError(`there is no tensor '${excerpt(key)}'`);
    return entry;
  }

  private async bytesOf(key: string, { shard, offset, bytes }: BundleEntry): Promise<Buffer> {
    const { handle } = await this.fileOf(shard);
    const content = Buffer.alloc(bytes);
    for (let read = 0; read < bytes;) {
      const { bytesRead } = await handle.read(content, read, bytes - read, offset + read);
      if (bytesRead === 0) throw new MalformedError(`the data ends in the middle of '${excerpt(key)}'`);
      read += bytesRead;
    }
    return content;
  }

  /** The numbers of a tensor. */
  async numbers(key: string): Promise<BundleNumbers> {
    const entry = this.entryOf(key);
    const type = numberType(entry.dtype, `'${excerpt(key)}'`);
    const content = await this.bytesOf(key, entry);
    if (maskedCrc32c(crc32c(content)) !== entry.checksum) throw wrongChecksum(key);
    return type.read(content);
  }

  /** The only text of a tensor. */
  async text(key: string): Promise<Buffer> {
    const entry = this.entryOf(key);
    if (entry.dtype !== TEXT_TYPE || entry.shape.some((size) => size !== 1))
      throw new MalformedError(`'${excerpt(key)}' must be a text`);
    const content = await this.bytesOf(key, entry);
    const reader = new VarintReader(content, `'${excerpt(key)}'`);
    const length = reader.next();
    const stored = Buffer.from(reader.take(4)).readUInt32LE();
    const text = Buffer.from(reader.take(length));
    const { lengths, sum } = textChecksums(text);
    if (stored !== lengths || entry.checksum !== sum) throw wrongChecksum(key);
    return text;
  }

  async close(): Promise<void> {
    const open = [...this.files.values()];
    this.files.clear();
    for (const { handle } of open) await handle.close();
  }
}

const wrongChecksum = (key: string): MalformedError =>
  new MalformedError(`the checksum of '${excerpt(key)}' is wrong`);

/** The checksums of a text: that of its length, and that of all. */
export const textChecksums = (text: Uint8Array): { readonly lengths: number; readonly sum: number } => {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const ofLength = crc32c(word(text.length));
  const lengths = maskedCrc32c(ofLength);
  return { lengths, sum: maskedCrc32c(crc32c(text, crc32c(word(lengths), ofLength))) };
};
