import { callable, type Always, type callForm, type CallForm, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import type { CustomObjects } from '../base/custom-objects';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { fileError } from './internal/errors';
import { readModelFile, writeModel } from './internal/hdf5-model';
import { filepath, isPath, loadChecks, pathIn } from './internal/arguments';

/** Options of {@link saveModelHdf5}. */
export interface SaveModelHdf5Options {
  /** Whether a file that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
  /** Whether how the model is compiled is saved, and what its optimizer remembers; true by default. */
  includeOptimizer?: boolean | undefined;
}

const saveChecks = {
  overwrite: optional(boolean, true),
  includeOptimizer: optional(boolean, true),
} satisfies OptionChecks<SaveModelHdf5Options>;

/**
 * Saves a model to an HDF5 file, as Keras 2.13 does: its layers and how they are connected, its weights, how it is compiled, and the
 * state of its optimizer. Keras 2 and 3 read it, and go on training. Gives the model.
 *
 * The old file or the new one is there whole, whatever happens meanwhile; folders that are missing are made. Functions of your own
 * are saved by their names. Gradients that are accumulated at the moment are not saved. A vocabulary that a layer has learned is one that
 * was given to it in the file, as Keras 2 has no place for the other.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if it has a function without a name.
 * @throws KerasFileError if the file cannot be written, or is there and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelHdf5(model, 'model.h5')
 * const again = await loadModelHdf5('model.h5')
 * assert.deepStrictEqual(getWeights(again)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras `save_model_hdf5`
 */
export const saveModelHdf5: ModelTask<[filepath: string, options?: SaveModelHdf5Options], Itself> = callable({
  name: 'saveModelHdf5',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: Object.keys(saveChecks),
  checkOptions: (options) => checkOptions('saveModelHdf5', options, saveChecks),
  run: async (model: KerasModel, data: readonly [unknown], options) => {
    const file = pathIn('saveModelHdf5', data);
    const built = builtModel(model);
    try {
      await writeModel(file, built, options);
    } catch (error) {
      throw fileError(file, 'written', error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof saveModelHdf5; // the call styles are told apart by the arguments

/** Options of {@link loadModelHdf5}. */
export interface LoadModelHdf5Options {
  /** The functions and classes that names in the file stand for. */
  customObjects?: CustomObjects | undefined;
  /** Whether the model is compiled as it was, and its optimizer goes on where it was; true by default. */
  compile?: boolean | undefined;
}

/** {@link loadModelHdf5}: plain, with the file first, or piped. */
export interface LoadModelFunction<Options> {
  <Model = KerasModel>(filepath: string, options?: Options): Promise<Model>;
  (options?: Options): (filepath: string) => Promise<KerasModel>;
  readonly [callForm]: CallForm<['task', [options?: Options], Always<KerasModel>, string]>;
}

/**
 * Loads a model from an HDF5 file that {@link saveModelHdf5} wrote, or Keras 2.0 to 3 in its HDF5 format: with its weights, and
 * compiled as it was, so that training goes on where it was.
 *
 * Its type is that of models with one output; `loadModelHdf5<FunctionalModel<tf.Tensor[]>>(file)` says something else. Of other types
 * than float32 weights are rounded. A file is never trusted: nothing in it is run, Python's lambdas are refused, and what is not right
 * is an error before memory is taken for it.
 *
 * @throws KerasFileError if the file is not there, is none of Keras's, or has a class, an option or a value that is not known.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }), compile({ loss: 'mse', optimizer: 'adam' }))
 * await saveModelHdf5(model, 'model.h5')
 * const again = await loadModelHdf5('model.h5')
 * assert.strictEqual(optimizerOf(again).name, 'adam')
 * @see R keras `load_model_hdf5`
 */
export const loadModelHdf5: LoadModelFunction<LoadModelHdf5Options> = callable({
  name: 'loadModelHdf5',
  subject: filepath,
  optionNames: Object.keys(loadChecks),
  checkOptions: (options) => checkOptions('loadModelHdf5', options, loadChecks),
  run: async (file, _, { customObjects: objects, compile }) => {
    try {
      return await readModelFile(file, { customObjects: objects, compile });
    } catch (error) {
      throw fileError(file, 'read', error);
    }
  },
  givesPromise: true,
}) as unknown as typeof loadModelHdf5; // the call styles are told apart by the arguments
