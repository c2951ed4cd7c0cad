/**
 * Writes models of this library for Keras to read: one for each class of layers, with all of its cases, and some that are trained.
 *
 *     tsx test/keras/write.ts FOLDER
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  callModel,
  compile,
  exportSavedmodel,
  fit,
  kerasModel,
  layerInput,
  modelToJson,
  predict,
  saveModelTf,
  saveModelWeightsTf,
  setRandomSeed,
  type AnyModel,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { applyCase } from '../layers/reference/apply';
import { casesOf, inputsOf, weightsOf, type Case } from '../layers/reference/cases';
import { FORMATS } from './formats';
import { TRAINED, type TrainedModel } from './models';
import { plain, single, type Expected } from './values';

const folder = process.argv[2] ?? '.';
const expected: Expected[] = [];

/** The layer of a case on inputs of its own. */
const applied = (one: Case): { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } => {
  const types = one.inputs.map((_, index) =>
    one.bools?.includes(index) === true ? 'bool' : one.ids === undefined ? 'float32' : 'int32',
  );
  const inputs = one.inputs.map((shape, index) => layerInput({ shape, dtype: types[index] as 'float32' }));
  const outputs = applyCase(one, inputs);
  const layer = (outputs[0] as SymbolicTensor).sourceLayer; // there is one
  layer.setWeights(weightsOf(layer.weights));
  return { inputs, outputs };
};

let [passed, failed] = [0, 0];

/** Writes something; what cannot be written is said and counted, and is not looked at then. */
const attempt = async (name: string, save: (file: string) => Promise<unknown>): Promise<void> => {
  try {
    await save(path.join(folder, name));
    passed++;
  } catch (error) {
    failed++;
    // eslint-disable-next-line no-console -- what the program tells
    console.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** As Keras names several outputs of one layer: `dense`, `dense_1`, … */
const nthName = (name: string, index: number, names: readonly string[]): string => {
  const before = names.slice(0, index).filter((one) => one === name).length;
  return before === 0 ? name : `${name}_${before}`;
};

const write = async (
  name: string,
  classes: readonly string[],
  model: AnyModel,
  x: Tensor[],
  trained?: Partial<Expected>,
): Promise<void> => {
  const outputs = [await predict(model, single(x), { batchSize: 64 })].flat() as Tensor[]; // one, or a list
  for (const { ending, save } of FORMATS) await attempt(`${name}${ending}`, (file) => save(model, file));
  // For test/keras/check_savedmodel.py.
  await attempt(`${name}.tf`, (file) => saveModelTf(model, file));
  await attempt(`${name}.frozen`, (file) => exportSavedmodel(model, file, { frozen: true }));
  await attempt(`${name}.weights/weights`, (file) => saveModelWeightsTf(model, file));
  writeFileSync(path.join(folder, `${name}.json`), modelToJson(model));
  const { inputNames, outputNames } = 'tf' in model ? model.tf : model;
  const keys = { inputs: inputNames, outputs: outputNames.map(nthName) };
  const data = { inputs: x.map(plain), outputs: outputs.map(plain) };
  expected.push({ name, classes, keys, ...data, isRandom: false, ...trained });
};

/** Whether training draws numbers: Keras's convolutional LSTMs, for one, do so only if they have not predicted before. */
const isRandom = (model: AnyModel, x: Tensor[]): boolean => {
  const [first, second] = [0, 1].map(() => {
    const outputs = [callModel(model, single(x), { training: true })].flat() as Tensor[]; // one, or a list
    return JSON.stringify(outputs.map(plain));
  });
  return first !== second;
};

const writeLayers = async (): Promise<void> => {
  const groups = readdirSync(path.join(__dirname, '../reference/layers'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'));
  const cases = groups
    .flatMap((group) => casesOf(group))
    .filter(({ config }) => Object.keys(config).length > 0);
  for (const name of new Set(cases.map((one) => one.class))) {
    const ofClass = cases.filter((one) => one.class === name);
    const made = ofClass.map(applied);
    const model = kerasModel(
      made.flatMap(({ inputs }) => inputs),
      made.flatMap(({ outputs }) => outputs),
    );
    const x = ofClass.flatMap(inputsOf);
    await write(name, [name], model, x, { isRandom: isRandom(model, x) });
  }
};

/** Trains three steps, writes the model, and trains five more. */
const writeTrained = async (name: string, one: TrainedModel): Promise<void> => {
  const [model, x, y] = [one.model(), one.x(), one.y()];
  compile(model, one.compile());
  const train = async (epochs: number): Promise<number[]> => {
    const options = { epochs, batchSize: 64, shuffle: false, verbose: 0, engine: 'eager' } as const;
    const history = await fit(model, single(x), single(y), options);
    return history.metrics['loss'] as number[];
  };
  await train(3);
  const place = expected.length;
  await write(name, [], model, x, { labels: y.map(plain) });
  const losses = await train(5);
  expected[place] = { ...(expected[place] as Expected), losses };
};

const main = async (): Promise<void> => {
  setRandomSeed(1);
  await writeLayers();
  for (const [name, one] of Object.entries(TRAINED)) await writeTrained(name, one);
  writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected));
  // eslint-disable-next-line no-console -- what the program tells
  console.log(`Files: ${passed} passed, ${failed} failed`);
};

void main();
