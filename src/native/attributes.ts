import type { CApi } from './c-api';
import type { CMemory, Scratch } from './c-memory';
import type { Status } from './status';
import type { Tensors, TensorValues } from './tensors';

/** The C API's numbers of kinds of attributes. */
export const ATTRIBUTES = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  tensor: 6,
  function: 8,
} as const;

/** An attribute of an operation. An array for its value makes it a list, but for a shape, where an array of arrays does. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The value of an attribute that is a tensor. */
export interface TensorAttribute {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values: TensorValues;
}

const wrongValue = ({ name, value }: OpAttribute, expected: string): TypeError =>
  new TypeError(`The attribute ${name} must be ${expected}, not ${String(value)}`);

/** Texts that are used again and again, such as names of layouts, are kept; longer ones may be anything. */
const MAX_KEPT_TEXT = 32;

const LIST_LENGTH = 64;

/** Sets the attributes of operations that are about to run. */
export class Attributes {
  private list: Scratch;
  private readonly lengths = new Map<string, number>();
  /** What the addresses in a call are of, held here: the collector does not see that they are used. */
  protected held: unknown;

  constructor(
    private readonly api: CApi,
    private readonly memory: CMemory,
    private readonly tensors: Tensors,
    private readonly status: Status,
  ) {
    this.list = memory.scratch(LIST_LENGTH);
  }

  /** Sets one attribute of an operation, which keeps no memory of the value. */
  set(op: number, attribute: OpAttribute): void {
    const { api, memory } = this;
    const { type, value } = attribute;
    // The operation keeps the address of the name.
    const name = memory.text(attribute.name);
    if (type === ATTRIBUTES.type && typeof value === 'number') api.TFE_OpSetAttrType(op, name, value);
    else if (type === ATTRIBUTES.bool && typeof value === 'boolean') {
      api.TFE_OpSetAttrBool(op, name, value ? 1 : 0);
    } else if (type === ATTRIBUTES.int && typeof value === 'number') {
      api.TFE_OpSetAttrInt(op, name, Math.trunc(value));
    } else if (type === ATTRIBUTES.float && typeof value === 'number') {
      api.TFE_OpSetAttrFloat(op, name, value);
    } else if (type === ATTRIBUTES.string && typeof value === 'string') this.setText(op, name, value);
    else this.setOther(op, name, attribute);
  }

  private setText(op: number, name: number, value: string): void {
    const { api, memory } = this;
    if (value.length > MAX_KEPT_TEXT) {
      const bytes = new TextEncoder().encode(value);
      this.held = bytes;
      api.TFE_OpSetAttrString(op, name, memory.addressOf(bytes), bytes.length);
      return;
    }
    let length = this.lengths.get(value);
    if (length === undefined) this.lengths.set(value, (length = Buffer.byteLength(value)));
    api.TFE_OpSetAttrString(op, name, memory.text(value), length);
  }

  /** Lists, and kinds that are rare. */
  private setOther(op: number, name: number, attribute: OpAttribute): void {
    const { api, memory, status } = this;
    const { type, value } = attribute;
    switch (type) {
      case ATTRIBUTES.string:
        if (ArrayBuffer.isView(value)) {
          api.TFE_OpSetAttrString(op, name, memory.addressOf(value), value.byteLength);
          return;
        }
        this.setTexts(op, name, attribute);
        return;
      case ATTRIBUTES.int:
      case ATTRIBUTES.float:
      case ATTRIBUTES.bool:
      case ATTRIBUTES.type:
        this.setNumbers(op, name, attribute);
        return;
      case ATTRIBUTES.shape:
        this.setShapes(op, name, attribute);
        return;
      case ATTRIBUTES.function: {
        if (typeof value !== 'string') throw wrongValue(attribute, 'the name of a function');
        api.TFE_OpSetAttrFunctionName(op, name, memory.text(value), Buffer.byteLength(value));
        return;
      }
      case ATTRIBUTES.tensor: {
        const { shape, dtype, values } = value as TensorAttribute; // as the kind says
        const tensor = this.tensors.create(shape, dtype, values);
        api.TFE_OpSetAttrTensor(op, name, tensor, status.address);
        this.tensors.free(tensor);
        status.check();
        return;
      }
      default:
        throw new Error(`Unhandled TF_AttrType: ${type}`);
    }
  }

  /** Memory for a list of so many words. */
  private listOf(words: number): Scratch {
    if (words > this.list.length) this.list = this.memory.scratch(2 * words);
    return this.list;
  }

  private setNumbers(op: number, name: number, attribute: OpAttribute): void {
    const { api } = this;
    const { type, value } = attribute;
    const kind = type === ATTRIBUTES.bool ? 'boolean' : 'number';
    if (!Array.isArray(value) || !value.every((item) => typeof item === kind)) {
      throw wrongValue(attribute, `a ${kind} or a list of them`);
    }
    const list = this.listOf(value.length);
    const numbers = value as number[]; // as was just seen, or true and false, which are stored as numbers
    if (type === ATTRIBUTES.int) {
      list.setInt64s(numbers);
      api.TFE_OpSetAttrIntList(op, name, list.address, numbers.length);
    } else if (type === ATTRIBUTES.float) {
      list.float32.set(numbers);
      api.TFE_OpSetAttrFloatList(op, name, list.address, numbers.length);
    } else if (type === ATTRIBUTES.bool) {
      list.bytes.set(numbers.map(Number));
      api.TFE_OpSetAttrBoolList(op, name, list.address, numbers.length);
    } else {
      list.int32.set(numbers);
      api.TFE_OpSetAttrTypeList(op, name, list.address, numbers.length);
    }
  }

  private setTexts(op: number, name: number, attribute: OpAttribute): void {
    const { value } = attribute;
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw wrongValue(attribute, 'text or a list of texts');
    }
    const texts = value.map((text) => Buffer.from(`${text}\0`));
    const list = this.listOf(2 * texts.length);
    texts.forEach((bytes, index) => {
      list.setWord(index, this.memory.addressOf(bytes));
      list.setWord(texts.length + index, bytes.length - 1);
    });
    this.held = texts;
    const lengths = list.address + 8 * texts.length;
    this.api.TFE_OpSetAttrStringList(op, name, list.address, lengths, texts.length);
  }

  /** A shape, or a list of them. `null` is a shape of unknown rank, -1 an unknown dimension. */
  private setShapes(op: number, name: number, attribute: OpAttribute): void {
    const { api, memory, status } = this;
    const { value } = attribute;
    if (value === null) {
      api.TFE_OpSetAttrShape(op, name, 0, -1, status.address);
      status.check();
      return;
    }
    if (!Array.isArray(value)) throw wrongValue(attribute, 'a shape or a list of shapes');
    if (value.every((item) => typeof item === 'number')) {
      const list = this.listOf(value.length);
      list.setInt64s(value);
      api.TFE_OpSetAttrShape(op, name, list.address, value.length, status.address);
      status.check();
      return;
    }
    const shapes = value as (readonly number[] | null)[];
    const dimensions = memory.scratch(shapes.reduce((sum, shape) => sum + (shape?.length ?? 0), 0));
    const pointers = memory.scratch(shapes.length);
    const ranks = memory.scratch(shapes.length);
    this.held = [dimensions, pointers, ranks];
    let used = 0;
    shapes.forEach((shape, index) => {
      pointers.setWord(index, dimensions.address + 8 * used);
      ranks.int32[index] = shape === null ? -1 : shape.length;
      for (const dimension of shape ?? []) dimensions.setInt64(used++, dimension);
    });
    api.TFE_OpSetAttrShapeList(op, name, pointers.address, ranks.address, shapes.length, status.address);
    status.check();
  }
}
