import type { KerasModel } from '../models/model';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { enterStepSeed } from '../ops/random';
import type { StepSeeds } from '../step/batches';
import { allLayers, frozenAsNow, stateVariablesOf } from '../step/layers';
import { forward } from '../step/step';
import { outputsInSteps } from '../step/texts';
import type { ModelOutputs } from '../tfjs/run-graph';
import { useVariables } from '../tfjs/weights-in-use';
import { whenReady } from '../tfjs/deferred-values';
import { variableOf } from '../tfjs/private';
import { idOf, TYPES, typeNumber } from '../tfjs/binding';
import { CompiledFunction } from './function/compiled-function';
import { flatten } from './function/structure';
import { traceFunction, type TracedFunction } from './function/traced-function';
import { withinInSteps, type AwaitedSteps, type Steps } from '../base/steps';
import { emitInSteps } from './graph/emit';
import { isWorthOptimizing, type Nodes } from './graph/nodes';
import { RootFrame } from './graph/frame';
import { GraphBuilder } from './graph/builder';
import { VariableGroup, type Write } from './graph/variables';
import type { NativeTensor, PendingRun } from '../native/index';
import { Session, tensorsOf, type GraphRun } from './graph/session';
import { rewriteInSteps } from './trace/rewrite';
import { traceApart } from './trace/own-values';
import { recordInSteps, withoutComputing } from './trace/record';
import { rehearse } from './trace/rehearsal';
import type { Recording } from './trace/recording';
import {
  copy,
  FEED_NAMES,
  isFed,
  reasonNotTraceable,
  replayableVariables,
  type NotReplayable,
  type ReplayableVariable,
} from './trace/traced-step';

/** A prediction as it was recorded. */
export interface TracedForward {
  readonly recording: Recording;
  readonly feeds: ReadonlyMap<number, string>;
  readonly shapes: ReadonlyMap<number, readonly number[]>;
  readonly outputs: readonly number[];
  /** What the outputs are. */
  readonly results: readonly Pick<Tensor, 'dtype' | 'shape'>[];
  /** What weights become that layers write, by their positions: moving averages, of layers that train in predictions, too. */
  readonly writes: ReadonlyMap<number, number>;
}

const inputName = (index: number): string => `x${index}`;
const weightName = (index: number): string => `weight${index}`;

/**
 * Records a prediction. What goes in is known by the names `x0`, `x1`, … and `weight0`, `weight1`, …, and, where a seed is one of its
 * inputs, by `seed`. Step by step: between them others may run. The model's weights stay what they are.
 */
export const traceForward = (
  model: KerasModel,
  x: readonly Tensor[],
  weights: readonly ReplayableVariable[],
  isSeeded = false,
): Steps<TracedForward> =>
  withoutComputing((standIns) =>
    traceApart(weights.map(variableOf), () => trace(standIns, model, x, weights, isSeeded)),
  );

function* trace(
  standIns: boolean,
  model: KerasModel,
  x: readonly Tensor[],
  weights: readonly ReplayableVariable[],
  isSeeded: boolean,
): Steps<TracedForward> {
  const own = x.map(copy);
  const feeds = new Map<number, string>();
  const seed = tf.tensor1d([1, 1], 'int32');
  const variables = weights.map(variableOf);
  const ids = variables.map(idOf);
  const shapes = new Map([...own, seed, ...variables].map((tensor) => [idOf(tensor), tensor.shape]));
  own.forEach((tensor, index) => feeds.set(idOf(tensor), inputName(index)));
  ids.forEach((id, index) => feeds.set(id, weightName(index)));
  if (isSeeded) feeds.set(idOf(seed), FEED_NAMES.seed);
  const run = (): Steps<ModelOutputs> => outputsInSteps(model.tf, own, false);
  const { result, recording } = yield* recordInSteps(
    isSeeded ? () => withinInSteps(() => enterStepSeed(seed), run) : run,
    standIns ? shapes : undefined,
  );
  const writes = new Map<number, number>();
  variables.forEach((variable, index) => {
    const id = idOf(variable);
    if (id !== ids[index]) writes.set(index, id);
  });
  const { outputs } = result;
  return {
    recording,
    feeds,
    shapes,
    outputs: outputs.map(idOf),
    results: outputs.map(({ dtype, shape }) => ({ dtype, shape })),
    writes,
  };
}

/** A model's predictions for inputs of one shape. */
export interface Forward {
  /** Milliseconds that a prediction has taken at least; undefined before the first one on a thread. */
  readonly cost: number | undefined;
  /** Whether it is still what the model predicts: freezing layers may change that. */
  isCurrent(): boolean;
  /** The model's outputs, with the seeds of what layers draw. The caller frees them. */
  run(x: readonly Tensor[], seeds: StepSeeds): Tensor[];
  /** The same on another thread. */
  runOnThread(x: readonly Tensor[], seeds: StepSeeds): Promise<Tensor[]>;
  dispose(): void;
}

/**
 * Traces a prediction and makes it one call of TensorFlow, or says why that cannot be. Step by step: between them others may run, while
 * another thread works if there is something to await, and whoever `isAwaited` is true for awaits it. Whoever does not go to the end calls
 * `throw`, which frees what there is.
 */
export function* forwardInSteps(
  model: KerasModel,
  x: readonly Tensor[],
  isAwaited: boolean,
): AwaitedSteps<Forward | NotReplayable> {
  const weights = replayableVariables(model);
  if ('reason' in weights) return weights;
  if (stateVariablesOf(model).length > 0) {
    yield;
    return statefulForward(model, x, weights.map(variableOf));
  }
  // Who freezes layers meanwhile wants another.
  const isCurrent = frozenAsNow(model);
  if (isAwaited) yield* rehearse(allLayers(model.tf.layers));
  const first = yield* traceForward(model, x, weights, true);
  yield;
  const second = yield* traceForward(model, x, weights, true);
  yield;
  const reason = reasonNotTraceable(first, second);
  if (reason !== undefined) return { reason };
  if (first.writes.size > 0 || isFed(first, FEED_NAMES.seed))
    return statefulForward(model, x, weights.map(variableOf));
  const { recording, resolve } = yield* rewriteInSteps(first.recording, first.shapes);
  const traced = { recording, feeds: first.feeds, outputs: first.outputs.map(resolve) };
  yield;
  const parts = yield* loadedInSteps(x, weights, traced, isAwaited);
  const compiled = new CompiledForward(x, weights, parts, isCurrent);
  let isDone = false;
  try {
    // While a fit changes them on another thread, or has large ones in its graph, a look at them would have to wait.
    yield whenReady(weights.map(variableOf));
    yield whenReady(weights.map(variableOf)) === undefined ? compiled.uploadLater() : undefined;
    isDone = true;
    return compiled;
  } finally {
    if (!isDone) compiled.dispose();
  }
}

/** Predictions that change the states which layers keep, or weights, or draw random numbers. */
class StatefulForward implements Forward {
  cost: number | undefined;
  private readonly program: CompiledFunction;
  /** Those of the call that is about to run. */
  private seeds: StepSeeds | undefined;

  constructor(
    traced: TracedFunction,
    x: readonly Tensor[],
    readonly isCurrent: () => boolean,
  ) {
    this.program = new CompiledFunction(traced, x, {
      take: (steps) => (this.seeds as StepSeeds).take(steps), // set before each run
    });
  }

  run(x: readonly Tensor[], seeds: StepSeeds): Tensor[] {
    this.seeds = seeds;
    return this.program.run(x) as Tensor[]; // as the function returns them
  }

  async runOnThread(x: readonly Tensor[], seeds: StepSeeds): Promise<Tensor[]> {
    const begun = performance.now();
    // The next batch begins with the states in which this one ends.
    for (let busy = this.program.whenIdle(); busy !== undefined; busy = this.program.whenIdle()) await busy;
    this.seeds = seeds;
    try {
      return (await this.program.runOnThread(x)) as Tensor[]; // as the function returns them
    } finally {
      this.cost = Math.min(this.cost ?? Infinity, performance.now() - begun);
    }
  }

  dispose(): void {
    this.program.dispose();
  }
}

/** The predictions of a model that changes by them, or draws, whose graph writes what changes and has a seed. */
const statefulForward = (
  model: KerasModel,
  x: readonly Tensor[],
  variables: readonly Variable[],
): Forward | NotReplayable => {
  const predict = (...inputs: Tensor[]): Tensor[] => {
    useVariables(variables);
    return forward(model, inputs, false).outputs;
  };
  const args = flatten(x);
  const traced = traceFunction(predict, args);
  return 'reason' in traced ? traced : new StatefulForward(traced, args.tensors, frozenAsNow(model));
};

/** A prediction's graph, loaded. */
interface LoadedForward {
  readonly session: Session;
  readonly group: VariableGroup;
  /** The nodes of the outputs. */
  readonly outputs: readonly string[];
}

/** Builds the graph of a prediction, and loads it: on another thread, if that is awaited. */
function* loadedInSteps(
  x: readonly Tensor[],
  weights: readonly ReplayableVariable[],
  { recording, feeds, outputs }: Pick<TracedForward, 'recording' | 'feeds' | 'outputs'>,
  isAwaited: boolean,
): AwaitedSteps<LoadedForward> {
  const graph = new GraphBuilder();
  const nodes: Nodes = new Map();
  x.forEach(({ dtype, shape }, index) => graph.placeholder(inputName(index), typeNumber(dtype), shape));
  const variables = weights.map(({ shape }, index) => ({
    name: weightName(index),
    shape: shape as number[], // weights have whole shapes
  }));
  const group = new VariableGroup(graph, variables, 'weights');
  for (const [id, name] of feeds) {
    const input = x.findIndex((_, index) => inputName(index) === name);
    const dtype = input < 0 ? TYPES.float : typeNumber(x[input]?.dtype ?? 'float32');
    nodes.set(id, { name: input < 0 ? `${name}/read` : name, dtype });
  }
  const { ops, constants } = recording;
  yield* emitInSteps(new RootFrame(graph), 'forward', ops, constants, outputs, nodes, inputName(0));
  yield;
  const session = isAwaited
    ? yield* Session.loading(graph, 'caller', isWorthOptimizing(ops))
    : new Session(graph, 'caller', isWorthOptimizing(ops));
  return { session, group, outputs: outputs.map((id) => nodes.get(id)?.name as string) }; // emitted, as all targets are
}

/** A model's predictions for inputs of one shape, as one call of TensorFlow. */
class CompiledForward implements Forward {
  cost: number | undefined;
  /** Predictions that are under way on other threads, with the weights as they are in the graph. */
  private readonly flights = new Set<PendingRun<NativeTensor>>();
  /** The weights on their way into the graph. */
  private uploading: PendingRun<unknown> | undefined;
  private readonly session: Session;
  private readonly weights: VariableGroup;
  private readonly variables: readonly Variable[];
  private readonly known: (object | undefined)[];
  private readonly prepared: GraphRun;

  constructor(
    x: readonly Tensor[],
    weights: readonly ReplayableVariable[],
    { session, group, outputs }: LoadedForward,
    readonly isCurrent: () => boolean,
  ) {
    this.variables = weights.map(variableOf);
    this.known = weights.map(() => undefined);
    this.weights = group;
    this.session = session;
    this.prepared = session.prepare(
      x.map((_, index) => inputName(index)),
      outputs,
    );
  }

  run(x: readonly Tensor[]): Tensor[] {
    this.uploadWeights();
    return this.prepared.run(x);
  }

  async runOnThread(x: readonly Tensor[]): Promise<Tensor[]> {
    this.uploadWeights();
    const begun = performance.now();
    const flight = this.prepared.start(x);
    this.flights.add(flight);
    try {
      return tensorsOf(await flight.promise);
    } finally {
      this.flights.delete(flight);
      this.cost = Math.min(this.cost ?? Infinity, performance.now() - begun);
    }
  }

  /** Writes the weights into the graph's variables on another thread, where the graph is also prepared; what to wait for. */
  uploadLater(): Promise<unknown> | undefined {
    let promise: Promise<unknown> | undefined;
    this.uploadWeights((run, fed) => {
      const pending = run.startReading(fed);
      this.uploading = pending;
      promise = pending.promise;
    });
    return promise;
  }

  /** Writes weights that were set from outside into the graph's variables. */
  private uploadWeights(write?: Write): void {
    this.uploading?.wait();
    this.uploading = undefined;
    const { variables, known } = this;
    let changed = false;
    for (let index = 0; index < variables.length && !changed; index++) {
      changed = known[index] !== variables[index]?.dataId;
    }
    if (!changed) return;
    for (const flight of this.flights) {
      try {
        flight.wait();
      } catch {
        // It says so to who has begun it.
      }
    }
    this.weights.upload(this.session, variables, (index) => known[index] !== variables[index]?.dataId, write);
    variables.forEach(({ dataId }, index) => (known[index] = dataId));
  }

  dispose(): void {
    this.session.dispose();
  }
}
