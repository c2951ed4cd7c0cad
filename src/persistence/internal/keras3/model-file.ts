/** Whole models in files of Keras 3: a zip of a configuration in JSON, and weights in HDF5. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { withCustomObjects } from '../../../base/custom-objects';
import { Hdf5Reader } from '../../../files/hdf5';
import { MalformedError } from '../../../files/malformed';
import { replaceFile } from '../../../files/replace-file';
import { readSteadily } from '../../../files/steady';
import { withUnfinished } from '../../../files/unfinished';
import { writeZip, ZipReader, type FilePart } from '../../../files/zip';
import { withWeightBudget } from '../../../layers/internal/apply';
import { isConfig, type Config } from '../../../models/config/forms';
import type { KerasVersion } from '../../../models/config/keras3-activations';
import { layerObject } from '../../../models/config/write-model';
import type { KerasModel, Prediction } from '../../../models/model';
import { compileAs, type ReadParts, type SavedParts } from '../hdf5-model';
import { trainedWeights } from '../layer-weights';
import { formOfVersion, objectIn, readModel } from '../model-config';
import { assignWeights, SizeCheck, unpackedLimit } from '../read-weights';
import { metadataEntry, takeMetadata } from '../user-metadata';
import { KERAS_3_VERSION } from '../version';
import { compileConfig } from './compile-config';
import { withLearnedFiles, type Assets } from './learned-files';
import { readOptimizerState, type StoredList } from './optimizer-state';
import { countState, layoutOf, matchState } from './read-state';
import { KERAS_3, stateGroups, trainedIn } from './state-groups';
import { writeState } from './write-state';

const METADATA = 'metadata.json';
const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

/** Marks whole numbers that Python is to read as floats: a learning rate of 1 is an error there, and one of 1.0 is none. */
const FLOAT = '\u0001float:';

/** Options of optimizers that must be floats. */
const FLOATS =
  /^(?:learning_rate|momentum|rho|(?:adam_)?beta_[12]|epsilon_?[12]?|ema_momentum|weight_decay|(?:global_)?clipnorm|clipvalue)$/;

/** A configuration as JSON that Python reads. */
const jsonOf = (config: Readonly<Config>): string =>
  JSON.stringify(config, (key, value: unknown) =>
    FLOATS.test(key) && Number.isSafeInteger(value) ? `${FLOAT}${String(value)}` : value,
  ).replaceAll(/"\\u0001float:(-?\d+)"/g, '$1.0');

/** The time as Keras notes it: `2026-01-31@12:34:56`. */
const timeNow = (): string => new Date().toISOString().slice(0, 19).replace('T', '@');

/** The configuration of a model, and how it is compiled. */
const configOf = (model: KerasModel, compilation: KerasModel['state']['compilation']): Config => ({
  ...layerObject(model.tf, 3),
  ...(compilation === undefined ? {} : { compile_config: compileConfig(model, compilation) }),
});

/** Writes a model: its configuration, its weights, and how it is trained. */
export const writeKerasModel = async (
  file: string,
  model: KerasModel,
  { overwrite, includeOptimizer, compilation: given = model.state.compilation }: SavedParts,
): Promise<void> => {
  const compilation = includeOptimizer ? given : undefined;
  const config = jsonOf(configOf(model, compilation));
  const metadata = JSON.stringify({
    keras_version: KERAS_3_VERSION,
    date_saved: timeNow(),
    ...metadataEntry(model),
  });
  const write = async (temporary: string): Promise<void> =>
    // On the same disk, whose room it takes for that time.
    withUnfinished(path.join(path.dirname(temporary), WEIGHTS), async (weights) => {
      await writeState(weights, model.tf, compilation);
      await writeZip(temporary, [
        { name: METADATA, content: Buffer.from(metadata) },
        { name: CONFIG, content: Buffer.from(config) },
        { name: WEIGHTS, content: { file: weights } },
      ]);
    });
  await replaceFile(file, write, { overwrite });
};

/** Gives a model the state of its optimizer, compiled as its configuration says. */
const readTraining = async (
  reader: Hdf5Reader,
  model: KerasModel<Prediction>,
  config: Readonly<Config>,
  trained: ReturnType<typeof trainedIn>,
  list: StoredList,
): Promise<void> => {
  const training = config['compile_config'];
  if (!isConfig(training) || !compileAs(model, training)) return;
  const { optimizer } = model.state.compilation ?? {};
  if (optimizer !== undefined) await readOptimizerState(reader, optimizer, trained, list);
};

/** What a file says of itself. */
const metadataIn = async ({ names, text }: Assets): Promise<Config> =>
  names.includes(METADATA) ? objectIn(await text(METADATA), METADATA) : {};

/** In the words of which version of Keras a file is; before Keras 3 there were files of this format, too. */
const versionIn = ({ keras_version: version }: Config): KerasVersion => formOfVersion(version) ?? 3;

/** The model of a configuration with weights in an HDF5 file, or a part of one. */
const readWith = async (
  config: Readonly<Config>,
  part: FilePart,
  assets: Assets,
  { customObjects, compile }: ReadParts,
): Promise<KerasModel<Prediction>> => {
  const reader = await Hdf5Reader.open(part.file, part);
  try {
    const metadata = await metadataIn(assets);
    const numbers = await countState(reader, SizeCheck.ofSize(part.length));
    const check = SizeCheck.ofSize(part.length);
    const layout = (await layoutOf(reader)) ?? KERAS_3;
    const complete = await withLearnedFiles(config, reader, { assets, check, layout });
    const model = withWeightBudget(numbers, () => readModel(complete, customObjects, versionIn(metadata)));
    try {
      takeMetadata(model, metadata);
      const groups = stateGroups(model.tf, config, layout);
      await assignWeights(reader, await matchState(reader, groups, check, { skipMismatch: false }));
      const trained = trainedIn(groups, trainedWeights(model.tf));
      if (compile)
        await withCustomObjects(customObjects, async () =>
          readTraining(reader, model, config, trained, { check, isOfThis: true, layout }),
        );
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  } finally {
    await reader.close();
  }
};

/** Uses an archive that is open as long. */
const reading = async <T>(file: string, read: (zip: ZipReader) => Promise<T>): Promise<T> => {
  const { size } = await stat(file);
  const zip = await ZipReader.open(file, unpackedLimit(size));
  try {
    return await read(zip);
  } finally {
    zip.close();
  }
};

/** Reads a model. */
export const readKerasModel = async (file: string, parts: ReadParts): Promise<KerasModel<Prediction>> =>
  readSteadily(
    () => file,
    async () =>
      reading(file, async (zip) => {
        if (!zip.has(WEIGHTS) && zip.names.some((name) => name.endsWith('.npz')))
          throw new MalformedError(
            'its weights are in NumPy’s format: save it in Python without weights_format',
          );
        const config = objectIn(await zip.text(CONFIG), CONFIG);
        const assets: Assets = { names: zip.names, text: async (name) => zip.text(name) };
        return zip.withPart(WEIGHTS, async (part) => readWith(config, part, assets, parts));
      }),
  );

/** Reads a model from a folder of the files that the archive has else: `model.save(folder, zipped=False)`. */
export const readKerasFolder = async (folder: string, parts: ReadParts): Promise<KerasModel<Prediction>> => {
  const config = objectIn(await readFile(path.join(folder, CONFIG), 'utf8'), CONFIG);
  const file = path.join(folder, WEIGHTS);
  const { size } = await stat(file);
  const names = await readdir(folder, { recursive: true });
  const assets: Assets = {
    names: names.map((name) => name.replaceAll(path.sep, '/')),
    text: async (name) => readFile(path.join(folder, name), 'utf8'),
  };
  return readWith(config, { file, offset: 0, length: size }, assets, parts);
};

/** Uses the weights of an archive. */
export const withKerasWeights = async <T>(file: string, use: (part: FilePart) => Promise<T>): Promise<T> =>
  reading(file, async (zip) => zip.withPart(WEIGHTS, use));
