/** Values of checkpoints into models. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { sizeOf } from '../../../base/shapes';
import type { BundleNumbers } from '../../../files/tensor-bundle';
import type { KerasModel, Prediction } from '../../../models/model';
import { UpdateOptimizer } from '../../../optimizers/optimizer';
import { variableOf } from '../../../tfjs/private';
import { tf, type Tensor } from '../../../tfjs/tensorflow';
import { MismatchError } from '../errors';
import { learnsState, trainedWeights } from '../layer-weights';
import { groupsOf, restoreOptimizer } from '../optimizer-state';
import type { StoredWeight } from '../read-weights';
import { Matching, type Checkpoint, type Match, type StoredObject } from './checkpoint';
import { LayerObjects } from './layer-objects';
import { OPTIMIZER } from './model-objects';

/** Numbers as a tensor of a variable's type. */
const tensorOf = (numbers: BundleNumbers, shape: readonly number[], dtype: string): Tensor => {
  if (dtype === 'int32') return tf.tensor(Int32Array.from(numbers), [...shape], 'int32');
  if (dtype === 'bool') return tf.tensor(Uint8Array.from(numbers), [...shape], 'bool');
  const floats = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  return tf.tensor(floats, [...shape], 'float32');
};

/** The weights of a model, and what a checkpoint has for each. */
type Matches = ReadonlyMap<LayerVariable, Match['stored']>;

const matchCounted = (
  model: KerasModel<Prediction>,
  checkpoint: Checkpoint,
  countsLearned: boolean,
): Matches => {
  const objects = new LayerObjects(countsLearned);
  const matching = new Matching(checkpoint);
  matching.object(objects.of(model.tf), checkpoint.root, '');
  const weights = new Map([...objects.variables].map(([weight, object]) => [object, weight]));
  return new Map(
    matching.matches.map(({ variable, stored }) => [weights.get(variable) as LayerVariable, stored]), // its objects are those of its weights
  );
};

/** Matches the weights of a model with those of a checkpoint. */
const matchWeights = (model: KerasModel<Prediction>, checkpoint: Checkpoint): Matches => {
  try {
    return matchCounted(model, checkpoint, false);
  } catch (error) {
    if (!(error instanceof MismatchError) || !learnsState(model.tf)) throw error;
    return matchCounted(model, checkpoint, true);
  }
};

/** Gives a model the weights of a checkpoint. All is matched before the first is changed. */
export const restoreWeights = async (
  model: KerasModel<Prediction>,
  checkpoint: Checkpoint,
): Promise<void> => {
  for (const [variable, stored] of matchWeights(model, checkpoint)) {
    const weight = variableOf(variable);
    const numbers = await checkpoint.bundle.numbers(stored.key);
    tf.tidy(() => weight.assign(tensorOf(numbers, weight.shape, weight.dtype)));
  }
};

/** The slots that a checkpoint has: those of its list that come after the steps. */
const slotsIn = (checkpoint: Checkpoint, optimizer: StoredObject): StoredWeight[] => {
  const list = checkpoint.child(optimizer, OPTIMIZER.variables);
  if (list === undefined) return [];
  const slots: StoredWeight[] = [];
  for (let index = 1; ; index++) {
    const one = checkpoint.child(list, String(index));
    const shape = one === undefined ? undefined : checkpoint.shapeOf(one);
    if (one?.key === undefined || shape === undefined) return slots;
    slots.push({ path: one.key, shape });
  }
};

/** What optimizers of Keras before 2.11 call slots that have other names now. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  velocity: 'rms',
  average_gradient: 'mg',
  accumulated_grad: 'accum_grad',
  accumulated_delta_var: 'accum_var',
};

/** The slots that an optimizer of Keras before 2.11 has, found by the weights that they are of: all of one kind, then all of the next. */
const oldSlotsIn = (
  model: KerasModel<Prediction>,
  checkpoint: Checkpoint,
  stored: StoredObject,
  slotNames: readonly string[],
): StoredWeight[] => {
  const numbers = new Map(checkpoint.objects.map((object, index) => [object.key, index]));
  const matches = matchWeights(model, checkpoint);
  return slotNames.flatMap((slot) =>
    trainedWeights(model.tf).flatMap((weight) => {
      const variable = numbers.get(matches.get(weight)?.key);
      const name = OLD_NAMES[slot] ?? slot;
      const node = stored.slots.find((one) => one.variable === variable && one.name === name)?.node ?? -1;
      const object = checkpoint.objects[node];
      const shape = object === undefined ? undefined : checkpoint.shapeOf(object);
      return object?.key === undefined || shape === undefined ? [] : [{ path: object.key, shape }];
    }),
  );
};

/** Gives a model's optimizer what a checkpoint has of it, if it has something. */
export const restoreOptimizerOf = async (
  model: KerasModel<Prediction>,
  checkpoint: Checkpoint,
): Promise<void> => {
  const optimizer = model.state.compilation?.optimizer;
  const stored = checkpoint.child(checkpoint.root, OPTIMIZER.name);
  if (!(optimizer instanceof UpdateOptimizer) || stored === undefined) return;
  const old = checkpoint.child(stored, OPTIMIZER.oldIterations)?.key;
  const steps = old ?? checkpoint.child(stored, OPTIMIZER.iterations)?.key;
  if (steps === undefined) return;
  // As they are called in HDF5 files, by which it is seen in which order the slots are.
  const first = { path: old === undefined ? 'iteration' : 'iter:0', shape: [] };
  const slots =
    old === undefined
      ? slotsIn(checkpoint, stored)
      : oldSlotsIn(model, checkpoint, stored, groupsOf(optimizer).flat());
  await restoreOptimizer(optimizer, trainedWeights(model.tf), [first, ...slots], (path) =>
    checkpoint.bundle.numbers(path === first.path ? steps : path),
  );
};

/** How many numbers a checkpoint has. */
export const countNumbers = ({ bundle }: Checkpoint): number =>
  [...bundle.entries.values()].reduce((total, { shape }) => total + Math.max(0, sizeOf(shape)), 0);
