/** Checkpoints that TensorFlow wrote are read in test/persistence/saved-model.test.ts. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MalformedError } from '../../src/files/malformed';
import { crc32c, maskedCrc32c } from '../../src/files/crc32c';
import { TensorBundle, TensorBundleWriter } from '../../src/files/tensor-bundle';
import { entriesOfTable, tableOf } from '../../src/files/tensor-bundle/table';
import { binding } from '../../src/tfjs/binding';
import { attr, textsAttribute } from '../../src/engine/graph/attributes';
import { GraphBuilder } from '../../src/engine/graph/builder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prefix = (): string => path.join(folder, 'model');
const FLOAT = 1;
const INT64 = 9;
const KEYS = Array.from(
  { length: 40 },
  (_, index) => `layer_with_weights-${index}/kernel/.ATTRIBUTES/VARIABLE_VALUE`,
);

const write = async (shards = 1): Promise<void> => {
  const writer = await TensorBundleWriter.create(prefix(), shards);
  for (const [index, key] of KEYS.entries())
    await writer.numbers(
      key,
      FLOAT,
      [2, 3],
      Float32Array.from({ length: 6 }, (_, place) => index + place / 8),
    );
  await writer.numbers('steps', INT64, [], BigInt64Array.of(2n ** 40n));
  await writer.text('_GRAPH', Buffer.from('grün'.repeat(100)));
  await writer.close();
};

const reading = async <T>(read: (bundle: TensorBundle) => Promise<T>): Promise<T> => {
  const bundle = await TensorBundle.open(prefix());
  try {
    return await read(bundle);
  } finally {
    await bundle.close();
  }
};

test.each([1, 2])('what was written in %d files is read', async (shards) => {
  await write(shards);
  await reading(async (bundle) => {
    expect([...bundle.entries.keys()].sort()).toEqual([...KEYS, 'steps', '_GRAPH'].sort());
    expect(await bundle.numbers(KEYS[13] ?? '')).toEqual(
      Float32Array.of(13, 13.125, 13.25, 13.375, 13.5, 13.625),
    );
    expect([...(await bundle.numbers('steps'))]).toEqual([2 ** 40]);
    expect((await bundle.text('_GRAPH')).toString()).toBe('grün'.repeat(100));
  });
});

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
};

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A block with its trailer, and where it is in a file. */
const sealed = (entries: readonly Buffer[]): Buffer => {
  const content = Buffer.concat([...entries, word(0), word(1), Buffer.of(0)]);
  return Buffer.concat([content, word(maskedCrc32c(crc32c(content)))]);
};
const handle = (offset: number, block: Buffer): Buffer =>
  Buffer.concat([varint(offset), varint(block.length - 5)]);

/** A table of one block, in which each key after the first shares all but its end with the one before. */
const oneBlock = (first: Buffer, others: readonly Buffer[]): Buffer => {
  const entry = (key: Buffer, shared: number, value: Buffer): Buffer =>
    Buffer.concat([
      varint(shared),
      varint(key.length - shared),
      varint(value.length),
      key.subarray(shared),
      value,
    ]);
  const data = sealed([
    entry(first, 0, Buffer.of(1)),
    ...others.map((key) => entry(key, key.length - 4, Buffer.of(1))),
  ]);
  const meta = sealed([]);
  const index = sealed([entry(Buffer.from('z'), 0, handle(0, data))]);
  const footer = Buffer.alloc(48);
  Buffer.concat([handle(data.length, meta), handle(data.length + meta.length, index)]).copy(footer);
  Buffer.from('57fb808b247547db', 'hex').copy(footer, 40);
  return Buffer.concat([data, meta, index, footer]);
};

test('keys that share a long beginning, each of which would be as long, are refused', () => {
  const keys = Array.from(
    { length: 2000 },
    (_, index) => `${'k'.repeat(20_000)}${String(index).padStart(4, '0')}`,
  );
  // Of these, one is written whole.
  const few = keys.slice(0, 16);
  const table = tableOf(few.map((key) => [Buffer.from(key), Buffer.of(1)]));
  expect([...entriesOfTable(table, 'it')].map(([key]) => key.toString())).toEqual(few);
  const [first, ...others] = keys.map((key) => Buffer.from(key));
  const packed = oneBlock(first as Buffer, others);
  expect(() => [...entriesOfTable(packed, 'it')]).toThrow('it has keys that are far larger than itself');
});

test('TensorFlow reads it', async () => {
  await write();
  const graph = new GraphBuilder();
  const text = (name: string, value: string | string[]): string =>
    graph.node(name, 'Const', [], { dtype: attr.type(7), value: textsAttribute(value) });
  const names = [KEYS[21] ?? '', 'steps', '_GRAPH'];
  const dtypes = attr.types([FLOAT, INT64, 7]);
  graph.node(
    'restore',
    'RestoreV2',
    [text('prefix', prefix()), text('names', names), text('slices', ['', '', ''])],
    { dtypes },
  );
  const session = binding().createSession(graph.serialize());
  const [numbers, steps, texts] = session
    .prepare({ feeds: [], fetches: ['restore', 'restore:1', 'restore:2'] })
    .read([]);
  session.close();
  expect(numbers).toMatchObject({
    shape: [2, 3],
    values: Float32Array.of(21, 21.125, 21.25, 21.375, 21.5, 21.625),
  });
  expect(steps?.values).toEqual(BigInt64Array.of(2n ** 40n));
  expect(Buffer.from(texts?.values[0] as Uint8Array).toString()).toBe('grün'.repeat(100));
});

const dataFile = (): string => `${prefix()}.data-00000-of-00001`;

test('a byte of the data that is another one is seen', async () => {
  await write();
  const bytes = readFileSync(dataFile());
  bytes[13 * 24] = (bytes[13 * 24] ?? 0) ^ 1;
  writeFileSync(dataFile(), bytes);
  await reading(async (bundle) => {
    await expect(bundle.numbers(KEYS[13] ?? '')).rejects.toThrow(/checksum of 'layer_with_weights-13/);
    await expect(bundle.numbers(KEYS[14] ?? '')).resolves.toHaveLength(6);
  });
});

test('data that is cut off is seen before it is read', async () => {
  await write();
  truncateSync(dataFile(), 100);
  await expect(TensorBundle.open(prefix())).rejects.toThrow(/where the data has already ended/);
});

test('whatever byte of the index is another one: it is refused', async () => {
  await write();
  const index = readFileSync(`${prefix()}.index`);
  for (let at = 0; at < index.length; at += 17) {
    const bytes = Buffer.from(index);
    bytes[at] = (index[at] ?? 0) ^ 0x5a;
    writeFileSync(`${prefix()}.index`, bytes);
    // What is neither checked by a sum nor read is the room behind the two places in the foot.
    const isRead = at < index.length - 48 || at >= index.length - 8;
    const opened = TensorBundle.open(prefix()).then(async (bundle) => bundle.close());
    if (isRead) await expect(opened).rejects.toThrow(MalformedError);
    else await opened.catch((error: unknown) => expect(error).toBeInstanceOf(MalformedError));
  }
});

test.each([0, 10, 47, 48, 200])('an index that is cut off after %d bytes is refused', async (length) => {
  await write();
  truncateSync(`${prefix()}.index`, length);
  await expect(TensorBundle.open(prefix())).rejects.toThrow(MalformedError);
});
