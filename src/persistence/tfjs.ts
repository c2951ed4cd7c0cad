import { callable, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import type { CustomObjects } from '../base/custom-objects';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { filepath, isPath, loadChecks, pathIn } from './internal/arguments';
import { fileError } from './internal/errors';
import { readTfjs } from './internal/tfjs/read';
import { prepareTfjs, writeTfjs } from './internal/tfjs/write';
import type { LoadModelFunction } from './keras-hdf5';

/** Options of {@link saveModelTfjs}. */
export interface SaveModelTfjsOptions {
  /** Whether a model that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
  /** Whether how the model is compiled is saved, and what its optimizer remembers; true by default. */
  includeOptimizer?: boolean | undefined;
  /** Whether TensorFlow.js by itself must be able to load it, as in a browser; true by default. */
  tfjsAlone?: boolean | undefined;
}

const saveChecks = {
  overwrite: optional(boolean, true),
  includeOptimizer: optional(boolean, true),
  tfjsAlone: optional(boolean, true),
} satisfies OptionChecks<SaveModelTfjsOptions>;

/**
 * Saves a model in a folder as TensorFlow.js has it: `model.json`, and the weights in files of 4 MB. `tf.loadLayersModel` reads it in a
 * browser, and computes the same; {@link loadModelTfjs} reads it here. Gives the model.
 *
 * Layers that TensorFlow.js has not, or computes in another way, are an error that names the layer; so is a GRU with `resetAfter`, its
 * default. With `tfjsAlone: false` they are written all the same, for programs that have this library or register their classes. How the
 * model is compiled, and its optimizer's state, come back here; TensorFlow.js takes the model as not compiled, without initializers,
 * regularizers and constraints of classes that it has not.
 *
 * The old model or the new one is there whole, whatever happens meanwhile; folders that are missing are made.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if it has a layer that TensorFlow.js by itself cannot load, or a function without a name.
 * @throws KerasFileError if the folder cannot be written to, or has a model and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelTfjs(model, 'browser')
 * const again = await loadModelTfjs('browser')
 * assert.deepStrictEqual(getWeights(again)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export const saveModelTfjs: ModelTask<[filepath: string, options?: SaveModelTfjsOptions], Itself> = callable({
  name: 'saveModelTfjs',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: Object.keys(saveChecks),
  checkOptions: (options) => checkOptions('saveModelTfjs', options, saveChecks),
  run: async (model: KerasModel, data: readonly [unknown], options) => {
    const folder = pathIn('saveModelTfjs', data);
    const prepared = prepareTfjs(builtModel(model), options);
    try {
      await writeTfjs(folder, prepared, options.overwrite);
    } catch (error) {
      throw fileError(folder, 'written', error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof saveModelTfjs; // the call styles are told apart by the arguments

/** Options of {@link loadModelTfjs}. */
export interface LoadModelTfjsOptions {
  /** The functions and classes that names in the file stand for. */
  customObjects?: CustomObjects | undefined;
  /** Whether the model is compiled as it was, and its optimizer goes on where it was; true by default. */
  compile?: boolean | undefined;
}

/**
 * Loads a model from a `model.json` and the weights beside it, or from the folder that has them: what {@link saveModelTfjs} wrote,
 * `tensorflowjs_converter` (of layers, quantized weights too), or TensorFlow.js's own `model.save`.
 *
 * Its type is that of models with one output; `loadModelTfjs<FunctionalModel<tf.Tensor[]>>(folder)` says something else. A file is never
 * trusted: nothing in it is run, files outside of the folder are not read, and what is not right is an error before memory is taken for
 * it. The state of TensorFlow.js's own optimizers is not read: theirs begin anew.
 *
 * @throws KerasFileError if a file is not there, has another size than is said, or is no model of layers; or if it has a class, an option or
 *   a value that is not known.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }), compile({ loss: 'mse', optimizer: 'adam' }))
 * await saveModelTfjs(model, 'browser')
 * const again = await loadModelTfjs('browser/model.json')
 * assert.strictEqual(optimizerOf(again).name, 'adam')
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export const loadModelTfjs: LoadModelFunction<LoadModelTfjsOptions> = callable({
  name: 'loadModelTfjs',
  subject: filepath,
  optionNames: Object.keys(loadChecks),
  checkOptions: (options) => checkOptions('loadModelTfjs', options, loadChecks),
  run: async (place, _, { customObjects: objects, compile }) => {
    try {
      return await readTfjs(place, { customObjects: objects, compile });
    } catch (error) {
      throw fileError(place, 'read', error);
    }
  },
  givesPromise: true,
}) as unknown as typeof loadModelTfjs; // the call styles are told apart by the arguments
