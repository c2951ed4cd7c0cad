import type { LayerVariable } from '@tensorflow/tfjs';
import type { KerasModel } from '../models/model';
import { UpdateOptimizer, type Optimizer } from '../optimizers/optimizer';
import { batchOf, type Arrays } from '../step/batches';
import { allLayers } from '../step/layers';
import { trainableOf, type StepPlan } from '../step/plan';
import { uploadVariables } from '../step/upload-variables';
import { whenReady } from '../tfjs/deferred-values';
import { variableOf } from '../tfjs/private';
import { graphArraysOf } from './arrays';
import type { GraphArray } from './graph/batches';
import type { RecordedOp } from './trace/recording';
import { eagerCost, type EagerCost } from './trace/eager-cost';
import {
  FEED_NAMES,
  replayableVariables,
  stepOf,
  traceOnce,
  type NotReplayable,
  type ReplayableVariable,
  type TracedStep,
} from './trace/traced-step';
import { inTurns, type Steps } from '../base/steps';
import { rehearse } from './trace/rehearsal';
import { uniqueRows } from './trace/rewrites/unique-rows';
import { updateOf, type TracedUpdate } from './trace/traced-update';

/** A loop of steps of one batch size, over arrays of certain shapes. */
interface Loop {
  readonly name: string;
  readonly batch: number;
  readonly training: boolean;
}

interface Planned {
  readonly plan: StepPlan;
  readonly arrays: Arrays;
  /** There where the arrays are a part of a stream. */
  readonly firstStep?: number | undefined;
}

/** What a compiled program is made for. */
export interface ProgramRequest {
  readonly model: KerasModel;
  readonly batchSize: number;
  readonly training?: Planned & { readonly optimizer: Optimizer };
  readonly test?: Planned;
}

/** The step of a loop, traced. */
export interface TracedLoop {
  readonly loop: Loop;
  readonly step: TracedStep;
  readonly arrays: readonly GraphArray[];
  readonly plan: StepPlan;
  /** Whether the arrays are a part of a stream. */
  readonly isPart: boolean;
}

/** A request's steps, traced. */
export interface TracedProgram {
  readonly traced: readonly TracedLoop[];
  /** The model's weights, and the states that its layers keep. */
  readonly weights: readonly ReplayableVariable[];
  /** The positions of the trainable ones among the weights. */
  readonly trainable: readonly number[];
  readonly optimizer: UpdateOptimizer | undefined;
  /** What the optimizer does in a step. */
  readonly update: TracedUpdate | undefined;
  /** How many operations a step has. */
  readonly operations: number;
  /** What a step takes, one operation after the other, as far as its operations tell. */
  readonly eager: EagerCost;
}

/** The whole batches of some rows, and the smaller last one. */
const loopsOf = (name: string, rows: number, batchSize: number, training: boolean): Loop[] => {
  const whole = Math.floor(rows / batchSize);
  const rest = rows % batchSize;
  return [
    ...(whole > 0 ? [{ name, batch: batchSize, training }] : []),
    ...(rest > 0 ? [{ name: `${name}-last`, batch: rest, training }] : []),
  ];
};

const plannedLoops = ({ batchSize, training, test }: ProgramRequest): (Planned & { loop: Loop })[] => [
  ...(training === undefined
    ? []
    : loopsOf('train', training.arrays.rows, batchSize, true).map((loop) => ({ loop, ...training }))),
  ...(test === undefined
    ? []
    : loopsOf('test', test.arrays.rows, batchSize, false).map((loop) => ({ loop, ...test }))),
];

/** Lets others run between two traces. It may throw: then nothing is traced any more. */
export type Pause = () => Promise<void>;

/** A loop's step as it was recorded, and as it is to be replayed. */
interface TwiceTraced {
  readonly recorded: TracedStep;
  readonly step: TracedStep | NotReplayable;
}

const traceLoop = async (
  { loop, plan, arrays }: Planned & { readonly loop: Loop },
  weights: readonly ReplayableVariable[],
  trainable: readonly LayerVariable[],
  pause: Pause,
): Promise<TwiceTraced> => {
  const variables = weights.map(variableOf);
  const once = (): Steps<TracedStep> =>
    traceOnce(plan, () => batchOf(arrays, 0, loop.batch), weights, loop.training ? trainable : undefined);
  // What is traced looks at the weights, for which it would have to wait while others train them.
  const pauseUntilReady = async (): Promise<void> => {
    await pause();
    await whenReady(variables);
  };
  const first = await inTurns(once(), pause);
  await pauseUntilReady();
  const second = await inTurns(once(), pause);
  await pause();
  const step = await inTurns(stepOf(first, second), pause);
  await pause();
  return { recorded: second, step };
};

/** How many operations there are, with those of recurrences' steps. */
const countOps = (ops: readonly RecordedOp[]): number =>
  ops.reduce((total, { scan }) => total + 1 + (scan === undefined ? 0 : countOps(scan.body)), 0);

/** What the optimizer does in a step, traced; undefined where there is none. */
const traceOptimizer = async (
  optimizer: UpdateOptimizer | undefined,
  trainable: readonly LayerVariable[],
  pause: Pause,
): Promise<TracedUpdate | NotReplayable | undefined> => {
  if (optimizer === undefined) return undefined;
  const update = await inTurns(updateOf(optimizer.update, trainable), pause);
  return 'reason' in update ? { reason: `the update of ${optimizer.name}: ${update.reason}` } : update;
};

/** Why a layer's training cannot be compiled, if one says so. */
const reasonInLayers = (model: KerasModel): string | undefined => {
  for (const layer of allLayers(model.tf.layers)) {
    const { reasonNotTraceable } = layer as { readonly reasonNotTraceable?: unknown }; // few have it
    if (typeof reasonNotTraceable === 'string') return reasonNotTraceable;
  }
  return undefined;
};

/** A training step, where the rows of tables all of which change are read once each: they may lag behind, then. */
const withUniqueRows = (step: TracedStep, trainable: readonly number[], update: TracedUpdate): TracedStep => {
  const { recording, tables, feeds, gradients } = step;
  if (tables === undefined) return step;
  const ids = new Map([...feeds].map(([id, feed]) => [feed, id]));
  const lagging = trainable.flatMap((variable, position) => {
    const value = ids.get(FEED_NAMES.variable(variable)) ?? 0;
    const gradient = gradients[position] ?? 0;
    const isTable = update.ofRows[position]?.keepsOthers === false;
    return isTable && tables.gathered.has(value) ? [{ value, gradient }] : [];
  });
  return lagging.length === 0 ? step : { ...step, ...uniqueRows({ recording, tables }, lagging) };
};

/** Traces the steps that are asked for, or says why they cannot be replayed. */
export const traceProgram = async (
  request: ProgramRequest,
  pause: Pause,
): Promise<TracedProgram | NotReplayable> => {
  const { model, training } = request;
  const weights = replayableVariables(model);
  if ('reason' in weights) return weights;
  // What is traced looks at them, for which it would have to wait, or to bring to TensorFlow what JavaScript has made.
  const variables = weights.map(variableOf);
  await whenReady(variables);
  await uploadVariables(variables, pause);
  const { optimizer } = training ?? {};
  if (optimizer !== undefined && !(optimizer instanceof UpdateOptimizer)) {
    return { reason: `the optimizer ${optimizer.name} is not one of this library's` };
  }
  const reason = training === undefined ? undefined : reasonInLayers(model);
  if (reason !== undefined) return { reason };
  const trainable = training === undefined ? [] : trainableOf(training.plan);
  const update = await traceOptimizer(optimizer, trainable, pause);
  if (update !== undefined && 'reason' in update) return update;
  await pause();
  await inTurns(rehearse(allLayers(model.tf.layers)), pause);
  const positions = trainable.map((variable) => weights.indexOf(variable));
  const traced: TracedLoop[] = [];
  let eager: EagerCost | undefined;
  for (const { loop, arrays, plan, firstStep } of plannedLoops(request)) {
    const { step: made, recorded } = await traceLoop({ loop, plan, arrays }, weights, trainable, pause);
    if ('reason' in made) return made;
    eager ??= eagerCost(recorded.recording, recorded.shapes);
    const isPart = firstStep !== undefined;
    const step = loop.training && update !== undefined ? withUniqueRows(made, positions, update) : made;
    traced.push({ loop, arrays: graphArraysOf(arrays, isPart), plan, step, isPart });
  }
  return {
    traced,
    weights,
    trainable: positions,
    optimizer,
    update,
    operations: countOps(traced[0]?.step.recording.ops ?? []),
    eager: eager ?? { operations: 0, milliseconds: 0 },
  };
};
