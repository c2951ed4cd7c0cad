import { KerasStateError } from '../base/errors';
import { asStep, atOnce, withinInSteps, type Steps } from '../base/steps';
import { enterActivityLosses, type ActivityLosses, type LayerMetric } from '../tfjs/activity';
import { gradientsInSteps, tidyInSteps } from '../tfjs/engine-steps';
import { onBehalfOf } from '../tfjs/layer-apply';
import type { Mask, ModelOutputs } from '../tfjs/run-graph';
import { enterStepSeed, type StepSeed } from '../ops/random';
import { hasLayers } from '../layers/internal/target';
import type { KerasModel } from '../models/model';
import { enterTrainable } from '../models/trainable';
import { freeTape, variableOf } from '../tfjs/private';
import { enterLogits } from '../ops/logits';
import { native } from '../ops/native';
import { tf, type Scalar, type Tensor, type Variable } from '../tfjs/tensorflow';
import type { Batch } from './batches';
import { allLayers, outputLayers } from './layers';
import { outputLoss, outputMetrics, type OutputBatch } from './output';
import type { StepKind, StepPlan } from './plan';
import { outputsFor, outputsInSteps } from './texts';

/** The penalties of the regularizers, each once: a wrapper of tfjs's says what the layer inside says. */
export const penalties = (model: KerasModel): Scalar[] => {
  const layers = [...allLayers(model.layers)].filter((layer) => !hasLayers(layer));
  return [...new Set(layers.flatMap(({ losses }) => losses))].map((penalty) => penalty());
};

/** The model's predictions for inputs, one tensor for each output, and their masks. To be called inside a tidy. */
export const forward = (
  model: KerasModel,
  x: readonly Tensor[],
  training: boolean,
  inputMasks: readonly Mask[] = [],
): ModelOutputs => outputsFor(model.tf, x, training, inputMasks);

/** What a batch says of an output that has labels. */
const outputBatch = (
  batch: Batch,
  { outputs, masks }: ModelOutputs,
  index: number,
): OutputBatch | undefined => {
  const labels = batch.y[index];
  if (labels === undefined) return undefined;
  const prediction = outputs[index] as Tensor; // one for each output
  return { labels, prediction, weights: batch.weights[index], mask: masks[index] ?? null };
};

/** The total loss, penalties included, and the losses of the outputs that have one. */
const lossesOf = (
  plan: StepPlan,
  batch: Batch,
  predictions: ModelOutputs,
  activityLosses: readonly Scalar[],
): { total: Scalar; each: Scalar[] } => {
  const each: Scalar[] = [];
  const weighted = plan.outputs.flatMap(({ loss, lossWeight }, index) => {
    const ofOutput = outputBatch(batch, predictions, index);
    if (loss === undefined || ofOutput === undefined) return [];
    const value = outputLoss(loss, ofOutput);
    each.push(value);
    return [lossWeight === 1 ? value : tf.mul<Scalar>(value, lossWeight)];
  });
  const [first, ...rest] = [...weighted, ...penalties(plan.model), ...activityLosses];
  const total = rest.reduce<Scalar>((sum, loss) => tf.add(sum, loss), first as Scalar); // there is a loss
  return { total, each };
};

/** What layers tell of a step, by names that differ; the same layer may do so several times. */
const byName = (plan: StepPlan, metrics: readonly LayerMetric[]): Map<string, readonly LayerMetric[]> => {
  const found = new Map<string, readonly LayerMetric[]>();
  for (const metric of metrics) {
    const isFree = (name: string): boolean =>
      !plan.names.includes(name) && (found.get(name) ?? []).every(({ layer }) => layer === metric.layer);
    let name = metric.name;
    for (let number = 1; !isFree(name); number++) name = `${metric.name}_${number}`;
    found.set(name, [...(found.get(name) ?? []), metric]);
  }
  return found;
};

/** The sums of what layers tell of a step: two for each name. Notes the names. */
const addedSums = (plan: StepPlan, kind: StepKind, metrics: readonly LayerMetric[]): Tensor[] => {
  const named = byName(plan, metrics);
  plan.added[kind] = [...named.keys()];
  return [...named.values()].map((list) =>
    tf.stack([
      tf.addN(list.map(({ sum }) => sum)),
      tf.scalar(list.reduce((total, { count }) => total + count, 0)),
    ]),
  );
};

/** The losses and the metrics' sums of a batch, and then what layers tell, in one vector. */
const sumsOf = (
  plan: StepPlan,
  batch: Batch,
  predictions: ModelOutputs,
  losses: { total: Scalar; each: readonly Scalar[] },
  added: readonly Tensor[],
): Tensor => {
  const scalars = plan.outputs.length > 1 ? [losses.total, ...losses.each] : [losses.total];
  const sums = plan.outputs.flatMap(({ loss }, index) => {
    const ofOutput = outputBatch(batch, predictions, index);
    return ofOutput === undefined ? [] : outputMetrics(plan.metrics[index] ?? [], loss, ofOutput);
  });
  const lossVector = scalars.length === 1 ? tf.reshape(losses.total, [1]) : tf.stack(scalars);
  return sums.length + added.length === 0 ? lossVector : tf.concat([lossVector, ...sums, ...added]);
};

/** What a training step gives: the gradient of each variable, and the sums of losses and metrics. */
export interface TrainStep {
  readonly gradients: readonly Tensor[];
  readonly sums: Tensor;
}

/** A loss, and its gradient by each variable that is trained and on which it depends, by their names. */
export interface LossGradients {
  readonly value: Scalar;
  readonly grads: Readonly<Record<string, Tensor>>;
}

/** The value and the gradients of a loss; before each operation on the way back others may run. */
function* lossGradientsInSteps(
  loss: () => Steps<Scalar>,
  variables: readonly Variable[],
): Steps<LossGradients> {
  const trained = variables.filter(({ trainable }) => trainable);
  try {
    const { value, gradients } = yield* gradientsInSteps(tf, loss, trained);
    const found = trained.flatMap(({ name }, index) => {
      const gradient = gradients[index];
      return gradient === undefined ? [] : [[name, gradient] as const];
    });
    if (found.length > 0) return { value, grads: Object.fromEntries(found) };
  } catch (error) {
    freeTape();
    throw error;
  }
  throw new KerasStateError({
    expected: 'the loss must depend on a weight that is trained',
    received: 'a loss from which no operation leads back to a weight',
    advice:
      'Make losses and layers of your own of tfjs operations on yPred or the input, without reading values',
  });
}

/** The same at once. */
export const lossGradients = (loss: () => Scalar, variables: readonly Variable[]): LossGradients =>
  atOnce(lossGradientsInSteps(asStep(loss), variables));

const finiteLoss = (loss: Scalar): Scalar => native.checkNumerics(loss, 'the loss') as Scalar; // of the same rank

/** The gradients, or TensorFlow's error on behalf of the layer whose gradient is not finite. */
const finiteGradients = (
  model: KerasModel,
  gradients: readonly Tensor[],
  variables: readonly Variable[],
): Tensor[] => {
  const layers = [...allLayers(model.layers)].filter((layer) => !hasLayers(layer));
  return gradients.map((gradient, index) => {
    const variable = variables[index];
    const owner = layers.find((layer) =>
      layer.trainableWeights.some((weight) => variableOf(weight) === variable),
    );
    return onBehalfOf(owner?.name, () =>
      native.checkNumerics(gradient, `the gradient of ${variable?.name ?? 'a weight'}`),
    );
  });
};

/**
 * Does a step: with its seed, what was trainable at `compile`, the logits behind the outputs for the losses, and what layers add to the
 * loss. Frees all but what is to be `kept`.
 */
function* stepInSteps<T>(
  plan: StepPlan,
  seed: StepSeed,
  run: (added: ActivityLosses) => Steps<T>,
  kept: (result: T) => readonly Tensor[],
): Steps<T> {
  return yield* tidyInSteps(tf, () => withinStep(plan, seed, run), kept);
}

function* withinStep<T>(plan: StepPlan, seed: StepSeed, run: (added: ActivityLosses) => Steps<T>): Steps<T> {
  const leaves = [
    enterTrainable(plan.trainable),
    enterStepSeed(seed),
    enterLogits(outputLayers(plan.model.tf)),
  ];
  const added = enterActivityLosses();
  leaves.push(added.leave);
  return yield* withinInSteps(
    () => () => leaves.toReversed().forEach((leave) => leave()),
    () => run(added),
  );
}

/** What a training step has found on its way to the loss, and keeps until its end. */
interface OnTheWay {
  predictions: ModelOutputs;
  each: Scalar[];
  readonly kept: Tensor[];
}

/** The loss of a training step. */
function* trainingLoss(
  plan: StepPlan,
  batch: Batch,
  activityLosses: readonly Scalar[],
  found: OnTheWay,
): Steps<Scalar> {
  const predictions = yield* outputsInSteps(plan.model.tf, batch.x, true);
  found.predictions = predictions;
  yield;
  const { total, each } = lossesOf(plan, batch, predictions, activityLosses);
  found.each = each;
  // They are needed outside of the gradient's own scope, which frees what it did not return.
  const masks = new Set(predictions.masks.filter((mask) => mask !== null));
  found.kept.push(...predictions.outputs, ...masks, ...each);
  for (const tensor of found.kept) tf.keep(tensor);
  return total;
}

/** The gradients and sums of a training step, which has begun. */
function* trainingSteps(
  plan: StepPlan,
  batch: Batch,
  variables: readonly Variable[],
  { losses: activityLosses, metrics }: ActivityLosses,
): Steps<TrainStep> {
  const found: OnTheWay = { predictions: { outputs: [], masks: [] }, each: [], kept: [] };
  const loss = (): Steps<Scalar> => trainingLoss(plan, batch, activityLosses, found);
  const sums = (total: Scalar): Tensor => {
    const { predictions, each } = found;
    return sumsOf(plan, batch, predictions, { total, each }, addedSums(plan, 'train', metrics));
  };
  try {
    if (variables.length === 0) return { gradients: [], sums: sums(yield* loss()) };
    const { value, grads } = yield* lossGradientsInSteps(loss, variables);
    yield;
    const summed = sums(plan.checkNumerics === true ? finiteLoss(value) : value);
    // A variable on which the loss does not depend has no gradient: it stays as it is.
    const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    return {
      gradients: plan.checkNumerics === true ? finiteGradients(plan.model, gradients, variables) : gradients,
      sums: summed,
    };
  } finally {
    tf.dispose(found.kept);
  }
}

/** The sums of a test step, which has begun. */
function* testSteps(
  plan: StepPlan,
  batch: Batch,
  { losses: activityLosses, metrics }: ActivityLosses,
): Steps<Tensor> {
  const predictions = yield* outputsInSteps(plan.model.tf, batch.x, false);
  yield;
  const losses = lossesOf(plan, batch, predictions, activityLosses);
  return sumsOf(plan, batch, predictions, losses, addedSums(plan, 'test', metrics));
}

/**
 * One training step without the update: predictions while training, losses, gradients, metrics' sums. Moving averages
 * of layers are written as the layers are applied. The caller frees the result. Others may run before each layer, and on the way back before each
 * operation.
 */
export const trainStepInSteps = (
  plan: StepPlan,
  batch: Batch,
  seed: Tensor,
  variables: readonly Variable[],
): Steps<TrainStep> =>
  stepInSteps(
    plan,
    seed,
    (added) => trainingSteps(plan, batch, variables, added),
    ({ gradients, sums }) => [...gradients, sums],
  );

/** The same at once. */
export const trainStep = (...parameters: Parameters<typeof trainStepInSteps>): TrainStep =>
  atOnce(trainStepInSteps(...parameters));

/**
 * One test step: predictions, losses, metrics' sums. Layers that train whatever the model does have its seed, and what was trainable at
 * `compile` counts for them. The caller frees the result. Before each layer others may run.
 */
export const testStepInSteps = (plan: StepPlan, batch: Batch, seed: StepSeed): Steps<Tensor> =>
  stepInSteps(
    plan,
    seed,
    (added) => testSteps(plan, batch, added),
    (sums) => [sums],
  );

/** The same at once. */
export const testStep = (...parameters: Parameters<typeof testStepInSteps>): Tensor =>
  atOnce(testStepInSteps(...parameters));
