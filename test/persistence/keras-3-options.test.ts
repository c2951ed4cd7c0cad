/** What is written of each layer for Keras 3 is what Keras 3's class takes (test/reference/keras3/layer_options.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kerasModel } from '../../src/index';
import { isConfig, isList } from '../../src/models/config/forms';
import { layerObject } from '../../src/models/config/write-model';
import { layerModels } from '../keras/layers';

const OPTIONS = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/layer_options.json'), 'utf8'),
) as Readonly<Record<string, readonly string[]>>;

/** What Keras 3 takes out of configurations of former versions, or has no class for with it: steps that come before the batch. */
const FORMER = new Set([
  'Embedding input_length',
  'IntegerLookup vocabulary_size',
  'LeakyReLU alpha',
  ...['GRU', 'LSTM', 'RNN', 'SimpleRNN'].map((name) => `${name} time_major`),
]);

/** All layers in a configuration with options that their classes in Keras 3 refuse. */
const refusedIn = (value: unknown): string[] => {
  if (isList(value)) return value.flatMap(refusedIn);
  if (!isConfig(value)) return [];
  const { class_name: name, module, config } = value;
  const options = module === 'keras.layers' ? OPTIONS[String(name)] : undefined;
  const refused =
    options !== undefined && isConfig(config)
      ? Object.keys(config).filter((key) => !options.includes(key))
      : [];
  return [
    ...refused.map((key) => `${String(name)} ${key}`).filter((one) => !FORMER.has(one)),
    ...Object.values(value).flatMap(refusedIn),
  ];
};

test.each(layerModels().map((one) => [one.name, one] as const))('%s', (_name, { make }) => {
  const made = make();
  const model = kerasModel(
    made.flatMap(({ inputs }) => inputs),
    made.flatMap(({ outputs }) => outputs),
  );
  const { tf: layers } = model as unknown as { readonly tf: Parameters<typeof layerObject>[0] }; // of any outputs
  expect(refusedIn(layerObject(layers, 3))).toEqual([]);
});
