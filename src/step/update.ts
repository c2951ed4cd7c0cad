import type { LayerVariable } from '@tensorflow/tfjs';
import type { Optimizer } from '../optimizers/registry';
import { constraintOf, variableOf } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { Batch } from './batches';
import type { StepPlan } from './plan';
import { trainStep } from './step';

/** One step: gradients, then the optimizer's update, then the constraints. Gives the sums; the caller frees them. */
export const applyTrainStep = (
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
