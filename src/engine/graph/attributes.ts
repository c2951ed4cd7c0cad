import { ATTRIBUTE_KINDS, TYPES, type OpAttribute, type Values } from '../../tfjs/binding';
import type { RecordedConstant } from '../trace/recording';
import { MessageWriter } from '../../files/protocol-buffers';
import { shapeMessage } from '../../files/tensor-shape';

/** The value of a node's attribute: the bytes of an `AttrValue`. */
export type AttrValue = Uint8Array;

/** Numbers of the fields of TensorFlow's messages, as `attr_value.proto` and `tensor.proto` have them. */
const FIELDS = {
  value: { list: 1, text: 2, int: 3, float: 4, bool: 5, type: 6, shape: 7, tensor: 8, function: 10 },
  function: { name: 1 },
  tensor: { type: 1, shape: 2, content: 4, text: 8 },
} as const;

const message = (fill: (writer: MessageWriter) => MessageWriter): Uint8Array =>
  fill(new MessageWriter()).finish();

/** Of each type there is one value, which many nodes have. */
const types = new Map<number, AttrValue>();

const typeValue = (type: number): AttrValue => {
  let value = types.get(type);
  if (value === undefined) {
    value = message((one) => one.integer(FIELDS.value.type, type));
    types.set(type, value);
  }
  return value;
};

const list = (fill: (values: MessageWriter) => MessageWriter): AttrValue =>
  message((value) => value.bytes(FIELDS.value.list, message(fill)));

/** Attributes of nodes. */
export const attr = {
  type: typeValue,
  bool: (flag: boolean): AttrValue => message((value) => value.integer(FIELDS.value.bool, Number(flag))),
  int: (number: number): AttrValue => message((value) => value.integer(FIELDS.value.int, number)),
  float: (number: number): AttrValue => message((value) => value.float(FIELDS.value.float, number)),
  ints: (numbers: readonly number[]): AttrValue =>
    list((values) => values.integers(FIELDS.value.int, numbers)),
  text: (text: string): AttrValue => message((value) => value.text(FIELDS.value.text, text)),
  shape: (dimensions: readonly number[]): AttrValue =>
    message((value) => value.bytes(FIELDS.value.shape, shapeMessage(dimensions))),
  types: (each: readonly number[]): AttrValue => list((values) => values.integers(FIELDS.value.type, each)),
  function: (name: string): AttrValue =>
    message((value) =>
      value.bytes(
        FIELDS.value.function,
        message((one) => one.text(FIELDS.function.name, name)),
      ),
    ),
};

/** A recorded attribute in the form of a node's. */
const ofRecorded = ({ type, value }: OpAttribute): AttrValue => {
  switch (type) {
    case ATTRIBUTE_KINDS.string:
      return attr.text(String(value));
    case ATTRIBUTE_KINDS.int:
      return Array.isArray(value)
        ? list((values) => values.integers(FIELDS.value.int, value as number[]))
        : attr.int(value as number);
    case ATTRIBUTE_KINDS.float:
      return Array.isArray(value)
        ? list((values) => values.floats(FIELDS.value.float, value as number[]))
        : attr.float(value as number);
    case ATTRIBUTE_KINDS.bool:
      return Array.isArray(value)
        ? list((values) => values.integers(FIELDS.value.bool, value.map(Number)))
        : attr.bool(value as boolean);
    case ATTRIBUTE_KINDS.type:
      return Array.isArray(value)
        ? list((values) => values.integers(FIELDS.value.type, value as number[]))
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

/** Texts, a list of them or a single one, as the value of an attribute. */
export const textsAttribute = (texts: string | readonly (string | Uint8Array)[]): AttrValue =>
  message((value) =>
    value.bytes(
      FIELDS.value.tensor,
      message((tensor) => {
        tensor.integer(FIELDS.tensor.type, TYPES.string);
        tensor.bytes(FIELDS.tensor.shape, shapeMessage(typeof texts === 'string' ? [] : [texts.length]));
        for (const text of [texts].flat()) {
          if (typeof text === 'string') tensor.text(FIELDS.tensor.text, text);
          else tensor.bytes(FIELDS.tensor.text, text);
        }
        return tensor;
      }),
    ),
  );

/** A constant as the value of an attribute. */
export const tensorAttribute = ({ dtype, shape }: RecordedConstant, bytes: Uint8Array): AttrValue =>
  message((value) =>
    value.bytes(
      FIELDS.value.tensor,
      message((tensor) =>
        tensor
          .integer(FIELDS.tensor.type, dtype)
          .bytes(FIELDS.tensor.shape, shapeMessage(shape))
          .bytes(FIELDS.tensor.content, bytes),
      ),
    ),
  );
