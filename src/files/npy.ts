import { sizeOf } from '../base/shapes';
import { excerpt, MalformedError } from './malformed';

/** The numbers of an array file in row-major order; 64-bit integers come as doubles. */
export type NpyNumbers =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** What the head of an `.npy` file says. */
export interface NpyHeader {
  /** NumPy's name of the element type without its byte order: `u1`, `i8`, `f4`; `O` for Python objects. */
  readonly type: string;
  /** Bytes of one element; 0 for Python objects, whose pickle has its own length. */
  readonly itemBytes: number;
  readonly shape: readonly number[];
  /** Where the data begins. */
  readonly dataStart: number;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const MAX_HEADER = 65_536;
/** NumPy's own limit. */
const MAX_AXES = 64;

/** How to read each element type, for little-endian data. */
const READERS: Readonly<Record<string, (bytes: ArrayBuffer) => NpyNumbers>> = {
  b1: (bytes) => new Uint8Array(bytes),
  u1: (bytes) => new Uint8Array(bytes),
  i1: (bytes) => new Int8Array(bytes),
  u2: (bytes) => new Uint16Array(bytes),
  i2: (bytes) => new Int16Array(bytes),
  u4: (bytes) => new Uint32Array(bytes),
  i4: (bytes) => new Int32Array(bytes),
  u8: (bytes) => doubles(new Uint32Array(bytes), new Uint32Array(bytes)),
  i8: (bytes) => doubles(new Uint32Array(bytes), new Int32Array(bytes)),
  f4: (bytes) => new Float32Array(bytes),
  f8: (bytes) => new Float64Array(bytes),
};

/** 64-bit integers from their halves, of which the upper has the sign: without a `bigint` for each. */
const doubles = (lower: Uint32Array, upper: Uint32Array | Int32Array): Float64Array => {
  const numbers = new Float64Array(lower.length / 2);
  for (let index = 0; index < numbers.length; index++) {
    const number = (upper[2 * index + 1] ?? 0) * 2 ** 32 + (lower[2 * index] ?? 0);
    if (!Number.isSafeInteger(number))
      throw new MalformedError(`the integer ${number} is too large to be read exactly`);
    numbers[index] = number;
  }
  return numbers;
};

/**
 * Reads the head of an `.npy` file. `undefined` if `bytes` ends before the head does, so that a caller who inflates the
 * file piece by piece can learn early how much data has to come.
 *
 * @throws MalformedError if it is no `.npy` file, or one of a kind that is not read.
 */
export const readNpyHeader = (bytes: Buffer): NpyHeader | undefined => {
  const known = Math.min(bytes.length, MAGIC.length);
  if (!bytes.subarray(0, known).equals(MAGIC.subarray(0, known))) {
    throw new MalformedError('it does not begin as a NumPy array file does');
  }
  if (bytes.length < 12) return undefined;
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3)
    throw new MalformedError(`its NumPy format version is ${version}, not 1, 2 or 3`);
  const textStart = version === 1 ? 10 : 12;
  const textLength = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (textLength > MAX_HEADER) throw new MalformedError(`its header of ${textLength} bytes is too long`);
  const dataStart = textStart + textLength;
  if (bytes.length < dataStart) return undefined;
  return { ...parseHeader(bytes.toString('latin1', textStart, dataStart)), dataStart };
};

/** The header is a Python dictionary with three fixed keys. */
const parseHeader = (text: string): Omit<NpyHeader, 'dataStart'> => {
  const type = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z]\d*)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shapeText = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (type === null || order === null || shapeText === null) {
    throw new MalformedError(`its header cannot be read: ${excerpt(text.trim())}`);
  }
  const [, byteOrder = '', name = ''] = type;
  const itemBytes = name === 'O' ? 0 : Number(name.slice(1));
  if (name !== 'O' && !Object.hasOwn(READERS, name)) {
    throw new MalformedError(
      `its elements are of the type '${byteOrder}${excerpt(name)}', which is not read`,
    );
  }
  if (byteOrder === '>' && itemBytes > 1) throw new MalformedError('its numbers have their high byte first');
  const shape = (shapeText[1] ?? '')
    .split(',')
    .map((axis) => axis.trim().replace(/L$/, ''))
    .filter((axis) => axis !== '')
    .map(Number);
  if (shape.length > MAX_AXES) throw new MalformedError(`its shape has ${shape.length} axes`);
  if (
    !shape.every((axis) => Number.isSafeInteger(axis)) ||
    !Number.isSafeInteger(sizeOf(shape) * Math.max(1, itemBytes))
  ) {
    throw new MalformedError(`its shape (${excerpt(shape.join(', '))}) is too large`);
  }
  if (order[1] === 'True' && shape.filter((axis) => axis !== 1).length > 1) {
    throw new MalformedError('it is stored column by column (Fortran order)');
  }
  return { type: name, itemBytes, shape };
};

/**
 * The numbers of an `.npy` file.
 *
 * @throws MalformedError if the data is shorter or longer than the head says, or are Python objects.
 */
export const readNpyNumbers = (bytes: Buffer, header: NpyHeader): NpyNumbers => {
  const reader = READERS[header.type];
  if (reader === undefined) throw new MalformedError('it holds Python objects, not numbers');
  const expected = sizeOf(header.shape) * header.itemBytes;
  const data = bytes.subarray(header.dataStart);
  if (data.length !== expected) {
    throw new MalformedError(`it has ${data.length} bytes of data where its shape needs ${expected}`);
  }
  // A copy: typed arrays need their own alignment, and the inflated file can be freed.
  return reader(new Uint8Array(data).buffer);
};
