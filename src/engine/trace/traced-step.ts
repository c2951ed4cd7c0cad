import type { layers } from '@tensorflow/tfjs';
import type { KerasModel } from '../../models/model';
import { trainableOfLayers } from '../../models/trainable';
import { entriesOf, sparsePlaceholder, sparseBatchOf, type SparseBatch } from '../../arrays/sparse-input';
import type { Batch } from '../../step/batches';
import type { StepPlan } from '../../step/plan';
import { hasLayers } from '../../layers/internal/target';
import { allLayers, stateVariablesOf } from '../../step/layers';
import { testStepInSteps, trainStepInSteps, type TrainStep } from '../../step/step';
import { native } from '../../ops/native';
import { variableOf } from '../../tfjs/private';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { idOf } from '../../tfjs/binding';
import type { Steps } from '../../base/steps';
import { difference } from './compare';
import { rewriteInSteps } from './rewrite';
import { traceApart } from './own-values';
import { recordInSteps, withoutComputing } from './record';
import type { RecordedOp, Recording } from './recording';
import { poolTables } from './rewrites/pooled-table';
import { findTables, type Tables } from './tables';

/** A computation that can be replayed: its recording, with the ids of what goes in and what comes out. */
export interface TracedStep {
  readonly recording: Recording;
  /** The tensors that are other ones in each step, by the name under which the graph provides them. */
  readonly feeds: ReadonlyMap<number, string>;
  readonly sums: number;
  /** The gradient of each trainable variable; none in a test step. */
  readonly gradients: readonly number[];
  /** New values of variables that the layers themselves write, by the variable's position: moving averages. */
  readonly updates: ReadonlyMap<number, number>;
  /** The shapes of what it is fed, by id. */
  readonly shapes: ReadonlyMap<number, readonly number[]>;
  /** The variables of which the step takes some rows only, and the gradients that are of some rows. */
  readonly tables?: Tables;
}

/** Why a step cannot be replayed. */
export interface NotReplayable {
  readonly reason: string;
}

/** A variable that a graph has, too: a weight, or a state that a layer keeps. */
export interface ReplayableVariable {
  readonly shape: readonly (number | null)[];
  read(): Tensor;
}

/** A model's weights and the states that its layers keep, or why what it computes cannot be replayed at all. */
export const replayableVariables = (model: KerasModel): ReplayableVariable[] | NotReplayable => {
  const weights = [...new Set(model.tf.weights)];
  if (weights.some(({ dtype }) => dtype !== 'float32')) return { reason: 'a weight is not of type float32' };
  const isForeign = (layer: layers.Layer): boolean =>
    layer.stateful && !hasLayers(layer) && !('stateVariables' in layer);
  if ([...allLayers(model.tf.layers)].some(isForeign))
    return { reason: 'a layer is stateful, and keeps its states itself' };
  return [...weights, ...stateVariablesOf(model).map((state) => ({ shape: state.shape, read: () => state }))];
};

/** What was recorded, and the names of what it is fed, by id. */
interface Recorded {
  readonly recording: Recording;
  readonly feeds: ReadonlyMap<number, string>;
}

/** Why what was recorded twice cannot be replayed, if it cannot. */
export const reasonNotTraceable = (first: Recorded, second: Recorded): string | undefined =>
  // The second, since tfjs makes a tensor's native one on first use: an outside one may look like the first step's own.
  externalCapture(second.recording, second.feeds) ??
  difference(first.recording, second.recording, [first.feeds, second.feeds]);

/** Whether something in a recording uses what it is fed under a name. */
export const isFed = ({ recording, feeds }: Recorded, name: string): boolean => {
  const isUsed = (ops: readonly RecordedOp[]): boolean =>
    ops.some(
      ({ inputs, scan }) =>
        inputs.some((id) => feeds.get(id) === name) || (scan !== undefined && isUsed(scan.body)),
    );
  return isUsed(recording.ops);
};

/** The names under which the graph provides what differs from step to step. */
export const FEED_NAMES = {
  x: (index: number) => `x${index}`,
  sparse: (index: number, part: string) => `x${index}/${part}`,
  /** Which rows of a sparse input a step takes. */
  isRows: (name: string) => name.endsWith('/rows'),
  y: (index: number) => `y${index}`,
  weights: (index: number) => `weights${index}`,
  variable: (index: number) => `variable${index}`,
  isVariable: (name: string) => /^variable\d+$/.test(name),
  seed: 'seed',
} as const;

/** The tensors that a step is fed: their names and shapes, by id. */
interface Feeds {
  readonly names: ReadonlyMap<number, string>;
  readonly shapes: ReadonlyMap<number, readonly number[]>;
}

const feedsOf = (batch: Batch, seed: Tensor, weights: readonly ReplayableVariable[]): Feeds => {
  const names = new Map<number, string>();
  const shapes = new Map<number, readonly number[]>();
  const add = (tensor: Tensor, name: string): void => {
    names.set(idOf(tensor), name);
    shapes.set(idOf(tensor), tensor.shape);
  };
  batch.x.forEach((tensor, index) => {
    const sparse = sparseBatchOf(tensor);
    if (sparse === undefined) add(tensor, FEED_NAMES.x(index));
    else for (const [part, its] of entriesOf(sparse)) add(its, FEED_NAMES.sparse(index, part));
  });
  batch.y.forEach((tensor, index) => {
    if (tensor !== undefined) add(tensor, FEED_NAMES.y(index));
  });
  batch.weights.forEach((tensor, index) => {
    if (tensor !== undefined) add(tensor, FEED_NAMES.weights(index));
  });
  add(seed, FEED_NAMES.seed);
  weights.forEach((variable, index) => add(variableOf(variable), FEED_NAMES.variable(index)));
  return { names, shapes };
};

/**
 * Traces a step once, training with `trainable` variables or else testing, on a real batch. Step by step: between them others may run. The
 * model's weights stay what they are.
 */
export const traceOnce = (
  plan: StepPlan,
  batch: () => Batch,
  weights: readonly ReplayableVariable[],
  trainable: readonly ReplayableVariable[] | undefined,
): Steps<TracedStep> =>
  withoutComputing((standIns) =>
    traceApart(weights.map(variableOf), () => trace(standIns, plan, batch(), weights, trainable), [
      trainableOfLayers(plan.trainable),
    ]),
  );

/** A test step as a step without gradients. */
function* testStepAlone(plan: StepPlan, batch: Batch, seed: Tensor): Steps<TrainStep> {
  return { sums: yield* testStepInSteps(plan, batch, seed), gradients: [] };
}

function* trace(
  standIns: boolean,
  plan: StepPlan,
  batch: Batch,
  weights: readonly ReplayableVariable[],
  trainable: readonly ReplayableVariable[] | undefined,
): Steps<TracedStep> {
  const seed = tf.tensor1d([1, 1], 'int32');
  // Copies, so that no tensor of the batch is a weight or another part of the batch.
  const own: Batch = {
    x: batch.x.map(copyInput),
    y: batch.y.map((tensor) => (tensor === undefined ? undefined : copy(tensor))),
    weights: batch.weights.map((tensor) => (tensor === undefined ? undefined : copy(tensor))),
  };
  const { names, shapes } = feedsOf(own, seed, weights);
  const ids = weights.map((variable) => idOf(variableOf(variable)));
  const step = (): Steps<TrainStep> =>
    trainable === undefined
      ? testStepAlone(plan, own, seed)
      : trainStepInSteps(plan, own, seed, trainable.map(variableOf));
  const { result, recording } = yield* recordInSteps(step, standIns ? shapes : undefined);
  const updates = new Map<number, number>();
  weights.forEach((variable, index) => {
    const id = idOf(variableOf(variable));
    if (id !== ids[index]) updates.set(index, id);
  });
  // The tensors are freed; their ids stay good as names.
  return {
    recording,
    feeds: names,
    shapes,
    sums: idOf(result.sums),
    gradients: result.gradients.map(idOf),
    updates,
  };
}

/** A tensor of TensorFlow's own over the same numbers: tfjs's `clone` shares the native one. */
export const copy = (tensor: Tensor): Tensor => native.identity(tensor);

/** An input of its own: what stands for a sparse batch gets parts of its own. */
const copyInput = (tensor: Tensor): Tensor => {
  const sparse = sparseBatchOf(tensor);
  if (sparse === undefined) return copy(tensor);
  const own = entriesOf(sparse).map(([part, its]) => [part, copy(its)]);
  return sparsePlaceholder(tensor.shape, Object.fromEntries(own) as SparseBatch); // of the same parts
};

/**
 * The step that was traced twice, since only what is the same both times can be replayed; or why it cannot be. Step by step: between them
 * others may run.
 */
export function* stepOf(first: TracedStep, second: TracedStep): Steps<TracedStep | NotReplayable> {
  const reason = reasonNotTraceable(first, second);
  if (reason !== undefined) return { reason };
  yield;
  return yield* rewritten(first);
}

/** The same step in fewer operations. */
function* rewritten(step: TracedStep): Steps<TracedStep> {
  const { recording, resolve } = yield* rewriteInSteps(step.recording, step.shapes);
  yield;
  const gradients = step.gradients.map(resolve);
  const variables = [...step.feeds].filter(([, feed]) => FEED_NAMES.isVariable(feed)).map(([id]) => id);
  const tables = findTables(recording, variables, gradients, step.shapes);
  return {
    ...poolTables(recording, tables, step.shapes),
    feeds: step.feeds,
    shapes: step.shapes,
    sums: resolve(step.sums),
    gradients,
    updates: new Map([...step.updates].map(([variable, id]) => [variable, resolve(id)])),
  };
}

/** A tensor that is neither fed nor made in the step could change between steps without the graph's knowing. */
const externalCapture = (recording: Recording, feeds: ReadonlyMap<number, string>): string | undefined => {
  const find = (ops: readonly RecordedOp[], known: Set<number>): string | undefined => {
    for (const { name, inputs, outputs, scan } of ops) {
      if (inputs.some((id) => !known.has(id))) return `${name} uses a tensor from outside of the step`;
      if (scan !== undefined) {
        const { sequences, state, backward } = scan.feeds;
        const own = [...sequences, state, ...Object.values(backward ?? {})];
        const inner = find(scan.body, new Set([...known, ...own]));
        if (inner !== undefined) return inner;
      }
      for (const { id } of outputs) known.add(id);
    }
    return undefined;
  };
  return find(recording.ops, new Set([...feeds.keys(), ...recording.constants.keys()]));
};
