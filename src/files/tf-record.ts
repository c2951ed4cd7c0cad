/** TFRecord, TensorFlow's files of records, and `Example`, what it takes a record for. */
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crc32c, maskedCrc32c } from './crc32c';
import { MessageWriter } from './protocol-buffers';

/** A record as TensorFlow's files have it: the length, its checksum, the bytes, their checksum. */
export const recordOf = (data: Uint8Array): Buffer => {
  const record = Buffer.allocUnsafe(16 + data.length);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(crc32c(record.subarray(0, 8))), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(crc32c(data)), 12 + data.length);
  return record;
};

/** Fields of `Example`, of its `Features` and of one `Feature`; all kinds of values are lists. */
const EXAMPLE = { features: 1 } as const;
const FEATURES = { feature: 1 } as const;
const FEATURE = { bytes: 1, integers: 3 } as const;
const LIST = { value: 1 } as const;

/** What a feature of an example holds: pieces of bytes, or whole numbers. */
export type ExampleValue = readonly Uint8Array[] | Int32Array;

const featureOf = (value: ExampleValue): Uint8Array => {
  const list = new MessageWriter();
  if (value instanceof Int32Array) {
    if (value.length > 0) list.integers(LIST.value, Array.from(value));
    return new MessageWriter().bytes(FEATURE.integers, list.view()).view();
  }
  for (const bytes of value) list.bytes(LIST.value, bytes);
  return new MessageWriter().bytes(FEATURE.bytes, list.view()).view();
};

/** An `Example` of values under names. */
export const exampleOf = (values: Readonly<Record<string, ExampleValue>>): Uint8Array => {
  const features = new MessageWriter();
  for (const [name, value] of Object.entries(values))
    features.entry(FEATURES.feature, name, featureOf(value));
  return new MessageWriter().bytes(EXAMPLE.features, features.view()).view();
};

/** Bytes that are put together before they are written. */
const WRITTEN_AT_ONCE = 1 << 20;

/** Writes records into files of about one size, one after the other: `train-00000.tfrecord`, `train-00001.tfrecord`, … */
export class RecordShards {
  /** The names of the files, without their folder. */
  readonly files: string[] = [];
  /** How many records there are, and how many bytes they take. */
  records = 0;
  bytes = 0;
  private handle: FileHandle | undefined;
  private inShard = 0;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;

  constructor(
    private readonly folder: string,
    private readonly prefix: string,
    /** How many bytes a file has at the most, if no single record has more. */
    private readonly maxBytes: number,
  ) {}

  async add(data: Uint8Array): Promise<void> {
    const record = recordOf(data);
    if (this.inShard > 0 && this.inShard + record.length > this.maxBytes) await this.endShard();
    this.waiting.push(record);
    this.waitingBytes += record.length;
    this.inShard += record.length;
    this.bytes += record.length;
    this.records++;
    if (this.waitingBytes >= WRITTEN_AT_ONCE) await this.write();
  }

  /** Ends the last file. To be called once all records are there. */
  async end(): Promise<void> {
    if (this.inShard > 0) await this.endShard();
  }

  /** Lets go of the file that is open, after an error. */
  async discard(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  private async write(): Promise<void> {
    if (this.handle === undefined) {
      const name = `${this.prefix}-${String(this.files.length).padStart(5, '0')}.tfrecord`;
      this.handle = await open(path.join(this.folder, name), 'wx');
      this.files.push(name);
    }
    // From where the last one ended.
    await this.handle.writeFile(Buffer.concat(this.waiting));
    this.waiting = [];
    this.waitingBytes = 0;
  }

  private async endShard(): Promise<void> {
    if (this.waitingBytes > 0) await this.write();
    await this.handle?.sync();
    await this.discard();
    this.inShard = 0;
  }
}
