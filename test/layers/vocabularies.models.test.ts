/** Layers with a vocabulary in models: both engines, mixed inputs, files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  callModel,
  cloneModel,
  compile,
  evaluate,
  fit,
  fromConfig,
  getConfig,
  getLayer,
  getVocabulary,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerInput,
  layerIntegerLookup,
  layerStringLookup,
  layerTextVectorization,
  loadModel,
  loadModelHdf5,
  modelFromJson,
  modelToJson,
  outputShape,
  pipe,
  predict,
  predictOnBatch,
  saveModel,
  saveModelHdf5,
  setVocabulary,
  setWeights,
  tf,
  type KerasModel,
  type Prediction,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';

const TEXTS = ['a bad film', 'good, GOOD fun', 'bad bad', 'fun and good', 'a film', 'no fun'];
const LABELS = [0, 1, 0, 1, 0, 1];
const options = { epochs: 3, batchSize: 2, verbose: 0, shuffle: false } as const;

const folder = mkdtempSync(path.join(tmpdir(), 'vocabularies-'));
afterAll(() => rmSync(folder, { recursive: true }));
const warn = jest.spyOn(console, 'warn').mockImplementation();
beforeEach(() => warn.mockClear());
afterAll(() => warn.mockRestore());

const compiled = <Model extends KerasModel<Prediction>>(model: Model): Model =>
  pipe(model, compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }));

const vectorizer = (outputMode: 'int' | 'multi_hot' | 'tf_idf', outputSequenceLength?: number) =>
  adapt(layerTextVectorization({ outputMode, outputSequenceLength }), TEXTS);

const textModel = async (outputMode: 'int' | 'multi_hot' | 'tf_idf' = 'int') => {
  const vectorize = await vectorizer(outputMode, outputMode === 'int' ? 4 : undefined);
  const model = kerasModelSequential({ inputShape: [1] });
  pipe(model, vectorize);
  if (outputMode === 'int')
    pipe(model, layerEmbedding({ inputDim: 12, outputDim: 3 }), layerGlobalAveragePooling1d());
  return compiled(pipe(model, layerDense({ units: 1, activation: 'sigmoid' })));
};

const x = TEXTS.map((text) => [text]);

/** The weights but for those of the layer of texts. */
const trained = (model: KerasModel<Prediction>): Tensor[] =>
  getWeights(model).slice(getWeights(getLayer(model, { index: 0 })).length);

describe.each(['int', 'multi_hot', 'tf_idf'] as const)('texts into a model by %s', (mode) => {
  it.each(['compiled', 'eager'] as const)('train as the numbers do, engine: %s', async (engine) => {
    const model = await textModel(mode);
    const numbers = predictOnBatch(pipe(kerasModelSequential({ inputShape: [1] }), await vectorizer(mode, mode === 'int' ? 4 : undefined)), x); // prettier-ignore
    const numeric = kerasModelSequential({ inputShape: numbers.shape.slice(1) });
    if (mode === 'int')
      pipe(numeric, layerEmbedding({ inputDim: 12, outputDim: 3 }), layerGlobalAveragePooling1d());
    compiled(pipe(numeric, layerDense({ units: 1, activation: 'sigmoid' })));
    setWeights(numeric, trained(model));
    const history = await fit(model, x, LABELS, { ...options, engine });
    const expected = await fit(numeric, numbers, LABELS, { ...options, engine });
    expect(history.params.engine).toBe(engine);
    expect(history.metrics).toEqual(expected.metrics);
    expect((await predict(model, x)).arraySync()).toEqual((await predict(numeric, numbers)).arraySync());
    expect(await evaluate(model, x, LABELS, { verbose: 0, engine })).toEqual(
      await evaluate(numeric, numbers, LABELS, { verbose: 0, engine }),
    );
    expect((callModel(model, tf.tensor2d(x)) as Tensor).arraySync()).toEqual(
      predictOnBatch(numeric, numbers).arraySync(),
    );
    expect(warn).not.toHaveBeenCalled();
  });

  it.each(['keras', 'h5', 'json', 'clone'])('come back with what was learned: %s', async (format) => {
    const model = await textModel(mode);
    await fit(model, x, LABELS, options);
    const expected = predictOnBatch(model, x).arraySync();
    const file = path.join(folder, `${mode}.${format}`);
    let loaded: KerasModel<Prediction>;
    if (format === 'keras') {
      await saveModel(model, file);
      loaded = await loadModel(file);
    } else if (format === 'h5') {
      await saveModelHdf5(model, file);
      loaded = await loadModelHdf5(file);
    } else {
      loaded = format === 'json' ? modelFromJson(modelToJson(model)) : cloneModel(model);
      setWeights(loaded, getWeights(model));
    }
    expect((predictOnBatch(loaded, x) as Tensor).arraySync()).toEqual(expected);
    const [before, after] = [model, loaded].map((one) => getLayer(one, { index: 0 }));
    expect(getVocabulary(after as NonNullable<typeof after>)).toEqual(
      getVocabulary(before as NonNullable<typeof before>),
    );
    // It may learn anew; in HDF5, as Keras 2 reads it, a vocabulary is given.
    if (format === 'h5') {
      await expect(adapt(after as NonNullable<typeof after>, ['something else'])).rejects.toThrow(
        'must not have been given a vocabulary',
      );
    } else if (mode === 'int') {
      await adapt(after as NonNullable<typeof after>, ['something else']);
      expect(getVocabulary(after as NonNullable<typeof after>)).toEqual(['', '[UNK]', 'something', 'else']);
      expect((predictOnBatch(model, x) as Tensor).arraySync()).toEqual(expected);
    }
  });
});

describe('texts', () => {
  it('of batches as long as their longest train step by step, which is said', async () => {
    const vectorize = await adapt(layerTextVectorization(), TEXTS);
    const model = compiled(
      pipe(
        kerasModelSequential({ inputShape: [1] }),
        vectorize,
        layerEmbedding({ inputDim: 12, outputDim: 3 }),
        layerGlobalAveragePooling1d(),
        layerDense({ units: 1 }),
      ),
    );
    expect(outputShape(model)).toEqual([null, 1]);
    const history = await fit(model, x, LABELS, options);
    expect(history.params.engine).toBe('eager');
    await expect(fit(model, x, LABELS, { ...options, engine: 'compiled' })).rejects.toThrow(
      /'text_vectorization', which reads texts, gives as much as is in a batch/,
    );
  });

  it('are an error while nothing is learned', async () => {
    const model = compiled(
      pipe(
        kerasModelSequential({ inputShape: [1] }),
        layerTextVectorization({ outputSequenceLength: 2 }),
        layerEmbedding({ inputDim: 3, outputDim: 1 }),
        layerFlatten(),
        layerDense({ units: 1 }),
      ),
    );
    await expect(fit(model, x, LABELS, options)).rejects.toThrow(
      /fit.*layer 'text_vectorization' must have a vocabulary/s,
    );
    expect(() => predictOnBatch(model, x)).toThrow(/must have a vocabulary/);
  });

  it('come out of a model that looks tokens up', async () => {
    const lookup = layerStringLookup({ vocabulary: ['no', 'yes'] });
    const inverse = layerStringLookup({ vocabulary: ['no', 'yes'], invert: true });
    const input = layerInput({ shape: [1], dtype: 'string' });
    const model = kerasModel(input, pipe(input, lookup, inverse));
    expect((await predict(model, [['yes'], ['maybe']])).arraySync()).toEqual([['yes'], ['[UNK]']]);
    const names = pipe(kerasModelSequential({ inputShape: [2] }), inverse);
    expect((await predict(names, [[1, 2], [0, 9]])).arraySync()).toEqual([['no', 'yes'], ['[UNK]', '[UNK]']]); // prettier-ignore
  });
});

describe('mixed inputs', () => {
  const city = [['Rome'], ['Oslo'], ['Rome'], ['Bern'], ['Oslo'], ['Rome']];
  const code = [[700], [12], [-5], [700], [12], [3]];
  const age = [[0.1], [0.5], [0.2], [0.9], [0.4], [0.7]];

  const build = async () => {
    const cities = await adapt(layerStringLookup({ outputMode: 'one_hot' }), city);
    const codes = await adapt(layerIntegerLookup({ outputMode: 'one_hot', maxTokens: 4 }), code);
    const inputs = [
      layerInput({ shape: [1], dtype: 'string', name: 'city' }),
      layerInput({ shape: [1], dtype: 'int32', name: 'code' }),
      layerInput({ shape: [1], name: 'age' }),
    ] as const;
    const [first, second, third] = inputs;
    const all = layerConcatenate([pipe(first, cities), pipe(second, codes), third]);
    return compiled(kerasModel([...inputs], pipe(all, layerDense({ units: 1, activation: 'sigmoid' }))));
  };

  it('train alike in both engines, with the same numbers', async () => {
    const [one, other] = [await build(), await build()];
    setWeights(other, getWeights(one));
    const data = { city, code, age };
    const first = await fit(one, data, LABELS, { ...options, engine: 'compiled' });
    const second = await fit(other, data, LABELS, { ...options, engine: 'eager' });
    expect(first.metrics.loss).toEqual(second.metrics.loss.map((loss) => expect.closeTo(loss, 5) as number));
    const predicted = await predict(one, data);
    expect(predicted.shape).toEqual([6, 1]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('come back from files', async () => {
    const model = await build();
    const file = path.join(folder, 'mixed.keras');
    await saveModel(model, file);
    const loaded = await loadModel(file);
    expect((predictOnBatch(loaded, { city, code, age }) as Tensor).arraySync()).toEqual(
      (predictOnBatch(model, { city, code, age }) as Tensor).arraySync(),
    );
    expect(getVocabulary(getLayer(loaded, 'integer_lookup'))).toEqual(
      getVocabulary(getLayer(model, 'integer_lookup')),
    );
  });
});

describe('whole numbers in steps that are compiled', () => {
  it('follow a vocabulary that is learned anew', async () => {
    const lookup = await adapt(layerIntegerLookup({ outputMode: 'count' }), [[1, 2]]);
    const model = pipe(kerasModelSequential({ inputShape: [2] }), lookup, layerDense({ units: 1 }), compile({ optimizer: 'sgd', loss: 'mse' })); // prettier-ignore
    setWeights(model, [[[0], [1], [10]], [0]]);
    const data = [[1, 2], [1, 1]]; // prettier-ignore
    for (let call = 0; call < 12; call++) predictOnBatch(model, data).dispose();
    expect(predictOnBatch(model, data).arraySync()).toEqual([[11], [20]]);
    setVocabulary(lookup, [1, 2]);
    expect(predictOnBatch(model, data).arraySync()).toEqual([[11], [2]]);
    await adapt(lookup, [[1, 7]]);
    expect(predictOnBatch(model, data).arraySync()).toEqual([[10], [20]]);
    const again = { ...options, engine: 'compiled', epochs: 1 } as const;
    await fit(model, data, [0, 0], again);
    setVocabulary(lookup, [1, 2]);
    setWeights(model, [[[0], [1], [10]], [0]]);
    const { metrics } = await fit(model, data, [0, 0], again);
    await adapt(lookup, [[1, 7]]);
    setWeights(model, [[[0], [1], [10]], [0]]);
    expect((await fit(model, data, [0, 0], again)).metrics.loss[0]).not.toBeCloseTo(
      metrics.loss[0] ?? NaN,
      3,
    );
  });

  it('free what they make', async () => {
    const lookup = layerIntegerLookup({ vocabulary: [3, 4], outputMode: 'multi_hot' });
    const model = pipe(kerasModelSequential({ inputShape: [2] }), lookup);
    predictOnBatch(model, [[3, 5]]).dispose();
    const before = tensorCount();
    const predicted = predictOnBatch(model, [[3, 5]]);
    expect(tensorCount()).toBe(before + 1);
    expect(predicted.arraySync()).toEqual([[1, 1, 0]]);
    await Promise.resolve();
  });
});

describe('configurations', () => {
  it('are Keras’s: what is learned is not in them, what is given is', async () => {
    const learned = await adapt(layerStringLookup(), [['a']]);
    const model = pipe(kerasModelSequential({ inputShape: [1] }), learned);
    const config = getConfig(getLayer(model, { index: 0 })) as unknown as Record<string, unknown>;
    expect(config).toMatchObject({
      vocabulary: null,
      vocabulary_size: 2,
      dtype: 'int64',
      oov_token: '[UNK]',
    });
    expect(Object.keys(config)).not.toContain('has_input_vocabulary');
    const given = pipe(
      kerasModelSequential({ inputShape: [1] }),
      layerTextVectorization({ vocabulary: ['a'], split: null }),
    );
    const again = fromConfig(getConfig(getLayer(given, { index: 0 })));
    expect(getConfig(again)).toMatchObject({ vocabulary: ['a'], split: null, dtype: 'string' });
    await expect(adapt(again, ['b'])).rejects.toThrow(/must not have been given a vocabulary/);
  });

  it('have functions by their names', () => {
    const shout = (text: string): string => text.toUpperCase();
    const model = pipe(
      kerasModelSequential({ inputShape: [1] }),
      layerTextVectorization({ vocabulary: ['A'], standardize: shout }),
    );
    const json = modelToJson(model);
    expect(() => modelFromJson(json)).toThrow(/shout/);
    const again = modelFromJson(json, { customObjects: { shout } });
    expect((predictOnBatch(again, [['a b']]) as Tensor).arraySync()).toEqual([[2, 1]]);
  });
});
