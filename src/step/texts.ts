import type { LayersModel } from '@tensorflow/tfjs';
import { textModel } from '../models/text-inputs';
import { atOnce, type Steps } from '../base/steps';
import { applyModel, modelInSteps, partInSteps, type Mask, type ModelOutputs } from '../tfjs/run-graph';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Whether there are texts among a model's inputs. */
export const haveTexts = (x: readonly { readonly dtype?: string }[]): boolean =>
  x.some(({ dtype }) => dtype === 'string');

/** The numbers that a model's layers make of its inputs, of which some are texts; and their masks. To be called inside a tidy. */
export const numbersOf = (
  model: LayersModel,
  x: readonly Tensor[],
  training: boolean,
): ModelOutputs | undefined => {
  const parts = textModel(model);
  return parts === undefined ? undefined : atOnce(partInSteps(tf, parts.reading, x, training));
};

/** A model's outputs for its inputs; or for the numbers that were made of them before, where it takes texts. */
export const outputsFor = (
  model: LayersModel,
  x: readonly Tensor[],
  training: boolean,
  inputMasks: readonly Mask[] = [],
): ModelOutputs => {
  const parts = haveTexts(x) ? undefined : textModel(model);
  return parts === undefined
    ? applyModel(model, x, training, inputMasks)
    : atOnce(partInSteps(tf, parts.computing, x, training));
};

/** The same, before each layer of which others may run. To be called inside a tidy. */
export const outputsInSteps = (
  model: LayersModel,
  x: readonly Tensor[],
  training: boolean,
): Steps<ModelOutputs> => {
  const parts = haveTexts(x) ? undefined : textModel(model);
  return parts === undefined
    ? modelInSteps(tf, model, x, training)
    : partInSteps(tf, parts.computing, x, training);
};
