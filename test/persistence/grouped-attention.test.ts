/**
 * Attention of grouped queries, which Keras 3 alone has, in its files and in those of Keras 2's form: HDF5 and JSON call it with its inputs,
 * and HDF5 has Python's name for its class. test/reference/keras3/grouped_attention.py has what Keras 3 saved itself; that it reads what is
 * written here `npm run test:keras` shows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  fit,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerGroupQueryAttention,
  layerInput,
  layerModel,
  loadModel,
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
import { Hdf5Reader } from '../../src/files/hdf5';
import { isConfig, isList } from '../../src/models/config/forms';
import { dataOf, expectClose } from '../support/grid';
import { loadSaved, savedFiles, type SavedFile } from './support/saved-cases';

const cases = savedFiles('grouped_attention');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-grouped-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => path.join(folder, name);

/** What a model takes: the third input is which steps may be seen, of which the first one is. */
const inputsOf = (shapes: readonly number[][]): Tensor | Tensor[] => {
  const all = [dataOf(shapes, 0)].flat();
  const isFirst = tf.tensor1d([1, 0, 0, 0, 0, 0], 'bool');
  const given = all.map((tensor, index) =>
    index === 2 ? tf.logicalOr(tf.greater(tensor, 0), isFirst) : tensor,
  );
  return given.length === 1 ? (given[0] as Tensor) : given;
};

const outputsOf = async (model: AnyModel, shapes: readonly number[][]): Promise<number[]> => [
  ...(await (predict(model, inputsOf(shapes)) as Promise<Tensor>)).dataSync(), // it has one
];

const nextLosses = async (model: KerasModel, { inputs, outputs }: SavedFile): Promise<number[]> => {
  const options = { epochs: 5, batchSize: 8, shuffle: false, verbose: 0 } as const;
  const history = await fit(model, inputsOf(inputs), dataOf(outputs, 50), options);
  return history.metrics['loss'] as number[];
};

/** The layers of a model in a configuration, by their classes. */
const layersIn = (json: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> => {
  const { config } = JSON.parse(json) as { readonly config: { readonly layers: unknown } };
  const layers = isList(config.layers) ? config.layers.filter(isConfig) : [];
  return Object.fromEntries(layers.map((layer) => [String(layer['class_name']), layer]));
};

describe('a model that Keras 3 saved', () => {
  test.each(cases.map((one) => [`${one.name}${one.suffix}`, one] as const))(
    '%s: predicts and trains on as in Keras, and is the same when it was saved here',
    async (_title, one) => {
      const model = await loadSaved(one, folder);
      expectClose(await outputsOf(model, one.inputs), one.predicted[0] ?? []);
      await saveModel(model, place('own.keras'));
      await saveModelHdf5(model, place('own.h5'));
      expectClose(await nextLosses(model, one), one.losses);
      for (const file of ['own.keras', 'own.h5']) {
        const again = await loadModel(place(file));
        expectClose(await outputsOf(again, one.inputs), one.predicted[0] ?? []);
        expectClose(await nextLosses(again, one), one.losses);
      }
    },
  );
});

describe('what is written in Keras 2’s form', () => {
  /** A model with another one in it, twice, before the layer and after it. */
  const made = (): AnyModel => {
    const inner = pipe(kerasModelSequential({ name: 'inner' }), layerDense({ units: 4, inputShape: [5, 4] }));
    const x = layerInput({ shape: [5, 4], name: 'x' });
    const [first, second] = [layerModel(x, inner), layerModel(layerModel(x, inner), inner)];
    const options = { headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2, useCausalMask: true } as const;
    return kerasModel(x, layerModel(layerGroupQueryAttention([first, second], options), inner));
  };

  test('the layer is called, the others are in lists, and the model comes back', async () => {
    const model = made();
    const layers = layersIn(modelToJson(model));
    // The applications of a model are counted from 1.
    const tensor = (application: number) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 5, 4], dtype: 'float32', keras_history: ['inner', application, 0] },
    });
    expect(layers['GroupQueryAttention']?.['inbound_nodes']).toEqual([
      { args: [tensor(1), tensor(3)], kwargs: { use_causal_mask: true } },
    ]);
    expect(layers['Sequential']?.['inbound_nodes']).toContainEqual([['x', 0, 0, {}]]);
    expect(modelToJson(modelFromJson(modelToJson(model)))).toBe(modelToJson(model));
    await saveModelHdf5(model, place('model.h5'));
    const again = await loadModel(place('model.h5'));
    expect(await outputsOf(again, [[5, 4]])).toEqual(await outputsOf(model, [[5, 4]]));
  });

  test('HDF5, which says no modules, has Python’s name of the class', async () => {
    await saveModelHdf5(made(), place('model.h5'));
    const file = await Hdf5Reader.open(place('model.h5'));
    const { model_config: config } = await file.attributes('/');
    await file.close();
    expect(Object.keys(layersIn(String(config)))).toEqual(['InputLayer', 'Sequential', 'GroupedQueryAttention']); // prettier-ignore
  });
});
