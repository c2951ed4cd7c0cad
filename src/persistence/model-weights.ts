import { callable, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { isPath, pathIn } from './internal/arguments';
import { fileError, weightsError } from './internal/errors';
import { loadWeights, saveWeights } from './internal/keras3/weights-file';

/** Options of {@link saveModelWeights}. */
export interface SaveModelWeightsOptions {
  /** Whether a file that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
}

const ENDING = '.weights.h5';

/** A path that ends as Keras demands. */
const weightsPath = (data: readonly unknown[]): string => {
  const file = pathIn('saveModelWeights', data);
  if (file.endsWith(ENDING)) return file;
  throw new KerasArgumentError({
    argument: 'filepath',
    expected: `\`filepath\` must end in '${ENDING}', without which Keras 3 does not read it`,
    received: `'${file}'`,
    advice: `Write 'model${ENDING}'; whole models are saved by saveModel(), weights for Keras 2 by saveModelWeightsHdf5()`,
  });
};

/**
 * Saves the weights of a model to a file `….weights.h5`, as Keras 3's `save_weights` does, with what its optimizer remembers if the
 * model is compiled. Gives the model.
 *
 * The old file or the new one is there whole, whatever happens meanwhile; folders that are missing are made. A file that is there is
 * replaced, where R asks.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasArgumentError if the path ends otherwise.
 * @throws KerasFileError if the file cannot be written, or is there and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModelWeights(model, 'model.weights.h5')
 * const other = cloneModel(model)
 * await loadModelWeights(other, 'model.weights.h5')
 * assert.deepStrictEqual(getWeights(other)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras3 `save_model_weights`
 */
export const saveModelWeights: ModelTask<[filepath: string, options?: SaveModelWeightsOptions], Itself> =
  callable({
    name: 'saveModelWeights',
    subject: modelSubject,
    data: ['filepath'],
    isData: isPath,
    optionNames: ['overwrite'],
    checkOptions: (options) =>
      checkOptions('saveModelWeights', options, {
        overwrite: optional(boolean, true),
      } satisfies OptionChecks<SaveModelWeightsOptions>),
    run: async (model: KerasModel, data: readonly [unknown], { overwrite }) => {
      const file = weightsPath(data);
      const built = builtModel(model);
      try {
        await saveWeights(file, built, overwrite);
      } catch (error) {
        throw fileError(file, 'written', error);
      }
      return model;
    },
    givesPromise: true,
  }) as unknown as typeof saveModelWeights; // the call styles are told apart by the arguments

/** Options of {@link loadModelWeights}. */
export interface LoadModelWeightsOptions {
  /** Whether layers whose weights do not fit keep those that they have; false by default: they are an error. */
  skipMismatch?: boolean | undefined;
}

/**
 * Gives a model the weights of a file **in place**, and gives the model: of a `.weights.h5` or `.keras`, by where they are in the model, or
 * of an HDF5 file of Keras 2, by their order. The optimizer of a compiled model takes its state, too, where a file of the first kind has it.
 *
 * All is matched before the first weight is changed.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasFileError if the file is not there, is none of Keras's, or has other weights than the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * await saveModel(model, 'model.keras')
 * const wider = pipe(kerasModelSequential(), layerDense({ units: 5, inputShape: [3] }))
 * await assert.rejects(async () => loadModelWeights(wider, 'model.keras'), KerasFileError)
 * await loadModelWeights(wider, 'model.keras', { skipMismatch: true })
 * assert.strictEqual(countParams(wider), 20)
 * @see R keras3 `load_model_weights`
 */
export const loadModelWeights: ModelTask<[filepath: string, options?: LoadModelWeightsOptions], Itself> =
  callable({
    name: 'loadModelWeights',
    subject: modelSubject,
    data: ['filepath'],
    isData: isPath,
    optionNames: ['skipMismatch'],
    checkOptions: (options) =>
      checkOptions('loadModelWeights', options, {
        skipMismatch: optional(boolean, false),
      } satisfies OptionChecks<LoadModelWeightsOptions>),
    run: async (model: KerasModel, data: readonly [unknown], options) => {
      const file = pathIn('loadModelWeights', data);
      const built = builtModel(model);
      try {
        await loadWeights(file, built, options);
      } catch (error) {
        throw weightsError(file, error, 'skipMismatch: true');
      }
      return model;
    },
    givesPromise: true,
  }) as unknown as typeof loadModelWeights; // the call styles are told apart by the arguments
