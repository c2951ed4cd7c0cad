import { sizeOf } from '../base/shapes';
import type { Steps } from '../base/steps';
import type { CApi } from './c-api';
import type { CMemory, Scratch } from './c-memory';
import { DTYPES, LAYOUTS, type Layout, type NumberArray } from './dtypes';
import type { Library } from './library';
import { Status } from './status';
import { stringLayout, type StringLayout } from './strings';

/** What a tensor is made of: an array of its type; bytes or texts for strings; plain numbers are converted. */
export type TensorValues = NumberArray | readonly (number | bigint | boolean | string | Uint8Array)[];

/** Takes a piece of the values of a tensor; the next one goes behind it. */
export type Take = (piece: NumberArray) => void;

/** Gives values piece by piece, in order, and in steps, between which others may run. */
export type Fill = (take: Take) => Steps<void>;

/** What a tensor is read as. */
export type TensorData = NumberArray | Uint8Array[];

const MAX_RANK = 254;

/** So much is copied at once where others may run in between: a millisecond or two, most of which the system takes to give the memory. */
export const BYTES_OF_A_STEP = 2 ** 21;

/**
 * Up to this size values go through an array that is always there. To give a new one's memory to C, Node.js has to make an
 * `ArrayBuffer` for it, which takes longer than to copy so little.
 */
const SMALL_BYTES = 512;

const tagOf = (values: ArrayBufferView): string =>
  // The name of a typed array's class, whichever realm it is of.
  (values as unknown as Readonly<Record<symbol, string>>)[Symbol.toStringTag] ?? '';

/** TensorFlow's tensors, `TF_Tensor`, by address. Whoever makes one frees it. */
export class Tensors {
  private readonly api: CApi;
  private readonly memory: CMemory;
  readonly status: Status;
  private readonly dimensions: Scratch;
  private strings: StringLayout | undefined;
  private readonly small = new ArrayBuffer(SMALL_BYTES);
  private readonly smallViews = new Map<unknown, NumberArray>();

  constructor({ api, memory }: Library) {
    this.api = api;
    this.memory = memory;
    this.status = new Status(api);
    this.dimensions = memory.scratch(MAX_RANK + 1);
  }

  /**
   * Makes a tensor of a copy of values.
   *
   * @throws Error if their number or type does not fit, in tfjs-node's words.
   */
  create(shape: readonly number[], dtype: number, values: TensorValues): number {
    if (dtype === DTYPES.string) return this.createStrings(shape, values);
    const layout = layoutOf(dtype);
    const array = arrayOf(layout, shape, dtype, values);
    const tensor = this.allocate(dtype, shape, array.byteLength);
    this.memory.write(this.api.TF_TensorData(tensor), this.passable(layout, array), array.byteLength);
    return tensor;
  }

  /** As {@link create}, of numbers, a part at a time: between two of them others may run. Whoever does not go to the end calls `return`. */
  createInSteps(shape: readonly number[], dtype: number, values: NumberArray): Steps<number> {
    const layout = layoutOf(dtype);
    const array = arrayOf(layout, shape, dtype, values);
    return this.createFilledInSteps(shape, dtype, (take) => partsOf(array, take));
  }

  /**
   * Makes a tensor of values that come piece by piece: `fill` hands each to the function that it gets. So values that are made one
   * after the other need no array of all of them, whose memory would take as long to get as they take to copy. Between steps of `fill`
   * others may run; whoever does not go to the end calls `return`.
   *
   * @throws Error if they are more or fewer than the shape says, or of another type.
   */
  *createFilledInSteps(shape: readonly number[], dtype: number, fill: Fill): Steps<number> {
    const layout = layoutOf(dtype);
    const bytes = sizeOf(shape) * layout.bytes;
    const tensor = this.allocate(dtype, shape, bytes);
    const address = this.api.TF_TensorData(tensor);
    let written = 0;
    let isDone = false;
    try {
      yield* fill((piece) => {
        if (!layout.accepts.includes(tagOf(piece)))
          throw new Error(`Tensor type does not match ${tagOf(piece)}`);
        written += piece.byteLength;
        if (written > bytes) throw countError(sizeOf(shape), written / layout.bytes);
        this.memory.write(address + written - piece.byteLength, piece, piece.byteLength);
      });
      if (written !== bytes) throw countError(sizeOf(shape), written / layout.bytes);
      isDone = true;
      return tensor;
    } finally {
      if (!isDone) this.free(tensor);
    }
  }

  /** An array of which C may have the address, with the values of a small one. */
  private passable(layout: Layout, array: NumberArray): NumberArray {
    if (array.byteLength > SMALL_BYTES) return array;
    const view = this.smallView(layout);
    // 64-bit integers may come as pairs, which another view of the same memory takes.
    if (view.constructor !== array.constructor) return array;
    (view as Float32Array).set(array as Float32Array); // both of one class
    return view;
  }

  private smallView(layout: Layout): NumberArray {
    let view = this.smallViews.get(layout.array);
    if (view === undefined) {
      view = new layout.array(this.small);
      this.smallViews.set(layout.array, view);
    }
    return view;
  }

  private allocate(dtype: number, shape: readonly number[], bytes: number): number {
    if (shape.length > MAX_RANK) throw new Error(`A tensor has at most ${MAX_RANK} dimensions`);
    const { dimensions } = this;
    dimensions.setInt64s(shape);
    const tensor = this.api.TF_AllocateTensor(dtype, dimensions.address, shape.length, bytes);
    if (tensor === 0) throw new Error(`TensorFlow has no memory for ${bytes} bytes`);
    return tensor;
  }

  private createStrings(shape: readonly number[], values: TensorValues): number {
    if (ArrayBuffer.isView(values)) throw new Error('Strings are given as an array of Uint8Arrays');
    const texts = values.map((value) => {
      if (typeof value === 'string') return new TextEncoder().encode(value);
      if (ArrayBuffer.isView(value)) return value;
      throw new Error('Unsupported array type - expecting Uint8Array');
    });
    const size = sizeOf(shape);
    if (texts.length !== size) throw countError(size, texts.length);
    this.strings ??= stringLayout(this.api, this.memory, this.status);
    const bytes = this.strings.byteSize(texts);
    const tensor = this.allocate(DTYPES.string, shape, bytes);
    this.strings.write(this.api.TF_TensorData(tensor), texts, bytes);
    return tensor;
  }

  /** Whether strings of a tensor made here hold memory that {@link clearStrings} frees. */
  get haveStringsToClear(): boolean {
    return this.strings?.clear !== undefined;
  }

  /** Frees what the strings of a tensor made here hold. */
  clearStrings(tensor: number, count: number): void {
    this.strings?.clear?.(this.api.TF_TensorData(tensor), count);
  }

  /** A copy of a tensor's values. */
  read(tensor: number): TensorData {
    const { api } = this;
    const dtype = api.TF_TensorType(tensor);
    const bytes = api.TF_TensorByteSize(tensor);
    if (dtype === DTYPES.string) {
      this.strings ??= stringLayout(api, this.memory, this.status);
      return this.strings.read(api.TF_TensorData(tensor), sizeOf(this.shapeOf(tensor)), bytes);
    }
    // Resources are shown as the bytes of their handles, as tfjs-node does.
    const layout = dtype === DTYPES.resource ? (LAYOUTS[DTYPES.uint8] as Layout) : layoutOf(dtype);
    const length = (bytes / layout.bytes) * layout.elements;
    if (bytes <= SMALL_BYTES) {
      const view = this.smallView(layout);
      this.memory.read(view, api.TF_TensorData(tensor), bytes);
      return view.slice(0, length);
    }
    const array = new layout.array(length);
    this.memory.read(array, api.TF_TensorData(tensor), bytes);
    return array;
  }

  /** Copies values of a tensor, from one of them on, into an array of their type. */
  readPart(tensor: number, into: NumberArray, from: number): void {
    const { api } = this;
    const offset = from * into.BYTES_PER_ELEMENT;
    if (!(offset >= 0 && offset + into.byteLength <= api.TF_TensorByteSize(tensor)))
      throw new Error(`The tensor has no ${into.length} values from ${from} on`);
    this.memory.read(into, api.TF_TensorData(tensor) + offset, into.byteLength);
  }

  shapeOf(tensor: number): number[] {
    const { api } = this;
    return Array.from({ length: api.TF_NumDims(tensor) }, (_, axis) => api.TF_Dim(tensor, axis));
  }

  typeOf(tensor: number): number {
    return this.api.TF_TensorType(tensor);
  }

  free(tensor: number): void {
    this.api.TF_DeleteTensor(tensor);
  }

  close(): void {
    this.status.free();
  }
}

/** Gives the values of an array a part at a time. */
function* partsOf(array: NumberArray, take: Take): Steps<void> {
  const count = BYTES_OF_A_STEP / array.BYTES_PER_ELEMENT;
  for (let first = 0; first < array.length; first += count) {
    take(array.subarray(first, first + count));
    yield;
  }
}

const isNumberArray = (values: TensorValues): values is NumberArray => ArrayBuffer.isView(values);

const layoutOf = (dtype: number): Layout => {
  const layout = LAYOUTS[dtype];
  if (layout === undefined) throw new Error(`Unhandled TF_DataType: ${dtype}`);
  return layout;
};

const countError = (size: number, length: number): Error =>
  new Error(`Shape does not match typed-array in bindData() (num_elements=${size}, array_length=${length})`);

/** Values as an array that lies in memory as a tensor's do. */
const arrayOf = (
  layout: Layout,
  shape: readonly number[],
  dtype: number,
  values: TensorValues,
): NumberArray => {
  const size = sizeOf(shape);
  if (!isNumberArray(values)) return converted(layout, size, dtype, values);
  const tag = tagOf(values);
  if (!layout.accepts.includes(tag)) throw new Error(`Tensor type does not match ${tag}`);
  if (values.byteLength !== size * layout.bytes) throw countError(size, values.length);
  return values;
};

/** Plain arrays, which tfjs keeps where a program gave them. */
const converted = (
  layout: Layout,
  size: number,
  dtype: number,
  values: Exclude<TensorValues, NumberArray>,
): NumberArray => {
  if (values.length !== size * layout.elements) throw countError(size, values.length);
  const array = new layout.array(values.length);
  const wide = dtype === DTYPES.int64 || dtype === DTYPES.uint64;
  values.forEach((value, index) => {
    if (typeof value === 'object' || typeof value === 'string') {
      throw new Error(`A tensor of numbers cannot be made of ${typeof value}s`);
    }
    array[index] = wide ? BigInt(value) : Number(value);
  });
  return array;
};
