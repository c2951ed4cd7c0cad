import { callable, type Always, type callForm, type CallForm, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import path from 'node:path';
import type { CustomObjects } from '../base/custom-objects';
import { KerasArgumentError } from '../base/errors';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel, type Prediction } from '../models/model';
import { fileError } from './internal/errors';
import { filepath, isPath, loadChecks, pathIn } from './internal/arguments';
import { readSavedModel } from './internal/saved-model/read';
import type { ServedModel } from './internal/saved-model/served-model';
import { writeKerasModel, writeServedModel } from './internal/saved-model/write';

export type {
  NamedArrays,
  ServedInput,
  ServedModel,
  ServedPredictOptions,
  ServedSignature,
  ServedTensor,
} from './internal/saved-model/served-model';

/** Options of {@link saveModelTf}. */
export interface SaveModelTfOptions {
  /** Whether a model that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
  /** Whether how the model is compiled is saved, and what its optimizer remembers; true by default. */
  includeOptimizer?: boolean | undefined;
}

const saveChecks = {
  overwrite: optional(boolean, true),
  includeOptimizer: optional(boolean, true),
} satisfies OptionChecks<SaveModelTfOptions>;

/**
 * Saves a model to a folder in TensorFlow's SavedModel format, as Keras 2.13 does: its graph for batches of any size, under the
 * tag `serve` with the signature `serving_default`; its layers and how they are connected, its weights, how it is compiled, and the
 * state of its optimizer. TensorFlow 1.15 and 2 serve it, Keras 2 makes a model of it that can be trained. Gives the model.
 *
 * Texts that a model takes are read by TensorFlow there: by `layerStringLookup`, `layerHashing` and `layerTextVectorization`, but for
 * functions of your own, `split: 'character'` and `ngrams`, which are refused.
 *
 * The old folder or the new one is there whole, whatever happens meanwhile; a folder of something else is not replaced.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if a layer computes what is no graph for any number of rows; it names the layer. Or if the model has a
 * function without a name.
 * @throws KerasFileError if the folder cannot be written, is there and `overwrite` is false, or has something else in it.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelTf(model, 'model')
 * const again = await loadModelTf('model')
 * assert.deepStrictEqual(getWeights(again)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras `save_model_tf`
 */
export const saveModelTf: ModelTask<[filepath: string, options?: SaveModelTfOptions], Itself> = callable({
  name: 'saveModelTf',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: Object.keys(saveChecks),
  checkOptions: (options) => checkOptions('saveModelTf', options, saveChecks),
  run: async (model: KerasModel, data: readonly [unknown], options) => {
    const folder = pathIn('saveModelTf', data);
    const built = builtModel(model);
    try {
      await writeKerasModel(folder, built, options);
    } catch (error) {
      throw savingError(folder, error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof saveModelTf; // the call styles are told apart by the arguments

/** Options of {@link exportSavedmodel}. */
export interface ExportSavedmodelOptions {
  /** Whether a model that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
  /** Whether the model goes into a folder of its own in the one that is given, named after the time; by default where `overwrite` is false. */
  versioned?: boolean | undefined;
  /** Whether the weights are constants of the graph; false by default: they are variables. */
  frozen?: boolean | undefined;
}

const exportChecks = {
  overwrite: optional(boolean, true),
  versioned: optional(boolean),
  frozen: optional(boolean, false),
} satisfies OptionChecks<ExportSavedmodelOptions>;

/** The time as a number, as TensorFlow Serving takes versions: 20261126150203. */
const versionName = (): string => new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);

/**
 * Exports a model for serving, in TensorFlow's SavedModel format: what it predicts for batches of any size, under the tag `serve` with
 * the signature `serving_default`, its inputs and outputs by their names. How it is trained is not in it; {@link saveModelTf} saves
 * that, too. Gives the path of the folder.
 *
 * TensorFlow's C++, Python and Serving load it, of 1.15 and 2. With `frozen` the weights are constants: one file, which has at most
 * 2 GB. What layers of `training: true` write and draw in predictions, too, the graph writes into its variables, and draws; constants
 * stay as they are.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if a layer computes what is no graph for any number of rows; it names the layer.
 * @throws KerasFileError if the folder cannot be written, is there and `overwrite` is false, or has something else in it.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * const folder = await exportSavedmodel(model, 'served', { versioned: true })
 * const served = await loadModelTf<ServedModel>(folder)
 * const output = await served.predict([[1, 2, 3]])
 * assert.deepStrictEqual(output.shape, [1, 2])
 * @see R keras `export_savedmodel`
 */
export const exportSavedmodel: ModelTask<
  [exportDirBase: string, options?: ExportSavedmodelOptions],
  Always<string>
> = callable({
  name: 'exportSavedmodel',
  subject: modelSubject,
  data: ['exportDirBase'],
  isData: isPath,
  optionNames: Object.keys(exportChecks),
  checkOptions: (options) => checkOptions('exportSavedmodel', options, exportChecks),
  run: async (model: KerasModel, data: readonly [unknown], { overwrite, versioned, frozen }) => {
    const base = pathIn('exportSavedmodel', data);
    const folder = (versioned ?? !overwrite) ? path.join(base, versionName()) : base;
    const built = builtModel(model);
    try {
      await writeServedModel(folder, built, { overwrite, isFrozen: frozen });
    } catch (error) {
      throw savingError(folder, error);
    }
    return folder;
  },
  givesPromise: true,
}) as unknown as typeof exportSavedmodel; // the call styles are told apart by the arguments

/** What a model is has nothing to do with the folder: such an error passes as it is. */
const savingError = (folder: string, error: unknown): unknown =>
  error instanceof KerasArgumentError ? error : fileError(folder, 'written', error);

/** Options of {@link loadModelTf}. */
export interface LoadModelTfOptions {
  /** The functions and classes that names in the folder stand for. */
  customObjects?: CustomObjects | undefined;
  /** Whether the model is compiled as it was, and its optimizer goes on where it was; true by default. */
  compile?: boolean | undefined;
}

/** {@link loadModelTf}: plain, with the folder first, or piped. */
export interface LoadModelTfFunction {
  <Model extends KerasModel<Prediction> | ServedModel = KerasModel>(
    filepath: string,
    options?: LoadModelTfOptions,
  ): Promise<Model>;
  (options?: LoadModelTfOptions): (filepath: string) => Promise<KerasModel>;
  readonly [callForm]: CallForm<['task', [options?: LoadModelTfOptions], Always<KerasModel>, string]>;
}

/**
 * Loads a model from a folder of TensorFlow's SavedModel format. One that {@link saveModelTf} wrote, or Keras 2, comes with its layers
 * and weights, and compiled as it was, so that training goes on where it was. Of any other the graph is loaded: a
 * {@link ServedModel}, which predicts as its signatures say.
 *
 * Its type is that of models with one output; `loadModelTf<ServedModel>(folder)` says something else. A folder is never trusted:
 * what makes layers of it runs nothing in it, and what is not right is an error before memory is taken for it.
 *
 * @throws KerasFileError if the folder is not there, is no SavedModel, or has a class, an option or a value that is not known.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }), compile({ loss: 'mse', optimizer: 'adam' }))
 * await saveModelTf(model, 'model')
 * const again = await loadModelTf('model')
 * assert.strictEqual(optimizerOf(again).name, 'adam')
 * @see R keras `load_model_tf`
 */
export const loadModelTf: LoadModelTfFunction = callable({
  name: 'loadModelTf',
  subject: filepath,
  optionNames: Object.keys(loadChecks),
  checkOptions: (options) => checkOptions('loadModelTf', options, loadChecks),
  run: async (folder, _, { customObjects: objects, compile }) => {
    try {
      return await readSavedModel(folder, { customObjects: objects, compile });
    } catch (error) {
      throw fileError(folder, 'read', error);
    }
  },
  givesPromise: true,
}) as unknown as LoadModelTfFunction; // the call styles are told apart by the arguments
