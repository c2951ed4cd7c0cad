import type { LayersModel } from '@tensorflow/tfjs';
import { tf } from '../tfjs/tensorflow';
import { FunctionalModel } from './functional-model';
import { knownWrapper, type KerasModel, type Prediction } from './model';
import { SequentialModel } from './sequential';

/** The model around a tfjs model: the one that there is, or a new one. */
export const wrapperOf = (model: LayersModel): KerasModel<Prediction> => {
  const known = knownWrapper(model);
  if (known !== undefined) return known;
  return model instanceof tf.Sequential
    ? new SequentialModel(model.name, undefined, model)
    : new FunctionalModel<Prediction>(model);
};
