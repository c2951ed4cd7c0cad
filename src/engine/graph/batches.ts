import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { FEED_NAMES, type TracedStep } from '../trace/traced-step';
import { MIN_ELEMENTS_AHEAD } from '../tuning';
import { preparedOf } from './ahead';
import { attr } from './attributes';
import { controlOn } from './controls';
import { emit } from './emit';
import { int32, type Frame, type LoopVariable, type Value } from './frame';
import type { Nodes } from './nodes';

/** An array that batches are taken from. */
export interface GraphArray {
  /** What it is called in the step: see {@link FEED_NAMES}. */
  readonly feed: string;
  readonly dtype: number;
  /** The shape of the whole array; -1 for rows that are another number each time. */
  readonly shape: readonly number[];
  /** Whether each step gets all of it, not its own rows: a part of a sparse input. */
  readonly whole?: true;
}

/** Which batches a loop's steps get. */
export interface BatchSpecification {
  /** The loop's name. */
  readonly name: string;
  readonly step: TracedStep;
  /** Rows of a batch. */
  readonly batch: number;
  readonly arrays: readonly GraphArray[];
  /** Whether rows are taken in an order that is fed instead of one after the other. */
  readonly ordered: boolean;
}

/** Which rows a step takes: where they begin, as a list of one number, and, in an order that is fed or where it asks for them, all of them. */
interface Rows {
  readonly offset: string;
  readonly all: string | undefined;
}

/**
 * The batches of a loop. Where what is made of the data alone is large, that of the next step is made during a step, beside what that
 * computes: a processor that would wait there takes it. The loop then carries it from iteration to iteration.
 */
export class Batches {
  /** What is made ahead, by the tensors' ids; the first step's is made before the loop. */
  private readonly ahead: readonly number[];
  readonly loopVariables: readonly LoopVariable[];

  constructor(
    outer: Frame,
    private readonly frame: Frame,
    private readonly specification: BatchSpecification,
    /** What a step computes. */
    targets: readonly number[],
  ) {
    const { name, step } = specification;
    this.ahead = this.isWorthIt ? preparedOf(step, this.idsOf(false), this.idsOf(true), targets) : [];
    const prefix = `${name}/first-batch`;
    const first = this.ahead.length === 0 ? [] : this.make(outer, prefix, outer.ints(0));
    this.loopVariables = first.map((value, index) => ({ name: `batch${index}`, first: value }));
  }

  /** The tensors of a step's data: what it takes of the arrays. */
  nodes(iteration: string, now: readonly string[]): Nodes {
    const { frame, ahead, loopVariables } = this;
    if (ahead.length === 0) return this.feed(frame, frame.name, iteration);
    const nodes = this.wholeArrays(frame);
    ahead.forEach((id, index) => {
      const { first } = loopVariables[index] as LoopVariable; // one for each
      nodes.set(id, { name: now[index] as string, dtype: first.dtype }); // the same
    });
    return nodes;
  }

  /** What the loop gives to the next iteration: made once `after` is there, unless this iteration is the last. */
  next(iteration: string, now: readonly string[], after: string): string[] {
    const { frame, ahead, loopVariables } = this;
    if (ahead.length === 0) return [];
    const prefix = `${frame.name}/next-batch`;
    const steps = frame.enterFromOutside({ name: `${frame.name}/steps`, dtype: TYPES.int32 });
    const plus = frame.node(`${prefix}/plus`, 'Add', [iteration, frame.ints(1), controlOn(after)], int32());
    const more = frame.node(`${prefix}/more`, 'Less', [plus, steps], int32());
    const switched = frame.node(`${prefix}/switch`, 'Switch', [plus, more], int32());
    const made = this.make(frame, prefix, `${switched}:1`);
    return made.map((value, index) => {
      const { name, first } = loopVariables[index] as LoopVariable; // one for each
      const type = { T: attr.type(first.dtype) };
      const kept = frame.node(`${prefix}/${name}/kept`, 'Switch', [now[index] as string, more], type);
      return frame.node(`${prefix}/${name}`, 'Merge', [kept, value.name], { ...type, N: attr.int(2) });
    });
  }

  /** In a frame of small operations, one waits for the other; rows that come one after the other are there already. */
  private get isWorthIt(): boolean {
    const { arrays, batch, ordered, step } = this.specification;
    if (!ordered || this.frame.sequential) return false;
    // To look which ids are the same takes as long as to take the rows of a large batch.
    if (step.recording.ops.some(({ name }) => name === 'Unique')) return true;
    const elements = arrays.map(({ shape, whole }) =>
      whole === true ? Infinity : batch * sizeOf(shape.slice(1)),
    );
    return elements.reduce((sum, count) => sum + count, 0) >= MIN_ELEMENTS_AHEAD;
  }

  /** The ids of the arrays that each step gets whole, or of what it gets of the others. */
  private idsOf(whole: boolean): ReadonlySet<number> {
    const { step, arrays } = this.specification;
    const feeds = new Set(arrays.filter((array) => (array.whole ?? false) === whole).map(({ feed }) => feed));
    const isOne = (feed: string): boolean => feeds.has(feed) || (!whole && FEED_NAMES.isRows(feed));
    return new Set([...step.feeds].filter(([, feed]) => isOne(feed)).map(([id]) => id));
  }

  /** Emits what is made ahead for an iteration. */
  private make(frame: Frame, prefix: string, iteration: string): Value[] {
    const { ops, constants } = this.specification.step.recording;
    const nodes = this.feed(frame, prefix, iteration);
    emit(frame, prefix, ops, constants, this.ahead, nodes, iteration);
    return this.ahead.map((id) => nodes.get(id) as Value); // emitted
  }

  /** The arrays that each step gets whole. */
  private wholeArrays(frame: Frame): Nodes {
    return this.nodesOf(
      new Map(
        this.specification.arrays
          .filter(({ whole }) => whole)
          .map(({ feed, dtype }) => [feed, { name: this.enter(frame, feed, dtype), dtype }]),
      ),
    );
  }

  /** The tensors that a step takes of the arrays, in an iteration. */
  private feed(frame: Frame, prefix: string, iteration: string): Nodes {
    const rows = this.rowsOf(frame, prefix, iteration);
    const values = this.specification.arrays
      .filter(({ whole }) => whole === undefined)
      .map((array): [string, Value] => [
        array.feed,
        { name: this.takeRows(frame, prefix, array, rows), dtype: array.dtype },
      ]);
    return new Map([...this.wholeArrays(frame), ...this.nodesOf(new Map(values), rows.all)]);
  }

  /** What is under the names of what a step is fed, by ids. */
  private nodesOf(values: ReadonlyMap<string, Value>, rows?: string): Nodes {
    return new Map(
      [...this.specification.step.feeds].flatMap(([id, feed]): [number, Value][] => {
        const isRows = rows !== undefined && FEED_NAMES.isRows(feed);
        const value = isRows ? { name: rows, dtype: TYPES.int32 } : values.get(feed);
        return value === undefined ? [] : [[id, value]];
      }),
    );
  }

  /** What the loop is fed. */
  private enter(frame: Frame, feed: string, dtype: number): string {
    return frame.enterFromOutside({ name: `${this.specification.name}/${feed}`, dtype });
  }

  private rowsOf(frame: Frame, prefix: string, iteration: string): Rows {
    const { arrays, batch, ordered } = this.specification;
    const done = frame.node(`${prefix}/done`, 'Mul', [iteration, frame.ints(batch)], int32());
    const first = this.enter(frame, 'first', TYPES.int32);
    const position = frame.node(`${prefix}/position`, 'Add', [done, first], int32());
    const offset = frame.node(`${prefix}/offset`, 'ExpandDims', [position, frame.ints(0)], {
      ...int32(),
      ...int32('Tdim'),
    });
    if (ordered) {
      const order = { name: this.enter(frame, 'order', TYPES.int32), dtype: TYPES.int32 };
      return { offset, all: frame.slice(`${prefix}/rows`, order, offset, [batch]) };
    }
    if (!arrays.some(({ whole }) => whole)) return { offset, all: undefined };
    const range = frame.ints(Array.from({ length: batch }, (_, index) => index));
    return { offset, all: frame.node(`${prefix}/rows`, 'Add', [range, position], int32()) };
  }

  /** A batch's rows of an array: those that the order names, or those that come one after the other. */
  private takeRows(
    frame: Frame,
    prefix: string,
    { feed, dtype, shape }: GraphArray,
    { offset, all }: Rows,
  ): string {
    const { batch, ordered } = this.specification;
    const source = this.enter(frame, feed, dtype);
    const name = `${prefix}/batch/${feed}`;
    if (ordered && all !== undefined) {
      return frame.node(name, 'GatherV2', [source, all, frame.ints(0)], {
        Tparams: attr.type(dtype),
        ...int32('Tindices'),
        ...int32('Taxis'),
      });
    }
    const inner = shape.slice(1);
    const begin =
      inner.length === 0
        ? offset
        : frame.node(`${name}/begin`, 'ConcatV2', [offset, frame.ints(inner.map(() => 0)), frame.ints(0)], {
            ...int32(),
            ...int32('Tidx'),
            N: attr.int(2),
          });
    return frame.slice(name, { name: source, dtype }, begin, [batch, ...inner]);
  }
}
