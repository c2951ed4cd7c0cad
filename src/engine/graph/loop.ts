import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { Batches, type GraphArray } from './batches';
import { isChain } from './chain';
import { controlOn } from './controls';
import { atOnce, type Steps } from '../../base/steps';
import { emitInSteps, nodeName } from './emit';
import { areSmall, type Nodes } from './nodes';
import { int32, RootFrame, type Frame, type LoopVariable } from './frame';
import { CompiledCall } from './function-frame';
import { attr } from './attributes';
import type { GraphBuilder } from './builder';
import { gatherFromVariables } from '../trace/tables';
import { FEED_NAMES, type TracedStep } from '../trace/traced-step';
import type { RecordedOp } from '../trace/recording';
import { UPDATE_NAMES, type TracedUpdate } from '../trace/traced-update';
import { addNumbers, updateInSteps, type UpdatedVariable } from './updates';
import { addFirstRows, addUpToDate, type LaggingTable } from './lagging-rows';
import { addSweep } from './sweep';
import { countStep, seedOfStep, type StepNumber } from './steps';
import type { GraphVariable } from './variables';

/** A loop of steps. */
export interface LoopSpecification {
  readonly name: string;
  readonly step: TracedStep;
  readonly batch: number;
  readonly arrays: readonly GraphArray[];
  /** Whether rows are taken in an order that is fed instead of one after the other. */
  readonly ordered: boolean;
  readonly variables: readonly GraphVariable[];
  /** The trainable variables, by position, and what is done to them in each step; none in a test. */
  readonly training?: { readonly trainable: readonly number[]; readonly update: TracedUpdate } | undefined;
  /** The positions of tables of which only rows are updated: nothing reads them as a whole, which would copy them. */
  readonly byRows: ReadonlySet<number>;
  /** Those of them whose rows may lag behind, by their positions among the trainable variables. */
  readonly lagging: ReadonlyMap<number, LaggingTable>;
  /** The numbers that the update is fed. */
  readonly numbers: readonly StepNumber[];
  /** The number of sums that a step gives. */
  readonly sums: number;
}

const dtypeFloat = () => ({ dtype: attr.type(TYPES.float) });

/** The tables that operations read themselves: the ids of their values, by the variables' positions. */
const handlesOf = ({ step, byRows }: LoopSpecification): ReadonlyMap<number, number> =>
  new Map(
    [...(step.tables?.gathered ?? [])].flatMap((id) => {
      const feed = step.feeds.get(id);
      const index = [...byRows].find((variable) => FEED_NAMES.variable(variable) === feed);
      return index === undefined ? [] : [[index, id] as const];
    }),
  );

/**
 * When the next batch is begun: not before this step has what takes several threads most, that is its forward pass, or the rows of a table
 * that it reads.
 */
const batchBeginsAfter = ({ sums, tables }: TracedStep): number =>
  [...(tables?.sliced.values() ?? [])].find(({ read }) => read !== undefined)?.read ?? sums;

/** All that a step computes: of a table's gradient, that of its rows. */
const targetsOf = ({ sums, gradients, updates, tables }: TracedStep): number[] => [
  sums,
  ...gradients.flatMap((id) => {
    const sliced = tables?.sliced.get(id);
    if (sliced === undefined) return [id];
    const { indices, values, read, filled } = sliced;
    return [indices, values, ...[read, filled].filter((one) => one !== undefined)];
  }),
  ...updates.values(),
];

/** Whether a step's operations run one after the other: to hand some to other threads would take longer. */
export const takesTurns = (step: TracedStep): boolean => {
  const { ops } = step.recording;
  return areSmall(ops) || isChain(ops, targetsOf(step), step.shapes);
};

/** What there is of the rows of a table that a step names, by the names in the rule. */
type RowValues = ReadonlyMap<string, string>;

const gradientNodes = (
  { tables, recording }: TracedStep,
  id: number,
  nodeOf: (id: number) => string,
  upToDate: RowValues | undefined,
  lagging: LaggingTable | undefined,
): UpdatedVariable['gradient'] => {
  const sliced = tables?.sliced.get(id);
  if (sliced === undefined) return nodeOf(id);
  const { indices, values, read } = sliced;
  const made = recording.ops.flatMap(({ outputs }) => outputs).find(({ id: output }) => output === values);
  const rows = { indices: nodeOf(indices), values: nodeOf(values), shape: made?.shape ?? [], lagging };
  if (read === undefined) return rows;
  return { ...rows, before: upToDate ?? new Map([[UPDATE_NAMES.variable, nodeOf(read)]]) };
};

/**
 * Brings the rows that a step names up to date of those tables whose rows lag behind, before anything else takes them: notes what the step
 * reads of them, and gives all of it, by the tables' positions.
 */
function* rowsInSteps(
  frame: Frame,
  { step, lagging, numbers, name }: LoopSpecification,
  ops: readonly RecordedOp[],
  nodes: Nodes,
  iteration: string,
): Steps<ReadonlyMap<number, RowValues>> {
  const { constants } = step.recording;
  const made = new Map<number, RowValues>();
  for (const [position, table] of lagging) {
    const sliced = step.tables?.sliced.get(step.gradients[position] ?? 0);
    const { indices = 0, read = 0, filled = 0 } = sliced ?? {}; // all are there, where rows may lag
    yield* emitInSteps(frame, name, ops, constants, [indices, filled], nodes, iteration);
    const index = ops.findIndex(({ outputs }) => outputs.some(({ id }) => id === read));
    const nodeOf = (id: number): string => nodes.get(id)?.name as string; // just emitted
    const prefix = `${name}/rows/${table.name}`;
    const count = sizeOf(ops[index]?.outputs[0]?.shape.slice(0, 1) ?? []);
    const values = addUpToDate(
      frame,
      prefix,
      table,
      { rows: nodeOf(filled), count },
      iteration,
      { loop: name, numbers },
      // An error of it is this operation's.
      new Map([[UPDATE_NAMES.variable, nodeName(name, index)]]),
    );
    const named = addFirstRows(frame, prefix, table, values, nodeOf(indices));
    made.set(position, named);
    nodes.set(read, { name: named.get(UPDATE_NAMES.variable) as string, dtype: TYPES.float }); // what is read
    yield;
  }
  return made;
}

/**
 * Adds the updates of a step, and what layers write themselves; gives the node that must be done before the next one
 * begins.
 */
function* writesInSteps(
  frame: Frame,
  { step, training, variables, numbers, lagging }: LoopSpecification,
  nodes: Nodes,
  feedNodes: ReadonlyMap<string, string>,
  upToDate: ReadonlyMap<number, RowValues>,
  iteration: string,
): Steps<string> {
  const { name: loop } = frame;
  const handle = (name: string): string => frame.enterFromOutside({ name, dtype: TYPES.resource });
  const nodeOf = (id: number): string => nodes.get(id)?.name as string; // emitted, as all targets are
  const computed = targetsOf(step).map(nodeOf);
  const ready = `^${frame.node(`${loop}/computed`, 'NoOp', [...new Set(computed.map(controlOn))])}`;
  const write = ([variable, id]: readonly [number, number]): string => {
    const { name } = variables[variable] as GraphVariable; // positions are of this list
    return frame.node(
      `${loop}/write/${name}`,
      'AssignVariableOp',
      [handle(name), nodeOf(id), ready],
      dtypeFloat(),
    );
  };
  // What a layer makes of a weight that is trained, too, is there before the update changes it.
  const isTrained = ([variable]: readonly [number, number]): boolean =>
    training?.trainable.includes(variable) ?? false;
  const updates = [...step.updates];
  const before = updates.filter(isTrained).map(write);
  const written = updates.filter((one) => !isTrained(one)).map(write);
  const trained =
    training === undefined
      ? []
      : yield* updateInSteps(frame, training.update, {
          variables: training.trainable.map((variable, position) => {
            const own = step.updates.get(variable);
            const { name } = variables[variable] as GraphVariable; // positions are of this list
            return {
              name,
              value: own === undefined ? feedNodes.get(FEED_NAMES.variable(variable)) : nodeOf(own),
              gradient: gradientNodes(
                step,
                step.gradients[position] as number, // one for each trainable variable
                nodeOf,
                upToDate.get(position),
                lagging.get(position),
              ),
            };
          }),
          numbers: addNumbers(frame, numbers, iteration),
          ready:
            before.length === 0
              ? ready
              : `^${frame.node(`${loop}/written`, 'NoOp', [ready, ...before.map(controlOn)])}`,
          iteration,
        });
  const control = [ready, ...[...trained, ...written].map(controlOn)];
  return countStep(frame, control);
}

/** The seed of an iteration's step, and the variables' values. By the names in {@link FEED_NAMES}. */
const addFeeds = (frame: Frame, specification: LoopSpecification, iteration: string): Map<string, string> => {
  const { variables } = specification;
  const { name } = frame;
  const feedNodes = new Map<string, string>();
  feedNodes.set(FEED_NAMES.seed, seedOfStep(frame, `${name}/step-seed`, `${name}/seed`, iteration));
  const handles = handlesOf(specification);
  variables.forEach((variable, index) => {
    // The operations that take its rows read it themselves.
    if (handles.has(index)) return;
    // Read once an iteration has begun, that is once the one before has written.
    const handle = frame.enterFromOutside({ name: variable.name, dtype: TYPES.resource });
    const value = `${name}/value/${variable.name}`;
    feedNodes.set(
      FEED_NAMES.variable(index),
      frame.node(value, 'ReadVariableOp', [handle, `^${iteration}`], dtypeFloat()),
    );
  });
  return feedNodes;
};

/** Adds what a loop is fed. */
const addPlaceholders = (
  graph: GraphBuilder,
  { name, arrays, numbers, ordered }: LoopSpecification,
): void => {
  graph.placeholder(`${name}/steps`, TYPES.int32, []);
  graph.placeholder(`${name}/first`, TYPES.int32, []);
  graph.placeholder(`${name}/seed`, TYPES.int32, [2]);
  if (ordered) graph.placeholder(`${name}/order`, TYPES.int32, [-1]);
  for (const { feed, dtype, shape, whole } of arrays) {
    // How many ones a sparse input has may be another number the next time.
    graph.placeholder(`${name}/${feed}`, dtype, whole === undefined ? shape : [-1, ...shape.slice(1)]);
  }
  for (const { name: number, perStep } of numbers) {
    graph.placeholder(`${name}/${number}`, TYPES.float, perStep ? [-1] : []);
  }
};

/** The name of the total of a loop's steps, as TensorFlow runs them or as XLA compiles them. */
export const totalOf = (loop: string, isCompiled = false): string =>
  isCompiled ? `${loop}/xla/total` : `${loop}/total`;

/**
 * Adds a loop of steps to a graph.
 *
 * Fed: `<name>/steps`, `<name>/first` (the first row), `<name>/seed` (run and first step), `<name>/order` if ordered,
 * the arrays and the numbers of each step under `<name>/…`. To be fetched: {@link totalOf}, the sums over the steps, in two
 * float32 parts that add up to the double that they were summed in.
 */
export const addLoop = (graph: GraphBuilder, specification: LoopSpecification): void => {
  atOnce(loopInSteps(graph, specification));
};

/** The same step by step: between them others may run. */
export function* loopInSteps(graph: GraphBuilder, specification: LoopSpecification): Steps<void> {
  addPlaceholders(graph, specification);
  yield* loopStepsTo(new RootFrame(graph), specification);
}

/** Adds the same loop over the same variables for XLA to compile, which is fed the same. */
export function* compiledLoopInSteps(graph: GraphBuilder, specification: LoopSpecification): Steps<void> {
  const { name } = specification;
  const call = new CompiledCall(new RootFrame(graph), `${name}/xla`);
  const total = yield* loopStepsTo(call, specification);
  const [given] = call.call([{ name: total, dtype: TYPES.float }]);
  graph.node(totalOf(name, true), 'Identity', [given as string], { T: attr.type(TYPES.float) }); // one for each
}

/** Adds a loop to a frame; gives the node of its total. */
function* loopStepsTo(outer: Frame, specification: LoopSpecification): Steps<string> {
  const { name, step, sums } = specification;
  const frame = outer.inner(name, takesTurns(step));
  const widen = { SrcT: attr.type(TYPES.float), DstT: attr.type(TYPES.double) };
  const zeros = outer.constant({ dtype: TYPES.float, shape: [sums], values: new Float32Array(sums) });
  const wideZeros = outer.node(`${name}/zeros`, 'Cast', [zeros], widen);
  const steps = outer.enterFromOutside({ name: `${name}/steps`, dtype: TYPES.int32 });
  const batches = new Batches(outer, frame, specification, targetsOf(step));
  const sumVariable: LoopVariable = { name: 'sum', first: { name: wideZeros, dtype: TYPES.double } };
  const loopVariables = [sumVariable, ...batches.loopVariables];
  const { iteration, now } = frame.loop({ name: steps, dtype: TYPES.int32 }, outer.ints(0), loopVariables);
  const [sumNow, ...batchNow] = now as readonly [string, ...string[]]; // one for each loop variable

  const feedNodes = addFeeds(frame, specification, iteration);
  const nodes: Nodes = batches.nodes(iteration, batchNow);
  for (const [id, feed] of step.feeds) {
    const source = feedNodes.get(feed);
    const dtype = feed === FEED_NAMES.seed ? TYPES.int32 : TYPES.float;
    if (source !== undefined) nodes.set(id, { name: source, dtype });
  }
  const handles = handlesOf(specification);
  for (const [index, id] of handles) {
    const { name: variable } = specification.variables[index] as GraphVariable; // of this list
    nodes.set(id, {
      name: frame.enterFromOutside({ name: variable, dtype: TYPES.resource }),
      dtype: TYPES.resource,
    });
  }
  const { recording } = step;
  const ops = gatherFromVariables(recording.ops, new Set(handles.values()));
  yield;
  const upToDate = yield* rowsInSteps(frame, specification, ops, nodes, iteration);
  yield* emitInSteps(frame, name, ops, recording.constants, targetsOf(step), nodes, iteration);
  yield;
  const finished = yield* writesInSteps(frame, specification, nodes, feedNodes, upToDate, iteration);

  const wide = frame.node(`${name}/wide`, 'Cast', [nodes.get(step.sums)?.name as string], widen); // emitted, as all targets are
  const sum = frame.node(`${name}/sum/plus`, 'Add', [sumNow, wide], { T: attr.type(TYPES.double) });
  const begun = nodes.get(batchBeginsAfter(step))?.name as string; // a target, as seen
  const nextBatch = batches.next(iteration, batchNow, begun);
  const [total] = frame.next(loopVariables, [sum, ...nextBatch], [finished]);
  const ended = [frame.end, ...addSweeps(outer, specification, frame.end)];
  return addTotal(outer, name, total as string, ended); // the first loop variable's
}

/** The node that counts the steps of a loop that were done, and the one that is there once no row of a table lags behind. */
export const endOf = (loop: string): { readonly steps: string; readonly swept: string } => ({
  steps: `${loop}/iteration/exit`,
  swept: `${loop}/swept`,
});

/** After the steps: brings all rows up to date that lag behind. Gives the node that is done then, if there are any. */
const addSweeps = (outer: Frame, { name, lagging, numbers }: LoopSpecification, ended: string): string[] => {
  if (lagging.size === 0) return [];
  const sweeps = [...lagging.values()].map((table) => addSweep(outer, table, ended, { loop: name, numbers }));
  return [outer.node(endOf(name).swept, 'Identity', [outer.ints(0), ...sweeps.map(controlOn)], int32())];
};

/** tfjs knows no doubles: the total leaves as a float32 and the float32 that it lacks. */
const addTotal = (outer: Frame, name: string, total: string, ended: readonly string[]): string => {
  const narrow = { SrcT: attr.type(TYPES.double), DstT: attr.type(TYPES.float) };
  const widen = { SrcT: attr.type(TYPES.float), DstT: attr.type(TYPES.double) };
  // The count of iterations leaves last: with it, all writes are done.
  outer.node(`${name}/high`, 'Cast', [total, ...ended.map(controlOn)], narrow);
  outer.node(`${name}/high/wide`, 'Cast', [`${name}/high`], widen);
  outer.node(`${name}/rest`, 'Sub', [total, `${name}/high/wide`], { T: attr.type(TYPES.double) });
  outer.node(`${name}/low`, 'Cast', [`${name}/rest`], narrow);
  return outer.node(totalOf(name), 'Pack', [`${name}/high`, `${name}/low`], {
    T: attr.type(TYPES.float),
    N: attr.int(2),
    axis: attr.int(0),
  });
};
