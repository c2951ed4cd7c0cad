import { appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { makeFolders } from './folders';
import { MessageWriter } from './protocol-buffers';
import { recordOf } from './tf-record';

/** Fields of TensorFlow's `Event`. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, graph: 4, summary: 5 } as const;
/** Fields of `Summary`, its `Value` and what says which plugin of TensorBoard's shows a value. */
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, tensor: 8, metadata: 9 } as const;
const METADATA = { plugin: 1, dataClass: 4 } as const;
const PLUGIN = { name: 1, content: 2 } as const;
/** Fields of `TensorProto`, of its shape, and the numbers of the types that are written. */
const TENSOR = { dtype: 1, shape: 2, content: 4, texts: 8 } as const;
const SHAPE = { dimension: 2 } as const;
const DIMENSION = { size: 1 } as const;
const DTYPE = { float: 1, double: 2, text: 7 } as const;

/** What a value is to TensorBoard: a number, an array, or files one after the other. */
const DATA_CLASS = { scalar: 1, tensor: 2, blobs: 3 } as const;

type TensorValue =
  | {
      readonly dtype: 'float' | 'double';
      readonly shape: readonly number[];
      readonly values: readonly number[];
    }
  | {
      readonly dtype: 'text';
      readonly shape: readonly number[];
      readonly values: readonly (string | Uint8Array)[];
    };

const tensorProto = (tensor: TensorValue): Uint8Array => {
  const shape = new MessageWriter();
  for (const size of tensor.shape) {
    shape.bytes(SHAPE.dimension, new MessageWriter().integer(DIMENSION.size, size).finish());
  }
  const message = new MessageWriter()
    .integer(TENSOR.dtype, DTYPE[tensor.dtype])
    .bytes(TENSOR.shape, shape.finish());
  if (tensor.dtype === 'text') {
    for (const value of tensor.values) message.bytes(TENSOR.texts, Buffer.from(value as Uint8Array)); // or a text
  } else {
    const numbers =
      tensor.dtype === 'float' ? Float32Array.from(tensor.values) : Float64Array.from(tensor.values);
    message.bytes(TENSOR.content, new Uint8Array(numbers.buffer));
  }
  return message.finish();
};

interface Plugin {
  readonly name: string;
  readonly content?: Uint8Array;
  /** Undefined: TensorBoard sees by the name what the value is, and how it was written by then. */
  readonly dataClass?: keyof typeof DATA_CLASS;
}

const valueOf = (tag: string, { name, content, dataClass }: Plugin, tensor: TensorValue): Uint8Array => {
  const plugin = new MessageWriter().text(PLUGIN.name, name);
  if (content !== undefined) plugin.bytes(PLUGIN.content, content);
  const metadata = new MessageWriter().bytes(METADATA.plugin, plugin.finish());
  if (dataClass !== undefined) metadata.integer(METADATA.dataClass, DATA_CLASS[dataClass]);
  return new MessageWriter()
    .text(VALUE.tag, tag)
    .bytes(VALUE.tensor, tensorProto(tensor))
    .bytes(VALUE.metadata, metadata.finish())
    .finish();
};

/** A number. */
export const scalarValue = (tag: string, value: number): Uint8Array =>
  valueOf(tag, { name: 'scalars', dataClass: 'scalar' }, { dtype: 'float', shape: [], values: [value] });

/** How many parts a histogram has, as TensorFlow's. */
const BUCKETS = 30;

/** The parts of a histogram: from, to and how many of the numbers are between; the last part has its upper end, too. */
export const bucketsOf = (numbers: ArrayLike<number>): readonly (readonly [number, number, number])[] => {
  const finite = Array.from(numbers).filter(Number.isFinite);
  if (finite.length === 0) return [];
  const [least, most] = finite.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  if (least === most) {
    // As TensorFlow has it where all numbers are the same: empty parts of no width, and one that has all.
    return Array.from({ length: BUCKETS }, (_, index) => [
      least,
      most,
      index === BUCKETS - 1 ? finite.length : 0,
    ]);
  }
  const width = (most - least) / BUCKETS;
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const value of finite) {
    const index = Math.min(BUCKETS - 1, Math.floor((value - least) / width));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count, index) => [
    least + index * width,
    index === BUCKETS - 1 ? most : least + (index + 1) * width,
    count,
  ]);
};

/** How numbers are distributed. */
export const histogramValue = (tag: string, numbers: ArrayLike<number>): Uint8Array => {
  const buckets = bucketsOf(numbers);
  const tensor = { dtype: 'double', shape: [buckets.length, 3], values: buckets.flat() } as const;
  return valueOf(tag, { name: 'histograms', dataClass: 'tensor' }, tensor);
};

/** Pictures of one size, as PNG files. */
export const imageValue = (
  tag: string,
  width: number,
  height: number,
  files: readonly Uint8Array[],
): Uint8Array =>
  valueOf(
    tag,
    { name: 'images', dataClass: 'blobs' },
    { dtype: 'text', shape: [files.length + 2], values: [String(width), String(height), ...files] },
  );

/**
 * A model of Keras's as JSON, which TensorBoard draws. It is written as Keras does it, a scalar of no class: TensorBoard makes a list of it
 * then, which it reads alone.
 */
export const kerasModelValue = (tag: string, json: string): Uint8Array =>
  valueOf(
    tag,
    { name: 'graph_keras_model', content: Buffer.from('1') },
    { dtype: 'text', shape: [], values: [json] },
  );

let files = 0;

/** A file of events as TensorBoard reads them, in a folder that is made: one for each run of a program. */
export class EventFile {
  readonly #file: string;

  constructor(folder: string) {
    makeFolders(folder);
    // TensorBoard looks for what has `tfevents` in its name, and reads one file after the other.
    const name = `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}.${process.pid}.${files++}.v2`;
    this.#file = path.join(folder, name);
    this.#add(this.#event().text(EVENT.fileVersion, 'brain.Event:2'));
  }

  /** Writes values of a step. They are in the file when this returns. */
  write(step: number, values: readonly Uint8Array[]): void {
    const summary = new MessageWriter();
    for (const value of values) summary.bytes(SUMMARY.value, value);
    this.#add(this.#event().integer(EVENT.step, step).bytes(EVENT.summary, summary.finish()));
  }

  #event(): MessageWriter {
    return new MessageWriter().double(EVENT.wallTime, Date.now() / 1000);
  }

  #add(event: MessageWriter): void {
    appendFileSync(this.#file, recordOf(event.view()));
  }
}
