import { ATTRIBUTE_KINDS, TYPES, type OpAttribute, type Values } from '../../tfjs/binding';
import { protocolBuffers, type AttrValue } from './protocol-buffers';
import type { RecordedConstant } from '../trace/recording';

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

/** Values as the bytes of a tensor of a type. */
export const bytesOf = (dtype: number, values: Values): Uint8Array => {
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

/** A constant as the value of an attribute. */
export const tensorAttribute = ({ dtype, shape }: RecordedConstant, bytes: Uint8Array): AttrValue => {
  const { Tensor } = protocolBuffers();
  const tensor = new Tensor();
  tensor.setDtype(dtype);
  tensor.setTensorShape(shapeMessage(shape));
  tensor.setTensorContent(bytes);
  return attribute((value) => value.setTensor(tensor));
};
