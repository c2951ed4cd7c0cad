/** A model out of a folder with `model.json` and its weights. */
import { open, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import type { LayerVariable } from '@tensorflow/tfjs';
import { withCustomObjects, type CustomObjects } from '../../../base/custom-objects';
import { describeShape } from '../../../base/errors';
import { sameShape, sizeOf } from '../../../base/shapes';
import { excerpt, MalformedError } from '../../../files/malformed';
import { readSteadily } from '../../../files/steady';
import { withWeightBudget } from '../../../layers/internal/apply';
import { isConfig, isList, type Config } from '../../../models/config/forms';
import type { KerasModel, Prediction } from '../../../models/model';
import { variableOf } from '../../../tfjs/private';
import { tf } from '../../../tfjs/tensorflow';
import { compile } from '../../../training/compile';
import { savedLayers, orderedWeights, trainedWeights } from '../layer-weights';
import { objectIn, readModel } from '../model-config';
import { restoreOptimizer } from '../optimizer-state';
import { compileOptionsFrom } from '../training-from';
import { manifestIn, numbersIn, type WeightEntry, type WeightGroup } from './manifest';
import { ShardReader } from './shards';
import { modelOfTopology, trainingOfTfjs } from './topology';
import { TfjsNames } from './weight-names';
import { takeMetadata, USER_METADATA } from '../user-metadata';
import { MODEL_JSON, TFJS_METADATA } from './write';

/** The file that a path stands for: of a folder, the `model.json` in it. */
const jsonOf = async (place: string): Promise<string> =>
  (await stat(place)).isDirectory() ? path.join(place, MODEL_JSON) : place;

const readText = async (file: string): Promise<string> => {
  // What is no file, such as a pipe, must not be waited for.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new MalformedError('it must be a file');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
};

/** Which weight of the model each weight of the file is for. */
type Targets = ReadonlyMap<WeightEntry, LayerVariable>;

/** As TensorFlow.js does: by the whole name, or by that without the cell's name in it. */
const byName = (entries: readonly WeightEntry[], model: KerasModel<Prediction>): Targets | undefined => {
  const known = new Map(new TfjsNames(model.tf).weights.map(({ name, weight }) => [name, weight]));
  const targets = new Map<WeightEntry, LayerVariable>();
  for (const entry of entries) {
    const parts = entry.name.split('/');
    const shortened = [...parts.slice(0, -2), ...parts.slice(-1)].join('/');
    const name = known.has(entry.name) ? entry.name : shortened;
    const weight = known.get(name);
    if (weight === undefined) return undefined;
    known.delete(name);
    targets.set(entry, weight);
  }
  return known.size === 0 ? targets : undefined;
};

/** Those of each layer in their order: Keras's names of weights may be others than those here, and begin with the layer's. */
const byLayer = (entries: readonly WeightEntry[], model: KerasModel<Prediction>): Targets | undefined => {
  const targets = new Map<WeightEntry, LayerVariable>();
  for (const layer of savedLayers(model.tf)) {
    const weights = orderedWeights(layer);
    const own = entries.filter(({ name }) => name.startsWith(`${layer.name}/`));
    if (own.length !== weights.length) return undefined;
    own.forEach((entry, index) => targets.set(entry, weights[index] as LayerVariable)); // as many
  }
  return targets.size === entries.length ? targets : undefined;
};

/** What of the file has no place, for an error: the order of weights says nothing, since the converter sorts them by their names. */
const unmatched = (entries: readonly WeightEntry[], model: KerasModel<Prediction>): MalformedError => {
  const known = new TfjsNames(model.tf).weights.map(({ name }) => name);
  const list = (names: readonly string[]): string => excerpt(names.length === 0 ? 'none' : names.join(', '));
  const theirs = entries.map(({ name }) => name).filter((name) => !known.includes(name));
  const ours = known.filter((name) => !entries.some((entry) => entry.name === name));
  return new MalformedError(
    `the names of its weights are others than those of the model: it has ${list(theirs)}, and lacks ${list(ours)}`,
  );
};

const checkShapes = (targets: Targets): void => {
  for (const [{ name, shape }, weight] of targets) {
    if (sameShape(shape, weight.shape as number[])) continue; // weights have no open sizes
    throw new MalformedError(
      `the weight '${name}' has the shape ${describeShape(shape)}, and '${weight.originalName}' of the model ${describeShape(weight.shape)}`,
    );
  }
};

const match = (entries: readonly WeightEntry[], model: KerasModel<Prediction>): Targets => {
  const targets = byName(entries, model) ?? byLayer(entries, model);
  if (targets === undefined) throw unmatched(entries, model);
  checkShapes(targets);
  return targets;
};

const assign = (weight: LayerVariable, numbers: Float32Array | Int32Array | Uint8Array): void => {
  const variable = variableOf(weight);
  const values =
    variable.dtype === 'float32' && !(numbers instanceof Float32Array) ? Float32Array.from(numbers) : numbers;
  tf.tidy(() => variable.assign(tf.tensor(values, weight.shape as number[], variable.dtype))); // no open sizes
};

/** Calls with the numbers of each weight of the files, in turn. */
const readGroups = async (
  folder: string,
  groups: readonly WeightGroup[],
  use: (entry: WeightEntry, numbers: Float32Array | Int32Array | Uint8Array) => void,
): Promise<void> => {
  for (const group of groups) {
    const reader = await ShardReader.open(folder, group);
    try {
      for (const entry of group.weights) use(entry, numbersIn(entry, await reader.next(entry)));
    } finally {
      await reader.close();
    }
  }
};

/** Looks at the files of all groups before memory is taken for what is said to be in them. */
const checkFiles = async (folder: string, groups: readonly WeightGroup[]): Promise<void> => {
  const seen = new Set<string>();
  for (const group of groups) {
    const reader = await ShardReader.open(folder, group);
    await reader.close();
    for (const file of reader.files) {
      // One of a few bytes could stand for any number of weights.
      if (seen.has(file))
        throw new MalformedError(`${path.basename(file)} stands in weightsManifest more than once`);
      seen.add(file);
    }
  }
};

const refuseGraphs = (json: Readonly<Config>): void => {
  const { format, modelTopology: topology } = json;
  const isGraph = format === 'graph-model' || (isConfig(topology) && isList(topology['node']));
  if (isGraph) {
    throw new MalformedError(
      'it is a graph model, which has operations of TensorFlow in the place of layers, and cannot be trained: convert the Keras model ' +
        'itself with tensorflowjs_converter --output_format=tfjs_layers_model, or load its SavedModel',
    );
  }
  if (format !== undefined && format !== null && format !== 'layers-model')
    throw new MalformedError(
      `its format must be layers-model, and is ${JSON.stringify(format).slice(0, 60)}`,
    );
};

/** What of a model is read. */
export interface TfjsReadParts {
  readonly customObjects: CustomObjects | undefined;
  readonly compile: boolean;
}

/** How a model is compiled: as Keras writes it, or as TensorFlow.js does. */
const compileAs = (model: KerasModel<Prediction>, json: Readonly<Config>): boolean => {
  const { modelTopology: topology, trainingConfig: ofTfjs } = json;
  const ofKeras = isConfig(topology) ? topology['training_config'] : undefined;
  const training = isConfig(ofKeras) ? ofKeras : isConfig(ofTfjs) ? trainingOfTfjs(ofTfjs) : undefined;
  const options = training === undefined ? undefined : compileOptionsFrom(training);
  if (options === undefined) return false;
  compile(model, options);
  return true;
};

/** What an optimizer of this library remembered: TensorFlow.js's own go by other formulas, and begin anew. */
const restore = async (
  model: KerasModel<Prediction>,
  stored: ReadonlyMap<WeightEntry, Float32Array | Int32Array | Uint8Array>,
): Promise<void> => {
  const { optimizer } = model.state.compilation ?? {};
  const entries = [...stored.keys()];
  if (optimizer === undefined || entries[0]?.name !== 'iteration') return;
  const numbers = new Map([...stored].map(([{ name }, values]) => [name, values]));
  const paths = entries.map(({ name, shape }) => ({ path: name, shape }));
  await restoreOptimizer(optimizer, trainedWeights(model.tf), paths, (name) =>
    Promise.resolve(numbers.get(name) ?? []),
  );
};

const readFiles = async (file: string, parts: TfjsReadParts): Promise<KerasModel<Prediction>> => {
  const json = objectIn(await readText(file), 'the file');
  refuseGraphs(json);
  const groups = manifestIn(json['weightsManifest'] ?? []);
  const folder = path.dirname(file);
  await checkFiles(folder, groups);
  const entries = groups.flatMap(({ weights }) => weights).filter(({ group }) => group !== 'optimizer');
  const numbers = entries.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const object = modelOfTopology(json['modelTopology']);
  const model = withWeightBudget(numbers, () => readModel(object, parts.customObjects));
  try {
    takeMetadata(model, { [USER_METADATA]: json[TFJS_METADATA] });
    const targets = match(entries, model);
    const ofOptimizer = new Map<WeightEntry, Float32Array | Int32Array | Uint8Array>();
    await readGroups(folder, groups, (entry, values) => {
      const weight = targets.get(entry);
      if (weight !== undefined) assign(weight, values);
      else if (parts.compile) ofOptimizer.set(entry, values);
    });
    if (parts.compile && withCustomObjects(parts.customObjects, () => compileAs(model, json)))
      await restore(model, ofOptimizer);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
};

/** Reads a model. */
export const readTfjs = async (place: string, parts: TfjsReadParts): Promise<KerasModel<Prediction>> => {
  const file = await jsonOf(place);
  return readSteadily(
    () => file,
    async () => readFiles(file, parts),
  );
};
