/** Writes TensorFlow's checkpoints. */
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { crc32c, maskedCrc32c } from '../crc32c';
import { MessageWriter } from '../protocol-buffers';
import { shapeMessage } from '../tensor-shape';
import { shardFile, textChecksums } from './reader';
import { tableOf, type TableEntry } from './table';
import { TEXT_TYPE } from './types';

/** Numbers of the fields of TensorFlow's messages, as `tensor_bundle.proto` and `versions.proto` have them. */
const FIELDS = {
  header: { shards: 1, version: 3 },
  version: { producer: 1 },
  entry: { type: 1, shape: 2, shard: 3, offset: 4, bytes: 5, checksum: 6 },
} as const;

/** Writes tensors, one after the other, and at the end the index of all of them. */
export class TensorBundleWriter {
  private readonly entries = new Map<string, Uint8Array>();
  private offset = 0;

  private constructor(
    private readonly prefix: string,
    private readonly shards: number,
    private readonly data: FileHandle,
  ) {}

  /** Begins a checkpoint. All is in the first of its `shards`. */
  static async create(prefix: string, shards = 1): Promise<TensorBundleWriter> {
    return new TensorBundleWriter(prefix, shards, await open(shardFile(prefix, 0, shards), 'w'));
  }

  /** Writes numbers of one of TensorFlow's types. */
  async numbers(
    key: string,
    dtype: number,
    shape: readonly number[],
    values: ArrayBufferView,
  ): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    await this.add(key, dtype, shape, bytes, maskedCrc32c(crc32c(bytes)));
  }

  /** Writes a text. */
  async text(key: string, text: Uint8Array): Promise<void> {
    const { lengths, sum } = textChecksums(text);
    // A message's field without its key is a length, and bytes.
    const length = new MessageWriter().integer(1, text.length).view().subarray(1);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(lengths);
    await this.add(key, TEXT_TYPE, [], Buffer.concat([length, checksum, text]), sum);
  }

  private async add(
    key: string,
    dtype: number,
    shape: readonly number[],
    bytes: Uint8Array,
    checksum: number,
  ): Promise<void> {
    if (key === '' || this.entries.has(key)) throw new Error(`a second tensor '${key}'`);
    for (let written = 0; written < bytes.length;)
      written += (await this.data.write(bytes, written, bytes.length - written, this.offset + written))
        .bytesWritten;
    const { entry } = FIELDS;
    const message = new MessageWriter().integer(entry.type, dtype).bytes(entry.shape, shapeMessage(shape));
    if (this.offset > 0) message.integer(entry.offset, this.offset);
    this.entries.set(
      key,
      message.integer(entry.bytes, bytes.length).fixed(entry.checksum, checksum).finish(),
    );
    this.offset += bytes.length;
  }

  /** Ends it: the index is written, and all is on the disk. */
  async close(): Promise<void> {
    try {
      await this.data.sync();
    } finally {
      await this.data.close();
    }
    for (let shard = 1; shard < this.shards; shard++)
      await writeFile(shardFile(this.prefix, shard, this.shards), '');
    const { header, version } = FIELDS;
    const head = new MessageWriter()
      .integer(header.shards, this.shards)
      .bytes(header.version, new MessageWriter().integer(version.producer, 1).view());
    const entries = [...this.entries].map(([key, value]): TableEntry => [Buffer.from(key), value]);
    entries.sort(([a], [b]) => Buffer.compare(a, b));
    const index = await open(`${this.prefix}.index`, 'w');
    try {
      await index.writeFile(tableOf([[Buffer.alloc(0), head.finish()], ...entries]));
      await index.sync();
    } finally {
      await index.close();
    }
  }

  /** Gives it up; what has been written stays, without an index. */
  async discard(): Promise<void> {
    await this.data.close().catch(() => undefined);
  }
}
