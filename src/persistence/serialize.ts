import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { callable, type Always, type callForm, type CallForm, type SubjectKind } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { withPrivateFolder } from '../files/unfinished';
import { modelSubject, type AnyModel } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { fileError } from './internal/errors';
import { readModelFile, writeModel } from './internal/hdf5-model';
import { loadChecks } from './internal/arguments';
import type { LoadModelHdf5Options } from './keras-hdf5';

/** Works with a file that nobody else sees. */
const withPrivateFile = <T>(work: (file: string) => Promise<T>): Promise<T> =>
  withPrivateFolder((folder) => work(path.join(folder, 'model.h5')));

/** Options of {@link serializeModel}. */
export interface SerializeModelOptions {
  /** Whether how the model is compiled is in it, and what its optimizer remembers; true by default. */
  includeOptimizer?: boolean | undefined;
}

/** {@link serializeModel}: plain, or piped. */
export interface SerializeModelFunction {
  (options?: SerializeModelOptions): (model: AnyModel) => Promise<Uint8Array>;
  (model: AnyModel, options?: SerializeModelOptions): Promise<Uint8Array>;
  readonly [callForm]: CallForm<['task', [options?: SerializeModelOptions], Always<Uint8Array>, AnyModel]>;
}

/**
 * A model as bytes: those of the file that {@link saveModelHdf5} writes. They can be kept in a database, or sent to another process.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if it has a function without a name.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * const bytes = await serializeModel(model)
 * assert.strictEqual(countParams(await unserializeModel(bytes)), 8)
 * @see R keras `serialize_model`
 */
export const serializeModel: SerializeModelFunction = callable({
  name: 'serializeModel',
  subject: modelSubject,
  optionNames: ['includeOptimizer'],
  checkOptions: (options) =>
    checkOptions('serializeModel', options, {
      includeOptimizer: optional(boolean, true),
    } satisfies OptionChecks<SerializeModelOptions>),
  run: async (model, _, { includeOptimizer }) => {
    const built = builtModel(model);
    return withPrivateFile(async (file) => {
      try {
        await writeModel(file, built, { overwrite: true, includeOptimizer });
        return new Uint8Array(await readFile(file));
      } catch (error) {
        throw fileError(file, 'written', error);
      }
    });
  },
  givesPromise: true,
}) as unknown as SerializeModelFunction; // the call styles are told apart by the arguments

const bytes: SubjectKind<Uint8Array> = {
  argument: 'model',
  is: (value) => value instanceof Uint8Array,
  check: (functionName, value) => {
    if (value instanceof Uint8Array) return value;
    throw new KerasArgumentError({
      function: functionName,
      argument: 'model',
      expected: '`model` must be bytes, a Uint8Array',
      received: describe(value),
      advice: 'Give what serializeModel() gave, or the content of a file of Keras’s HDF5 format',
    });
  },
};

/** {@link unserializeModel}: plain, with the bytes first, or piped. */
export interface UnserializeModelFunction {
  <Model = KerasModel>(model: Uint8Array, options?: LoadModelHdf5Options): Promise<Model>;
  (options?: LoadModelHdf5Options): (model: Uint8Array) => Promise<KerasModel>;
  readonly [callForm]: CallForm<['task', [options?: LoadModelHdf5Options], Always<KerasModel>, Uint8Array]>;
}

/**
 * The model of bytes that {@link serializeModel} gave, or of the content of any file that {@link loadModelHdf5} reads.
 *
 * @throws KerasFileError if they are none of Keras's, or have a class, an option or a value that is not known.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * const copy = await unserializeModel(await serializeModel(model))
 * assert.deepStrictEqual(getWeights(copy)[0]?.dataSync(), getWeights(model)[0]?.dataSync())
 * @see R keras `unserialize_model`
 */
export const unserializeModel: UnserializeModelFunction = callable({
  name: 'unserializeModel',
  subject: bytes,
  optionNames: Object.keys(loadChecks),
  checkOptions: (options) => checkOptions('unserializeModel', options, loadChecks),
  run: (content, _, { customObjects, compile }) =>
    withPrivateFile(async (file) => {
      try {
        await writeFile(file, content);
        return await readModelFile(file, { customObjects, compile });
      } catch (error) {
        throw fileError('the bytes', 'read', error);
      }
    }),
  givesPromise: true,
}) as unknown as UnserializeModelFunction; // the call styles are told apart by the arguments
