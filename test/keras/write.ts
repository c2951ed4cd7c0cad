/**
 * Writes models of this library for Keras to read: one for each class of layers, with all of its cases, and some that are trained.
 *
 *     tsx test/keras/write.ts FOLDER [PART PARTS [NAME …]]
 *
 * Of several processes, each writes one of so many parts. With names, only models of these.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  callModel,
  compile,
  fit,
  kerasModel,
  KerasArgumentError,
  modelToJson,
  predict,
  setRandomSeed,
  tf,
  type AnyModel,
  type Tensor,
} from '../../src/index';
import { writeFollowing } from './following';
import { WRITERS } from './formats';
import { layerModels } from './layers';
import { KERAS_3_LIMITS } from './limits';
import { TRAINED, type TrainedModel } from './models';
import { plain, single, type Expected } from './values';

const [folder = '.', partText = '0', partsText = '1', ...chosen] = process.argv.slice(2);
const [part, parts] = [Number(partText), Number(partsText)];
/** Those of a list that this process writes. */
const own = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
  list
    .filter(({ name }) => chosen.length === 0 || chosen.includes(name))
    .filter((_, index) => index % parts === part);
const expected: Expected[] = [];

let [passed, failed] = [0, 0];

/** What is said of layers that have no graph for any number of rows. */
const REFUSED = /must be a graph of TensorFlow for any number of rows\. Received: layer '/;
let mayBeRefused = false;

/** Writes something; what cannot be written is said and counted, and is not looked at then. */
const attempt = async (name: string, save: (file: string) => Promise<unknown>): Promise<void> => {
  try {
    await save(path.join(folder, name));
    passed++;
  } catch (error) {
    if (mayBeRefused && error instanceof KerasArgumentError && REFUSED.test(error.message)) {
      passed++;
      return;
    }
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
  for (const [ending, save] of Object.entries(WRITERS))
    await attempt(`${name}${ending}`, (place) => save(model, place));
  writeFileSync(path.join(folder, `${name}.json`), modelToJson(model));
  const { inputNames, outputNames } = 'tf' in model ? model.tf : model;
  const keys = { inputs: inputNames, outputs: outputNames.map(nthName) };
  const data = { inputs: x.map(plain), outputs: outputs.map(plain) };
  const limits = KERAS_3_LIMITS[name];
  expected.push({
    name,
    classes,
    keys,
    ...data,
    isRandom: false,
    ...(limits === undefined ? {} : { limits }),
    ...trained,
  });
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
  for (const { name, className, isTimeFirst, make } of own(layerModels())) {
    const made = make();
    const model = kerasModel(
      made.flatMap(({ inputs }) => inputs),
      made.flatMap(({ outputs }) => outputs),
    );
    const x = made.flatMap((one) => one.x());
    mayBeRefused = isTimeFirst;
    await write(name, [className], model, x, { isRandom: isRandom(model, x) });
    mayBeRefused = false;
    model.dispose();
    tf.dispose(x);
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
  if (part === 0) await writeFollowing(folder);
  await writeLayers();
  const trained = Object.entries(TRAINED).map(([name, one]) => ({ name, one }));
  for (const { name, one } of own(trained)) await writeTrained(name, one);
  writeFileSync(path.join(folder, `expected-${part}.json`), JSON.stringify(expected));
  // eslint-disable-next-line no-console -- what the program tells
  console.log(`Files: ${passed} passed, ${failed} failed`);
};

void main();
