import { CompiledSteps } from '../engine/compiled-steps';
import type { TracedProgram } from '../engine/traced-program';
import { forwardFor, type Forward } from '../engine/compiled-forward';
import { CALLS_BEFORE_COMPILING, MAX_COMPILED_SHAPES } from '../engine/tuning';
import { KerasNativeError } from '../base/errors';
import { sparseBatchOf } from '../arrays/sparse-input';
import type { KerasModel } from '../models/model';
import { StateKey, type Disposable } from '../models/state';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { forward } from '../step/step';

/** Steps of one fit or evaluation that may serve another. */
export class KeptSteps implements Disposable {
  private runs = 0;
  private isRetired = false;

  constructor(
    /** What must be the same for that. */
    readonly signature: string,
    /** How many steps were asked for so far. */
    readonly steps: number,
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

interface KeptForward {
  calls: number;
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
const eager = (model: KerasModel, x: readonly Tensor[]): Tensor[] =>
  tf.tidy(() =>
    forward(model, x, false).outputs.map((output) => (x.includes(output) ? tf.clone(output) : output)),
  );

/** The predictions as one call of TensorFlow, or null if they cannot be: then they run one operation after the other. */
const compiledFor = (model: KerasModel, x: readonly Tensor[]): Forward | null => {
  try {
    const built = forwardFor(model, x);
    return 'reason' in built ? null : built;
  } catch (error) {
    if (error instanceof KerasNativeError) return null;
    throw error;
  }
};

/**
 * The model's outputs for a batch of inputs. After some calls with inputs of one shape, as a server makes them, they come
 * from one call of TensorFlow. The caller frees them.
 */
export const predictions = (model: KerasModel, x: readonly Tensor[]): Tensor[] => {
  // What stands for a sparse batch has no values to feed.
  if (x.some((tensor) => sparseBatchOf(tensor) !== undefined)) return eager(model, x);
  const { state } = model;
  const kept = (state.kept(KEPT_PREDICTIONS) ?? state.keep(KEPT_PREDICTIONS, new KeptPredictions())).for(x);
  kept.calls++;
  if (kept.compiled === undefined && kept.calls > CALLS_BEFORE_COMPILING) {
    kept.compiled = compiledFor(model, x);
  }
  if (!kept.compiled) return eager(model, x);
  try {
    return kept.compiled.run(x);
  } catch {
    // The operation that fails then says so itself, and in which layer.
    return eager(model, x);
  }
};
