import {
  ATTRIBUTE_KINDS,
  TYPES,
  type Binding,
  type NativeTensor,
  type OpAttribute,
  type Values,
} from '../../tfjs/binding';
import { RULES } from './stand-in-rules';

const typeOf = (attributes: readonly OpAttribute[]): unknown =>
  attributes.find(({ name }) => name === 'T')?.value;

/** JavaScript read values that may depend on a stand-in: it must be recorded for real. */
export class StandInRead extends Error {}

/**
 * Tensors that stand for what operations would give while they are only recorded: of the right shapes, and zeros. A recording is of
 * operations and shapes, whatever the values, so the products and convolutions of a step need not be computed for it.
 */
export class StandIns {
  /** Floating-point operations that were left out. */
  flops = 0;
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly values = new Map<number, Values>();
  private readonly zeros = new Map<string, number>();

  constructor(private readonly real: Binding) {}

  /** Notes what is known of a tensor. */
  know(id: number, shape: readonly number[], values?: Values): void {
    this.shapes.set(id, shape);
    if (values !== undefined) this.values.set(id, values);
  }

  /** What stands for the outputs of an operation; undefined if it must run. */
  outputsOf(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
  ): NativeTensor[] | undefined {
    const rule = RULES[name];
    if (rule === undefined || (typeOf(attributes) ?? TYPES.float) !== TYPES.float) return undefined;
    const shapes: (readonly number[])[] = [];
    for (const id of inputs) {
      const shape = this.shapes.get(id);
      if (shape === undefined) return undefined;
      shapes.push(shape);
    }
    const standIn = rule({
      inputs: shapes,
      valuesOf: (input) => this.integers(inputs[input] ?? -1),
      attribute: (wanted) => attributes.find((attribute) => attribute.name === wanted)?.value,
    });
    if (standIn === undefined) return undefined;
    this.flops += standIn.flops;
    return standIn.shapes.map((shape) => this.zerosOf(shape, standIn.dtype));
  }

  private integers(id: number): readonly number[] | undefined {
    const values = this.values.get(id);
    return values === undefined ? undefined : Array.from(values as ArrayLike<unknown>, Number); // of numbers
  }

  /** A tensor of zeros. All of one shape share their memory. */
  zerosOf(shape: readonly number[], dtype: number = TYPES.float): NativeTensor {
    const { real } = this;
    const key = `${dtype} ${shape.join()}`;
    let whole = this.zeros.get(key);
    if (whole === undefined) {
      const dimensions = real.createTensor([shape.length], TYPES.int32, Int32Array.from(shape));
      const zero = real.createTensor([], dtype, dtype === TYPES.bool ? Uint8Array.of(0) : Float32Array.of(0));
      const types = [typeAttribute('T', dtype), typeAttribute('index_type', TYPES.int32)];
      const [made] = real.executeOp('Fill', types, [dimensions, zero], 1);
      for (const id of [dimensions, zero]) real.deleteTensor(id);
      whole = (made as NativeTensor).id; // one was asked for
      this.zeros.set(key, whole);
    }
    const [tensor] = real.executeOp('Identity', [typeAttribute('T', dtype)], [whole], 1);
    return tensor as NativeTensor; // one was asked for
  }

  /** Frees what the tensors share, of which each has a share of its own. */
  dispose(): void {
    for (const id of this.zeros.values()) this.real.deleteTensor(id);
    this.zeros.clear();
  }
}

const typeAttribute = (name: string, value: number): OpAttribute => ({
  name,
  type: ATTRIBUTE_KINDS.type,
  value,
});
