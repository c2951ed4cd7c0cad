/** Types of numbers in TensorFlow's files. */
import { fromBfloat16, fromFloat16 } from '../half';
import { MalformedError } from '../malformed';

/** Numbers that were read: of a type that holds them exactly, but for 64 bits, which become doubles. */
export type BundleNumbers = Float32Array | Float64Array | Int32Array | Uint8Array;

interface NumberType {
  readonly name: string;
  readonly bytes: number;
  readonly read: (bytes: Buffer) => BundleNumbers;
}

/** Numbers that JavaScript's arrays hold as they are, on machines that have the lowest byte first. */
const copied = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

/** TensorFlow's numbers of types, of those that weights are of. */
const NUMBER_TYPES: ReadonlyMap<number, NumberType> = new Map<number, NumberType>([
  [1, { name: 'float32', bytes: 4, read: (bytes) => new Float32Array(copied(bytes)) }],
  [2, { name: 'float64', bytes: 8, read: (bytes) => new Float64Array(copied(bytes)) }],
  [3, { name: 'int32', bytes: 4, read: (bytes) => new Int32Array(copied(bytes)) }],
  [4, { name: 'uint8', bytes: 1, read: (bytes) => new Uint8Array(copied(bytes)) }],
  [5, { name: 'int16', bytes: 2, read: (bytes) => Int32Array.from(new Int16Array(copied(bytes))) }],
  [6, { name: 'int8', bytes: 1, read: (bytes) => Int32Array.from(new Int8Array(copied(bytes))) }],
  [9, { name: 'int64', bytes: 8, read: (bytes) => Float64Array.from(new BigInt64Array(copied(bytes)), Number) }],
  [10, { name: 'bool', bytes: 1, read: (bytes) => new Uint8Array(copied(bytes)).map((value) => Number(value !== 0)) }],
  [14, { name: 'bfloat16', bytes: 2, read: (bytes) => fromBfloat16(new Uint16Array(copied(bytes))) }],
  [19, { name: 'float16', bytes: 2, read: (bytes) => Float32Array.from(new Uint16Array(copied(bytes)), fromFloat16) }],
]); // prettier-ignore

/** TensorFlow's number of texts. */
export const TEXT_TYPE = 7;

/** How numbers of one of TensorFlow's types are stored, or an error that says which type it is. */
export const numberType = (type: number, what: string): NumberType => {
  const known = NUMBER_TYPES.get(type);
  if (known === undefined)
    throw new MalformedError(`${what} is of the type ${type}, which weights are not of`);
  return known;
};

/** Whether values of a type are numbers that can be read. */
export const isNumberType = (type: number): boolean => NUMBER_TYPES.has(type);
