/** Messages of ONNX, which is written in protocol buffers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import { MessageWriter } from '../../../files/protocol-buffers';

/** The types of numbers that are written. */
export type OnnxDtype = 'float32' | 'int32' | 'int64' | 'bool' | 'string';

const DTYPES: Readonly<Record<OnnxDtype, number>> = { float32: 1, int32: 6, int64: 7, string: 8, bool: 9 };

/** The number that ONNX has for a type. */
export const dtypeNumber = (dtype: OnnxDtype): number => DTYPES[dtype];

/** A number that is no integer, or not to be taken for one. */
export interface FloatAttribute {
  readonly float: number;
}

/** A graph inside a node: what a loop does in each step. */
export interface GraphAttribute {
  readonly graph: Uint8Array;
}

/** What an attribute of a node may be. */
export type Attribute =
  number | string | readonly number[] | readonly string[] | FloatAttribute | GraphAttribute;

/** The kinds of attributes, in ONNX's numbers. */
const KINDS = { float: 1, int: 2, text: 3, graph: 5, ints: 7, texts: 8 } as const;

/** Writes a value into an attribute's message, and gives its kind. */
const writeValue = (writer: MessageWriter, value: Attribute): number => {
  if (typeof value === 'number') {
    writer.integer(3, value);
    return KINDS.int;
  }
  if (typeof value === 'string') {
    writer.text(4, value);
    return KINDS.text;
  }
  if ('float' in value) {
    writer.float(2, value.float);
    return KINDS.float;
  }
  if ('graph' in value) {
    writer.bytes(6, value.graph);
    return KINDS.graph;
  }
  for (const one of value)
    if (typeof one === 'string') writer.text(9, one);
    else writer.integer(8, one);
  return typeof value[0] === 'string' ? KINDS.texts : KINDS.ints;
};

const attributeMessage = (name: string, value: Attribute): Uint8Array => {
  const writer = new MessageWriter().text(1, name);
  return writer.integer(20, writeValue(writer, value)).finish();
};

/** An operation. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Names of values; an empty one where an input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** ONNX's operators of a second domain, those for features, and what they are. */
const ML_DOMAIN = 'ai.onnx.ml';
const ML_OPERATORS: ReadonlySet<string> = new Set(['LabelEncoder']);

const nodeMessage = ({ name, op, inputs, outputs, attributes }: OnnxNode): Uint8Array => {
  const writer = new MessageWriter();
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(3, name).text(4, op);
  for (const [key, value] of Object.entries(attributes)) writer.bytes(5, attributeMessage(key, value));
  if (ML_OPERATORS.has(op)) writer.text(7, ML_DOMAIN);
  return writer.finish();
};

/** Numbers in a file. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: OnnxDtype;
  readonly bytes: Uint8Array;
}

const tensorMessage = ({ name, shape, dtype, bytes }: OnnxTensor): Uint8Array => {
  const writer = new MessageWriter();
  for (const size of shape) writer.integer(1, size);
  return writer.integer(2, DTYPES[dtype]).text(8, name).bytes(9, bytes).finish();
};

/** What goes into a graph or comes out of it. A size that is not known has a name, or none. */
export interface OnnxPort {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly shape: readonly (number | string | null)[] | undefined;
}

const sizeMessage = (size: number | string | null): Uint8Array => {
  const writer = new MessageWriter();
  if (typeof size === 'number') writer.integer(1, size);
  else if (size !== null) writer.text(2, size);
  return writer.finish();
};

const portMessage = ({ name, dtype, shape }: OnnxPort): Uint8Array => {
  const tensor = new MessageWriter().integer(1, DTYPES[dtype]);
  if (shape !== undefined) {
    const sizes = new MessageWriter();
    for (const size of shape) sizes.bytes(1, sizeMessage(size));
    tensor.bytes(2, sizes.finish());
  }
  const type = new MessageWriter().bytes(1, tensor.finish());
  return new MessageWriter().text(1, name).bytes(2, type.finish()).finish();
};

/** Operations with what goes in and comes out. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/** A graph's message. */
export const graphMessage = ({ name, nodes, tensors, inputs, outputs }: OnnxGraph): Uint8Array => {
  const writer = new MessageWriter();
  for (const node of nodes) writer.bytes(1, nodeMessage(node));
  writer.text(2, name);
  for (const tensor of tensors) writer.bytes(5, tensorMessage(tensor));
  for (const input of inputs) writer.bytes(11, portMessage(input));
  for (const output of outputs) writer.bytes(12, portMessage(output));
  return writer.finish();
};

/** The version of ONNX's file format, and that of its operators: what ONNX Runtime has read since 1.12, of 2022. */
const IR_VERSION = 8;
export const OPSET = 17;
/** The version of the operators for features that belongs to it. */
const ML_OPSET = 3;

const opsetMessage = (domain: string, version: number): Uint8Array =>
  new MessageWriter().text(1, domain).integer(2, version).finish();

/** Entries of a file's metadata: texts as they are, others as JSON. */
const metadataMessage = (name: string, value: unknown): Uint8Array =>
  new MessageWriter()
    .text(1, name)
    .text(2, typeof value === 'string' ? value : JSON.stringify(value))
    .finish();

/** A whole file, of the operators that are named, with what is kept with the model. */
export const modelMessage = (
  graph: Uint8Array,
  operators: Iterable<string>,
  metadata: Readonly<Record<string, unknown>> = {},
): Uint8Array => {
  const writer = new MessageWriter()
    .integer(1, IR_VERSION)
    .text(2, 'keras-pipe')
    .bytes(7, graph)
    .bytes(8, opsetMessage('', OPSET));
  if ([...operators].some((op) => ML_OPERATORS.has(op))) writer.bytes(8, opsetMessage(ML_DOMAIN, ML_OPSET));
  for (const [name, value] of Object.entries(metadata)) writer.bytes(14, metadataMessage(name, value));
  return writer.finish();
};
