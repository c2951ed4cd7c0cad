/** A model into a folder with `model.json` and its weights. */
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { KerasFileError } from '../../../base/errors';
import { makeFolders } from '../../../files/folders';
import { onInterrupt } from '../../../files/interrupt';
import { withLock } from '../../../files/lock';
import { replaceFile } from '../../../files/replace-file';
import { unfinishedAmong, withUnfinished } from '../../../files/unfinished';
import { isConfig, isList, type Config } from '../../../models/config/forms';
import type { KerasModel } from '../../../models/model';
import type { Tensor } from '../../../tfjs/tensorflow';
import { trainedWeights } from '../layer-weights';
import { optimizerValues } from '../optimizer-state';
import { trainingConfig } from '../training-config';
import { BACKEND, KERAS_VERSION } from '../version';
import { tfjsConfig } from './plain-config';
import { freeShardNames, isShardName, namesIn, removeFiles, ShardWriter } from './shards';

/** How a model is written. */
export interface TfjsParts {
  readonly overwrite: boolean;
  readonly includeOptimizer: boolean;
  readonly tfjsAlone: boolean;
}

/** Something with numbers that is written. */
interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly group?: 'optimizer';
  /** The numbers, when their turn has come. */
  readonly bytes: () => Promise<Uint8Array>;
}

export const MODEL_JSON = 'model.json';

/** What TensorFlow.js gives as `model.getUserDefinedMetadata()`. */
export const TFJS_METADATA = 'userDefinedMetadata';

const typeOf = (dtype: string): Stored['dtype'] =>
  dtype === 'int32' ? 'int32' : dtype === 'bool' ? 'bool' : 'float32';

const bytesOfTensor = async (tensor: Tensor): Promise<Uint8Array> => {
  const { buffer, byteOffset, byteLength } = await tensor.data<'float32' | 'int32' | 'bool'>();
  return new Uint8Array(buffer, byteOffset, byteLength);
};

const storedTensor = (name: string, tensor: Tensor): Stored => ({
  name,
  shape: tensor.shape,
  dtype: typeOf(tensor.dtype),
  bytes: () => bytesOfTensor(tensor),
});

const sizeOfStored = ({ shape, dtype }: Stored): number =>
  shape.reduce((product, size) => product * size, dtype === 'bool' ? 1 : 4);

/** The steps and slots of the optimizer that a model is compiled with. */
const optimizerStored = (model: KerasModel): Stored[] => {
  const { optimizer } = model.state.compilation ?? {};
  if (optimizer === undefined) return [];
  const values = optimizerValues(optimizer, trainedWeights(model.tf));
  if (values === undefined) return [];
  const { steps, slots } = values;
  return [
    {
      name: 'iteration',
      shape: [],
      dtype: 'int32',
      group: 'optimizer',
      bytes: () => Promise.resolve(new Uint8Array(Int32Array.of(steps).buffer)),
    },
    ...slots.map(({ name, shape, read }): Stored => ({
      name: name.replace(/:0$/, ''),
      shape,
      dtype: 'float32',
      group: 'optimizer',
      bytes: async () => {
        const tensor = read();
        try {
          return await bytesOfTensor(tensor);
        } finally {
          tensor.dispose();
        }
      },
    })),
  ];
};

/** The shards that a `model.json` names, if it is there and can be read. */
const shardsOf = async (file: string): Promise<string[]> => {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    const manifest = isConfig(parsed) && isList(parsed['weightsManifest']) ? parsed['weightsManifest'] : [];
    const paths = manifest.flatMap((group) =>
      isConfig(group) && isList(group['paths']) ? group['paths'] : [],
    );
    return paths.filter((name): name is string => typeof name === 'string' && isShardName(name));
  } catch {
    return [];
  }
};

/** Shards that the model before had, or of which a writer that was killed told; all others, if the folder has no other model. */
const outdated = async (
  folder: string,
  before: readonly string[],
  names: readonly string[],
): Promise<string[]> => {
  const present = await namesIn(folder);
  const hasOthers = present.some((name) => name.endsWith('.json') && name !== MODEL_JSON);
  const old = hasOthers ? before : present.filter(isShardName);
  return old.filter((name) => !names.includes(name));
};

const writeShards = async (
  folder: string,
  names: readonly string[],
  stored: readonly Stored[],
): Promise<void> => {
  const writer = new ShardWriter(folder, names);
  try {
    for (const one of stored) await writer.write(await one.bytes());
    await writer.close();
  } catch (error) {
    await writer.discard();
    throw error;
  }
};

/** Writes new shards, then `model.json` in one move, then removes the old shards: the old model or the new one is there, whole. */
const replaceModel = async (
  folder: string,
  stored: readonly Stored[],
  json: (paths: readonly string[]) => Config,
  overwrite: boolean,
): Promise<void> => {
  const file = path.join(folder, MODEL_JSON);
  const present = await namesIn(folder);
  if (!overwrite && present.includes(MODEL_JSON)) {
    throw new KerasFileError({
      argument: 'folder',
      expected: 'the folder must have no model yet, where `overwrite` is false',
      received: file,
      advice: 'Give another folder, or overwrite: true',
    });
  }
  const left = unfinishedAmong(MODEL_JSON, present);
  const before = await shardsOf(file);
  for (const name of left) before.push(...(await shardsOf(path.join(folder, name))));
  const bytes = stored.reduce((sum, one) => sum + sizeOfStored(one), 0);
  const names = freeShardNames(present, bytes);
  const forget = onInterrupt(() => {
    for (const name of names) rmSync(path.join(folder, name), { force: true });
  });
  // If this process is killed, the next one knows by this what files to remove. Who writes here alone, holds the lock.
  await withUnfinished(file, async (known) => {
    await writeFile(known, JSON.stringify({ weightsManifest: [{ paths: [...before, ...names] }] }));
    await removeFiles(folder, left);
    try {
      await writeShards(folder, names, stored);
      await replaceFile(file, (temporary) => writeFile(temporary, JSON.stringify(json(names))));
    } catch (error) {
      await removeFiles(folder, names);
      throw error;
    } finally {
      forget();
    }
    await removeFiles(folder, await outdated(folder, before, names));
  });
};

/** What is written of a model. */
export interface PreparedTfjs {
  readonly stored: readonly Stored[];
  /** What `model.json` says, where the weights are in these files. */
  readonly json: (paths: readonly string[]) => Config;
}

/** What is written of a model; an error if it cannot be. */
export const prepareTfjs = (
  model: KerasModel,
  { includeOptimizer, tfjsAlone }: Omit<TfjsParts, 'overwrite'>,
): PreparedTfjs => {
  const { topology, names } = tfjsConfig(model.tf, tfjsAlone);
  const compilation = includeOptimizer ? model.state.compilation : undefined;
  const training = compilation === undefined ? {} : { training_config: trainingConfig(compilation) };
  const stored = [
    ...names.weights.map(({ name, weight }) => storedTensor(name, weight.read())),
    ...(compilation === undefined ? [] : optimizerStored(model)),
  ];
  const json = (paths: readonly string[]): Config => ({
    format: 'layers-model',
    generatedBy: `keras v${KERAS_VERSION}`,
    convertedBy: 'keras-pipe',
    modelTopology: { keras_version: KERAS_VERSION, backend: BACKEND, model_config: topology, ...training },
    weightsManifest: [{ paths, weights: stored.map(({ bytes: _bytes, ...entry }) => entry) }],
    ...(model.metadata === undefined ? {} : { [TFJS_METADATA]: model.metadata }),
  });
  return { stored, json };
};

/** Writes what TensorFlow.js's `loadLayersModel` reads into a folder. */
export const writeTfjs = async (
  folder: string,
  { stored, json }: PreparedTfjs,
  overwrite: boolean,
): Promise<void> => {
  makeFolders(folder);
  const real = await realpath(folder);
  await withLock(path.join(real, `.${MODEL_JSON}.lock`), () => replaceModel(real, stored, json, overwrite));
};
