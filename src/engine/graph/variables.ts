import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { MAX_PACKED_ELEMENTS, MIN_THREAD_BYTES } from '../tuning';
import { attr } from './attributes';
import type { GraphBuilder } from './builder';
import { int32 } from './frame';
import type { Fed, GraphRun, Session } from './session';

/** A variable of the graph. */
export interface GraphVariable {
  readonly name: string;
  readonly shape: readonly number[];
  /** float32 by default. */
  readonly dtype?: number;
  /** Of one that carries nothing from run to run: nobody reads it. */
  readonly isScratch?: true;
}

/** The same variable as one of which what it carries is read by nobody outside. */
export const asScratch = (variable: GraphVariable): GraphVariable => ({ ...variable, isScratch: true });

/** The variable that counts the iterations of all loops that were done. */
export const FINISHED: GraphVariable = { name: 'finished', shape: [], dtype: TYPES.int32 };

/** How many iterations a session's loops have done since it was set to zero; undefined if it does not say. */
export const readFinished = (session: Session): number | undefined => {
  const [count] = session.run({}, [`${FINISHED.name}/read`]);
  const finished = count?.dataSync()[0];
  count?.dispose();
  return finished;
};

/** Adds a variable's handle, under its name, and `name/read`, a reading of it. */
const addHandle = (
  graph: GraphBuilder,
  { name, shape, dtype = TYPES.float, isScratch }: GraphVariable,
): void => {
  graph.node(name, 'VarHandleOp', [], {
    dtype: attr.type(dtype),
    shape: attr.shape(shape),
    shared_name: attr.text(name),
    container: attr.text(''),
  });
  if (isScratch !== true) graph.node(`${name}/read`, 'ReadVariableOp', [name], { dtype: attr.type(dtype) });
};

/**
 * A copy of what is fed, for variables, which keep the memory of what they are assigned: that of a weight would be shared with the model, and
 * copied by the first step that changes it.
 */
const addCopy = (graph: GraphBuilder, name: string, value: string): string =>
  graph.node(`${name}/copy`, 'DeepCopy', [value], { T: attr.type(TYPES.float) });

/** Adds an assignment of a node's value to a variable: `name/assign`. */
const addAssignment = (
  graph: GraphBuilder,
  { name, dtype = TYPES.float }: GraphVariable,
  value: string,
): string => graph.node(`${name}/assign`, 'AssignVariableOp', [name, value], { dtype: attr.type(dtype) });

/** Adds something to fetch that comes after assignments: an integer. */
const addDone = (graph: GraphBuilder, name: string, assignments: readonly string[]): void => {
  const waits = assignments.map((node) => `^${node}`);
  graph.node(name, 'Identity', [graph.ints(0), ...waits], int32());
};

/** Adds a variable of TensorFlow's older kind, which operations change by reference; gives the assignment of zeros to it. */
export const addReference = (graph: GraphBuilder, { name, shape }: GraphVariable): string => {
  graph.node(name, 'VariableV2', [], {
    dtype: attr.type(TYPES.float),
    shape: attr.shape(shape),
    shared_name: attr.text(name),
    container: attr.text(''),
  });
  const zero = graph.constant({ dtype: TYPES.float, shape: [], values: [0] });
  const types = { T: attr.type(TYPES.float), ...int32('index_type') };
  const zeros = graph.node(`${name}/zeros`, 'Fill', [graph.ints(shape), zero], types);
  return graph.node(`${name}/zero`, 'Assign', [name, zeros], {
    T: attr.type(TYPES.float),
    validate_shape: attr.bool(true),
    use_locking: attr.bool(false),
  });
};

/**
 * Adds assignments of a number everywhere to variables, zero by default. Those of one shape are given the same tensor, of which TensorFlow makes a
 * copy for each that it changes.
 */
const addFills = (
  graph: GraphBuilder,
  variables: readonly GraphVariable[],
  numberOf = (_index: number): number => 0,
): string[] => {
  const byShape = new Map<string, string>();
  return variables.map(({ name, shape, dtype = TYPES.float }, index) => {
    const number = numberOf(index);
    const key = `${dtype} ${shape.join()} ${number}`;
    let filled = byShape.get(key);
    if (filled === undefined) {
      const value = graph.constant({ dtype, shape: [], values: [number] });
      const types = { T: attr.type(dtype), ...int32('index_type') };
      filled = graph.node(`${name}/filled`, 'Fill', [graph.ints(shape), value], types);
      byShape.set(key, filled);
    }
    return graph.node(`${name}/fill`, 'AssignVariableOp', [name, filled], { dtype: attr.type(dtype) });
  });
};

/** A variable whose value is made of what is brought for others, of which `valueOf` gives the nodes; `assign` gives the one that assigns. */
export interface DerivedVariable extends GraphVariable {
  /** What it is everywhere while the others have their first numbers. */
  readonly first: number;
  readonly assign: (graph: GraphBuilder, valueOf: (variable: string) => string) => string;
}

/** Runs the assignments of what is fed. */
export type Write = (run: GraphRun, fed: readonly Fed[]) => void;

const runHere: Write = (run, fed) => void run.read(fed);

/**
 * Float32 variables whose values come and go together, in one run. TensorFlow prunes and optimizes the whole graph anew for each
 * new set of what is fed and fetched, so the sets are always the same: small variables are packed into one tensor.
 */
export class VariableGroup {
  /** Positions among the variables. */
  private readonly packed: readonly number[];
  private readonly single: readonly number[];
  private readonly canBegin: boolean;
  private isUploaded = false;

  /**
   * Adds the variables to a graph, `zeros` and `references`, which each upload sets to 0, and those that are `derived` from the variables. With the
   * numbers that they are `first`, large ones can begin without an upload.
   */
  constructor(
    graph: GraphBuilder,
    private readonly variables: readonly GraphVariable[],
    private readonly name: string,
    zeros: readonly GraphVariable[] = [],
    references: readonly GraphVariable[] = [],
    first?: readonly number[],
    derived: readonly DerivedVariable[] = [],
  ) {
    for (const variable of [...variables, ...zeros, ...derived]) addHandle(graph, variable);
    const positions = variables.map((_, index) => index);
    const isSmall = (index: number): boolean =>
      sizeOf((variables[index] as GraphVariable).shape) <= MAX_PACKED_ELEMENTS; // of this list
    this.packed = positions.filter(isSmall);
    this.single = positions.filter((index) => !isSmall(index));
    this.addTransfer(
      graph,
      [...addFills(graph, zeros), ...references.map((variable) => addReference(graph, variable))],
      derived,
    );
    this.canBegin = first !== undefined && this.bytes >= MIN_THREAD_BYTES;
    if (this.canBegin)
      addDone(graph, `${name}/begun`, [
        ...addFills(graph, variables, (index) => first?.[index] ?? 0),
        ...addFills(graph, derived, (index) => derived[index]?.first ?? 0),
      ]);
  }

  /** Gives large variables their first numbers, if these are known. Tells whether they are. */
  begin(session: Session, write: Write = runHere): boolean {
    if (!this.canBegin) return false;
    write(session.prepare([], [`${this.name}/begun`]), []);
    this.isUploaded = true;
    return true;
  }

  /**
   * Writes values into the variables, one for each, unless they were written before and `isNew` holds for none. Tells whether
   * something was written. `write` may do it on another thread.
   */
  upload(
    session: Session,
    values: readonly Tensor[],
    isNew: (index: number) => boolean,
    write?: Write,
  ): boolean {
    if (this.isUploaded && !this.variables.some((_, index) => isNew(index))) return false;
    const { name, packed, single } = this;
    tf.tidy(() => {
      const feeds: Record<string, Tensor> = {};
      const flat = packed.map((index) => tf.reshape(values[index] as Tensor, [-1])); // one for each
      if (packed.length > 0)
        feeds[`${name}/value`] = flat.length === 1 ? (flat[0] as Tensor) : tf.concat(flat);
      for (const index of single) feeds[`${this.nameOf(index)}/value`] = values[index] as Tensor; // one for each
      const fetches = [`${name}/assigned`];
      if (write === undefined) {
        tf.dispose(session.run(feeds, fetches));
        return;
      }
      const run = session.prepare(Object.keys(feeds), fetches);
      write(run, run.order(feeds));
    });
    this.isUploaded = true;
    return true;
  }

  /** The run that reads the variables, for {@link valuesOf}. Undefined where there are none. */
  reading(session: Session): GraphRun | undefined {
    const { name, packed, single } = this;
    if (this.variables.length === 0) return undefined;
    const fetches = single.map((index) => `${this.nameOf(index)}/read`);
    return session.prepare([], packed.length > 0 ? [`${name}/packed`, ...fetches] : fetches);
  }

  /** The variables' values, of what {@link reading} gave, which it takes. The caller disposes the tensors. */
  valuesOf(read: readonly Tensor[]): Tensor[] {
    const { packed, single } = this;
    const values = new Map<number, Tensor>();
    const isPacked = packed.length > 0;
    const others = isPacked ? read.slice(1) : read;
    single.forEach((index, position) => values.set(index, others[position] as Tensor)); // one for each
    if (isPacked) {
      const [all] = read as readonly [Tensor];
      this.unpack(all, packed).forEach((value, position) => values.set(packed[position] as number, value)); // one for each
      all.dispose();
    }
    return this.variables.map((_, index) => values.get(index) as Tensor); // each is packed or single
  }

  /** Reads the variables. The caller disposes the tensors. */
  download(session: Session): Tensor[] {
    return this.valuesOf(this.reading(session)?.run([]) ?? []);
  }

  /** How many bytes the variables have. */
  get bytes(): number {
    return 4 * this.variables.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  private nameOf(index: number): string {
    return (this.variables[index] as GraphVariable).name; // positions are of this list
  }

  private sizesOf(positions: readonly number[]): number[] {
    return positions.map((index) => sizeOf(this.shapeOf(index))); // positions are of this list
  }

  private unpack(all: Tensor, packed: readonly number[]): Tensor[] {
    return tf.tidy(
      () =>
        tf
          .split(all, this.sizesOf(packed))
          .map((flat, position) => tf.reshape(flat, [...this.shapeOf(packed[position] as number)])), // one for each
    );
  }

  private shapeOf(index: number): readonly number[] {
    return (this.variables[index] as GraphVariable).shape; // positions are of this list
  }

  private addTransfer(
    graph: GraphBuilder,
    zeroed: readonly string[],
    derived: readonly DerivedVariable[],
  ): void {
    const { name, variables, packed, single } = this;
    const copies = single.map((index): [number, string] => {
      const value = graph.placeholder(`${this.nameOf(index)}/value`, TYPES.float, this.shapeOf(index));
      return [index, addCopy(graph, this.nameOf(index), value)];
    });
    if (packed.length > 0) copies.push(...this.addPacked(graph, name, packed));
    const assignments = copies.map(
      ([index, copy]) => addAssignment(graph, variables[index] as GraphVariable, copy), // positions are of this list
    );
    const byName = new Map(copies.map(([index, copy]) => [this.nameOf(index), copy]));
    const made = derived.map(({ assign }) => assign(graph, (variable) => byName.get(variable) as string)); // of the same
    addDone(graph, `${name}/assigned`, [...assignments, ...zeroed, ...made]);
  }

  /** The copies of what is fed for all of them, by position. */
  private addPacked(graph: GraphBuilder, name: string, packed: readonly number[]): [number, string][] {
    const type = { T: attr.type(TYPES.float) };
    const sizes = this.sizesOf(packed);
    const value = graph.placeholder(`${name}/value`, TYPES.float, [
      sizes.reduce((sum, size) => sum + size, 0),
    ]);
    // One copy of all: to cut it into pieces makes others, but of a single one.
    const copy = addCopy(graph, name, value);
    const parts = graph.node(`${name}/parts`, 'SplitV', [copy, graph.ints(sizes), graph.ints(0)], {
      ...type,
      ...int32('Tlen'),
      num_split: attr.int(sizes.length),
    });
    const types = { ...type, ...int32('Tshape') };
    const isFlat = (index: number): boolean => this.shapeOf(index).length === 1;
    const flat = packed.map((index) => {
      const variable = this.nameOf(index);
      return isFlat(index)
        ? `${variable}/read`
        : graph.node(`${variable}/flat`, 'Reshape', [`${variable}/read`, graph.ints([-1])], types);
    });
    if (flat.length === 1) graph.node(`${name}/packed`, 'Identity', flat, type);
    else {
      graph.node(`${name}/packed`, 'ConcatV2', [...flat, graph.ints(0)], {
        ...type,
        ...int32('Tidx'),
        N: attr.int(flat.length),
      });
    }
    return packed.map((index, position): [number, string] => {
      const part = position === 0 ? parts : `${parts}:${position}`;
      const shape = this.shapeOf(index);
      const value = isFlat(index)
        ? part
        : graph.node(`${this.nameOf(index)}/shaped`, 'Reshape', [part, graph.ints(shape)], types);
      return [index, value];
    });
  }
}
