import type { LayerVariable } from '@tensorflow/tfjs';
import { KerasStateError } from '../base/errors';
import type { Optimizer } from '../optimizers/registry';
import { constraintOf } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { metricsOf, outputsOf } from './compile';
import type { Output } from '../step/output';
import { planOf, trainStep, variableOf, type Batch, type StepPlan } from '../step/step';
import type { KerasModel } from '../models/model';

/** One step: gradients, then the optimizer's update, then the constraints. Gives the sums; the caller frees them. */
export const train = (
  plan: StepPlan,
  batch: Batch,
  seed: Tensor,
  optimizer: Optimizer,
  layerVariables: readonly LayerVariable[],
): Tensor => {
  const variables = layerVariables.map(variableOf);
  const { gradients, sums } = trainStep(plan, batch, seed, variables);
  optimizer.apply(gradients, variables);
  tf.dispose([...gradients]);
  for (const layerVariable of layerVariables) {
    const constraint = constraintOf(layerVariable);
    if (constraint === null) continue;
    const variable = variableOf(layerVariable);
    tf.tidy(() => variable.assign(constraint.apply(variable)));
  }
  return sums;
};

/** Throws if somebody has disposed a model while a call works with it. */
export const checkAlive = (verb: string, model: KerasModel): void => {
  if (!model.isDisposed) return;
  throw new KerasStateError({
    function: verb,
    expected: `a model must not be disposed before ${verb}() is done`,
    received: `the model '${model.name}', disposed in the middle of ${verb}()`,
    advice: `Await the promise that ${verb}() returned before dispose()${verb === 'fit' ? '; to stop earlier, set model.stopTraining = true' : ''}`,
  });
};

/** The plan of a model for labels of given shapes; `outputs` are the compiled ones. */
export const planFor = (
  verb: string,
  model: KerasModel,
  labels: readonly Tensor[],
  outputs: readonly Output[] = outputsOf(verb, model),
): StepPlan =>
  planOf(
    model,
    outputs,
    outputs.map((output, index) => metricsOf(output, labels[index]?.shape ?? [])),
  );
