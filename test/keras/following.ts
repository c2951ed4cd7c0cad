/** A model that changes by its predictions, whose SavedModel TensorFlow must run likewise. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  exportSavedmodel,
  getWeights,
  kerasModel,
  layerBatchNormalization,
  layerConcatenate,
  layerDense,
  layerInput,
  predictOnBatch,
  saveModelTf,
  shared,
  tf,
  type KerasModel,
} from '../../src/index';
import { plain } from './values';

/** One normalization in two places: it follows the batches in one of them, and has learned from them in the other. */
const following = (): KerasModel => {
  const norm = shared(layerBatchNormalization({ momentum: 0.5, name: 'norm' }));
  const input = layerInput({ shape: [3], name: 'x' });
  const hidden = layerDense(input, { units: 4, name: 'hidden' });
  const both = [norm(hidden, { training: true }), norm(hidden, { training: false })];
  return kerasModel(input, layerConcatenate(both, { name: 'both' }));
};

/** Writes the model as it is before some batches, and what it gives and becomes by them. */
export const writeFollowing = async (folder: string): Promise<void> => {
  const model = following();
  const place = path.join(folder, 'following');
  await saveModelTf(model, `${place}.tf`);
  await exportSavedmodel(model, `${place}.served`);
  const batches = [5, 1, 8].map((rows, index) => tf.randomUniform([rows, 3], -1, 2, 'float32', index));
  const stages = batches.map((batch) => ({
    batch: plain(batch),
    output: plain(predictOnBatch(model, batch)),
    weights: getWeights(model).map(plain),
  }));
  writeFileSync(`${place}.json`, JSON.stringify(stages));
};
