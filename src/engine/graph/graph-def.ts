import { ATTRIBUTE_KINDS, TYPES, type OpAttribute, type Values } from '../../tfjs/binding';
import { protocolBuffers, type AttrValue } from './protocol-buffers';
import type { RecordedConstant } from '../trace/record';

const list = (
  fill: (value: InstanceType<ReturnType<typeof protocolBuffers>['AttrValue']['ListValue']>) => void,
): AttrValue => {
  const values = new (protocolBuffers().AttrValue.ListValue)();
  fill(values);
  return attribute((value) => value.setList(values));
};

const attribute = (fill: (value: AttrValue) => void): AttrValue => {
  const value = new (protocolBuffers().AttrValue)();
  fill(value);
  return value;
};

const shapeMessage = (dimensions: readonly number[]) => {
  const { TensorShape } = protocolBuffers();
  const shape = new TensorShape();
  for (const size of dimensions) {
    const dimension = new TensorShape.Dim();
    dimension.setSize(size);
    shape.addDim(dimension);
  }
  return shape;
};

/** Attributes of nodes. */
export const attr = {
  type: (type: number): AttrValue => attribute((value) => value.setType(type)),
  bool: (flag: boolean): AttrValue => attribute((value) => value.setB(flag)),
  int: (number: number): AttrValue => attribute((value) => value.setI(number)),
  float: (number: number): AttrValue => attribute((value) => value.setF(number)),
  text: (text: string): AttrValue => attribute((value) => value.setS(Buffer.from(text))),
  shape: (dimensions: readonly number[]): AttrValue =>
    attribute((value) => value.setShape(shapeMessage(dimensions))),
};

/** A recorded attribute in the form of a node's. */
const ofRecorded = ({ type, value }: OpAttribute): AttrValue => {
  switch (type) {
    case ATTRIBUTE_KINDS.string:
      return attr.text(String(value));
    case ATTRIBUTE_KINDS.int:
      return Array.isArray(value)
        ? list((values) => values.setIList(value as number[]))
        : attr.int(value as number);
    case ATTRIBUTE_KINDS.float:
      return Array.isArray(value)
        ? list((values) => values.setFList(value as number[]))
        : attr.float(value as number);
    case ATTRIBUTE_KINDS.bool:
      return Array.isArray(value)
        ? list((values) => values.setBList(value as boolean[]))
        : attr.bool(value as boolean);
    case ATTRIBUTE_KINDS.type:
      return Array.isArray(value)
        ? list((values) => values.setTypeList(value as number[]))
        : attr.type(value as number);
    case ATTRIBUTE_KINDS.shape:
      return attr.shape(value as number[]);
    default:
      throw new Error(`an attribute of the unknown kind ${type}`);
  }
};

/** The attributes that were recorded, and types that were not. */
export const recordedAttributes = (
  attributes: readonly OpAttribute[],
  types: Readonly<Record<string, number>> = {},
): Record<string, AttrValue> => ({
  ...Object.fromEntries(Object.entries(types).map(([key, type]) => [key, attr.type(type)])),
  ...Object.fromEntries(attributes.map((recorded) => [recorded.name, ofRecorded(recorded)])),
});

const bytesOf = (dtype: number, values: Values): Uint8Array => {
  if (dtype === TYPES.string) throw new Error('text cannot be part of a compiled step');
  const typed =
    dtype === TYPES.float
      ? Float32Array.from(values as readonly number[])
      : dtype === TYPES.int32
        ? Int32Array.from(values as readonly number[])
        : dtype === TYPES.int64
          ? BigInt64Array.from(Array.from(values as readonly (number | bigint)[], BigInt))
          : Uint8Array.from(values as readonly number[]);
  return new Uint8Array(typed.buffer);
};

/**
 * Short names for a graph's nodes. tfjs-node's binding never frees the names that it is given for a run, and copies the whole
 * list of them for each: what that takes grows with the names' lengths.
 */
export class ShortNames {
  private readonly short = new Map<string, string>();
  private readonly long = new Map<string, string>();

  /** The short name of a node; one of an output, `name:1`, or of a control input, `^name`, keeps what marks it so. */
  of(name: string): string {
    const [, control = '', node = '', output = ''] = /^(\^?)(.*?)((?::\d+)?)$/.exec(name) ?? [];
    const known = this.short.get(node);
    if (known !== undefined) return `${control}${known}${output}`;
    // A letter comes first: the binding takes a number for one of an output.
    const fresh = `n_${this.short.size.toString(36)}`;
    this.short.set(node, fresh);
    this.long.set(fresh, node);
    return `${control}${fresh}${output}`;
  }

  /** A text with the names that short ones stand for. */
  inFull(text: string): string {
    return text.replace(/\bn_[0-9a-z]+\b/g, (short) => this.long.get(short) ?? short);
  }
}

/** Builds a graph of TensorFlow, node by node. Names of nodes are their handles; `name:1` is a second output. */
export class GraphBuilder {
  private readonly graph = new (protocolBuffers().GraphDef)();
  readonly shortNames = new ShortNames();
  private readonly names = new Set<string>();
  private readonly constants = new Map<string, string>();

  node(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>> = {},
    device?: string,
  ): string {
    if (this.names.has(name)) throw new Error(`a second node named ${name}`);
    this.names.add(name);
    const node = new (protocolBuffers().NodeDef)();
    node.setName(this.shortNames.of(name));
    node.setOp(op);
    if (device !== undefined) node.setDevice(device);
    for (const input of inputs) node.addInput(this.shortNames.of(input));
    const map = node.getAttrMap();
    for (const [key, value] of Object.entries(attributes)) map.set(key, value);
    this.graph.addNode(node);
    return name;
  }

  /** A constant; small ones of the same values become one node. */
  constant({ dtype, shape, values }: RecordedConstant): string {
    const bytes = bytesOf(dtype, values);
    const key = `${dtype} ${shape.join()} ${bytes.length > 256 ? this.names.size : Buffer.from(bytes).toString('base64')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const { Tensor } = protocolBuffers();
    const tensor = new Tensor();
    tensor.setDtype(dtype);
    tensor.setTensorShape(shapeMessage(shape));
    tensor.setTensorContent(bytes);
    const name = this.node(`constant${this.constants.size}`, 'Const', [], {
      dtype: attr.type(dtype),
      value: attribute((value) => value.setTensor(tensor)),
    });
    this.constants.set(key, name);
    return name;
  }

  /** A 32-bit integer constant: a scalar, or a vector of what is given as an array. */
  ints(values: number | readonly number[]): string {
    const flat = typeof values === 'number' ? [values] : values;
    return this.constant({
      dtype: TYPES.int32,
      shape: typeof values === 'number' ? [] : [flat.length],
      values: flat,
    });
  }

  placeholder(name: string, dtype: number, shape: readonly number[]): string {
    return this.node(name, 'Placeholder', [], { dtype: attr.type(dtype), shape: attr.shape(shape) });
  }

  /** The graph as a SavedModel's bytes. */
  serialize(tag: string): Uint8Array {
    const { MetaGraphDef, SavedModel, VersionDef } = protocolBuffers();
    const versions = new VersionDef();
    versions.setProducer(134);
    this.graph.setVersions(versions);
    const info = new MetaGraphDef.MetaInfoDef();
    info.addTags(tag);
    const meta = new MetaGraphDef();
    meta.setMetaInfoDef(info);
    meta.setGraphDef(this.graph);
    const saved = new SavedModel();
    saved.setSavedModelSchemaVersion(1);
    saved.addMetaGraphs(meta);
    return saved.serializeBinary();
  }
}
