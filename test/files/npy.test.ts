import { npy } from '../../datasets/build/npz-writer';
import { MalformedError } from '../../src/files/malformed';
import { sizeOf } from '../../src/base/shapes';
import { readNpyHeader, readNpyNumbers } from '../../src/files/npy';

const bytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const read = (file: Buffer): { shape: readonly number[]; numbers: number[] } => {
  const header = readNpyHeader(file);
  if (header === undefined) throw new Error('no whole header');
  return { shape: header.shape, numbers: [...readNpyNumbers(file, header)] };
};
/** A file whose header is the given text. */
const headed = (text: string, data: Uint8Array = new Uint8Array(0), version = 1): Buffer => {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return Buffer.concat([
    Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, 'latin1'),
    length,
    Buffer.from(text),
    data,
  ]);
};

test('reads a file that NumPy wrote', () => {
  // numpy.save(f, numpy.array([[1, -2], [3, 4000000000]], '<i8'))
  const text = "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117) + '\n';
  const data = Buffer.from('0100000000000000feffffffffffffff030000000000000000286bee00000000', 'hex');
  expect(read(headed(text, data))).toEqual({ shape: [2, 2], numbers: [1, -2, 3, 4_000_000_000] });
});

test.each([
  ['|u1', Uint8Array.of(0, 255), [0, 255]],
  ['|b1', Uint8Array.of(0, 1), [0, 1]],
  ['|i1', Int8Array.of(-128, 127), [-128, 127]],
  ['<u2', Uint16Array.of(65535, 1), [65535, 1]],
  ['<i2', Int16Array.of(-3, 3), [-3, 3]],
  ['<u4', Uint32Array.of(4294967295, 0), [4294967295, 0]],
  ['<i4', Int32Array.of(-7, 7), [-7, 7]],
  ['<u8', BigUint64Array.of(9n, 2n ** 53n - 1n), [9, 2 ** 53 - 1]],
  ['<i8', BigInt64Array.of(-9n, 9n), [-9, 9]],
  ['<f4', Float32Array.of(0.5, -Infinity), [0.5, -Infinity]],
  ['<f8', Float64Array.of(0.1, -0.25), [0.1, -0.25]],
])('reads the type %s', (type, array, numbers) => {
  expect(read(npy(type, [2], bytes(array)))).toEqual({ shape: [2], numbers });
});

test.each([2, 3])('reads format version %i, and the longs of Python 2 in the shape', (version) => {
  const file = headed(
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2L,), }\n",
    Uint8Array.of(4, 5),
    version,
  );
  expect(read(file)).toEqual({ shape: [2], numbers: [4, 5] });
});

test('a scalar has one element, Fortran order does not matter to a vector', () => {
  expect(read(headed("{'descr': '|u1', 'fortran_order': True, 'shape': (), }", Uint8Array.of(9)))).toEqual({
    shape: [],
    numbers: [9],
  });
  expect(
    read(headed("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1), }", Uint8Array.of(8, 9))).numbers,
  ).toEqual([8, 9]);
});

test('tells that more bytes are needed', () => {
  const file = npy('|u1', [1], Uint8Array.of(1));
  for (const length of [0, 3, 8, 11, 40, 127])
    expect(readNpyHeader(file.subarray(0, length))).toBeUndefined();
  expect(readNpyHeader(file.subarray(0, 128))?.dataStart).toBe(128);
});

test.each<[string, Buffer, RegExp]>([
  ['another format', Buffer.from('GIF89a and so on'), /does not begin as a NumPy array/],
  ['an unknown version', Buffer.from('\x93NUMPY\x09\x00\x00\x00\x00\x00', 'latin1'), /version is 9/],
  [
    'a header without end',
    Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\x7f', 'latin1'),
    /header of 2147483647 bytes/,
  ],
  ['a header of other text', headed('import os'), /header cannot be read: import os/],
  [
    'named fields',
    headed("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }"),
    /header cannot be read/,
  ],
  ['complex numbers', headed("{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }"), /type '<c16'/],
  [
    'a type of a name of every object',
    headed("{'descr': 'toString', 'fortran_order': False, 'shape': (1,), }"),
    /header cannot be read/,
  ],
  [
    'high bytes first',
    headed("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }"),
    /high byte first/,
  ],
  ['columns first', headed("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }"), /Fortran/],
  [
    'an endless shape',
    headed("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999, 99999999), }"),
    /too large/,
  ],
])('refuses %s', (_, file, message) => {
  expect(() => readNpyHeader(file)).toThrow(MalformedError);
  expect(() => readNpyHeader(file)).toThrow(message);
});

test('refuses data shorter or longer than the shape, integers beyond doubles, and objects', () => {
  expect(() => read(npy('<i4', [3], new Uint8Array(8)))).toThrow('8 bytes of data where its shape needs 12');
  expect(() => read(npy('<i4', [1], new Uint8Array(8)))).toThrow(MalformedError);
  expect(() => read(npy('<i8', [1], bytes(BigInt64Array.of(2n ** 60n))))).toThrow(
    'too large to be read exactly',
  );
  expect(() => read(npy('|O', [1], new Uint8Array(8)))).toThrow('Python objects');
});

test('the size of a shape', () => {
  expect([sizeOf([]), sizeOf([3]), sizeOf([3, 0]), sizeOf([2, 3, 4])]).toEqual([1, 3, 0, 24]);
});
