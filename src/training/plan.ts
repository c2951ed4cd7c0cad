import { KerasStateError } from '../base/errors';
import type { Tensor } from '../tfjs/tensorflow';
import { compilationOf, metricsOf, outputsOf } from './outputs';
import type { Output } from '../step/output';
import { planOf, trainableOf, type StepPlan } from '../step/plan';
import type { KerasModel } from '../models/model';
import { trainableState, type TrainableState } from '../models/trainable';

/** What of a model may be trained, as it was when it was compiled, or when its first data built it after that. */
const trainableAtCompile = (model: KerasModel): TrainableState => {
  const compilation = compilationOf(model);
  return (compilation.trainable ??= trainableState(model));
};

/** Throws if there is nothing to train. */
export const checkTrains = (plan: StepPlan): void => {
  if (trainableOf(plan).length > 0) return;
  const { model } = plan;
  const count = new Set(model.tf.weights).size;
  throw new KerasStateError({
    expected: 'the model must have a weight that is trained',
    received:
      count === 0
        ? `the model '${model.name}', which has no weights`
        : `the model '${model.name}', all of whose ${count} weights were frozen when it was compiled`,
    advice:
      count === 0
        ? 'Add a layer with weights, such as layerDense, or use predict() and evaluate() alone'
        : "Set a layer's `trainable` to true, and compile the model again",
  });
};

/** The plan of a model for labels of given shapes; `outputs` are the compiled ones. */
export const planFor = (
  model: KerasModel,
  labels: readonly (Tensor | undefined)[],
  outputs: readonly Output[] = outputsOf(model),
): StepPlan =>
  planOf(
    model,
    trainableAtCompile(model),
    outputs,
    outputs.map((output, index) => metricsOf(output, labels[index]?.shape ?? [])),
    compilationOf(model).added,
  );
