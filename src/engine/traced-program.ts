import type { LayerVariable } from '@tensorflow/tfjs';
import type { KerasModel } from '../models/model';
import { UpdateOptimizer, type Optimizer } from '../optimizers/optimizer';
import { batchOf, type Arrays } from '../step/batches';
import { trainableOf, type StepPlan } from '../step/plan';
import { tf } from '../tfjs/tensorflow';
import { graphArraysOf } from './arrays';
import type { GraphArray } from './graph/loop';
import type { RecordedOp } from './trace/recording';
import { replayableWeights, traceStep, type NotReplayable, type TracedStep } from './trace/traced-step';
import { traceUpdate, type TracedUpdate } from './trace/traced-update';

/** A loop of steps of one batch size, over arrays of certain shapes. */
interface Loop {
  readonly name: string;
  readonly batch: number;
  readonly training: boolean;
}

interface Planned {
  readonly plan: StepPlan;
  readonly arrays: Arrays;
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
}

/** A request's steps, traced. */
export interface TracedProgram {
  readonly traced: readonly TracedLoop[];
  readonly weights: readonly LayerVariable[];
  /** The positions of the trainable ones among the weights. */
  readonly trainable: readonly number[];
  readonly optimizer: UpdateOptimizer | undefined;
  /** What the optimizer does in a step. */
  readonly update: TracedUpdate | undefined;
  /** How many operations a step has. */
  readonly operations: number;
  /** How long a step took, recorded, one operation after the other. */
  readonly stepMilliseconds: number;
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

const traceLoop = (
  { loop, plan, arrays }: Planned & { readonly loop: Loop },
  weights: readonly LayerVariable[],
  trainable: readonly LayerVariable[],
): TracedStep | NotReplayable => {
  let step: TracedStep | NotReplayable | undefined;
  tf.tidy(() => {
    step = traceStep(plan, batchOf(arrays, 0, loop.batch), weights, loop.training ? trainable : undefined);
  });
  return step as unknown as TracedStep | NotReplayable; // the tidy ran its function, or threw
};

/** How many operations there are, with those of recurrences' steps. */
const countOps = (ops: readonly RecordedOp[]): number =>
  ops.reduce((total, { scan }) => total + 1 + (scan === undefined ? 0 : countOps(scan.body)), 0);

/** What the optimizer does in a step, traced; undefined where there is none. */
const traceOptimizer = (
  optimizer: UpdateOptimizer | undefined,
  trainable: readonly LayerVariable[],
): TracedUpdate | NotReplayable | undefined => {
  if (optimizer === undefined) return undefined;
  const update = traceUpdate(optimizer.update, trainable);
  return 'reason' in update ? { reason: `the update of ${optimizer.name}: ${update.reason}` } : update;
};

/** Traces the steps that are asked for, or says why they cannot be replayed. */
export const traceProgram = (request: ProgramRequest): TracedProgram | NotReplayable => {
  const { model, training } = request;
  const weights = replayableWeights(model);
  if ('reason' in weights) return weights;
  const { optimizer } = training ?? {};
  if (optimizer !== undefined && !(optimizer instanceof UpdateOptimizer)) {
    return { reason: `the optimizer ${optimizer.name} is not one of this library's` };
  }
  const trainable = training === undefined ? [] : trainableOf(training.plan);
  const update = traceOptimizer(optimizer, trainable);
  if (update !== undefined && 'reason' in update) return update;
  const traced: TracedLoop[] = [];
  let stepMilliseconds = 0;
  for (const { loop, arrays, plan } of plannedLoops(request)) {
    const begun = performance.now();
    const step = traceLoop({ loop, plan, arrays }, weights, trainable);
    if ('reason' in step) return step;
    if (traced.length === 0) stepMilliseconds = (performance.now() - begun) / 2;
    traced.push({ loop, arrays: graphArraysOf(arrays), plan, step });
  }
  return {
    traced,
    weights,
    trainable: trainable.map((variable) => weights.indexOf(variable)),
    optimizer,
    update,
    operations: countOps(traced[0]?.step.recording.ops ?? []),
    stepMilliseconds,
  };
};
