import { callable, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { fileError, weightsError } from './internal/errors';
import { readWeightsFile, writeWeightsFile } from './internal/hdf5-model';
import { isPath, pathIn } from './internal/arguments';

/** Options of {@link saveModelWeightsHdf5}. */
export interface SaveModelWeightsHdf5Options {
  /** Whether a file that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
}

/**
 * Saves the weights of a model alone to an HDF5 file, as Keras 2.13's `save_weights` does. Gives the model.
 *
 * The old file or the new one is there whole, whatever happens meanwhile; folders that are missing are made.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasFileError if the file cannot be written, or is there and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelWeightsHdf5(model, 'weights.h5')
 * const other = cloneModel(model)
 * await loadModelWeightsHdf5(other, 'weights.h5')
 * assert.deepStrictEqual(getWeights(other)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras `save_model_weights_hdf5`
 */
export const saveModelWeightsHdf5: ModelTask<
  [filepath: string, options?: SaveModelWeightsHdf5Options],
  Itself
> = callable({
  name: 'saveModelWeightsHdf5',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: ['overwrite'],
  checkOptions: (options) =>
    checkOptions('saveModelWeightsHdf5', options, {
      overwrite: optional(boolean, true),
    } satisfies OptionChecks<SaveModelWeightsHdf5Options>),
  run: async (model: KerasModel, data: readonly [unknown], { overwrite }) => {
    const file = pathIn('saveModelWeightsHdf5', data);
    const built = builtModel(model);
    try {
      await writeWeightsFile(file, built, overwrite);
    } catch (error) {
      throw fileError(file, 'written', error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof saveModelWeightsHdf5; // the call styles are told apart by the arguments

/** Options of {@link loadModelWeightsHdf5}. */
export interface LoadModelWeightsHdf5Options {
  /** Whether layers get the weights of layers of their name, and others stay as they are; false by default: by their order. */
  byName?: boolean | undefined;
  /** With `byName`: whether weights that do not fit are left as they are; false by default: they are an error. */
  skipMismatch?: boolean | undefined;
  /** Whether weights of another shape fit that have as many numbers; false by default. */
  reshape?: boolean | undefined;
}

const loadChecks = {
  byName: optional(boolean, false),
  skipMismatch: optional(boolean, false),
  reshape: optional(boolean, false),
} satisfies OptionChecks<LoadModelWeightsHdf5Options>;

/**
 * Gives a model the weights of an HDF5 file that {@link saveModelWeightsHdf5} wrote, or {@link saveModelHdf5}, or Keras, **in place**, and
 * gives the model. Layers that have weights are matched by their order, or by their names.
 *
 * All is matched before the first weight is changed.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasFileError if the file is not there, is none of Keras's, or has other weights than the model.
 * @throws KerasArgumentError for `skipMismatch` without `byName`.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], name: 'body' }))
 * await saveModelWeightsHdf5(model, 'body.h5')
 * const longer = pipe(cloneModel(model), layerDense({ units: 1, name: 'head' }))
 * await loadModelWeightsHdf5(longer, 'body.h5', { byName: true })
 * assert.deepStrictEqual(getWeights(longer)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras `load_model_weights_hdf5`
 */
export const loadModelWeightsHdf5: ModelTask<
  [filepath: string, options?: LoadModelWeightsHdf5Options],
  Itself
> = callable({
  name: 'loadModelWeightsHdf5',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: Object.keys(loadChecks),
  checkOptions: (options) => {
    const checked = checkOptions('loadModelWeightsHdf5', options, loadChecks);
    if (!checked.skipMismatch || checked.byName) return checked;
    throw new KerasArgumentError({
      argument: 'skipMismatch',
      expected:
        '`skipMismatch` goes with `byName`: by their order, layers that do not fit would shift all others',
      received: 'skipMismatch: true without byName',
      advice: 'Write { byName: true, skipMismatch: true }',
    });
  },
  run: async (model: KerasModel, data: readonly [unknown], options) => {
    const file = pathIn('loadModelWeightsHdf5', data);
    const built = builtModel(model);
    try {
      await readWeightsFile(file, built, options);
    } catch (error) {
      throw weightsError(file, error, '{ byName: true, skipMismatch: true }');
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof loadModelWeightsHdf5; // the call styles are told apart by the arguments
