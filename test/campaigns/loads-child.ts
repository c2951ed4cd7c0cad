/**
 * A process that loads damaged models: for each case it says its number first and what came of it then, so that who looks on knows
 * which one it was that never came back.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KerasError, KerasFileError } from '../../src/base/errors';
import { sizeOf } from '../../src/base/shapes';
import {
  getWeights,
  loadModel,
  loadModelTf,
  modelToJson,
  outputShape,
  predictOnBatch,
  tf,
  type KerasModel,
  type ServedModel,
  type Tensor,
} from '../../src/index';
import { Scaled, wave } from '../persistence/own-classes';
import { collectUntil } from '../support/tensors';
import { damagedModel, numberOf, type DamagedModel } from './load-formats';
import { forgetPeak, peakMegabytes } from './resident';

const [seed = 0, start = 0, end = 0] = process.argv.slice(2, 5).map(Number);
const part = process.argv[5];
const outer = mkdtempSync(path.join(tmpdir(), 'keras-pipe-campaign-'));
const folder = path.join(outer, 'inner', 'folder');
process.on('exit', () => rmSync(outer, { recursive: true, force: true }));

/** The numbers that an input of a model may have at the most, to be tried. */
const MAX_INPUT = 1e5;

const write = (files: Readonly<Record<string, Buffer>>): void => {
  rmSync(outer, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
};

const load = async ({ path: file, isGraph }: DamagedModel): Promise<KerasModel | ServedModel> =>
  isGraph
    ? loadModelTf<ServedModel>(path.join(folder, file))
    : loadModel(path.join(folder, file), { customObjects: { wave, Scaled } });

/** All that makes a model what it is. */
const contentOf = (model: KerasModel): string => {
  const weights = getWeights(model);
  const content = JSON.stringify([modelToJson(model), weights.map((weight) => [...weight.dataSync()])]);
  tf.dispose(weights);
  return content;
};

/** What is wrong with a graph that has been loaded. */
const wrongWithGraph = async (served: ServedModel): Promise<string | undefined> => {
  for (const [signature, { inputs, outputs }] of Object.entries(served.signatures)) {
    const shapes = Object.values(inputs).map(({ shape }) => shape?.map((size) => size ?? 1));
    if (shapes.some((shape) => shape === undefined || sizeOf(shape) > MAX_INPUT)) continue;
    if (Object.values(inputs).some(({ dtype }) => dtype === 'string')) continue;
    const given = Object.keys(inputs).map((name, index) => [name, tf.zeros(shapes[index] ?? [])] as const);
    try {
      const found = await served.predict(Object.fromEntries(given), { signature });
      const tensors = found instanceof tf.Tensor ? [found] : Object.values(found);
      tf.dispose(tensors);
      if (tensors.length !== Object.keys(outputs).length) return 'it predicts nothing';
    } catch (error) {
      // What a graph computes is its own; it may be nothing.
      if (!(error instanceof KerasError)) throw error;
    } finally {
      tf.dispose(given.map(([, tensor]) => tensor));
    }
  }
  return undefined;
};

/** What is wrong with a model that has been loaded. */
const wrongWith = async (
  model: KerasModel | ServedModel,
  damaged: DamagedModel,
): Promise<string | undefined> => {
  if ('signatures' in model) return wrongWithGraph(model);
  const { original } = damaged;
  if (original !== undefined) {
    const content = contentOf(model);
    write(original);
    const good = (await load(damaged)) as KerasModel; // it is no graph
    const same = content === contentOf(good);
    good.dispose();
    return same ? undefined : 'it is another model than the undamaged one';
  }
  const shapes = model.tf.inputs.map(({ shape }) => shape.map((size) => size ?? 1));
  const sizes = shapes.map(sizeOf);
  if (sizes.some((size) => size > MAX_INPUT)) return undefined;
  return tf.tidy(() => {
    const inputs = model.tf.inputs.map(({ dtype }, index) =>
      tf.zeros(shapes[index] ?? [], dtype as 'float32'),
    );
    const outputs = [
      predictOnBatch(model, inputs.length === 1 ? (inputs[0] as Tensor) : inputs),
    ].flat() as Tensor[];
    const expected = [outputShape(model) as unknown].flat(outputs.length > 1 ? 1 : 0).length;
    return outputs.length > 0 && expected > 0 ? undefined : 'it predicts nothing';
  });
};

/** How many tensors are left, once what the program has forgotten is freed: the models inside of a model go with it. */
const leftSince = async (before: number): Promise<number> => {
  await collectUntil(() => tf.memory().numTensors <= before);
  return tf.memory().numTensors - before;
};

/** What came of a case: `loaded`, `refused`, or what should not have happened; and what it took until then. */
const outcomeOf = async (index: number): Promise<string> => {
  const damaged = damagedModel(seed, numberOf(index, part));
  write(damaged.files);
  const before = tf.memory().numTensors;
  let outcome = 'loaded';
  forgetPeak();
  const [began, held] = [performance.now(), peakMegabytes()];
  let taken: readonly string[] = [];
  try {
    const model = await load(damaged).finally(() => {
      taken = [performance.now() - began, peakMegabytes() - held].map((value) => value.toFixed(0));
    });
    try {
      const wrong = await wrongWith(model, damaged);
      if (wrong !== undefined) outcome = `PROBLEM ${wrong}`;
    } finally {
      model.dispose();
    }
  } catch (error) {
    const isRight = error instanceof KerasFileError && error.message.length < 2000;
    outcome = isRight ? 'refused' : `PROBLEM ${error instanceof Error ? String(error.stack) : String(error)}`;
  }
  const left = await leftSince(before);
  if (left > 0 && !outcome.startsWith('PROBLEM')) outcome = `PROBLEM ${left} tensors are left`;
  const there = readdirSync(outer, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;
  const expected = Object.keys(damaged.files).length;
  if (outcome.startsWith('PROBLEM')) return outcome;
  return there === expected
    ? [outcome, ...taken].join('\t')
    : 'PROBLEM there are files that were not there before';
};

const main = async (): Promise<void> => {
  for (let index = start; index < end; index++) {
    process.stdout.write(`case ${index}\n`);
    process.stdout.write(`${(await outcomeOf(index)).replaceAll('\n', ' ')}\n`);
  }
};
void main();
