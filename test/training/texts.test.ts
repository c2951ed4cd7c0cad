/** Models that take texts: their layers of one's own read them, and the rest computes with numbers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callModel,
  cloneModel,
  compile,
  createLayerWrapper,
  CustomModel,
  evaluate,
  fit,
  getConfig,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerInput,
  layerLambda,
  layerModel,
  layerReshape,
  loadModelHdf5,
  modelFromJson,
  modelToJson,
  outputShape,
  pipe,
  predict,
  predictOnBatch,
  saveModelHdf5,
  setWeights,
  testOnBatch,
  tf,
  trainOnBatch,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import {
  VOCABULARY,
  Lookup,
  layerLookup,
  SUN,
  RAIN,
  SNOW,
  words,
  ids,
  labels,
  start,
  modelOf,
  options,
} from './texts-support';

/** Texts as they are, but for spaces. */
class Trim extends KerasLayer {
  override call(x: Tensor) {
    return tf.tensor(
      Array.from(x.dataSync<'string'>(), (word) => word.trim()),
      x.shape,
      'string',
    );
  }
}
const layerTrim = createLayerWrapper(Trim);

const valuesOf = (model: KerasModel): unknown[] => getWeights(model).map((weight) => weight.arraySync());
const warn = jest.spyOn(console, 'warn').mockImplementation();
beforeEach(() => warn.mockClear());
afterAll(() => warn.mockRestore());
const folder = mkdtempSync(path.join(tmpdir(), 'texts-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a model whose first layer reads texts', () => {
  it.each([
    ['nested arrays', words],
    ['a tensor', tf.tensor2d(words)],
    ['a list of one tensor', [tf.tensor2d(words)]],
    ['by name', undefined],
  ] as const)('predicts for %s', async (_, data) => {
    const [model, numeric] = [modelOf('words'), modelOf('places')];
    const given = data ?? { [model.tf.inputNames[0] as string]: words };
    const expected = (await predict(numeric, ids)).arraySync();
    expect((await predict(model, given)).arraySync()).toEqual(expected);
    expect(predictOnBatch(model, given).arraySync()).toEqual(expected);
    expect((callModel(model, tf.tensor2d(words)) as Tensor).arraySync()).toEqual(expected);
  });

  it('predicts the same once that is compiled, and frees what it made', async () => {
    const model = modelOf('words');
    const expected = predictOnBatch(modelOf('places'), ids).arraySync();
    for (let call = 0; call < 12; call++) predictOnBatch(model, words).dispose();
    const before = tensorCount();
    const predicted = predictOnBatch(model, words);
    expect(tensorCount()).toBe(before + 1);
    expect(predicted.arraySync()).toEqual(expected);
    expect((await predict(model, words, { batchSize: 2 })).arraySync()).toEqual(expected);
  });

  it.each(['auto', 'compiled', 'eager'] as const)(
    'trains as one on the numbers does, engine: %s',
    async (engine) => {
      const [model, numeric] = [modelOf('words'), modelOf('places')];
      const epochs = engine === 'auto' ? 400 : 4;
      const history = await fit(model, words, labels, { ...options, epochs, engine });
      const expected = await fit(numeric, ids, labels, { ...options, epochs, engine });
      expect(history.params.engine).toBe(engine === 'auto' ? 'compiled' : engine);
      expect(history.metrics).toEqual(expected.metrics);
      expect(valuesOf(model)).toEqual(valuesOf(numeric));
      expect(await evaluate(model, words, labels, { verbose: 0, engine })).toEqual(
        await evaluate(numeric, ids, labels, { verbose: 0, engine }),
      );
      expect(warn).not.toHaveBeenCalled();
    },
  );

  it.each(['compiled', 'eager'] as const)('validates and shuffles, engine: %s', async (engine) => {
    const [model, numeric] = [modelOf('words'), modelOf('places')];
    const both = { ...options, engine, validationSplit: 0.4 };
    expect((await fit(model, words, labels, both)).metrics).toEqual(
      (await fit(numeric, ids, labels, both)).metrics,
    );
    const given = await fit(model, words, labels, { ...options, engine, validationData: [words, labels] });
    const expected = await fit(numeric, ids, labels, { ...options, engine, validationData: [ids, labels] });
    expect(given.metrics).toEqual(expected.metrics);
    const shuffled = await fit(model, words, labels, { ...options, engine, shuffle: true });
    expect(shuffled.metrics.loss).toHaveLength(4);
    expect(Number.isFinite(shuffled.metrics.loss[3])).toBe(true);
  });

  it('trains and tests on a batch', () => {
    const [model, numeric] = [modelOf('words'), modelOf('places')];
    expect(testOnBatch(model, words, labels)).toEqual(testOnBatch(numeric, ids, labels));
    expect(trainOnBatch(model, words, labels)).toEqual(trainOnBatch(numeric, ids, labels));
    expect(trainOnBatch(model, words, labels)).toEqual(trainOnBatch(numeric, ids, labels));
    expect(valuesOf(model)).toEqual(valuesOf(numeric));
  });

  it('frees what it made of the texts', async () => {
    const model = modelOf('words');
    for (const engine of ['compiled', 'eager'] as const) {
      await fit(model, words, labels, { ...options, engine });
      const before = tensorCount();
      await fit(model, words, labels, { ...options, engine });
      expect(tensorCount()).toBe(before);
    }
  });

  it('is read back with its configuration', async () => {
    const model = modelOf('words');
    const expected = predictOnBatch(model, words).arraySync();
    const customObjects = { Lookup };
    expect(JSON.stringify(getConfig(model))).toContain('"dtype":"string"');
    const read = modelFromJson(modelToJson(model), { customObjects });
    setWeights(read, start);
    expect(predictOnBatch(read, words).arraySync()).toEqual(expected);
    const file = path.join(folder, 'words.h5');
    await saveModelHdf5(model, file);
    const loaded = await loadModelHdf5(file, { customObjects });
    expect(predictOnBatch(loaded, words).arraySync()).toEqual(expected);
    const copy = cloneModel(model);
    setWeights(copy, start);
    expect(predictOnBatch(copy, words).arraySync()).toEqual(expected);
  });
});

describe('Sequential models', () => {
  const rest = [
    layerEmbedding({ inputDim: 5, outputDim: 2 }),
    layerFlatten(),
    layerDense({ units: 1, activation: 'sigmoid' }),
  ] as const;
  const expected = predictOnBatch(modelOf('places'), ids).arraySync();

  it('take texts by the type of the first layer', () => {
    const model = pipe(
      kerasModelSequential(),
      layerLookup({ vocabulary: VOCABULARY, inputShape: [3], dtype: 'string' }),
      ...rest,
    );
    setWeights(model, start);
    expect(predictOnBatch(model, words).arraySync()).toEqual(expected);
    const read = modelFromJson(modelToJson(model), { customObjects: { Lookup } });
    setWeights(read, start);
    expect(predictOnBatch(read, words).arraySync()).toEqual(expected);
  });

  it('take texts by the type of the model', () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [3], dtype: 'string' }),
      layerTrim(),
      layerLookup({ vocabulary: VOCABULARY }),
      ...rest,
    );
    setWeights(model, start);
    expect(
      predictOnBatch(
        model,
        words.map((row) => row.map((word) => ` ${word}\n`)),
      ).arraySync(),
    ).toEqual(expected);
  });

  it('are built by the first texts', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerLookup({ vocabulary: VOCABULARY }),
      layerEmbedding({ inputDim: 5, outputDim: 2 }),
      layerFlatten(),
      layerDense({ units: 1 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const history = await fit(model, words, labels, { ...options, engine: 'compiled' });
    expect(history.params.engine).toBe('compiled');
    expect(outputShape(model)).toEqual([null, 1]);
    expect(model.tf.inputs[0]?.dtype).toBe('string');
  });

  it('take a text for each row as one column', async () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [1], dtype: 'string' }),
      layerLookup({ vocabulary: VOCABULARY }),
      layerDense({ units: 1, useBias: false, weights: [[[2]]] }),
    );
    expect((await predict(model, [RAIN, SNOW])).arraySync()).toEqual([[4], [8]]);
    expect(predictOnBatch(model, tf.tensor1d([RAIN, SNOW])).arraySync()).toEqual([[4], [8]]);
  });
});

describe('graphs of texts', () => {
  it('texts go through layers that keep values as they are', () => {
    const [one, other] = [
      layerInput({ shape: [2], dtype: 'string' }),
      layerInput({ shape: [1], dtype: 'string' }),
    ];
    const output = pipe(
      layerConcatenate(
        [layerReshape(one, { targetShape: [2, 1] }), layerReshape(other, { targetShape: [1, 1] })],
        { axis: 1 },
      ),
      layerFlatten(),
      layerTrim(),
      layerLookup({ vocabulary: VOCABULARY }),
    );
    const model = kerasModel([one, other], output);
    expect(predictOnBatch(model, [[[SUN, ' rain ']], [[SNOW]]]).arraySync()).toEqual([[1, 2, 4]]);
  });

  it('texts and numbers are inputs of one model', async () => {
    const text = layerInput({ shape: [1], dtype: 'string', name: 'text' });
    const number = layerInput({ shape: [2], name: 'number' });
    const joined = layerConcatenate([
      layerLookup(text, { vocabulary: VOCABULARY }),
      layerDense(number, { units: 1, useBias: false, weights: [[[10], [100]]] }),
    ]);
    const model = pipe(
      kerasModel([text, number], layerDense(joined, { units: 1, useBias: false, weights: [[[1], [1]]] })),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const data = { text: [SUN, RAIN, SNOW], number: [[1, 2], [3, 4], [5, 6]] }; // prettier-ignore
    const expected = [[211], [432], [654]];
    expect((await predict(model, data)).arraySync()).toEqual(expected);
    for (let call = 0; call < 12; call++)
      expect(predictOnBatch(model, [data.text, data.number]).arraySync()).toEqual(expected);
    for (const engine of ['compiled', 'eager'] as const) {
      const { loss } = await evaluate(model, data, [211, 432, 654], { verbose: 0, engine });
      expect(loss).toBe(0);
    }
    const history = await fit(model, data, [1, 2, 3], {
      ...options,
      engine: 'compiled',
      validationSplit: 0.4,
    });
    expect(Number.isFinite(history.metrics.loss[0])).toBe(true);
  });

  it('a function reads texts as a layer', () => {
    const input = layerInput({ shape: [2], dtype: 'string' });
    const f = (x: Tensor): Tensor =>
      tf.tensor(Array.from(x.dataSync<'string'>(), ({ length }) => length), x.shape); // prettier-ignore
    const model = kerasModel(
      input,
      layerDense(layerLambda(input, { f }), { units: 1, useBias: false, weights: [[[1], [1]]] }),
    );
    expect(predictOnBatch(model, [['one', 'three']]).arraySync()).toEqual([[8]]);
  });

  it('a model of texts is a layer of another', () => {
    const model = kerasModelSequential({ inputShape: [3], dtype: 'string' });
    pipe(model, layerModel(modelOf('words')));
    expect(predictOnBatch(model, words).arraySync()).toEqual(
      predictOnBatch(modelOf('places'), ids).arraySync(),
    );
  });

  it('a model of one’s own takes texts', async () => {
    class Own extends CustomModel {
      lookup = this.addLayer(layerLookup({ vocabulary: VOCABULARY }));
      out = this.addLayer(layerDense({ units: 1, useBias: false, weights: [[[1], [1], [1]]] }));
      override call(x: Tensor) {
        return this.out(tf.cast(this.lookup(x), 'float32'));
      }
    }
    const model = pipe(new Own(), compile({ optimizer: 'sgd', loss: 'mse' }));
    const sums = ids.map((row) => [row.reduce((a, b) => a + b, 0)]);
    expect((await predict(model, words)).arraySync()).toEqual(sums);
    await fit(model, words, labels, { ...options, epochs: 40 });
    expect(String(warn.mock.calls[0])).toMatch(
      /run one by one.*'own', which reads texts, has weights to train/,
    );
  });
});
