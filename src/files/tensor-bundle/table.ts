/**
 * Sorted tables of LevelDB's format, in which TensorFlow keeps the index of a checkpoint: keys and values in blocks, an index of the
 * blocks, and a footer that says where that is.
 */
import { crc32c, maskedCrc32c } from '../crc32c';
import { MalformedError } from '../malformed';
import { VarintReader } from '../protocol-buffers';

/** The last bytes of such a file, and how many the footer has. */
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const FOOTER_BYTES = 48;
/** Behind a block: how it is packed, and its checksum. */
const TRAILER_BYTES = 5;
/** After how many keys one is written whole. */
const RESTART_INTERVAL = 16;

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  bytes.push(left);
  return Buffer.from(bytes);
};

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
};

/** A key and its value. */
export type TableEntry = readonly [key: Buffer, value: Uint8Array];

const sharedLength = (a: Buffer, b: Buffer): number => {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
};

const block = (entries: readonly TableEntry[]): Buffer => {
  const parts: Uint8Array[] = [];
  const restarts: number[] = [];
  let size = 0;
  let before: Buffer = Buffer.alloc(0);
  entries.forEach(([key, value], index) => {
    const isRestart = index % RESTART_INTERVAL === 0;
    if (isRestart) restarts.push(size);
    const shared = isRestart ? 0 : sharedLength(before, key);
    const made = [
      varint(shared),
      varint(key.length - shared),
      varint(value.length),
      key.subarray(shared),
      value,
    ];
    size += made.reduce((total, { length }) => total + length, 0);
    parts.push(...made);
    before = key;
  });
  // A block without keys has a restart, too.
  if (restarts.length === 0) restarts.push(0);
  const content = Buffer.concat([...parts, words(...restarts, restarts.length)]);
  const kind = Buffer.of(0);
  return Buffer.concat([content, kind, words(maskedCrc32c(crc32c(kind, crc32c(content))))]);
};

/** The bytes of a table of these entries, which are sorted by their keys. */
export const tableOf = (entries: readonly TableEntry[]): Buffer => {
  const handle = (offset: number, length: number): Buffer =>
    Buffer.concat([varint(offset), varint(length - TRAILER_BYTES)]);
  const data = block(entries);
  const meta = block([]);
  const last = entries.at(-1)?.[0] ?? Buffer.alloc(0);
  const index = block([[last, handle(0, data.length)]]);
  const footer = Buffer.alloc(FOOTER_BYTES);
  const handles = Buffer.concat([
    handle(data.length, meta.length),
    handle(data.length + meta.length, index.length),
  ]);
  handles.copy(footer);
  MAGIC.copy(footer, FOOTER_BYTES - MAGIC.length);
  return Buffer.concat([data, meta, index, footer]);
};

interface Handle {
  readonly offset: number;
  readonly size: number;
}

const handleIn = (reader: VarintReader): Handle => ({ offset: reader.next(), size: reader.next() });

const blockAt = (file: Buffer, { offset, size }: Handle, what: string): Buffer => {
  const end = offset + size + TRAILER_BYTES;
  if (offset < 0 || size < 4 || !(end <= file.length))
    throw new MalformedError(`${what} has a block that is not within it`);
  const content = file.subarray(offset, offset + size);
  const kind = file.subarray(offset + size, offset + size + 1);
  if (maskedCrc32c(crc32c(kind, crc32c(content))) !== file.readUInt32LE(offset + size + 1))
    throw new MalformedError(`${what} has a block whose checksum is wrong`);
  if (kind[0] !== 0)
    throw new MalformedError(`${what} has a block that is packed, as TensorFlow's checkpoints are not`);
  return content;
};

function* entriesOfBlock(content: Buffer, what: string): Generator<TableEntry, void, undefined> {
  const restarts = content.readUInt32LE(content.length - 4);
  const end = content.length - 4 * (restarts + 1);
  if (end < 0) throw new MalformedError(`${what} has a block with too many restarts`);
  const reader = new VarintReader(content.subarray(0, end), what);
  let key: Buffer = Buffer.alloc(0);
  while (!reader.isAtEnd) {
    const [shared, own, length] = [reader.next(), reader.next(), reader.next()];
    if (shared < 0 || shared > key.length)
      throw new MalformedError(`${what} has a key that shares more than there is`);
    key = Buffer.concat([key.subarray(0, shared), reader.take(own)]);
    yield [key, reader.take(length)];
  }
}

/** How many times as many bytes as the file all keys may have, each of which is written as what differs from the one before. */
const MAX_PACKING = 32;
const FREE_BYTES = 2 ** 20;

/** The entries of a table, one after the other. */
export function* entriesOfTable(file: Buffer, what: string): Generator<TableEntry, void, undefined> {
  const footer = file.subarray(Math.max(0, file.length - FOOTER_BYTES));
  if (footer.length < FOOTER_BYTES || !footer.subarray(FOOTER_BYTES - MAGIC.length).equals(MAGIC))
    throw new MalformedError(`${what} is no index of a checkpoint, or is cut off`);
  const reader = new VarintReader(footer, what);
  // It says nothing, but it shows whether this is what was written.
  blockAt(file, handleIn(reader), what);
  const index = blockAt(file, handleIn(reader), what);
  // Blocks come one after the other, each once: nothing is unpacked many times.
  let [from, bytes] = [0, 0];
  for (const [, value] of entriesOfBlock(index, what)) {
    const handle = handleIn(new VarintReader(value, what));
    if (handle.offset < from) throw new MalformedError(`${what} has blocks that overlap`);
    from = handle.offset + handle.size;
    for (const entry of entriesOfBlock(blockAt(file, handle, what), what)) {
      bytes += entry[0].length;
      if (bytes > MAX_PACKING * file.length + FREE_BYTES)
        throw new MalformedError(`${what} has keys that are far larger than itself`);
      yield entry;
    }
  }
}
