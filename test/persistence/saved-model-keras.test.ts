/** Folders and checkpoints of Keras 2.13 and of TensorFlow. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  fit,
  getWeights,
  loadModelTf,
  loadModelWeightsTf,
  modelFromJson,
  optimizerAdam,
  optimizerOf,
  optimizerRmsprop,
  optimizerSgd,
  saveModelTf,
  saveModelWeightsTf,
  setWeights,
  tf,
  type KerasModel,
  type ServedModel,
  type Tensor,
} from '../../src/index';
import { dataOf, expectClose } from '../support/grid';
import { cases, served, unpack, type Case } from '../support/saved-models';
import { expectPredictions, nextLosses } from './support/saved-cases';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-saved-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'model'): string => path.join(folder, name);

const titled = cases.map((one) => [`${one.name}, ${one.optimizer}`, one] as const);
const whole = titled.filter(([, { files }]) => 'keras_metadata.pb' in files);

describe('a model that Keras saved', () => {
  test.each(whole)('%s: predicts and trains on where it was', async (_title, one) => {
    const model = await loadModelTf(unpack(folder, one.files));
    await expectPredictions(model, one);
    expect(optimizerOf(model).iterations).toBe(3);
    expectClose(await nextLosses(model, one), one.losses);
  });

  test.each(whole)('%s: saved here it comes back', async (_title, one) => {
    const model = await loadModelTf(unpack(folder, one.files));
    await saveModelTf(model, place());
    const again = await loadModelTf(place());
    await expectPredictions(again, one);
    expectClose(await nextLosses(again, one), one.losses);
  });

  test('its graph predicts, too, without Keras’s metadata', async () => {
    const [, one] = whole[0] as (typeof whole)[number];
    const { 'keras_metadata.pb': _metadata, ...files } = one.files;
    const model = await loadModelTf<ServedModel>(unpack(folder, files));
    expect(model.signatures).toEqual({
      serving_default: {
        inputs: { dense_input: { dtype: 'float32', shape: [null, 3] } },
        outputs: { dense_1: { dtype: 'float32', shape: [null, 1] } },
      },
    });
    const output = (await model.predict(dataOf(one.inputs, 0) as Tensor)) as Tensor;
    expectClose([...output.dataSync()], one.predicted[0] ?? []);
  });

  test('its optimizer and its compilation can be left out', async () => {
    const [, one] = whole[0] as (typeof whole)[number];
    const model = await loadModelTf(unpack(folder, one.files), { compile: false });
    await expectPredictions(model, one);
    await expect(fit(model, [[1, 2, 3]], [[1]], { verbose: 0 })).rejects.toThrow(/compile/);
  });
});

describe('weights that Keras saved', () => {
  /** The same model with other weights, compiled as it was. */
  const untrained = async (one: Case): Promise<KerasModel> => {
    if ('keras_metadata.pb' in one.files) {
      const model = await loadModelTf(unpack(folder, one.files, 'whole'));
      // What the optimizer remembers is another thing after another step.
      await fit(model, dataOf(one.inputs, 7, one.name === 'ids'), dataOf(one.outputs, 7), {
        epochs: 1,
        verbose: 0,
      });
      return setWeights(
        model,
        getWeights(model).map((weight) => tf.zerosLike(weight)),
      );
    }
    const optimizers = {
      Adam: () => optimizerAdam({ learningRate: 0.01 }),
      SGD: () => optimizerSgd({ learningRate: 0.05, momentum: 0.9 }),
      RMSprop: () => optimizerRmsprop({ learningRate: 0.01 }),
    };
    const optimizer = optimizers[one.optimizer as keyof typeof optimizers](); // one of them
    return compile(modelFromJson(one.config), { optimizer, loss: 'mse' });
  };

  test.each(titled)('%s: predicts and trains on where it was', async (_title, one) => {
    const model = await untrained(one);
    expect(await loadModelWeightsTf(model, path.join(unpack(folder, one.checkpoint), 'weights'))).toBe(model);
    await expectPredictions(model, one);
    expect(optimizerOf(model).iterations).toBe(3);
    expectClose(await nextLosses(model, one), one.losses);
  });

  test.each(titled.slice(0, 4))('%s: saved here they come back', async (_title, one) => {
    const model = await untrained(one);
    await loadModelWeightsTf(model, path.join(unpack(folder, one.checkpoint), 'weights'));
    await saveModelWeightsTf(model, place('deep/weights'));
    expect(readdirSync(place('deep')).sort()).toEqual([
      'checkpoint',
      'weights.data-00000-of-00001',
      'weights.index',
    ]);
    const again = await untrained(one);
    await loadModelWeightsTf(again, place('deep/weights'));
    await expectPredictions(again, one);
    expectClose(await nextLosses(again, one), one.losses);
  });
});

describe('a module of TensorFlow’s', () => {
  test('predicts by each of its signatures', async () => {
    const model = await loadModelTf<ServedModel>(unpack(folder, served));
    expect(Object.keys(model.signatures).sort()).toEqual(['length', 'serving_default']);
    const both = (await model.predict({ x: [[1, 2], [3, 4]], ids: [2 ** 30, 7] })) as Record<string, Tensor>;
    expect(both['scaled']?.arraySync()).toEqual([[2, 6], [6, 12]]);
    expect(both['next']?.arraySync()).toEqual([2 ** 30 + 1, 8]);
    const texts = (await model.predict({ text: ['abc', 'de'] as never }, { signature: 'length' })) as Record<string, Tensor>;
    expect(texts['length']?.arraySync()).toEqual([3, 2]);
    expect(texts['upper']?.arraySync()).toEqual(['ABC', 'DE']);
    model.dispose();
    await expect(model.predict({ x: [[1, 2]], ids: [1] })).rejects.toThrow(/must not be disposed/);
  }); // prettier-ignore

  test('says what it takes', async () => {
    const model = await loadModelTf<ServedModel>(unpack(folder, served));
    await expect(model.predict({ x: [[1, 2]] })).rejects.toThrow(
      /array for each of '(ids|x)', '(ids|x)'. Received: arrays for 'x'/,
    );
    await expect(model.predict([[1, 2]])).rejects.toThrow(/an array for each of/);
    await expect(model.predict({ x: [[1, 2, 3]], ids: [1] })).rejects.toThrow(
      /'x' must have the shape \[null, 2\]/,
    );
    await expect(model.predict({ text: [1] }, { signature: 'size' })).rejects.toThrow(/one of '.*length/);
    model.dispose();
  });
});
