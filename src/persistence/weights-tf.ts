import { callable, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import { modelSubject, noOptions, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { fileError, weightsError } from './internal/errors';
import { isPath, pathIn } from './internal/arguments';
import { readWeights, writeWeights } from './internal/saved-model/weights-files';

/** Options of {@link saveModelWeightsTf}. */
export interface SaveModelWeightsTfOptions {
  /** Whether a checkpoint that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
}

/**
 * Saves the weights of a model to a checkpoint of TensorFlow's, as Keras 2.13's `save_weights` does: the files `filepath.index` and
 * `filepath.data-00000-of-00001`, and `checkpoint` beside them, which names it as the newest. What the optimizer of a compiled model
 * remembers is saved, too. Gives the model.
 *
 * The old checkpoint or the new one is there whole, whatever happens meanwhile; folders that are missing are made. One that takes
 * the place of another may have its data in two files, of which one is empty.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasFileError if the checkpoint cannot be written, or is there and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelWeightsTf(model, 'checkpoints/first')
 * const other = cloneModel(model)
 * await loadModelWeightsTf(other, 'checkpoints/first')
 * assert.deepStrictEqual(getWeights(other)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras `save_model_weights_tf`
 */
export const saveModelWeightsTf: ModelTask<[filepath: string, options?: SaveModelWeightsTfOptions], Itself> =
  callable({
    name: 'saveModelWeightsTf',
    subject: modelSubject,
    data: ['filepath'],
    isData: isPath,
    optionNames: ['overwrite'],
    checkOptions: (options) =>
      checkOptions('saveModelWeightsTf', options, {
        overwrite: optional(boolean, true),
      } satisfies OptionChecks<SaveModelWeightsTfOptions>),
    run: async (model: KerasModel, data: readonly [unknown], { overwrite }) => {
      const file = pathIn('saveModelWeightsTf', data);
      const built = builtModel(model);
      try {
        await writeWeights(file, built, overwrite);
      } catch (error) {
        throw fileError(file, 'written', error);
      }
      return model;
    },
    givesPromise: true,
  }) as unknown as typeof saveModelWeightsTf; // the call styles are told apart by the arguments

/**
 * Gives a model the weights of a checkpoint that {@link saveModelWeightsTf} wrote, or Keras 2, **in place**, and gives the model. If it
 * is compiled, its optimizer goes on where it was. The folder of a SavedModel of Keras is taken, too.
 *
 * Weights are matched by where they are in the model, whatever layers are called. All is matched before the first is changed.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasFileError if the checkpoint is not there, is none of TensorFlow 2's, or has other weights than the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelWeightsTf(model, 'weights')
 * await pipe(model, loadModelWeightsTf('weights'))
 * @see R keras `load_model_weights_tf`
 */
export const loadModelWeightsTf: ModelTask<[filepath: string], Itself> = callable({
  name: 'loadModelWeightsTf',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  checkOptions: noOptions('loadModelWeightsTf'),
  run: async (model: KerasModel, data: readonly [unknown]) => {
    const file = pathIn('loadModelWeightsTf', data);
    const built = builtModel(model);
    try {
      await readWeights(file, built);
    } catch (error) {
      throw weightsError(file, error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof loadModelWeightsTf; // the call styles are told apart by the arguments
