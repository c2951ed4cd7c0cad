import { forwardFor, type Forward } from '../engine/compiled-forward';
import { GraphError } from '../engine/graph/session';
import { standsFor } from '../arrays/sparse-input';
import type { KerasModel } from '../models/model';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { forward } from '../step/step';

/** How many times inputs of one shape come before their prediction is compiled. */
const CALLS = 20;

/** How many shapes of inputs are kept compiled for a model. */
const SHAPES = 4;

interface Kept {
  calls: number;
  /** Absent as long as it has not paid, null if the prediction cannot be compiled. */
  compiled?: Forward | null;
}

interface ModelPredictions {
  readonly revision: number;
  readonly shapes: Map<string, Kept>;
}

const kept = new WeakMap<KerasModel, ModelPredictions>();

const forget = (found: Iterable<Kept>): void => {
  for (const { compiled } of found) compiled?.dispose();
};

const shapesOf = (model: KerasModel): Map<string, Kept> => {
  const known = kept.get(model);
  if (known?.revision === model.revision) return known.shapes;
  forget(known?.shapes.values() ?? []);
  const shapes = new Map<string, Kept>();
  kept.set(model, { revision: model.revision, shapes });
  model.companions.add(() => {
    forget(shapes.values());
  });
  return shapes;
};

const keptFor = (model: KerasModel, x: readonly Tensor[]): Kept => {
  const shapes = shapesOf(model);
  const key = x.map(({ dtype, shape }) => `${dtype} ${shape.join()}`).join(';');
  const known = shapes.get(key);
  if (known !== undefined) return known;
  if (shapes.size >= SHAPES) {
    // The least used one goes.
    const [least] = [...shapes].sort(([, a], [, b]) => a.calls - b.calls)[0] as [string, Kept]; // there are some
    forget([shapes.get(least) as Kept]);
    shapes.delete(least);
  }
  const fresh: Kept = { calls: 0 };
  shapes.set(key, fresh);
  return fresh;
};

/** Outputs that are the inputs themselves, of a model that changes nothing, become tensors of their own. */
const eager = (model: KerasModel, x: readonly Tensor[]): Tensor[] =>
  tf.tidy(() => forward(model, x, false).map((output) => (x.includes(output) ? tf.clone(output) : output)));

/**
 * The model's outputs for a batch of inputs. After some calls with inputs of one shape, as a server makes them, they come
 * from one call of TensorFlow. The caller frees them.
 */
export const predictions = (model: KerasModel, x: readonly Tensor[]): Tensor[] => {
  // What stands for a sparse batch has no values to feed.
  if (x.some((tensor) => standsFor(tensor) !== undefined)) return eager(model, x);
  const state = keptFor(model, x);
  state.calls++;
  if (state.compiled === undefined && state.calls > CALLS) {
    const built = forwardFor(model, x);
    state.compiled = 'reason' in built ? null : built;
  }
  if (!state.compiled) return eager(model, x);
  try {
    return state.compiled.run(x);
  } catch (error) {
    // The operation that fails then says so itself.
    if (error instanceof GraphError) return eager(model, x);
    throw error;
  }
};
