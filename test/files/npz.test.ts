import { crc32, deflateRawSync } from 'node:zlib';
import { npy, npz, zip } from '../../datasets/build/npz-writer';
import { MalformedError } from '../../src/files/malformed';
import * as files from '../../src/files/npz';

const { crc32Fallback, labelsOf, numbersOf } = files;

/** Reads with room for all that these tests make. */
const readNpz = <Name extends string>(
  content: Buffer,
  names: readonly Name[],
  limits = { bytes: 2 ** 24, lists: 1000 },
): Promise<Record<Name, files.NpzMember>> => files.readNpz(content, names, limits);

const vector = (...numbers: number[]): { type: string; shape: number[]; data: Uint8Array } => ({
  type: '|u1',
  shape: [numbers.length],
  data: Uint8Array.from(numbers),
});
const good = npz({ a: vector(1, 2), b: [[1, 2], [], [3]], other: vector(9) });

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MalformedError);
  return (error as MalformedError).message;
};

test('reads numbers and lists by name', async () => {
  const { a, b } = await readNpz(good, ['a', 'b']);
  expect(a).toEqual({ kind: 'numbers', type: 'u1', shape: [2], numbers: Uint8Array.of(1, 2) });
  expect(b).toEqual({ kind: 'lists', shape: [3], lists: [[1, 2], [], [3]] });
});

test('reads a file that NumPy wrote, with ZIP64 fields', async () => {
  // numpy.savez_compressed(f, y=numpy.array([1, 0, 1])), NumPy 1.24
  const hex = NUMPY_FILE.replaceAll(/\s/g, '');
  const { y } = await readNpz(Buffer.from(hex, 'hex'), ['y']);
  expect(y).toEqual({ kind: 'numbers', type: 'i8', shape: [3], numbers: Float64Array.of(1, 0, 1) });
});

test('names what is missing and what is there', async () => {
  expect(await refusal(readNpz(good, ['a', 'x_train', 'y_train']))).toBe(
    'it lacks `x_train`, `y_train`; it has a.npy, b.npy, other.npy',
  );
  expect(await refusal(readNpz(zip({}), ['a']))).toBe('it lacks `a`; it has nothing');
});

test('refuses what is no zip, or not all of one', async () => {
  expect(await refusal(readNpz(Buffer.alloc(0), ['a']))).toBe('the file is empty');
  expect(await refusal(readNpz(Buffer.from('<html>not found</html>'.repeat(20)), ['a']))).toMatch(
    /no whole zip archive/,
  );
  for (const length of [10, 100, good.length - 60, good.length - 1]) {
    expect(await refusal(readNpz(good.subarray(0, length), ['a', 'b']))).toMatch(
      /zip archive|list of members|cannot be read/,
    );
  }
});

test('refuses a member that is no array', async () => {
  expect(await refusal(readNpz(zip({ 'a.npy': Buffer.from('hello, world') }), ['a']))).toMatch(
    /`a` cannot be read: it does not begin/,
  );
  expect(await refusal(readNpz(zip({ 'a.npy': Buffer.alloc(0) }), ['a']))).toMatch(
    /`a` cannot be read: it ends within its header/,
  );
  expect(await refusal(readNpz(zip({ 'a.npy': npy('|u1', [5], Uint8Array.of(1)) }), ['a']))).toMatch(
    /1 bytes of data where its shape needs 5/,
  );
});

test('sees damage inside', async () => {
  // A bit of the deflated data turned over, at each of its bytes: an error, or, if the bit means nothing, the array.
  const data = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 251);
  const whole = npz({ a: { type: '|u1', shape: [64], data } });
  const start = 30 + 'a.npy'.length;
  let errors = 0;
  for (let at = start; at < whole.indexOf('PK\x01\x02'); at++) {
    const broken = Buffer.from(whole);
    broken[at] = (broken[at] ?? 0) ^ 0x10;
    try {
      const { a } = await readNpz(broken, ['a']);
      expect(a).toMatchObject({ numbers: data });
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedError);
      errors++;
    }
  }
  expect(errors).toBeGreaterThan(100);
});

test('refuses a zip bomb by its declared size, before it unpacks', async () => {
  const bomb = zip({ 'a.npy': npy('|u1', [5_000_000], new Uint8Array(5_000_000)) });
  expect(bomb.length).toBeLessThan(10_000);
  expect(await refusal(readNpz(bomb, ['a'], { bytes: 1_000_000, lists: 0 }))).toMatch(
    /would unpack to 5000128 bytes, more than the 1000000 allowed/,
  );
});

test('stops at what the shape needs, and at the declared size', async () => {
  // The array says 4 bytes, the archive holds 5 million.
  const long = zip({ 'a.npy': Buffer.concat([npy('|u1', [4], new Uint8Array(4)), Buffer.alloc(5_000_000)]) });
  expect(await refusal(readNpz(long, ['a']))).toMatch(/more than the 132 bytes that its shape needs/);
  // The directory says 200 bytes, the deflated data goes on.
  const content = npy('|u1', [5_000_000], new Uint8Array(5_000_000));
  const lying = zip({ 'a.npy': content });
  const directory = lying.indexOf('PK\x01\x02');
  lying.writeUInt32LE(200, directory + 24);
  expect(deflateRawSync(content).length).toBeGreaterThan(200);
  expect(await refusal(readNpz(lying, ['a']))).toMatch(/`a` cannot be read: too many bytes/);
});

test('allows all members together what its limits allow, and as many lists', async () => {
  const three = npz({ a: vector(1, 2), b: vector(3), c: vector(4) });
  await expect(readNpz(three, ['a', 'b', 'c'], { bytes: 130 + 129 + 129, lists: 0 })).resolves.toBeDefined();
  expect(await refusal(readNpz(three, ['a', 'b', 'c'], { bytes: 130 + 129 + 128, lists: 0 }))).toBe(
    'its array `c` cannot be read: it would unpack to 129 bytes, more than the 128 allowed',
  );
  expect(await refusal(readNpz(good, ['a', 'b'], { bytes: 2 ** 20, lists: 2 }))).toBe(
    'its array `b` cannot be read: its 3 lists are more than the 2 allowed',
  );
});

test('refuses names and shapes without end in a few words', async () => {
  const axes = npy('|u1', Array<number>(5000).fill(1), new Uint8Array(1));
  expect(await refusal(readNpz(zip({ 'a.npy': axes }), ['a']))).toMatch(/its shape has 5000 axes$/);
  const huge = npy('|u1', [2 ** 40, 2 ** 40, ...Array<number>(60).fill(1)], new Uint8Array(1));
  expect((await refusal(readNpz(zip({ 'a.npy': huge }), ['a']))).length).toBeLessThan(200);
  const named = zip(
    Object.fromEntries(['x', 'y', 'z'].map((name) => [name.repeat(60_000), Buffer.alloc(0)])),
  );
  expect((await refusal(readNpz(named, ['a']))).length).toBeLessThan(400);
});

test('refuses a pickle whose length is not that of the array, and endless members', async () => {
  const swapped = zip({ 'b.npy': npy('|O', [2], Buffer.from(npz({ b: [[1]] }).subarray(0, 0))) });
  expect(await refusal(readNpz(swapped, ['b']))).toMatch(/`b` cannot be read: its pickle ends too early/);
  const many = zip(
    Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`${index}`, Buffer.alloc(0)])),
  );
  expect(await refusal(readNpz(many, ['a']))).toMatch(/too many members/);
});

test('checks shapes and types', async () => {
  const { a, b } = await readNpz(good, ['a', 'b']);
  expect(numbersOf('a', a, [null], ['u1']).numbers).toEqual(Uint8Array.of(1, 2));
  expect(() => numbersOf('a', a, [null, 28], ['u1'])).toThrow(
    "`a` is of shape (2) and type 'u1', not of shape (n, 28) and type 'u1'",
  );
  expect(() => numbersOf('a', a, [3], ['u1'])).toThrow(MalformedError);
  expect(() => numbersOf('a', a, [2], ['f8', 'f4'])).toThrow("type 'f8' or 'f4'");
  expect(() => numbersOf('b', b, [3], ['u1'])).toThrow('type lists');
  expect(labelsOf('a', a, 2, 3)).toEqual(Int32Array.of(1, 2));
  expect(() => labelsOf('a', a, 2, 2)).toThrow('the label 2 at 1, outside 0 to 1');
  expect(() => labelsOf('a', a, 3, 9)).toThrow(MalformedError);
});

test('its own CRC-32 is zlib’s', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * index) % 256);
  expect(crc32Fallback(bytes)).toBe(crc32(bytes));
  expect(crc32Fallback(new Uint8Array(0))).toBe(0);
});

const NUMPY_FILE = `
  504b030414000000080000002100a2b3d04b4a0000009800000005001400792e6e70790100100098000000000000004a0000
  00000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a1aea3a09e965f54529498179f5f94920a12774bcc
  294e058a17672416a402f91ac63a9a3a0ab50a14002e46065400e30300504b0102140314000000080000002100a2b3d04b4a
  00000098000000050000000000000000000000800100000000792e6e7079504b050600000000010001003300000081000000
  0000`;
