/** Configurations that would open other files, go too deep, or take more memory than the file: a KerasFileError that says so. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  KerasArgumentError,
  KerasFileError,
  kerasModelSequential,
  layerDense,
  layerIntegerLookup,
  layerStringLookup,
  layerTextVectorization,
  loadModel,
  modelFromJson,
  modelToJson,
  pipe,
  saveModel,
  saveModelTfjs,
  type KerasModel,
} from '../../src/index';
import { entriesOf, zipOf } from '../campaigns/load-mutations';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => path.join(folder, name);

const refusal = async (file: string): Promise<string> => {
  const error: unknown = await loadModel(file).then(
    () => 'it loads',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KerasFileError);
  return (error as KerasFileError).message;
};

/** A model's file of Keras 3, with another text in the place of one in its configuration. */
const withConfig = async (
  name: string,
  model: KerasModel,
  change: (config: string) => string,
): Promise<string> => {
  const file = place(`${name}.keras`);
  await saveModel(model, file);
  const entries = entriesOf(readFileSync(file)).map((entry) =>
    entry.name === 'config.json'
      ? { ...entry, content: Buffer.from(change(entry.content.toString())) }
      : entry,
  );
  writeFileSync(file, zipOf(entries));
  return file;
};

const texts = () => kerasModelSequential({ dtype: 'string', inputShape: [1] });

const secret = place('secret.txt');
beforeAll(() => writeFileSync(secret, 'a\nb\n'));

test.each([
  ['StringLookup', () => pipe(texts(), layerStringLookup({ vocabulary: ['a', 'b'] })) as KerasModel],
  [
    'TextVectorization',
    () => pipe(texts(), layerTextVectorization({ vocabulary: ['a', 'b'] })) as KerasModel,
  ],
  [
    'IntegerLookup',
    () => pipe(kerasModelSequential({ inputShape: [1] }), layerIntegerLookup({ vocabulary: [1, 2] })),
  ],
] as const)('%s: a vocabulary that is the path of another file', async (className, make) => {
  const change = (config: string): string => {
    const changed = config.replace(/"vocabulary":\[[^\]]*\]/, `"vocabulary":${JSON.stringify(secret)}`);
    expect(changed).not.toBe(config);
    return changed;
  };
  const message = await refusal(await withConfig(className, make(), change));
  expect(message).toMatch(new RegExp(`the \`vocabulary\` of ${className} must be a list of tokens`));
  expect(message).toMatch('the path of another file');
  const json = modelToJson(make());
  expect(() => modelFromJson(change(json))).toThrow(KerasArgumentError);
});

const dense = (): KerasModel => pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }));

test.each([
  ['lists in lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ['objects in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  [
    'layers in layers',
    `${'{"class_name":"TimeDistributed","config":{"name":"t","layer":'.repeat(20_000)}1${'}}'.repeat(20_000)}`,
  ],
  [
    'models in models',
    `${'{"class_name":"Sequential","config":{"name":"t","layers":['.repeat(20_000)}${']}}'.repeat(20_000)}`,
  ],
])('%s, very deep', async (name, nested) => {
  const inOption = await withConfig(`${name} in an option`, dense(), (config) =>
    config.replace('"use_bias":true', `"use_bias":${nested}`),
  );
  expect((await refusal(inOption)).length).toBeLessThan(1000);
  const asLayer = await withConfig(`${name} as a layer`, dense(), (config) =>
    config.replace(/"layers":\[/, `"layers":[${nested},`),
  );
  expect((await refusal(asLayer)).length).toBeLessThan(1000);
  await saveModelTfjs(dense(), place(name));
  const json = path.join(place(name), 'model.json');
  const text = readFileSync(json, 'utf8');
  writeFileSync(json, text.replace(/"layers":\[/, `"layers":[${nested},`));
  expect((await refusal(json)).length).toBeLessThan(1000);
});
