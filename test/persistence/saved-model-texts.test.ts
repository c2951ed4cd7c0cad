/** Models that take texts, as graphs of TensorFlow's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  compile,
  exportSavedmodel,
  fit,
  getLayer,
  getVocabulary,
  kerasModel,
  kerasModelSequential,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerHashing,
  layerInput,
  layerLambda,
  layerStringLookup,
  layerTextVectorization,
  loadModelTf,
  pipe,
  predict,
  saveModelTf,
  tf,
  type KerasModel,
  type ServedModel,
  type Tensor,
  type TextVectorizationOptions,
} from '../../src/index';
import { expectClose } from '../support/grid';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-texts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LEARNED = ['a bad film', 'good, GOOD fun', 'bad bad', 'fun\tand  good', 'a filém', 'no-fun!'];
/** What was learned, what was not, nothing, white space, other letters and bytes. */
const TEXTS = [...LEARNED, '', '   ', 'unknown words', 'A\u000BFILM\nfilm', 'É é 日本 fun', 'a b c d e f g'];

const vectorized = async (options: TextVectorizationOptions): Promise<KerasModel> => {
  const model = kerasModelSequential({ inputShape: [1] });
  pipe(model, await adapt(layerTextVectorization(options), LEARNED));
  if ((options.outputMode ?? 'int') === 'int')
    pipe(model, layerEmbedding({ inputDim: 20, outputDim: 3 }), layerGlobalAveragePooling1d());
  return pipe(model, layerDense({ units: 2 }), compile({ optimizer: 'adam', loss: 'mse' }));
};

const mixed = async (): Promise<KerasModel> => {
  const text = layerInput({ shape: [1], dtype: 'string', name: 'text' });
  const age = layerInput({ shape: [1], name: 'age' });
  const parts = [
    pipe(text, await adapt(layerStringLookup({ outputMode: 'one_hot', numOovIndices: 3 }), LEARNED)),
    pipe(
      text,
      layerStringLookup({ vocabulary: ['bad bad', 'a film'], outputMode: 'multi_hot', maskToken: '' }),
    ),
    pipe(text, layerStringLookup({ vocabulary: ['bad bad'], maskToken: '' }), layerEmbedding({ inputDim: 3, outputDim: 2 }), layerFlatten()), // prettier-ignore
    pipe(text, layerHashing({ numBins: 5, maskValue: 'bad bad', outputMode: 'one_hot' })),
    pipe(text, layerHashing({ numBins: 4, salt: [1, 2] }), layerEmbedding({ inputDim: 4, outputDim: 2 }), layerFlatten()), // prettier-ignore
    age,
  ];
  const model = kerasModel([text, age], pipe(layerConcatenate(parts), layerDense({ units: 2 })));
  return compile(model, { optimizer: 'adam', loss: 'mse' });
};

const tokens = (): Promise<KerasModel> => {
  const model = kerasModelSequential({ inputShape: [3] });
  pipe(model, layerTextVectorization({ vocabulary: ['x', 'y'], split: null, outputMode: 'count' }));
  return Promise.resolve(pipe(model, layerDense({ units: 1 }), compile({ optimizer: 'adam', loss: 'mse' })));
};

const MODELS: [string, () => Promise<KerasModel>][] = [
  ['numbers of words', () => vectorized({ outputSequenceLength: 4 })],
  ['words as they are', () => vectorized({ outputSequenceLength: 3, standardize: null, maxTokens: 6 })],
  ['words without marks', () => vectorized({ outputSequenceLength: 5, standardize: 'strip_punctuation' })],
  ['small words', () => vectorized({ outputMode: 'count', standardize: 'lower' })],
  [
    'words that are there',
    () => vectorized({ outputMode: 'multi_hot', maxTokens: 30, padToMaxTokens: true }),
  ],
  ['words by their weights', () => vectorized({ outputMode: 'tf_idf' })],
  ['texts beside numbers', mixed],
  ['tokens', tokens],
];

const dataOf = (model: KerasModel): readonly Tensor[] =>
  model.tf.inputs.map(({ dtype, shape: [, width = 1] }) => {
    const rows = TEXTS.map((text, row) =>
      Array.from({ length: width ?? 1 }, (_, column) =>
        width === 1 ? text : ['x', 'z', 'y', ''][(row + column) % 4],
      ),
    );
    return dtype === 'string'
      ? tf.tensor(rows as string[][], undefined, 'string')
      : tf.tensor2d(TEXTS.map((_, row) => [row / 3]));
  });

const named = (model: KerasModel): Record<string, Tensor> =>
  Object.fromEntries(model.tf.inputNames.map((name, index) => [name, dataOf(model)[index] as Tensor]));

const predicted = async (model: KerasModel): Promise<number[]> => {
  const x = dataOf(model);
  return [...(await predict(model, x.length === 1 ? (x[0] as Tensor) : [...x])).dataSync()];
};

describe.each(MODELS)('a model of %s', (_title, make) => {
  test('is served: its graph takes the texts', async () => {
    const model = await make();
    const expected = await predicted(model);
    for (const frozen of [false, true]) {
      const served = await loadModelTf<ServedModel>(
        await exportSavedmodel(model, path.join(folder, `served-${String(frozen)}`), { frozen }),
      );
      const inputs = served.signatures['serving_default']?.inputs ?? {};
      expect(Object.values(inputs).map(({ dtype }) => dtype)).toContain('string');
      const output = (await served.predict(named(model))) as Tensor;
      expectClose([...output.dataSync()], expected);
      // One row, too.
      const one = Object.fromEntries(
        Object.entries(named(model)).map(([name, tensor]) => [name, tf.slice(tensor, 0, 1)]),
      );
      expectClose(
        [...((await served.predict(one)) as Tensor).dataSync()],
        expected.slice(0, output.shape[1] ?? 1),
      );
      served.dispose();
    }
  });

  test('saved with its layers it comes back, and trains on', async () => {
    const model = await make();
    const x = dataOf(model);
    const data = x.length === 1 ? (x[0] as Tensor) : [...x];
    const y = tf.ones([TEXTS.length, model.tf.outputs[0]?.shape[1] ?? 1]);
    await fit(model, data, y, { epochs: 2, verbose: 0 });
    await saveModelTf(model, path.join(folder, 'model'));
    const again = await loadModelTf(path.join(folder, 'model'));
    expectClose(await predicted(again), await predicted(model));
    const options = { epochs: 2, verbose: 0, shuffle: false } as const;
    const [one, other] = [await fit(model, data, y, options), await fit(again, data, y, options)];
    expectClose(other.metrics.loss, one.metrics.loss);
  });
});

test('numbers are no texts, and texts no numbers', async () => {
  const model = await mixed();
  const served = await loadModelTf<ServedModel>(await exportSavedmodel(model, path.join(folder, 'served')));
  await expect(served.predict({ text: [[1]], age: [[1]] })).rejects.toThrow(
    /^predict: `x\['text'\]` must be texts\. Received: .*\. The signature says that 'text' is string\.$/,
  );
  await expect(served.predict({ text: [['a']], age: [['b']] })).rejects.toThrow(
    /^predict: `x\['age'\]` must be numbers\. Received: .*\. The signature says that 'age' is float32\.$/,
  );
  const output = (await served.predict({ text: [['a']], age: [[1]] })) as Tensor;
  expect(output.shape).toEqual([1, 2]);
});

test('its vocabulary is there', async () => {
  const model = await vectorized({ outputSequenceLength: 4 });
  await saveModelTf(model, path.join(folder, 'model'));
  const [before, after] = [model, await loadModelTf(path.join(folder, 'model'))].map((one) =>
    getVocabulary(getLayer(one, 'text_vectorization')),
  );
  expect(after).toEqual(before);
});

test('tokens of one bucket are told apart', async () => {
  // Of 2^31 − 1 buckets each pair of the first eight has one.
  const numbers = [24541, 35922, 30978, 48822, 39599, 51659, 48722, 59709, 1, 2];
  const vocabulary = numbers.map((number) => `word${number}`);
  const input = layerInput({ shape: [1], dtype: 'string', name: 'word' });
  const model = kerasModel(
    input,
    pipe(
      input,
      layerStringLookup({ vocabulary }),
      layerLambda({ f: (x) => tf.cast(x as Tensor, 'float32') }),
    ),
  );
  const served = await loadModelTf<ServedModel>(await exportSavedmodel(model, path.join(folder, 'served')));
  const output = (await served.predict(vocabulary.map((word) => [word]))) as Tensor;
  expect([...output.dataSync()].every((number, index) => number === index + 1)).toBe(true);
});

describe('what TensorFlow cannot read is refused, and the layer named', () => {
  test.each<[TextVectorizationOptions, RegExp]>([
    [{ standardize: (text) => text }, /layer 'text_vectorization' of the model .*a function of JavaScript/],
    [{ split: 'character' }, /layer 'text_vectorization'.*splits texts into characters/],
    [{ ngrams: 2 }, /layer 'text_vectorization'.*puts tokens together/],
    [{ outputSequenceLength: undefined }, /all sizes of the input but the number of rows must be known/],
  ])('%j', async (options, message) => {
    const model = await vectorized({ outputSequenceLength: 4, ...options });
    await expect(saveModelTf(model, path.join(folder, 'model'))).rejects.toThrow(message);
  });

  test('a token without a number is an error of the graph, too', async () => {
    const input = layerInput({ shape: [1], dtype: 'string', name: 'word' });
    const lookup = layerStringLookup({ vocabulary: ['a', 'b'], numOovIndices: 0, outputMode: 'one_hot' });
    const model = kerasModel(input, pipe(input, lookup));
    const served = await loadModelTf<ServedModel>(await exportSavedmodel(model, path.join(folder, 'served')));
    expect(((await served.predict([['b'], ['a']])) as Tensor).arraySync()).toEqual([[0, 1], [1, 0]]); // prettier-ignore
    await expect(served.predict([['c']])).rejects.toThrow(
      /layer 'string_lookup': a token that is not in its vocabulary/,
    );
  });
});
