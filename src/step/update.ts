import type { LayerVariable } from '@tensorflow/tfjs';
import type { Optimizer } from '../optimizers/registry';
import { variableOf } from '../tfjs/private';
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
  weights: readonly LayerVariable[],
): Tensor => {
  const { gradients, sums } = trainStep(plan, batch, seed, weights.map(variableOf));
  optimizer.apply({ gradients, weights });
  tf.dispose([...gradients]);
  return sums;
};
