import { extname } from 'node:path';
import { callable, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import type { CustomObjects } from '../base/custom-objects';
import { KerasArgumentError, KerasFileError } from '../base/errors';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { filepath, isPath, loadChecks, pathIn } from './internal/arguments';
import { fileError } from './internal/errors';
import { formatToRead, formatToWrite, lookAt, MODEL_FORMATS, type ModelFormat } from './internal/formats';
import type { LoadModelFunction } from './keras-hdf5';

/** Options of {@link saveModel}. */
export interface SaveModelOptions {
  /** Whether a file that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
  /** Whether how the model is compiled is saved, and what its optimizer remembers; true by default. */
  includeOptimizer?: boolean | undefined;
}

const saveChecks = {
  overwrite: optional(boolean, true),
  includeOptimizer: optional(boolean, true),
} satisfies OptionChecks<SaveModelOptions>;

const endingsOf = (formats: readonly ModelFormat[]): string =>
  formats.flatMap(({ name, suffixes }) => suffixes.map((suffix) => `'${suffix}' (${name})`)).join(', ');

const WEIGHTS = '.weights.h5';

/** What writes other formats, by the ending of a path. */
const OTHERS: Readonly<Record<string, string>> = {
  '': "Write 'model.keras', for example; a folder in TensorFlow’s SavedModel format is written by saveModelTf()",
  '.json': 'A folder for TensorFlow.js is written by saveModelTfjs(), the layers alone by modelToJson()',
  '.onnx': 'Files for ONNX are written by exportOnnx()',
  '.pb': 'A folder in TensorFlow’s SavedModel format is written by saveModelTf()',
  [WEIGHTS]: 'Weights alone are saved by saveModelWeights()',
};

/** The format of a path to be written, or the error that says which there are. */
const formatFor = (path: string): ModelFormat => {
  const lower = path.toLowerCase();
  const ending = lower.endsWith(WEIGHTS) ? WEIGHTS : extname(lower);
  const format = ending === WEIGHTS ? undefined : formatToWrite(path);
  if (format !== undefined) return format;
  throw new KerasArgumentError({
    argument: 'filepath',
    expected: `\`filepath\` must end in the name of a format: ${endingsOf(MODEL_FORMATS)}`,
    received: `'${path}'`,
    advice: OTHERS[ending] ?? "Write 'model.keras', for example",
  });
};

/**
 * Saves a model to a file: its layers and how they are connected, its weights, how it is compiled, and the state of its optimizer. The
 * ending of the path is the format: `.keras` is that of Keras 3, `.h5` or `.hdf5` that of Keras 2, which {@link saveModelHdf5} writes.
 * Keras reads it, and goes on training. Gives the model. Keras 3 has another function as `hard_sigmoid`: for it `.keras` has two layers in the
 * place of that of Keras 2, which compute it.
 *
 * The old file or the new one is there whole, whatever happens meanwhile; folders that are missing are made. Functions and classes of
 * your own are saved by their names. A file that is there is replaced, where R asks.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if the path ends otherwise, or if the model has a function without a name.
 * @throws KerasFileError if the file cannot be written, or is there and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModel(model, 'model.keras')
 * const again = await loadModel('model.keras')
 * assert.deepStrictEqual(getWeights(again)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras3 `save_model`
 */
export const saveModel: ModelTask<[filepath: string, options?: SaveModelOptions], Itself> = callable({
  name: 'saveModel',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: Object.keys(saveChecks),
  checkOptions: (options) => checkOptions('saveModel', options, saveChecks),
  run: async (model: KerasModel, data: readonly [unknown], options) => {
    const file = pathIn('saveModel', data);
    const { write } = formatFor(file);
    const built = builtModel(model);
    try {
      await write?.(file, built, options); // there is one: it was looked for among those that have
    } catch (error) {
      throw fileError(file, 'written', error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof saveModel; // the call styles are told apart by the arguments

/** Options of {@link loadModel}. */
export interface LoadModelOptions {
  /** The functions and classes that names in the file stand for. */
  customObjects?: CustomObjects | undefined;
  /** Whether the model is compiled as it was, and its optimizer goes on where it was; true by default. */
  compile?: boolean | undefined;
}

/** The format of what is at a path, or the error that it is of none. */
const formatAt = async (path: string): Promise<ModelFormat> => {
  const format = formatToRead(await lookAt(path));
  if (format !== undefined) return format;
  throw new KerasFileError({
    argument: 'filepath',
    expected: `the file must be of a format of models: ${MODEL_FORMATS.map(({ name }) => name).join(', ')}`,
    received: path,
    advice: 'Give a file that saveModel() wrote, or model.save() in Python',
  });
};

/**
 * Loads a model from a file that {@link saveModel} wrote, or Keras: `.keras` of Keras 3 and of Keras 2.12 and 2.13, HDF5 of Keras 2 and 3;
 * and SavedModels with layers, and TensorFlow.js's `model.json`. What format it is of, its content says. The model has its weights, and is
 * compiled as it was, so that training goes on where it was.
 *
 * Its type is that of models with one output; `loadModel<FunctionalModel<tf.Tensor[]>>(file)` says something else. Of other types than
 * float32 weights are rounded. Classes and functions of your own are found in `customObjects` by their names, or by those that they
 * are registered under in Python, `package>Name`.
 *
 * A file is never trusted: nothing in it is run, Python's lambdas are refused, nothing outside it is read or written, checksums are
 * compared, and what is not right is an error before memory is taken for it.
 *
 * @throws KerasFileError if the file is not there, is none of Keras's, or has a class, an option or a value that is not known.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }), compile({ loss: 'mse', optimizer: 'adam' }))
 * await saveModel(model, 'model.keras')
 * const again = await loadModel('model.keras')
 * assert.strictEqual(optimizerOf(again).name, 'adam')
 * @see R keras3 `load_model`
 */
export const loadModel: LoadModelFunction<LoadModelOptions> = callable({
  name: 'loadModel',
  subject: filepath,
  optionNames: Object.keys(loadChecks),
  checkOptions: (options) => checkOptions('loadModel', options, loadChecks),
  run: async (file, _, { customObjects: objects, compile }) => {
    try {
      const { read } = await formatAt(file);
      return await read(file, { customObjects: objects, compile });
    } catch (error) {
      throw fileError(file, 'read', error);
    }
  },
  givesPromise: true,
}) as unknown as typeof loadModel; // the call styles are told apart by the arguments
