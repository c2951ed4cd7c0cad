/** TensorFlow's numbers of types. */
export const DTYPES = {
  float: 1,
  double: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  uint16: 17,
  half: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
} as const;

/** Arrays that numbers of tensors are read into, and made of. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type ArrayConstructor = new (source: number | ArrayBufferLike, at?: number, length?: number) => NumberArray;

/** How the values of a type lie in memory. */
export interface Layout {
  /** Bytes of one value. */
  readonly bytes: number;
  /** The array that JavaScript reads them as. */
  readonly array: ArrayConstructor;
  /** How many elements of that array are one value: 2 for complex numbers. */
  readonly elements: number;
  /** The arrays that they can be made of, by name: tfjs writes 64-bit integers as pairs of 32-bit ones. */
  readonly accepts: readonly string[];
}

const layout = (
  array: { readonly BYTES_PER_ELEMENT: number; readonly name: string },
  elements = 1,
): Layout => ({
  bytes: array.BYTES_PER_ELEMENT * elements,
  array: array as unknown as ArrayConstructor, // all of them have these two forms
  elements,
  accepts: [array.name],
});

/** The layouts of the types of numbers. Strings, resources and variants have none. */
export const LAYOUTS: Readonly<Record<number, Layout>> = {
  [DTYPES.float]: layout(Float32Array),
  [DTYPES.double]: layout(Float64Array),
  [DTYPES.int32]: layout(Int32Array),
  [DTYPES.uint8]: layout(Uint8Array),
  [DTYPES.int16]: layout(Int16Array),
  [DTYPES.int8]: layout(Int8Array),
  [DTYPES.complex64]: layout(Float32Array, 2),
  [DTYPES.int64]: { ...layout(BigInt64Array), accepts: ['BigInt64Array', 'Int32Array'] },
  [DTYPES.bool]: layout(Uint8Array),
  [DTYPES.uint16]: layout(Uint16Array),
  // Half-precision numbers have no array of their own in all versions of Node.js: these are their bits.
  [DTYPES.half]: layout(Uint16Array),
  [DTYPES.uint32]: layout(Uint32Array),
  [DTYPES.uint64]: layout(BigUint64Array),
};
