/** Models that are saved here, and come back. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  bidirectional,
  compile,
  createLayerWrapper,
  exportSavedmodel,
  fit,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGru,
  layerInput,
  layerLambda,
  layerLstm,
  layerMasking,
  layerMultiHeadAttention,
  loadModel,
  loadModelTf,
  loadModelWeightsTf,
  newModelClass,
  optimizerOf,
  pipe,
  predict,
  saveModelTf,
  saveModelWeightsTf,
  tf,
  type KerasModel,
  type ServedModel,
  type Tensor,
} from '../../src/index';

import { dataOf, expectClose } from '../support/grid';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-saved-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name = 'model'): string => path.join(folder, name);

/** A layer of the user's own. */
class Scaled extends KerasLayer {
  declare factor: tf.Variable;
  override build(): void {
    this.factor = this.addWeight({ name: 'factor', shape: [1], initializer: 'ones' });
  }
  override call(x: Tensor): Tensor {
    return tf.mul(x, this.factor);
  }
}
const layerScaled = createLayerWrapper(Scaled);

const twoInputs = (): KerasModel<Tensor[]> => {
  const [a, b] = [layerInput({ shape: [3], name: 'b' }), layerInput({ shape: [2], name: 'a' })];
  const joined = layerConcatenate([a, b]);
  return kerasModel(
    [a, b],
    [layerDense(joined, { units: 2, name: 'z' }), layerDense(a, { units: 1, name: 'y' })],
  );
};

const attention = (): KerasModel => {
  const ids = layerInput({ shape: [6] });
  const words = layerEmbedding(ids, { inputDim: 10, outputDim: 4 });
  return kerasModel(
    ids,
    layerDense(layerFlatten(layerMultiHeadAttention([words, words], { numHeads: 2, keyDim: 3 })), {
      units: 2,
    }),
  );
};

const MODELS: [string, () => KerasModel | KerasModel<Tensor[]>, number[][], boolean?][] = [
  ['dense', () => pipe(kerasModelSequential(), layerDense({ units: 4, activation: 'relu', inputShape: [3] }), layerDropout({ rate: 0.5 }), layerDense({ units: 2, activation: 'softmax' })), [[3]]],
  ['convolutions', () => pipe(kerasModelSequential(), layerConv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 1] }), layerBatchNormalization(), layerFlatten(), layerDense({ units: 2 })), [[6, 6, 1]]],
  ['an LSTM and a GRU', () => pipe(kerasModelSequential(), layerLstm({ units: 3, returnSequences: true, inputShape: [5, 2] }), layerGru({ units: 2 })), [[5, 2]]],
  ['both directions, with a mask', () => pipe(kerasModelSequential(), layerMasking({ inputShape: [5, 2] }), bidirectional({ layer: layerLstm({ units: 3, returnSequences: true }) })), [[5, 2]]],
  ['attention to words', attention, [[6]], true],
  ['several inputs and outputs', twoInputs, [[3], [2]]],
  ['a layer of one’s own', () => pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [3] }), layerScaled({})), [[3]]],
]; // prettier-ignore

describe('what is exported', () => {
  test.each(MODELS)(
    '%s: TensorFlow predicts the same for any number of rows',
    async (_title, make, shapes, isIds = false) => {
      const model = make();
      for (const frozen of [false, true]) {
        expect(await exportSavedmodel(model, place(), { frozen })).toBe(place());
        const loaded = await loadModelTf<ServedModel>(place());
        for (const rows of [1, 7]) {
          const x = [dataOf(shapes, 3, isIds, rows)].flat();
          const expected = [
            await predict(model as KerasModel, x.length === 1 ? (x[0] as Tensor) : x),
          ].flat() as Tensor[];
          const fed = Object.fromEntries(
            model.tf.inputNames.map((name, index) => [name, x[index] as Tensor]),
          );
          const given = await loaded.predict(fed);
          const outputs =
            given instanceof tf.Tensor
              ? { [model.tf.outputNames[0] ?? '']: given as Tensor }
              : (given as Record<string, Tensor>);
          expected.forEach((output, index) => {
            const found = outputs[model.tf.outputNames[index] ?? ''];
            expect(found?.shape).toEqual(output.shape);
            expectClose([...(found?.dataSync() ?? [])], [...output.dataSync()]);
          });
        }
        loaded.dispose();
      }
    },
  );

  test('with the weights in the graph there are no others', async () => {
    const model = MODELS[0]?.[1]() as KerasModel;
    const versioned = await exportSavedmodel(model, place(), { versioned: true, frozen: true });
    expect(path.dirname(versioned)).toBe(place());
    expect(path.basename(versioned)).toMatch(/^20\d{12}$/);
    const size = readFileSync(path.join(versioned, 'variables/variables.data-00000-of-00001')).length;
    expect(size).toBeLessThan(400);
  });

  test('a layer that looks at the number of rows is named', async () => {
    const rows = (x: Tensor): Tensor =>
      tf.concat(Array.from({ length: x.shape[0] }, (_, row) => tf.slice(x, row, 1)));
    const model = pipe(
      kerasModelSequential(),
      layerLambda({ f: rows as never, name: 'by_rows', inputShape: [3] }),
    );
    await expect(saveModelTf(model, place())).rejects.toThrow(
      /saveModelTf: what the model computes must be a graph of TensorFlow for any number of rows\. Received: layer 'by_rows'/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('random numbers of JavaScript’s are refused', async () => {
    const noisy = (x: Tensor): Tensor => tf.add(x, tf.tensor1d([Math.random(), Math.random(), 1]));
    const model = pipe(
      kerasModelSequential(),
      layerLambda({ f: noisy as never, name: 'noisy', inputShape: [3] }),
    );
    await expect(exportSavedmodel(model, place())).rejects.toThrow(/layer 'noisy'.*drawn in JavaScript/);
  });

  test('sizes that are open besides the rows are named', async () => {
    const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [null, 3] }));
    await expect(exportSavedmodel(model, place())).rejects.toThrow(
      /the input 'dense_input\S*' of the model .* \[null, null, 3\]/,
    );
  });
});

test('a model of a class of one’s own comes back', async () => {
  const Doubled = newModelClass({
    classname: 'Doubled',
    initialize({ units }: { units: number }) {
      return { dense: this.addLayer(layerDense({ units })) };
    },
    call(x: Tensor) {
      return tf.mul(this.dense(x), 2);
    },
  });
  const model = pipe(Doubled({ units: 2 }), compile({ optimizer: 'adam', loss: 'mse' }));
  const x = dataOf([[3]], 1) as Tensor;
  await fit(model, x, dataOf([[2]], 2), { epochs: 2, verbose: 0 });
  const expected = (await predict(model, x)).arraySync();
  await saveModelTf(model, place());
  const again = await loadModelTf(place(), { customObjects: { Doubled } });
  expect((await predict(again, x)).arraySync()).toEqual(expected);
  expect(optimizerOf(again).iterations).toBe(2);
  // Without the class, its graph is there.
  const graph = await loadModelTf<ServedModel>(place());
  expectClose([...((await graph.predict(x)) as Tensor).dataSync()], (expected as number[][]).flat());
});

test('the function for all formats reads it, if it has layers', async () => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }));
  await saveModelTf(model, place());
  const again = await loadModel(place());
  expect(getWeights(again)[0]?.dataSync()).toEqual(getWeights(model)[0]?.dataSync());
  await exportSavedmodel(model, place('served'));
  await expect(loadModel(place('served'))).rejects.toThrow(
    /loadModel: .* a model of layers.*Write loadModelTf\(folder\)/,
  );
});

describe('folders', () => {
  const dense = (units = 1): KerasModel =>
    pipe(kerasModelSequential(), layerDense({ units, inputShape: [3] }));

  test('one that is there is replaced, or not', async () => {
    await saveModelTf(dense(1), place());
    await expect(saveModelTf(dense(2), place(), { overwrite: false })).rejects.toThrow(/is there already/);
    expect((await loadModelTf(place())).tf.outputs[0]?.shape).toEqual([null, 1]);
    await saveModelTf(dense(2), place());
    expect((await loadModelTf(place())).tf.outputs[0]?.shape).toEqual([null, 2]);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  test('a folder of something else is never replaced', async () => {
    mkdirSync(place());
    writeFileSync(place('model/letters.txt'), 'dear');
    await expect(saveModelTf(dense(), place())).rejects.toThrow(/has other files, and no saved_model\.pb/);
    expect(readFileSync(place('model/letters.txt'), 'utf8')).toBe('dear');
  });

  test('what a process that was killed between two moves has left is found', async () => {
    await saveModelTf(dense(2), place());
    renameSync(place(), place('.model.previous'));
    expect((await loadModelTf(place())).tf.outputs[0]?.shape).toEqual([null, 2]);
    await saveModelTf(dense(3), place());
    expect((await loadModelTf(place())).tf.outputs[0]?.shape).toEqual([null, 3]);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  test('two that write at once: one of the two is there, whole', async () => {
    await Promise.all([1, 2, 3].map(async (units) => saveModelTf(dense(units), place())));
    const [, units] = (await loadModelTf(place())).tf.outputs[0]?.shape ?? [];
    expect([1, 2, 3]).toContain(units);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  test('a checkpoint takes the place of another one at once', async () => {
    for (const units of [1, 1, 1]) {
      const model = dense(units);
      await saveModelWeightsTf(model, place('w'));
      const again = dense(units);
      await loadModelWeightsTf(again, place('w'));
      expect(getWeights(again)[0]?.dataSync()).toEqual(getWeights(model)[0]?.dataSync());
      const data = readdirSync(folder).filter((file) => file.startsWith('w.data-'));
      expect(new Set(data.map((file) => file.slice(-5))).size).toBe(1);
    }
    await expect(saveModelWeightsTf(dense(), place('w'), { overwrite: false })).rejects.toThrow(
      /is there already/,
    );
    expect(readdirSync(folder).filter((file) => file.startsWith('.'))).toEqual([]);
  });
});

describe('what is not right is said', () => {
  const dense = (units = 1): KerasModel =>
    pipe(kerasModelSequential(), layerDense({ units, inputShape: [3] }));

  test.each(['saved_model.pb', 'keras_metadata.pb', 'variables/variables.index'])(
    '%s that is cut off',
    async (file) => {
      await saveModelTf(dense(), place());
      if (file === 'saved_model.pb') rmSync(place('model/keras_metadata.pb'));
      const content = readFileSync(place(`model/${file}`));
      writeFileSync(place(`model/${file}`), content.subarray(0, content.length / 2));
      await expect(loadModelTf(place())).rejects.toMatchObject({
        name: 'KerasFileError',
        function: 'loadModelTf',
      });
    },
  );

  test('no folder, and none of TensorFlow’s', async () => {
    await expect(loadModelTf(place())).rejects.toThrow(
      /loadModelTf: the file must be read\. Received: .*ENOENT/,
    );
    mkdirSync(place());
    await expect(loadModelTf(place())).rejects.toThrow(/ENOENT.*saved_model\.pb/);
    await expect(loadModelWeightsTf(dense(), place('w'))).rejects.toThrow(/ENOENT.*w\.index/);
  });

  test('weights of another model', async () => {
    await saveModelWeightsTf(dense(2), place('w'));
    const model = dense(3);
    const before = getWeights(model)[0]?.dataSync();
    await expect(loadModelWeightsTf(model, place('w'))).rejects.toThrow(
      /'layer_with_weights-0\/kernel', the weight '\S*kernel', has the shape \[3, 3\], and in the checkpoint \[3, 2\]/,
    );
    expect(getWeights(model)[0]?.dataSync()).toEqual(before);
    const longer = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [3] }),
      layerDense({ units: 1 }),
    );
    await expect(loadModelWeightsTf(longer, place('w'))).rejects.toThrow(
      /the model has 2 layers with weights, and the checkpoint 1/,
    );
  });

  test.each([
    ['2 ** 29', '8080808002'],
    ['2 ** 27, which are more bytes,', '808080c000'],
  ])('a constant that says it is of %s numbers takes no memory', async (_, size) => {
    await exportSavedmodel(dense(), place(), { frozen: true });
    const file = place('model/saved_model.pb');
    const content = readFileSync(file);
    // The kernel's shape, [3, 1], becomes one of this size.
    const at = content.indexOf(Buffer.from('12081202080312020801', 'hex'));
    expect(at).toBeGreaterThan(0);
    const huge = Buffer.from(`1208120608${size}`, 'hex');
    huge.copy(content, at);
    writeFileSync(file, content);
    await expect(loadModelTf(place())).rejects.toThrow(/said to be larger than the whole file/);
  });

  test('an operation that TensorFlow has not', async () => {
    await exportSavedmodel(dense(), place());
    const file = place('model/saved_model.pb');
    const content = readFileSync(file);
    const at = content.indexOf('StatefulPartitionedCall');
    content.write('StatefulPartitionedCalm', at);
    writeFileSync(file, content);
    await expect(loadModelTf(place())).rejects.toThrow(
      /TensorFlow does not load the graph: .*StatefulPartitionedCalm/,
    );
    expect(existsSync(file)).toBe(true);
  });
});
