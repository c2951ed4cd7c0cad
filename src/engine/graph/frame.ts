import { TYPES } from '../../tfjs/binding';
import { attr, type AttrValue } from './attributes';
import type { GraphBuilder } from './builder';
import type { RecordedConstant } from '../trace/recording';

/** A node of a graph, or one of its outputs, and its type. */
export interface Value {
  readonly name: string;
  readonly dtype: number;
}

/** The attribute that says that something is a 32-bit integer. */
export const int32 = (name = 'T') => ({ [name]: attr.type(TYPES.int32) });

/** A value that a loop takes from one iteration to the next. */
export interface LoopVariable {
  readonly name: string;
  readonly first: Value;
}

/**
 * The frame of a loop in a graph of TensorFlow. Everything that a loop uses must have entered its frame; a loop within a
 * loop has a frame within the other's.
 */
export class Frame {
  protected readonly entered = new Map<string, string>();
  private last: string | undefined;

  /**
   * In a `sequential` frame each operation waits for the one before. TensorFlow hands operations that are ready at the same
   * time to several threads; where they are tiny, that takes longer than they do.
   */
  constructor(
    readonly graph: GraphBuilder,
    readonly name: string,
    readonly sequential: boolean,
    private readonly parent?: Frame,
  ) {}

  /** Adds an operation to the frame. */
  node(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>> = {},
  ): string {
    return this.graph.node(name, op, this.afterLast(name, inputs), attributes);
  }

  private afterLast(name: string, inputs: readonly string[]): readonly string[] {
    const { last } = this;
    if (!this.sequential) return inputs;
    this.last = name;
    const waits = last === undefined || inputs.includes(last) || inputs.includes(`^${last}`);
    return waits ? inputs : [...inputs, `^${last}`];
  }

  /** A value of the frame outside that stays the same in all iterations. */
  enter({ name: source, dtype }: Value): string {
    const known = this.entered.get(source);
    if (known !== undefined) return known;
    const name = this.graph.node(
      `${this.name}/enter${this.entered.size}`,
      'Enter',
      [source],
      this.attributes(dtype, true),
    );
    this.entered.set(source, name);
    return name;
  }

  /** A variable of TensorFlow's older kind, which operations change by reference. */
  enterReference({ name: source, dtype }: Value): string {
    const known = this.entered.get(source);
    if (known !== undefined) return known;
    const name = `${this.name}/enter${this.entered.size}`;
    this.graph.node(name, 'RefEnter', [source], this.attributes(dtype, true));
    this.entered.set(source, name);
    return name;
  }

  /** A value from outside of all frames. */
  enterFromOutside(value: Value): string {
    return this.enter(
      this.parent === undefined ? value : { ...value, name: this.parent.enterFromOutside(value) },
    );
  }

  /** A part of a tensor, from an offset that is computed. */
  slice(name: string, source: Value, begin: string, size: readonly number[]): string {
    return this.node(name, 'Slice', [source.name, begin, this.ints(size)], {
      T: attr.type(source.dtype),
      ...int32('Index'),
    });
  }

  /** A frame for a loop within this one's. */
  inner(name: string, sequential: boolean): Frame {
    return new Frame(this.graph, name, sequential, this);
  }

  /** A node of the frame outside that is there once the loop has ended. */
  get end(): string {
    return `${this.name}/iteration/exit`;
  }

  constant(constant: RecordedConstant): string {
    return this.enterFromOutside({ name: this.graph.loopConstant(constant), dtype: constant.dtype });
  }

  ints(values: number | readonly number[]): string {
    const shape = typeof values === 'number' ? [] : [values.length];
    return this.constant({ dtype: TYPES.int32, shape, values: [values].flat() });
  }

  /**
   * Begins a loop over `0 … iterations − 1`: gives the names of the iteration's number and of the loop variables, as they are now.
   * `iterations` is a value of the frame outside.
   */
  loop(
    iterations: Value,
    zero: string,
    loopVariables: readonly LoopVariable[],
  ): { iteration: string; now: readonly string[] } {
    const { graph, name } = this;
    const all = [{ name: 'iteration', first: { name: zero, dtype: TYPES.int32 } }, ...loopVariables];
    for (const { name: variable, first } of all) {
      const prefix = `${name}/${variable}`;
      graph.node(`${prefix}/first`, 'Enter', [first.name], this.attributes(first.dtype, false));
      graph.node(`${prefix}/merge`, 'Merge', [`${prefix}/first`, `${prefix}/next`], {
        T: attr.type(first.dtype),
        N: attr.int(2),
      });
    }
    graph.node(`${name}/more`, 'Less', [`${name}/iteration/merge`, this.enter(iterations)], int32());
    graph.node(`${name}/condition`, 'LoopCond', [`${name}/more`]);
    for (const { name: variable, first } of all) {
      const prefix = `${name}/${variable}`;
      const type = { T: attr.type(first.dtype) };
      graph.node(`${prefix}/switch`, 'Switch', [`${prefix}/merge`, `${name}/condition`], type);
      graph.node(`${prefix}/now`, 'Identity', [`${prefix}/switch:1`], type);
      graph.node(`${prefix}/exit`, 'Exit', [`${prefix}/switch`], type);
    }
    return {
      iteration: `${name}/iteration/now`,
      now: loopVariables.map(({ name: variable }) => `${name}/${variable}/now`),
    };
  }

  /**
   * Ends an iteration: gives the loop variables' values to the next, once `after` is done. Gives the names of what comes out
   * at the end.
   */
  next(
    loopVariables: readonly LoopVariable[],
    values: readonly string[],
    after: readonly string[] = [],
  ): readonly string[] {
    const { graph, name } = this;
    const control = after.map((node) => `^${node}`);
    graph.node(`${name}/iteration/plus`, 'Add', [`${name}/iteration/now`, this.ints(1), ...control], int32());
    graph.node(`${name}/iteration/next`, 'NextIteration', [`${name}/iteration/plus`], int32());
    loopVariables.forEach(({ name: variable, first }, index) => {
      graph.node(`${name}/${variable}/next`, 'NextIteration', [values[index] as string], {
        T: attr.type(first.dtype),
      }); // one value for each
    });
    return loopVariables.map(({ name: variable }) => `${name}/${variable}/exit`);
  }

  private attributes(dtype: number, isConstant: boolean) {
    return {
      T: attr.type(dtype),
      frame_name: attr.text(this.name),
      is_constant: attr.bool(isConstant),
      parallel_iterations: attr.int(1),
    };
  }
}

/** The graph itself, outside of all loops: everything is there already. */
export class RootFrame extends Frame {
  constructor(graph: GraphBuilder, name = 'graph', sequential = false) {
    super(graph, name, sequential);
  }

  override enter({ name }: Value): string {
    return name;
  }

  override constant(constant: RecordedConstant): string {
    return this.graph.constant(constant);
  }
}
