import { TYPES } from '../../../tfjs/binding';
import type { RecordedConstant, RecordedOp } from '../recording';

export type Shape = readonly number[];
export type Output = RecordedOp['outputs'][number];

/** What an operation becomes: another tensor, a constant, or other operations. */
export type Rewriting =
  { readonly alias: number } | { readonly constant: RecordedConstant } | readonly RecordedOp[] | RecordedOp;

/** A rule: what an operation becomes, or undefined where it does not apply. */
export type Rewrite = (op: RecordedOp, context: RewriteContext) => Rewriting | undefined;

export const outputOf = ({ outputs }: RecordedOp): Output => outputs[0] as Output; // what is rewritten has one
export const inputOf = ({ inputs }: RecordedOp, position: number): number => inputs[position] ?? 0;
export const shapeOf = ({ outputs }: RecordedOp): Shape => outputs[0]?.shape ?? [];
export const isFloat = ({ outputs }: RecordedOp): boolean => outputs[0]?.dtype === TYPES.float;

/** What rules know of the recording, as far as it is rewritten, and what they make new tensors with. */
export class RewriteContext {
  readonly constants: Map<number, RecordedConstant>;
  private readonly producers = new Map<number, RecordedOp>();
  /** The output of the `Relu` of a tensor. */
  private relus = new Map<number, number>();
  /** Ids of tensors that the original recording has not. */
  private nextId: number;

  constructor(
    constants: ReadonlyMap<number, RecordedConstant>,
    private readonly shapes: Map<number, Shape>,
    /** What an operation becomes by the rules. */
    readonly rewrite: (op: RecordedOp) => Rewriting,
  ) {
    this.constants = new Map(constants);
    this.nextId = [...constants.keys(), ...shapes.keys()].reduce((least, id) => Math.min(least, id), 0) - 1;
    for (const [id, { shape }] of constants) shapes.set(id, shape);
  }

  shape(id: number): Shape {
    return this.shapes.get(id) ?? [];
  }

  setShape(id: number, shape: Shape): void {
    this.shapes.set(id, shape);
  }

  /** The operation that makes a tensor; if a name is given, only one of that name. */
  producer(id: number, name?: string): RecordedOp | undefined {
    const op = this.producers.get(id);
    return name === undefined || op?.name === name ? op : undefined;
  }

  /** The output of relu of a tensor, if there is one. */
  reluOf(id: number): number | undefined {
    return this.relus.get(id);
  }

  /** A new tensor, of floats if no other type is given. */
  tensor(shape: Shape, dtype: number = TYPES.float): Output {
    const output = { id: this.nextId--, dtype, shape };
    this.shapes.set(output.id, shape);
    return output;
  }

  /** A new constant of integers: its id. */
  ints(values: readonly number[], shape: Shape = [values.length]): number {
    const id = this.nextId--;
    this.constants.set(id, { shape, dtype: TYPES.int32, values: Int32Array.from(values) });
    return id;
  }

  /** A new constant of integers of 64 bits. */
  longs(values: readonly bigint[], shape: Shape): number {
    const id = this.nextId--;
    this.constants.set(id, { shape, dtype: TYPES.int64, values: BigInt64Array.from(values) });
    return id;
  }

  /** A new constant of a float, and one of so many ones. */
  float(value: number): number {
    return this.floats(Float32Array.of(value), []);
  }

  ones(count: number): number {
    return this.floats(new Float32Array(count).fill(1), [count]);
  }

  private floats(values: Float32Array, shape: Shape): number {
    const id = this.nextId--;
    this.constants.set(id, { shape, dtype: TYPES.float, values });
    return id;
  }

  /** An operation that is in the rewritten recording. */
  keep(op: RecordedOp): RecordedOp {
    for (const { id } of op.outputs) this.producers.set(id, op);
    const [output] = op.outputs;
    if (op.name === 'Relu' && output !== undefined) this.relus.set(inputOf(op, 0), output.id);
    return op;
  }

  /** Runs something within a recurrence's step: what it makes is not there outside of it. */
  inStep<T>(run: () => T): T {
    const outside = this.relus;
    this.relus = new Map(outside);
    try {
      return run();
    } finally {
      this.relus = outside;
    }
  }
}
