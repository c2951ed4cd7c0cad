import { CompiledSteps } from '../engine/compiled-steps';
import { atOnce, inTurns, type AwaitedSteps } from '../base/steps';
import type { TracedProgram } from '../engine/traced-program';
import { forwardInSteps, type Forward } from '../engine/compiled-forward';
import {
  CALLS_BEFORE_COMPILING,
  MAX_COMPILED_SHAPES,
  MAX_EAGER_MILLISECONDS,
  MAX_STREAM_KINDS,
  MIN_PREDICTION_THREAD_MILLISECONDS,
  MIN_THREAD_MILLISECONDS,
  SHORT_STEPS_BEFORE_LOOKING,
} from '../engine/tuning';
import { KerasNativeError } from '../base/errors';
import { sparseBatchOf } from '../arrays/sparse-input';
import type { KerasModel } from '../models/model';
import { StateKey, type Disposable } from '../models/state';
import { replacing } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { withStepSeedOfOwn } from '../ops/random';
import type { StepSeeds } from '../step/batches';
import { millisecondsWaited } from '../step/event-loop';
import { forward } from '../step/step';
import { haveTexts, numbersOf } from '../step/texts';
import { expectedMilliseconds } from './expected-time';

/** Steps of one fit or evaluation that may serve another. */
export class KeptSteps implements Disposable {
  private runs = 0;
  private isRetired = false;

  constructor(
    /** What must be the same for that. */
    readonly signature: string,
    /** How many steps were asked for so far. */
    public steps: number,
    /** The steps, compiled; or traced, while it has not been worth compiling them. */
    readonly program: CompiledSteps | TracedProgram,
  ) {}

  /** Says that a call runs these steps, until it calls the function that it gets. */
  use(): () => void {
    this.runs++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.runs--;
      this.freeIfUnused();
    };
  }

  /** Frees the steps, as soon as no call runs them. */
  dispose(): void {
    this.isRetired = true;
    this.freeIfUnused();
  }

  private freeIfUnused(): void {
    if (this.isRetired && this.runs === 0 && this.program instanceof CompiledSteps) this.program.dispose();
  }
}

/** The steps of a model's last fit, and those of its last evaluation. */
export const KEPT_STEPS = {
  fit: new StateKey<KeptSteps>('steps of the last fit', ['compilation', 'layers']),
  evaluate: new StateKey<KeptSteps>('steps of the last evaluation', ['compilation', 'layers']),
} as const;

/** How many steps there were in calls that are too short to be looked at, by what must be the same for others. */
class ShortCalls implements Disposable {
  private readonly steps = new Map<string, number>();

  add(signature: string, steps: number): number {
    const all = (this.steps.get(signature) ?? 0) + steps;
    this.steps.delete(signature);
    this.steps.set(signature, all);
    const [first] = this.steps.keys();
    if (this.steps.size > MAX_COMPILED_SHAPES && first !== undefined) this.steps.delete(first);
    return all;
  }

  dispose(): void {
    this.steps.clear();
  }
}

const SHORT_CALLS = {
  fit: new StateKey<ShortCalls>('short fits', ['compilation', 'layers']),
  evaluate: new StateKey<ShortCalls>('short evaluations', ['compilation', 'layers']),
} as const;

/**
 * How many steps such a short call counts for: those of the calls before it, too, once they are many. Undefined if it is not worth a look, and where other
 * compiled steps would have to go.
 */
export const stepsOfShortCalls = (
  { state }: KerasModel,
  functionName: 'fit' | 'evaluate',
  signature: string,
  steps: number,
): number | undefined => {
  const last = state.kept(KEPT_STEPS[functionName]);
  if (last?.signature === signature) return steps;
  const key = SHORT_CALLS[functionName];
  const all = (state.kept(key) ?? state.keep(key, new ShortCalls())).add(signature, steps);
  return all < SHORT_STEPS_BEFORE_LOOKING || last?.program instanceof CompiledSteps ? undefined : all;
};

/** Where compiled steps are kept for the calls to come. */
export interface StepsStore {
  /** Those that serve again. */
  kept(signature: string): KeptSteps | undefined;
  keep(steps: KeptSteps): KeptSteps;
  /** Frees those whose place new ones take. */
  makeRoom(): void;
}

/** One place for the last fit's steps, or the last evaluation's. */
export const lastSteps = ({ state }: KerasModel, functionName: 'fit' | 'evaluate'): StepsStore => {
  const key = KEPT_STEPS[functionName];
  return {
    kept: (signature) => {
      const last = state.kept(key);
      return last?.signature === signature ? last : undefined;
    },
    keep: (steps) => state.keep(key, steps),
    makeRoom: () => state.drop(key),
  };
};

/** Steps on the parts of streams, by what they are for: several kinds of batches take turns. */
class KeptStreamSteps implements Disposable {
  readonly bySignature = new Map<string, KeptSteps>();

  dispose(): void {
    for (const steps of this.bySignature.values()) steps.dispose();
    this.bySignature.clear();
  }
}

const KEPT_STREAM_STEPS = {
  fit: new StateKey<KeptStreamSteps>('steps of streams that train', ['compilation', 'layers']),
  evaluate: new StateKey<KeptStreamSteps>('steps of streams that test', ['compilation', 'layers']),
} as const;

/** A few places, for each kind of batches one; those go whose last use is longest ago. */
export const streamSteps = ({ state }: KerasModel, functionName: 'fit' | 'evaluate'): StepsStore => {
  const key = KEPT_STREAM_STEPS[functionName];
  const { bySignature } = state.kept(key) ?? state.keep(key, new KeptStreamSteps());
  const drop = (signature: string): void => {
    bySignature.get(signature)?.dispose();
    bySignature.delete(signature);
  };
  return {
    kept: (signature) => {
      const kept = bySignature.get(signature);
      if (kept === undefined) return undefined;
      bySignature.delete(signature);
      bySignature.set(signature, kept);
      return kept;
    },
    keep: (steps) => {
      if (bySignature.get(steps.signature) !== steps) drop(steps.signature);
      bySignature.set(steps.signature, steps);
      return steps;
    },
    makeRoom: () => {
      const compiled = [...bySignature].filter(([, { program }]) => program instanceof CompiledSteps);
      for (const [signature] of compiled.slice(0, Math.max(0, compiled.length + 1 - MAX_STREAM_KINDS))) {
        drop(signature);
      }
    },
  };
};

interface KeptForward {
  calls: number;
  /** Milliseconds that one operation after the other took, the last time. */
  eagerMilliseconds?: number;
  /** Absent as long as it has not paid, null if the prediction cannot be compiled. */
  compiled?: Forward | null;
}

/** A model's predictions, by the shapes of their inputs. */
class KeptPredictions implements Disposable {
  private readonly byShape = new Map<string, KeptForward>();

  for(x: readonly Tensor[]): KeptForward {
    const key = x.map(({ dtype, shape }) => `${dtype} ${shape.join()}`).join(';');
    const known = this.byShape.get(key);
    if (known !== undefined) return known;
    if (this.byShape.size >= MAX_COMPILED_SHAPES) this.dropLeastUsed();
    const fresh: KeptForward = { calls: 0 };
    this.byShape.set(key, fresh);
    return fresh;
  }

  dispose(): void {
    for (const { compiled } of this.byShape.values()) compiled?.dispose();
    this.byShape.clear();
  }

  private dropLeastUsed(): void {
    const [leastUsed] = [...this.byShape].sort(([, a], [, b]) => a.calls - b.calls);
    if (leastUsed === undefined) return;
    leastUsed[1].compiled?.dispose();
    this.byShape.delete(leastUsed[0]);
  }
}

const KEPT_PREDICTIONS = new StateKey<KeptPredictions>('predictions', ['layers']);

/** Outputs that are the inputs themselves, of a model that changes nothing, become tensors of their own. */
const eager = (model: KerasModel, x: readonly Tensor[], seeds: StepSeeds): Tensor[] =>
  replacing(() =>
    tf.tidy(() =>
      withStepSeedOfOwn(seeds.next, () => forward(model, x, false).outputs).map((output) =>
        x.includes(output) ? tf.clone(output) : output,
      ),
    ),
  );

/**
 * The predictions as one call of TensorFlow, or null if they cannot be: then they run one operation after the other. Step by step:
 * between them others may run, and what the steps give may be awaited.
 */
function* compiling(
  model: KerasModel,
  x: readonly Tensor[],
  isAwaited: boolean,
): AwaitedSteps<Forward | null> {
  try {
    const built = yield* forwardInSteps(model, x, isAwaited);
    return 'reason' in built ? null : built;
  } catch (error) {
    if (error instanceof KerasNativeError) return null;
    throw error;
  }
}

const keptFor = ({ state }: KerasModel, x: readonly Tensor[]): KeptForward => {
  const all = state.kept(KEPT_PREDICTIONS) ?? state.keep(KEPT_PREDICTIONS, new KeptPredictions());
  const kept = all.for(x);
  if (kept.compiled?.isCurrent() === false) {
    kept.compiled.dispose();
    delete kept.compiled;
  }
  return kept;
};

/** What stands for a sparse batch has no values to feed. */
const isSparse = (x: readonly Tensor[]): boolean => x.some((tensor) => sparseBatchOf(tensor) !== undefined);

/**
 * The numbers that come of a batch with texts in it, which layers make in JavaScript: what comes after them is one call of TensorFlow.
 * Undefined where all are numbers, or where the numbers do not tell all: a mask belongs to them, or texts come out of the model.
 */
const numbersIn = (model: KerasModel, x: readonly Tensor[]): Tensor[] | undefined => {
  if (!haveTexts(x)) return undefined;
  if (isSparse(x)) return [];
  return tf.tidy(() => {
    const { outputs = [], masks = [] } = numbersOf(model.tf, x, false) ?? {};
    if (outputs.length === 0 || masks.some((mask) => mask !== null)) return [];
    return outputs.map((output) => (x.includes(output) ? tf.clone(output) : output));
  });
};

/**
 * The model's outputs for a batch of inputs, at once; what layers draw has the next of the seeds. After some calls with inputs of one
 * shape, as a server makes them, they come from one call of TensorFlow. The caller frees them.
 */
export const predictions = (model: KerasModel, x: readonly Tensor[], seeds: StepSeeds): Tensor[] => {
  const numbers = numbersIn(model, x);
  if (numbers === undefined) return predictionsOfNumbers(model, x, seeds);
  try {
    return numbers.length === 0 ? eager(model, x, seeds) : predictionsOfNumbers(model, numbers, seeds);
  } finally {
    tf.dispose(numbers);
  }
};

const predictionsOfNumbers = (model: KerasModel, x: readonly Tensor[], seeds: StepSeeds): Tensor[] => {
  if (isSparse(x)) return eager(model, x, seeds);
  const kept = keptFor(model, x);
  kept.calls++;
  if (kept.compiled === undefined && kept.calls > CALLS_BEFORE_COMPILING) {
    kept.compiled = atOnce(compiling(model, x, false));
  }
  if (!kept.compiled) return eager(model, x, seeds);
  try {
    return kept.compiled.run(x, seeds);
  } catch {
    // The operation that fails then says so itself, and in which layer.
    return eager(model, x, seeds);
  }
};

/** The same where it may take a while: what takes long runs on another thread, and `pause` lets others run now and then. */
export interface PredictionsRequest {
  readonly model: KerasModel;
  readonly x: readonly Tensor[];
  /** How many batches of this shape are to come, with this one. */
  readonly calls: number;
  readonly pause: () => Promise<void>;
  /** What layers draw has the next of them. */
  readonly seeds: StepSeeds;
}

const compileInTurns = async ({ model, x, pause }: PredictionsRequest, kept: KeptForward): Promise<void> => {
  const compiled = await inTurns(compiling(model, x, true), pause);
  // Somebody else may have been quicker.
  if (kept.compiled === undefined) kept.compiled = compiled;
  else compiled?.dispose();
};

/** Whether building a graph for the batches that are to come pays, or keeps the event loop free. */
const isWorthCompiling = (
  { calls, eagerMilliseconds }: KeptForward,
  { model, x, calls: coming }: PredictionsRequest,
): boolean => {
  if (calls + coming > CALLS_BEFORE_COMPILING) return true;
  // For a single batch it would take longer; for those that follow a long one, the graph is built anyway.
  const milliseconds = eagerMilliseconds ?? (coming > 1 ? expectedMilliseconds(model, x) : 0);
  return milliseconds > MAX_EAGER_MILLISECONDS;
};

/** One operation after the other, and how long that takes. */
const timedEager = ({ model, x, seeds }: PredictionsRequest, kept: KeptForward): Tensor[] => {
  const begun = performance.now();
  const outputs = eager(model, x, seeds);
  kept.eagerMilliseconds = performance.now() - begun;
  return outputs;
};

/** The model's outputs for one of several batches of inputs. The caller frees them. */
export const predictionsInTurns = async (request: PredictionsRequest): Promise<Tensor[]> => {
  const { model, x, seeds } = request;
  const numbers = numbersIn(model, x);
  if (numbers === undefined) return predictionsOfNumbersInTurns(request);
  try {
    if (numbers.length === 0) return eager(model, x, seeds);
    return await predictionsOfNumbersInTurns({ ...request, x: numbers });
  } finally {
    tf.dispose(numbers);
  }
};

const predictionsOfNumbersInTurns = async (request: PredictionsRequest): Promise<Tensor[]> => {
  const { model, x, pause, seeds } = request;
  if (isSparse(x)) return eager(model, x, seeds);
  const kept = keptFor(model, x);
  if (kept.compiled === undefined && isWorthCompiling(kept, request)) await compileInTurns(request, kept);
  kept.calls++;
  const { compiled } = kept;
  if (!compiled) {
    if (millisecondsWaited() + (kept.eagerMilliseconds ?? 0) >= MIN_THREAD_MILLISECONDS) await pause();
    return timedEager(request, kept);
  }
  try {
    const { cost = Infinity } = compiled;
    return cost < MIN_PREDICTION_THREAD_MILLISECONDS
      ? compiled.run(x, seeds)
      : await compiled.runOnThread(x, seeds);
  } catch {
    // Where the model is gone meanwhile, this says so.
    await pause();
    // Else the operation that fails says so itself, and in which layer.
    return eager(model, x, seeds);
  }
};
