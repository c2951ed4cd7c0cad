import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exampleOf, recordOf, RecordShards, type ExampleValue } from '../../src/files/tf-record';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-records-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/tf_record.json'), 'utf8'),
) as Readonly<Record<string, string>>;

const VALUES: Readonly<Record<string, ExampleValue>> = {
  integers: Int32Array.of(0, 5, 127, 128, 300000),
  none: Int32Array.of(),
  bytes: [new Uint8Array(Float32Array.from({ length: 70 }, (_, index) => -1 + (index * 2) / 69).buffer)],
  texts: ['', 'one', 'größer 🙂'].map((text) => Buffer.from(text)),
};

test.each(Object.entries(VALUES))('a record of %s is what TensorFlow writes', (name, value) => {
  const record = recordOf(exampleOf({ [name]: value }));
  expect(record.toString('base64')).toBe(written[name]);
});

const bytesOf = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

test('shards hold so many bytes at the most, and all records in their order', async () => {
  const shards = new RecordShards(folder, 'train', 100);
  // 36, 36 and 36 bytes with their frames; then one that is larger than a shard.
  for (const [length, value] of [
    [20, 1],
    [20, 2],
    [20, 3],
    [150, 4],
    [20, 5],
  ] as const)
    await shards.add(bytesOf(length, value));
  await shards.end();
  const names = [
    'train-00000.tfrecord',
    'train-00001.tfrecord',
    'train-00002.tfrecord',
    'train-00003.tfrecord',
  ];
  expect(shards.files).toEqual(names);
  expect(readdirSync(folder).sort()).toEqual(names);
  expect([shards.records, shards.bytes]).toEqual([5, 4 * 36 + 166]);
  const [first, second, third, fourth] = names.map((name) => readFileSync(path.join(folder, name)));
  expect(first).toEqual(Buffer.concat([recordOf(bytesOf(20, 1)), recordOf(bytesOf(20, 2))]));
  expect(second).toEqual(recordOf(bytesOf(20, 3)));
  expect(third).toEqual(recordOf(bytesOf(150, 4)));
  expect(fourth).toEqual(recordOf(bytesOf(20, 5)));
});

test('a shard is written in several parts', async () => {
  const shards = new RecordShards(folder, 'train', 1e9);
  const records = [1, 2, 3].map((value) => bytesOf(700_000, value));
  for (const record of records) await shards.add(record);
  await shards.end();
  expect(readFileSync(path.join(folder, 'train-00000.tfrecord'))).toEqual(
    Buffer.concat(records.map(recordOf)),
  );
});

test('no records are no files', async () => {
  const shards = new RecordShards(folder, 'train', 100);
  await shards.end();
  expect([shards.files, readdirSync(folder)]).toEqual([[], []]);
});
