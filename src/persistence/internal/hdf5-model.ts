/** Whole models in HDF5 files. */
import type { CustomObjects } from '../../base/custom-objects';
import { withCustomObjects } from '../../base/custom-objects';
import { Hdf5Reader, Hdf5Writer } from '../../files/hdf5';
import { MalformedError } from '../../files/malformed';
import { replaceFile } from '../../files/replace-file';
import { withWeightBudget } from '../../layers/internal/apply';
import type { Compilation } from '../../models/compilation';
import type { Config } from '../../models/config/forms';
import type { KerasModel, Prediction } from '../../models/model';
import { compile } from '../../training/compile';
import { trainedWeights, savedLayers } from './layer-weights';
import { formOfVersion, hdf5Object, objectIn, readModel } from './model-config';
import { readOptimizer, writeOptimizer } from './optimizer-state';
import {
  assignWeights,
  countStored,
  findLayers,
  matchByName,
  matchByOrder,
  SizeCheck,
  type Matching,
} from './read-weights';
import { withoutSummaries, withSummaries } from './stored-summaries';
import { trainingConfig } from './training-config';
import { compileOptionsFrom } from './training-from';
import { takeMetadata, USER_METADATA } from './user-metadata';
import { BACKEND, KERAS_VERSION } from './version';
import { GroupMaker, writeWeights } from './write-weights';

/** Writes an HDF5 file whole, or not at all. */
const writeHdf5 = async (
  file: string,
  overwrite: boolean,
  write: (writer: Hdf5Writer) => Promise<void>,
): Promise<void> =>
  replaceFile(
    file,
    async (temporary) => {
      const writer = await Hdf5Writer.create(temporary);
      try {
        await write(writer);
        await writer.close();
      } catch (error) {
        await writer.discard();
        throw error;
      }
    },
    { overwrite },
  );

/** What of a model is written. */
export interface SavedParts {
  readonly overwrite: boolean;
  readonly includeOptimizer: boolean;
  /** How the model is compiled, if it is not to be as it is. */
  readonly compilation?: Compilation;
}

/** Writes a model: its configuration, its weights, and how it is trained. */
export const writeModel = async (
  file: string,
  model: KerasModel,
  { overwrite, includeOptimizer, compilation: given = model.state.compilation }: SavedParts,
): Promise<void> => {
  const { tf } = model;
  const config = JSON.stringify(hdf5Object(tf));
  const compilation = includeOptimizer ? given : undefined;
  const training = compilation === undefined ? undefined : JSON.stringify(trainingConfig(compilation));
  await writeHdf5(file, overwrite, async (writer) => {
    await writer.attribute('/', 'keras_version', KERAS_VERSION);
    await writer.attribute('/', 'backend', BACKEND);
    await writer.attribute('/', 'model_config', config);
    if (training !== undefined) await writer.attribute('/', 'training_config', training);
    if (model.metadata !== undefined)
      await writer.attribute('/', USER_METADATA, JSON.stringify(model.metadata));
    const groups = new GroupMaker(writer);
    await writeWeights(writer, groups, 'model_weights', tf);
    if (compilation !== undefined)
      await writeOptimizer(writer, groups, compilation.optimizer, trainedWeights(tf));
  });
};

/** Writes a model's weights alone. */
export const writeWeightsFile = async (file: string, model: KerasModel, overwrite: boolean): Promise<void> =>
  writeHdf5(file, overwrite, (writer) => writeWeights(writer, new GroupMaker(writer), '', model.tf));

/** Reads with an HDF5 file that is open as long. */
const reading = async <T>(file: string, read: (reader: Hdf5Reader) => Promise<T>): Promise<T> => {
  const reader = await Hdf5Reader.open(file);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
};

const textIn = (attributes: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new MalformedError(`the attribute ${name} must be a text`);
};

const EXACT: Matching = { skipMismatch: false, reshape: false };

/** What of a model is read. */
export interface ReadParts {
  readonly customObjects: CustomObjects | undefined;
  readonly compile: boolean;
}

/** Compiles a model as a configuration says; false if it says nothing. */
export const compileAs = (model: KerasModel<Prediction>, training: Readonly<Config>): boolean => {
  const options = compileOptionsFrom(training);
  if (options === undefined) return false;
  compile(model, options);
  return true;
};

/** Reads a model. */
export const readModelFile = async (file: string, parts: ReadParts): Promise<KerasModel<Prediction>> =>
  reading(file, async (reader) => {
    const attributes = await reader.attributes('/');
    const config = textIn(attributes, 'model_config');
    if (config === undefined) {
      const isWeights = 'layer_names' in attributes || 'layer_names0' in attributes;
      throw new MalformedError(
        isWeights
          ? 'it has weights only, and no model: build the model, and give it the weights with loadModelWeightsHdf5'
          : 'it has no attribute model_config, which says what the model is',
      );
    }
    const version = formOfVersion(textIn(attributes, 'keras_version'));
    const check = await SizeCheck.of(file);
    const written = await findLayers(reader, 'model_weights', check);
    const { object, stored } = await withSummaries(
      reader,
      objectIn(config, 'the attribute model_config'),
      written,
    );
    const model = withWeightBudget(countStored(stored), () =>
      readModel(object, parts.customObjects, version),
    );
    try {
      await assignWeights(reader, matchByOrder(savedLayers(model.tf), stored, EXACT));
      const metadata = textIn(attributes, USER_METADATA);
      if (metadata !== undefined)
        takeMetadata(model, { [USER_METADATA]: objectIn(metadata, `the attribute ${USER_METADATA}`) });
      const training = parts.compile ? textIn(attributes, 'training_config') : undefined;
      if (
        training !== undefined &&
        withCustomObjects(parts.customObjects, () =>
          compileAs(model, objectIn(training, 'the attribute training_config')),
        )
      ) {
        const { optimizer } = model.state.compilation ?? {};
        if (optimizer !== undefined) await readOptimizer(reader, optimizer, trainedWeights(model.tf), check);
      }
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  });

/** Reads weights into a model. */
export const readWeightsFile = async (
  file: string,
  model: KerasModel,
  { byName, ...matching }: Matching & { readonly byName: boolean },
): Promise<void> =>
  reading(file, async (reader) => {
    const check = await SizeCheck.of(file);
    const attributes = await reader.attributes('/');
    // A whole model's file has them below a group.
    const isWhole = !('layer_names' in attributes) && !('layer_names0' in attributes);
    const stored = withoutSummaries(
      await findLayers(reader, isWhole ? 'model_weights' : '', check),
      model.tf,
    );
    const match = byName ? matchByName : matchByOrder;
    await assignWeights(reader, match(savedLayers(model.tf), stored, matching));
  });
