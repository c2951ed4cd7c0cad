/**
 * Where Keras 3 has other words than Keras 2: its hard sigmoid is another function, attention that sees no later steps is so by how it is
 * called, and a bidirectional layer that goes backwards has a layer for the other direction. What it saved itself is in
 * test/reference/keras3/hard_sigmoid.py; that it reads what is written here `npm run test:keras` shows.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  bidirectional,
  cloneModel,
  compile,
  exportTrainingJob,
  fromConfig,
  getConfig,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerAdditiveAttention,
  layerConvLstm2d,
  layerDense,
  layerInput,
  layerLstm,
  loadModel,
  loadModelHdf5,
  modelFromJson,
  modelToJson,
  pipe,
  predict,
  saveModel,
  saveModelHdf5,
  tf,
  type AnyModel,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { entriesOf, zipOf } from '../campaigns/load-mutations';
import { isConfig, isList } from '../../src/models/config/forms';
import { expectClose } from '../support/grid';
import { expectPredictions, loadSaved, nextLosses, savedFiles, type SavedFile } from './support/saved-cases';

const cases = savedFiles('hard_sigmoid');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-words-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'model.keras'): string => path.join(folder, name);

const load = (one: SavedFile): Promise<KerasModel> => loadSaved(one, folder);

const named = (name: string): SavedFile => cases.find((one) => one.name === name) as SavedFile; // there is one

/** All that a key stands for in a configuration. */
const valuesOf = (key: string, value: unknown): unknown[] => {
  if (isList(value)) return value.flatMap((one) => valuesOf(key, one));
  if (!isConfig(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => [...(name === key ? [one] : []), ...valuesOf(key, one)]); // prettier-ignore
};

const archived = (name: string): string => {
  const entry = entriesOf(readFileSync(place())).find((one) => one.name === name);
  return entry?.content.toString() ?? '';
};

/** What Keras 3 is told of a model. */
const written = async (model: AnyModel): Promise<unknown> => {
  await saveModel(model, place());
  return JSON.parse(archived('config.json'));
};

const activationsIn = (value: unknown): unknown[] =>
  ['activation', 'recurrent_activation']
    .flatMap((key) => valuesOf(key, value))
    .filter((one) => one !== 'tanh' && one !== 'linear' && one !== 'sigmoid');

const outputs = async (model: AnyModel, x: Tensor | Tensor[]): Promise<number[]> => [
  ...(await (predict(model, x) as Promise<Tensor>)).dataSync(), // it has one
];

/** The activation of a model's first layer. */
const activationOf = (model: KerasModel): unknown => getConfig(getLayer(model, { index: 0 }))['activation'];

describe('a model that Keras 3 saved', () => {
  test.each(cases.map((one) => [`${one.name}${one.suffix}`, one] as const))(
    '%s: predicts and trains on as in Keras, and so does what is saved here of it',
    async (_title, one) => {
      const model = await load(one);
      await expectPredictions(model, one);
      await saveModel(model, place());
      expectClose(await nextLosses(model, one, 'compiled'), one.losses);
      const again = await loadModel(place());
      await expectPredictions(again, one);
      expectClose(await nextLosses(again, one, 'eager'), one.losses);
      await expectPredictions(await loadModel(place(), { compile: false }), one);
    },
  );

  test('its hard sigmoid has a name of its own here, in HDF5, in JSON and in copies, and its own in .keras', async () => {
    const one = named('hard');
    const model = await load(one);
    const names = Array.from({ length: 5 }, () => 'hard_sigmoid_keras3');
    expect(activationsIn(getConfig(model))).toEqual(names);
    expect(activationsIn(await written(model))).toEqual(names.map(() => 'hard_sigmoid'));
    await saveModelHdf5(model, place('own.h5'));
    await expectPredictions(await loadModelHdf5(place('own.h5')), one);
    for (const copy of [cloneModel(model), modelFromJson(modelToJson(model))])
      expect(activationsIn(getConfig(copy))).toEqual(names);
  });

  test('the layers that stand for Keras 2’s hard sigmoid are read as it, and written so again', async () => {
    const model = await load(named('steep'));
    expect(activationsIn(getConfig(model))).toEqual(Array.from({ length: 4 }, () => 'hard_sigmoid'));
    const layers = valuesOf('class_name', activationsIn(await written(model))).filter((name) => name !== 'DTypePolicy'); // prettier-ignore
    expect(layers.slice(0, 3)).toEqual(['Sequential', 'Rescaling', 'ReLU']);
  });

  test('JSON, and a layer’s configuration, of Keras 3 are read as such', async () => {
    const one = named('hard');
    await load(one);
    const archive = entriesOf(gunzipSync(Buffer.from(one.file, 'base64')));
    const config = archive.find(({ name }) => name === 'config.json')?.content.toString() ?? '';
    // As its first versions wrote it: with the names of types alone.
    const older = config.replaceAll(/\{"module":\s*"keras",\s*"class_name":\s*"DTypePolicy"[^}]*\}[^}]*\}/g, '"float32"'); // prettier-ignore
    expect(older).not.toContain('DTypePolicy');
    for (const json of [config, older])
      expect(new Set(activationsIn(getConfig(modelFromJson(json))))).toEqual(
        new Set(['hard_sigmoid_keras3']),
      );
    const dense = valuesOf('layers', JSON.parse(config)).flat().find((layer) => isConfig(layer) && layer['class_name'] === 'Dense'); // prettier-ignore
    expect(getConfig(fromConfig(dense as never))['activation']).toBe('hard_sigmoid_keras3');
  });

  test('a .keras file of Keras 2 has Keras 2’s function', async () => {
    const model = pipe(kerasModelSequential(), layerDense({ units: 2, activation: 'tanh', inputShape: [3] }));
    await saveModel(model, place());
    const asKeras2 = (content: Buffer, name: string): Buffer => {
      const text = content.toString();
      if (name === 'metadata.json') return Buffer.from(text.replace('"3.12.0"', '"2.15.0"'));
      if (name !== 'config.json') return content;
      return Buffer.from(
        text
          .replaceAll('"tanh"', '"hard_sigmoid"')
          .replaceAll(/\{"module":"keras","class_name":"DTypePolicy"[^}]*\}[^}]*\}/g, '"float32"'),
      );
    };
    const entries = entriesOf(readFileSync(place())).map((entry) => ({ ...entry, content: asKeras2(entry.content, entry.name) })); // prettier-ignore
    writeFileSync(place(), zipOf(entries));
    expect(activationOf(await loadModel(place()))).toBe('hard_sigmoid');
    const of3 = entries.map((entry) => entry.name === 'metadata.json' ? { ...entry, content: Buffer.from(entry.content.toString().replace('2.15.0', '3.0.5')) } : entry); // prettier-ignore
    writeFileSync(place(), zipOf(of3));
    expect(activationOf(await loadModel(place()))).toBe('hard_sigmoid_keras3');
    // What does not say what it is of is of Keras 3, which the format is of.
    writeFileSync(place(), zipOf(of3.filter(({ name }) => name !== 'metadata.json')));
    expect(activationOf(await loadModel(place()))).toBe('hard_sigmoid_keras3');
  });
});

describe('what is written for Keras 3', () => {
  const stack = {
    module: 'keras',
    class_name: 'Sequential',
    config: {
      layers: [
        { module: 'keras.layers', class_name: 'Rescaling', config: { scale: 0.2, offset: 0.5 } },
        { module: 'keras.layers', class_name: 'ReLU', config: { max_value: 1 } },
      ],
    },
  };

  test('Keras 2’s hard sigmoid is a stack of two layers that compute it, wherever it is, and comes back', async () => {
    const x = layerInput({ shape: [4, 6, 6, 1] });
    const y = layerConvLstm2d(x, { filters: 2, kernelSize: 3 });
    const model = kerasModel(
      x,
      layerActivation(layerDense(y, { units: 2, activation: 'hard_sigmoid' }), {
        activation: 'hard_sigmoid',
      }),
    );
    const found = activationsIn(await written(model));
    expect(found).toHaveLength(3);
    for (const one of found) expect(one).toMatchObject(stack);
    const again = await loadModel(place());
    expect(getConfig(again)).toEqual(getConfig(model));
    const values = tf.randomNormal([2, 4, 6, 6, 1], 0, 3, 'float32', 1);
    expect(await outputs(again, values)).toEqual(await outputs(model, values));
  });

  test('a bidirectional layer that goes backwards has a layer for the other direction', async () => {
    const model = pipe(
      kerasModelSequential(),
      bidirectional({
        layer: layerLstm({ units: 2, goBackwards: true, returnSequences: true }),
        inputShape: [5, 3],
      }),
    );
    const config = await written(model);
    expect(valuesOf('go_backwards', config)).toEqual([true, false]);
    expect(valuesOf('backward_layer', config)).toHaveLength(1);
    const again = await loadModel(place());
    const x = tf.randomNormal([2, 5, 3], 0, 1, 'float32', 2);
    expect(await outputs(again, x)).toEqual(await outputs(model, x));
    // The usual one needs none.
    const usual = pipe(kerasModelSequential(), bidirectional({ layer: layerLstm({ units: 2 }), inputShape: [5, 3] })); // prettier-ignore
    expect(valuesOf('backward_layer', await written(usual))).toEqual([]);
  });

  test.each([
    ['by its option', { causal: true }],
    ['by its call', { useCausalMask: true }],
  ])('attention that sees no later steps, %s, is called so', async (_title, options) => {
    const [x, y] = [layerInput({ shape: [4, 3] }), layerInput({ shape: [4, 3] })];
    const model = kerasModel([x, y], layerAdditiveAttention([x, y], options));
    const config = await written(model);
    expect(valuesOf('use_causal_mask', config)).toEqual([true]);
    expect(valuesOf('causal', config)).toEqual([]);
    const values = [1, 2].map((seed) => tf.randomNormal([2, 4, 3], 0, 1, 'float32', seed));
    expect(await outputs(await loadModel(place()), values)).toEqual(await outputs(model, values));
  });

  test.each([
    ['hard_sigmoid', [2, 3]],
    ['hard_sigmoid_keras3', [3]],
  ] as const)('a job with %s is for Keras %j', async (activation, versions) => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [2], activation }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    await exportTrainingJob(model, [tf.ones([8, 2]), tf.ones([8, 1])], { folder: place('job') });
    expect(JSON.parse(readFileSync(place('job/job.json'), 'utf8'))).toMatchObject({ keras: versions });
  });
});
