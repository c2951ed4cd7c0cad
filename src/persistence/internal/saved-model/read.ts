/** Models out of folders of TensorFlow's SavedModel format. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withCustomObjects, type CustomObjects } from '../../../base/custom-objects';
import { KerasFileError } from '../../../base/errors';
import { currentFolder } from '../../../files/replace-folder';
import { readSteadily } from '../../../files/steady';
import { withWeightBudget } from '../../../layers/internal/apply';
import { isConfig, type Config } from '../../../models/config/forms';
import { isModelClass, ownModelClass } from '../../../models/config/read-own-model';
import type { KerasModel, Prediction } from '../../../models/model';
import { compileAs, type ReadParts } from '../hdf5-model';
import { isIncomplete } from '../learned-state';
import { objectIn, readModel } from '../model-config';
import { readMetadataFile } from '../user-metadata';
import { Checkpoint } from './checkpoint';
import { FILES } from './files';
import { rootMetadata } from './keras-metadata';
import { withLearnedObjects } from './learned-objects';
import { decodePython } from './python-json';
import { countNumbers, restoreOptimizerOf, restoreWeights } from './restore';
import { loadServed, ServedModel } from './served-model';
import { metadataInGraph } from './signatures';

/** What Keras says of a model in a folder; undefined if it says nothing. */
const metadataOf = async (folder: string): Promise<Config | undefined> => {
  const file = path.join(folder, FILES.metadata);
  const text = existsSync(file)
    ? rootMetadata(await readFile(file))
    : metadataInGraph(await readFile(path.join(folder, FILES.graph)));
  return text === undefined ? undefined : decodePython(objectIn(text, `the model's metadata`));
};

/** Whether a model can be made: of layers, or of a class of the user's own. Of classes of Python's, only their graphs are there. */
const canBeMade = (
  { class_name: className, config }: Config,
  customObjects: CustomObjects | undefined,
): boolean =>
  typeof className === 'string' &&
  isConfig(config) &&
  ((isModelClass(className) && Array.isArray(config['layers'])) ||
    withCustomObjects(customObjects, () => ownModelClass(className) !== undefined));

const readLayers = async (
  folder: string,
  metadata: Config,
  { customObjects, compile }: ReadParts,
): Promise<KerasModel<Prediction>> => {
  const checkpoint = await Checkpoint.open(path.join(folder, FILES.variables));
  try {
    const { class_name: className, config, training_config: training } = metadata;
    const build = metadata['build_config'] ?? { input_shape: metadata['build_input_shape'] };
    const object = { class_name: className, config, build_config: build };
    const complete = isIncomplete(object)
      ? await withLearnedObjects(object, await readFile(path.join(folder, FILES.graph)), checkpoint)
      : object;
    const model = withWeightBudget(countNumbers(checkpoint), () => readModel(complete, customObjects));
    try {
      model.metadata = await readMetadataFile(folder);
      await restoreWeights(model, checkpoint);
      if (compile && isConfig(training) && withCustomObjects(customObjects, () => compileAs(model, training)))
        await restoreOptimizerOf(model, checkpoint);
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  } finally {
    await checkpoint.close();
  }
};

/** Reads a model: one that can be trained, if Keras's metadata is there, else what its signatures compute. */
export const readSavedModel = async (
  place: string,
  parts: ReadParts,
): Promise<KerasModel<Prediction> | ServedModel> =>
  readSteadily(
    () => path.join(currentFolder(place), FILES.graph),
    async () => readFolder(place, parts),
  );

const readFolder = async (place: string, parts: ReadParts): Promise<KerasModel<Prediction> | ServedModel> => {
  const folder = currentFolder(place);
  const metadata = await metadataOf(folder);
  return metadata !== undefined && canBeMade(metadata, parts.customObjects)
    ? readLayers(folder, metadata, parts)
    : loadServed(folder, path.basename(place));
};

/** Reads a model that can be trained; of a folder that has only a graph, an error says what reads it. */
export const readLayersOf = async (place: string, parts: ReadParts): Promise<KerasModel<Prediction>> => {
  const model = await readSavedModel(place, parts);
  if (!(model instanceof ServedModel)) return model;
  model.dispose();
  throw new KerasFileError({
    argument: 'filepath',
    expected: 'the folder must have a model of layers, as Keras saves it',
    received: `${place}, which has a graph only, or one of classes that are not known here`,
    advice: 'Write loadModelTf(folder) for what its graph predicts, or give its classes as customObjects',
  });
};
