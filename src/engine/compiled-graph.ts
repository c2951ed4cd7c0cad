import { lossCount, sizeOfMetrics, type StepKind, type StepPlan } from '../step/plan';
import { GraphBuilder } from './graph/builder';
import type { AwaitedSteps, Steps } from '../base/steps';
import { compiledLoopInSteps, loopInSteps, takesTurns, type LoopSpecification } from './graph/loop';
import { areSmall, isWorthOptimizing } from './graph/nodes';
import { Session } from './graph/session';
import { addPlaces, firstPlace, placesOf, type LaggingTable } from './graph/lagging-rows';
import { bufferName } from './graph/table-updates';
import type { StepNumber } from './graph/steps';
import { asScratch, FINISHED, VariableGroup, type GraphVariable } from './graph/variables';
import { FEED_NAMES } from './trace/traced-step';
import { numbersOf, type TracedUpdate } from './trace/traced-update';
import type { TracedLoop, TracedProgram } from './traced-program';
import { XLA_LOOP } from './xla';

const sumsOf = (plan: StepPlan, kind: StepKind): number =>
  lossCount(plan) + sizeOfMetrics(plan) + 2 * plan.added[kind].length;

/** The numbers that the update is fed. */
const stepNumbersOf = ({ optimizer, update }: TracedProgram): StepNumber[] =>
  optimizer === undefined || update === undefined
    ? []
    : [...numbersOf(update)].map((name) => ({
        name,
        perStep: name !== 'learningRate' || optimizer.hasSchedule,
      }));

/** How the tables among the trainable variables are updated: their positions. */
interface TableUpdates {
  /** Only rows that have a gradient are looked at in a step. */
  readonly byRows: ReadonlySet<number>;
  /** Of these, those all rows of which change, by their positions among the trainable variables. */
  readonly lagging: ReadonlyMap<number, LaggingTable>;
  /** All rows change in each step, and the gradient is kept as a whole. */
  readonly buffered: readonly number[];
}

const tableUpdatesOf = (
  { traced, trainable, update }: TracedProgram,
  variables: readonly GraphVariable[],
): TableUpdates => {
  const training = traced.filter(({ loop }) => loop.training);
  const isSliced = ({ step: { gradients, tables } }: TracedLoop, position: number): boolean =>
    tables?.sliced.has(gradients[position] ?? 0) === true;
  const isGathered = ({ step: { feeds, tables } }: TracedLoop, variable: number): boolean =>
    [...(tables?.gathered ?? [])].some((id) => feeds.get(id) === FEED_NAMES.variable(variable));
  const isFilled = ({ step: { gradients, tables } }: TracedLoop, position: number): boolean =>
    tables?.sliced.get(gradients[position] ?? 0)?.filled !== undefined;
  const lagging = new Map<number, LaggingTable>();
  const byRows = trainable.filter((variable, position) => {
    const rule = update?.ofRows[position];
    if (rule === undefined) return false;
    if (!training.every((loop) => isSliced(loop, position) && isGathered(loop, variable))) return false;
    if (rule.keepsOthers) return true;
    if (!training.every((loop) => isFilled(loop, position))) return false;
    lagging.set(position, { ...(variables[variable] as GraphVariable), rule }); // positions are of this list
    return true;
  });
  const buffered = trainable.filter(
    (variable, position) => !byRows.includes(variable) && training.some((loop) => isSliced(loop, position)),
  );
  return { byRows: new Set(byRows), lagging, buffered };
};

/** The graph of a program's steps, loaded. */
export interface StepsGraph {
  readonly session: Session;
  readonly weights: VariableGroup;
  /** For each trainable variable, its slots. */
  readonly slots: VariableGroup;
  /** The numbers that the update is fed. */
  readonly numbers: readonly StepNumber[];
  /** Whether rows of a table lag behind during a run of training steps. */
  readonly hasLaggingRows: boolean;
}

/** Adds the loop of one of a program's steps. */
function* stepInSteps(
  graph: GraphBuilder,
  { loop, step, arrays, plan, isPart }: TracedLoop,
  { trainable, update }: TracedProgram,
  variables: readonly GraphVariable[],
  { byRows, lagging }: TableUpdates,
  numbers: readonly StepNumber[],
  isForXla: boolean,
): Steps<void> {
  const withRules = (whole: TracedUpdate): TracedUpdate => ({
    ...whole,
    ofRows: whole.ofRows.map((rule, position) => (byRows.has(trainable[position] ?? -1) ? rule : undefined)),
  });
  const specification: LoopSpecification = {
    name: loop.name,
    step,
    batch: loop.batch,
    arrays,
    // Parts of a stream come in their order.
    ordered: loop.training && !isPart,
    variables,
    training: loop.training && update !== undefined ? { trainable, update: withRules(update) } : undefined,
    byRows,
    lagging: loop.training ? lagging : new Map(),
    numbers: loop.training ? numbers : [],
    sums: sumsOf(plan, loop.training ? 'train' : 'test'),
  };
  yield* loopInSteps(graph, specification);
  if (!isForXla) return;
  yield;
  yield* compiledLoopInSteps(graph, specification);
}

/**
 * Builds the graph of a program's steps and loads it on another thread, with another loop over the whole batches `forXla`. Step by step:
 * between them others may run.
 */
export function* graphInSteps(program: TracedProgram, forXla: boolean): AwaitedSteps<StepsGraph> {
  const { traced, weights, trainable, optimizer } = program;
  const numbers = stepNumbersOf(program);
  const graph = new GraphBuilder();
  const variables = weights.map(({ shape }, index) => ({
    name: `weight${index}`,
    shape: shape as number[], // weights have whole shapes
  }));
  const slotsNamed = (names: readonly string[] = []): GraphVariable[] =>
    trainable.flatMap((index) =>
      names.map((slot) => ({ name: `weight${index}/${slot}`, shape: variables[index]?.shape ?? [] })),
    );
  // What carries nothing from step to step need not come and go.
  const zeros = [FINISHED, ...slotsNamed(optimizer?.scratchNames).map(asScratch)];
  const tables = tableUpdatesOf(program, variables);
  const buffers = tables.buffered.map((index) => ({
    name: bufferName(`weight${index}`),
    shape: variables[index]?.shape ?? [],
  }));
  const weightGroup = new VariableGroup(graph, variables, 'weights', zeros, buffers);
  const numbersOfSlots = optimizer?.firstNumbers;
  const first = numbersOfSlots && trainable.flatMap(() => numbersOfSlots);
  const places = [...tables.lagging.values()].map((table) => ({
    ...placesOf(table),
    first: firstPlace(table, numbersOfSlots ?? []),
    assign: (into: GraphBuilder, valueOf: (variable: string) => string) => addPlaces(into, table, valueOf),
  }));
  const slots = new VariableGroup(graph, slotsNamed(optimizer?.slotNames), 'slots', [], [], first, places);
  yield;
  for (const loop of traced) {
    const isForXla = forXla && loop.loop.name === XLA_LOOP;
    yield* stepInSteps(graph, loop, program, variables, tables, numbers, isForXla);
    yield;
  }
  const ops = traced.flatMap(({ step }) => step.recording.ops);
  const hasLaggingRows = tables.lagging.size > 0;
  const main = traced.find(({ loop }) => loop.training) ?? traced[0];
  const takeTurns = areSmall(ops) || (main !== undefined && takesTurns(main.step));
  // A call that XLA compiles waits within a loop for another thread on TensorFlow 2.13: for ever, where there is none.
  const threads = takeTurns && !hasLaggingRows ? 'caller' : 'pool';
  const session = yield* Session.loading(graph, threads, isWorthOptimizing(ops));
  return { session, weights: weightGroup, slots, numbers, hasLaggingRows };
}
