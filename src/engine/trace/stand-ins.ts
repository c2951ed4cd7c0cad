import { sizeOf } from '../../base/shapes';
import { TYPES, type Binding, type NativeTensor, type OpAttribute, type Values } from '../../tfjs/binding';
import { MIN_STAND_IN_ELEMENTS, MIN_STAND_IN_VECTOR_ELEMENTS } from '../tuning';
import { attributeOf } from './recording';
import { OF_OTHER_TYPES, RULES, type StandIn } from './stand-in-rules';

/** JavaScript read values that may depend on a stand-in: it must be recorded for real. */
export class StandInRead extends Error {}

/**
 * Tensors that stand for what operations would give while they are only recorded: of the right shapes, and zeros. A recording is of
 * operations and shapes, whatever the values, so what a step computes need not be computed for it. The tensors are there once an operation
 * that has no rule uses them.
 */
export class StandIns {
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly values = new Map<number, Values>();
  /** The types of the stand-ins. */
  private readonly types = new Map<number, number>();
  /** What operations have made of stand-ins. */
  private readonly made = new Set<number>();
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
    if (rule === undefined) return undefined;
    if (!OF_OTHER_TYPES.has(name) && (attributeOf({ attributes }, 'T') ?? TYPES.float) !== TYPES.float)
      return undefined;
    const shapes: (readonly number[])[] = [];
    for (const id of inputs) {
      const shape = this.shapes.get(id);
      if (shape === undefined) return undefined;
      shapes.push(shape);
    }
    const standIn = rule({
      inputs: shapes,
      valuesOf: (input) => this.integers(inputs[input] ?? -1),
      attribute: (wanted) => attributeOf({ attributes }, wanted),
    });
    if (standIn === undefined || this.isComputed(standIn, inputs)) return undefined;
    if (standIn.isFree === true && !this.types.has(inputs[0] ?? -1)) return undefined;
    return standIn.shapes.map((shape) => this.reserve(shape, standIn.dtype));
  }

  /** Whether an operation is on what there is, and not on stand-ins: another may give as many of something as its values say. */
  private isComputed({ isElementwise, shapes }: StandIn, inputs: readonly number[]): boolean {
    if (isElementwise !== true || inputs.some((id) => this.isBehind(id))) return false;
    return shapes.every(
      (shape) => sizeOf(shape) < (shape.length < 2 ? MIN_STAND_IN_VECTOR_ELEMENTS : MIN_STAND_IN_ELEMENTS),
    );
  }

  private integers(id: number): readonly number[] | undefined {
    const values = this.values.get(id);
    return values === undefined ? undefined : Array.from(values as ArrayLike<unknown>, Number); // of numbers
  }

  /** What stands for numbers that JavaScript has made, where they are many; undefined if they are to be there. */
  constantOf(shape: readonly number[], dtype: number): number | undefined {
    const isLarge = shape.length >= 2 && sizeOf(shape) >= MIN_STAND_IN_ELEMENTS;
    return isLarge && dtype === TYPES.float ? this.reserve(shape).id : undefined;
  }

  /** A tensor of zeros, of which there is the number alone. */
  reserve(shape: readonly number[], dtype: number = TYPES.float): NativeTensor {
    const id = this.real.reserveTensor(shape, dtype);
    this.types.set(id, dtype);
    return { id, shape: [...shape], dtype };
  }

  /** The inputs of an operation that must run: for stand-ins, tensors that there are. */
  inputsOf(inputs: readonly number[]): readonly number[] {
    return inputs.map((id) => {
      const dtype = this.types.get(id);
      return dtype === undefined ? id : this.zerosOf(this.shapes.get(id) ?? [], dtype);
    });
  }

  /** Notes what an operation has made of its inputs. */
  follow(inputs: readonly number[], outputs: readonly NativeTensor[]): void {
    if (inputs.some((id) => this.isBehind(id))) for (const { id } of outputs) this.made.add(id);
  }

  /** Whether a tensor's values are those of stand-ins, or come of them. */
  isBehind(id: number): boolean {
    return this.types.has(id) || this.made.has(id);
  }

  /** Zeros. All of one shape are one tensor. */
  private zerosOf(shape: readonly number[], dtype: number): number {
    const { real } = this;
    const key = `${dtype} ${shape.join()}`;
    let zeros = this.zeros.get(key);
    if (zeros === undefined) {
      zeros = real.reserveTensor(shape, dtype);
      this.zeros.set(key, zeros);
    }
    return zeros;
  }

  /** Frees what was made for operations that ran. */
  dispose(): void {
    for (const id of this.zeros.values()) this.real.deleteTensor(id);
    this.zeros.clear();
  }
}
