import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Hdf5Reader, Hdf5Writer } from '../../src/files/hdf5';
import { Hdf5Thread } from '../../src/files/hdf5/thread';
import { MalformedError } from '../../src/files/malformed';
import { messageOf } from '../../src/base/causes';

const FILES = JSON.parse(readFileSync(path.join(__dirname, '../reference/hdf5.json'), 'utf8')) as Record<
  'usual' | 'hostile',
  string
>;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-hdf5-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'f.h5'): string => path.join(folder, name);

/** Opens a file with this content, and closes it when the work is done. */
const reading = async <T>(content: Uint8Array, work: (reader: Hdf5Reader) => Promise<T>): Promise<T> => {
  writeFileSync(place(), content);
  const reader = await Hdf5Reader.open(place());
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
};

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MalformedError);
  return messageOf(error);
};

test('reads what h5py wrote', async () => {
  await reading(Buffer.from(FILES.usual, 'base64'), async (reader) => {
    expect(await reader.attributes('/')).toEqual({
      ...{ text: 'naïve', bytes: 'abc', number: 5, fraction: 0.5, names: ['dense', 'dense_1'], none: [] },
      complex: undefined,
    });
    expect(await reader.look('/')).toEqual({ kind: 'group', names: ['model_weights', 'packed', 'void'] });
    expect(await reader.look('model_weights/dense/kernel:0')).toEqual({
      ...{ kind: 'dataset', shape: [2, 3], dtype: 'float32', itemBytes: 4 },
    });
    expect(await reader.look('model_weights/nothing/there')).toBeUndefined();
    expect(await reader.read('model_weights/dense/kernel:0')).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    expect(await reader.read('model_weights/dense/wide')).toEqual(Float64Array.of(0, 1, 2, 3));
    expect(await reader.read('model_weights/dense/steps')).toEqual(BigInt64Array.of(2n ** 40n));
    expect(await reader.read('model_weights/dense/small')).toEqual(Int32Array.of(-1, 2));
    expect((await reader.read('packed'))[999]).toBe(999);
    expect(await reader.read('void')).toHaveLength(0);
  });
});

test('nothing leads out of a file, or round in it', async () => {
  await reading(Buffer.from(FILES.hostile, 'base64'), async (reader) => {
    expect(await refusal(reader.look('away/x'))).toMatch('away/x is a ExternalLink');
    expect(await refusal(reader.read('outside'))).toMatch('unable to open external raw data file');
    expect(await refusal(reader.look('round'))).toMatch('too many links');
    expect(await reader.look('g/self/self/self')).toEqual({ kind: 'group', names: ['self'] });
    expect(await reader.look('bomb')).toMatchObject({ shape: [100000, 10000] });
    for (const [name, type] of [
      ['big_endian', 'big-endian float32'],
      ['texts', 'string'],
    ] as const)
      expect(await refusal(reader.read(name))).toBe(
        `${name} is of the type ${type}, where numbers must stand`,
      );
    expect(await refusal(reader.read('g'))).toBe('there is no data set g');
  });
});

test('texts that are all one long one of the file are an error before memory is taken for each', async () => {
  const thread = Hdf5Thread.take();
  await thread.ask('open', { file: place(), mode: 'w' });
  const long = 'a'.repeat(1_000_000);
  const value = [long, ...Array.from({ length: 3000 }, (_, index) => String(index))];
  await thread.ask('attribute', { path: '/', name: 'texts', value, fixed: false });
  await thread.ask('flush');
  await thread.end();
  const content = readFileSync(place());
  // A text stands as its length, and where it is: 16 bytes.
  const length = Buffer.alloc(4);
  length.writeUInt32LE(long.length);
  const second = Buffer.from([1, 0, 0, 0]);
  let first = content.indexOf(length);
  while (!content.subarray(first + 16, first + 20).equals(second)) first = content.indexOf(length, first + 1);
  const reference = Buffer.from(content.subarray(first, first + 16));
  for (let index = 1; index < value.length; index++) reference.copy(content, first + 16 * index);
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const message = await refusal(reading(content, (reader) => reader.attributes('/')));
  clearInterval(timer);
  expect(message).toMatch(/memory|alloc|read/i);
  expect(most - before).toBeLessThan(300e6);
});

test.each([
  ['nothing', 0n],
  ['nothing, as the library counts', 2n ** 32n],
])('what is free in a heap of texts and takes %s is found soon', async (_, size) => {
  const content = Buffer.from(FILES.usual, 'base64');
  const heap = content.indexOf('GCOL\u0001');
  let at = heap + 16;
  while (content.readUInt16LE(at) !== 0) at += 16 + Math.ceil(content.readUInt32LE(at + 8) / 8) * 8;
  content.writeBigUInt64LE(size, at + 8);
  const began = performance.now();
  const message = await refusal(reading(content, (reader) => reader.attributes('/')));
  expect(message).toBe('the sizes of the texts in a global heap of it do not add up to the heap');
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('what is no HDF5 file is said to be none', async () => {
  const open = async (content: Uint8Array): Promise<string> => {
    writeFileSync(place(), content);
    return refusal(Hdf5Reader.open(place()));
  };
  expect(await open(Buffer.alloc(0))).toMatch(/signature not found|truncated|superblock/);
  expect(await open(randomBytes(5000))).toMatch('file signature not found');
  expect(await open(Buffer.from(FILES.usual, 'base64').subarray(0, 3000))).toMatch(/truncated file/);
  await expect(Hdf5Reader.open(place('nowhere.h5'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('writes what it reads, large data sets piece by piece', async () => {
  const writer = await Hdf5Writer.create(place());
  const large = Float32Array.from({ length: 5_000_001 }, (_, i) => i % 1000);
  await writer.group('a');
  await writer.group('a/b');
  await writer.attribute('a', 'names', ['dense', 'ünïcode', '']);
  await writer.attribute('a', 'none', []);
  await writer.attribute('a', 'config', 'x'.repeat(200_000));
  await writer.attribute('a', 'sizes', [1, 2.5]);
  await writer.dataset('a/b/large', 'float32', [5_000_001], large);
  await writer.dataset('a/b/part', 'float32', [2, 2], large.subarray(3, 7));
  await writer.dataset('a/b/scalar', 'int64', [], BigInt64Array.of(-7n));
  await writer.dataset('a/b/void', 'float32', [0, 3], new Float32Array(0));
  await writer.close();
  expect(statSync(place()).size).toBeLessThan(large.byteLength * 1.02);
  await reading(readFileSync(place()), async (reader) => {
    expect(await reader.attributes('a')).toEqual({
      ...{ names: ['dense', 'ünïcode', ''], none: [], config: 'x'.repeat(200_000), sizes: [1, 2.5] },
    });
    expect(
      Buffer.compare(Buffer.from((await reader.read('a/b/large')).buffer), Buffer.from(large.buffer)),
    ).toBe(0);
    expect(await reader.read('a/b/part')).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(await reader.read('a/b/scalar')).toEqual(BigInt64Array.of(-7n));
    expect(await reader.read('a/b/void')).toHaveLength(0);
  });
});

test('a file that is given up leaves nothing, and one that cannot be made says why', async () => {
  const writer = await Hdf5Writer.create(place());
  await writer.group('a');
  await writer.discard();
  expect(existsSync(place())).toBe(false);
  await expect(Hdf5Writer.create(place('no/such/folder.h5'))).rejects.toMatchObject({ code: 'ENOENT' });
});

/** The files that this process has open, where the system lists them. */
const openFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

test('a thread takes one file after another, and nothing of one is left for the next', async () => {
  await reading(Buffer.from(FILES.usual, 'base64'), (reader) => reader.look('/'));
  const before = openFiles();
  for (let turn = 0; turn < 20; turn++) {
    const writer = await Hdf5Writer.create(place());
    await writer.dataset(`only-${turn}`, 'int32', [2], Int32Array.of(turn, -turn));
    await writer.close();
    const reader = await Hdf5Reader.open(place());
    expect(await reader.look('/')).toEqual({ kind: 'group', names: [`only-${turn}`] });
    expect(await reader.read(`only-${turn}`)).toEqual(Int32Array.of(turn, -turn));
    await reader.close();
  }
  expect(openFiles()).toBe(before);
  const thread = Hdf5Thread.take();
  await thread.release();
  const same = Hdf5Thread.take();
  expect(same === thread).toBe(true);
  await same.end();
});

test('a thread that met something wrong takes another file, as if it were a new one', async () => {
  const usual = Buffer.from(FILES.usual, 'base64');
  const hostile = Buffer.from(FILES.hostile, 'base64');
  const wrong = [
    async () => expect(Hdf5Reader.open(place('nowhere.h5'))).rejects.toMatchObject({ code: 'ENOENT' }),
    async () => refusal(reading(randomBytes(5000), (reader) => reader.look('/'))),
    async () => refusal(reading(usual.subarray(0, 3000), (reader) => reader.look('/'))),
    async () => refusal(reading(hostile, (reader) => reader.read('outside'))),
    async () => refusal(reading(hostile, (reader) => reader.look('round'))),
    async () => (await Hdf5Writer.create(place('given up.h5'))).discard(),
  ];
  for (const work of wrong) await work();
  const before = openFiles();
  const thread = Hdf5Thread.take();
  await thread.release();
  for (let turn = 0; turn < 10; turn++)
    for (const work of wrong) {
      await work();
      await reading(usual, async (reader) =>
        expect(await reader.read('model_weights/dense/wide')).toEqual(Float64Array.of(0, 1, 2, 3)),
      );
    }
  expect(openFiles()).toBe(before);
  const same = Hdf5Thread.take();
  expect(same === thread).toBe(true);
  await same.end();
});

test('a thread that met many things that were wrong, or whose memory has grown, takes no other file', async () => {
  const thread = Hdf5Thread.take();
  for (let times = 0; times < 100; times++)
    await expect(thread.ask('look', { path: '/' })).rejects.toThrow('no file is open');
  await thread.release();
  const next = Hdf5Thread.take();
  expect(next === thread).toBe(false);
  writeFileSync(place(), Buffer.from(FILES.usual, 'base64'));
  await next.ask('open', { file: place(), mode: 'w' });
  const data = new ArrayBuffer(2 ** 25);
  await next.ask('create', { path: 'large', dtype: 'uint8', shape: [2 ** 25], data }, [data]);
  await next.release();
  const last = Hdf5Thread.take();
  expect(last === next).toBe(false);
  await last.end();
});

test('two at once have threads of their own', async () => {
  writeFileSync(place(), Buffer.from(FILES.usual, 'base64'));
  const reader = await Hdf5Reader.open(place());
  const writer = await Hdf5Writer.create(place('other.h5'));
  await writer.group('other');
  expect(await reader.look('other')).toBeUndefined();
  await Promise.all([writer.close(), reader.close()]);
  await reading(readFileSync(place('other.h5')), async (other) =>
    expect(await other.look('/')).toEqual({ kind: 'group', names: ['other'] }),
  );
});
