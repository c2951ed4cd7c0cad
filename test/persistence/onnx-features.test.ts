/** Layers that prepare features, and masks of several inputs, as ONNX files: ONNX Runtime computes the same. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  exportOnnx,
  KerasArgumentError,
  kerasModel,
  layerAdd,
  layerAverage,
  layerCategoryEncoding,
  layerConcatenate,
  layerDense,
  layerDiscretization,
  layerDot,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerGruCell,
  layerInput,
  layerIntegerLookup,
  layerLstm,
  layerMelSpectrogram,
  layerMultiHeadAttention,
  layerNormalization,
  layerRnn,
  layerStftSpectrogram,
  layerStringLookup,
  layerTextVectorization,
  pipe,
  tf,
  timeDistributed,
  type KerasModel,
  type MelSpectrogramOptions,
  type StftSpectrogramOptions,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { distance, plain, predicted, type Plain } from './support/case-models';
import { compute } from './support/onnx';

jest.setTimeout(200_000);

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Dtype = 'float32' | 'int32' | 'string';
type Step = (x: SymbolicTensor) => SymbolicTensor;

/** A model of one input and one output, with what goes in, and what Keras makes of it, if that is known. */
interface Example {
  readonly title: string;
  readonly model: KerasModel;
  readonly input: Tensor;
  readonly expected?: readonly number[];
}

const modelOf = (shape: (number | null)[], step: Step, dtype: Dtype = 'float32'): KerasModel => {
  const x = layerInput({ shape, dtype });
  return kerasModel(x, step(x));
};

const example = (title: string, step: Step, input: Tensor, expected?: readonly number[]): Example => ({
  title,
  model: modelOf(input.shape.slice(1), step, input.dtype as Dtype),
  input,
  ...(expected === undefined ? {} : { expected }),
});

const reference = <One>(name: string): One[] =>
  (
    JSON.parse(readFileSync(path.join(__dirname, `../reference/keras3/${name}.json`), 'utf8')) as {
      cases: One[];
    }
  ).cases;

/** The waves of test/reference/keras3. */
const wave = (shape: number[]): Tensor => {
  const size = shape.reduce((product, one) => product * one, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, index) => Math.sin(0.37 * index ** 2)),
    shape,
  );
};

/** What is too faint for its phase to be a number that stays. */
const isSteady = ({ mode }: StftSpectrogramOptions): boolean => mode !== 'angle';

const spectrograms = reference<{
  options: StftSpectrogramOptions;
  input: number[];
  output: number[];
}>('spectrograms').flatMap(({ options, input, output }) =>
  [...(isSteady(options) ? [output] : []), undefined].map((expected) =>
    example(`stft ${JSON.stringify(options)}`, layerStftSpectrogram(options), wave([2, ...input]), expected),
  ),
);

const mels = reference<{ options: MelSpectrogramOptions; samples: number; output: number[] }>(
  'mel_spectrograms',
).map(({ options, samples, output }) =>
  example(`mel ${JSON.stringify(options)}`, layerMelSpectrogram(options), wave([2, samples]), output),
);

const numbers = tf.tensor2d([
  [-3, 0.5, 1, 8],
  [2, 2.5, 7, 9],
]);
const ids = tf.tensor2d(
  [
    [1, 5, 7, 1],
    [0, 2, -4, 5],
  ],
  [2, 4],
  'int32',
);
const words = tf.tensor2d(['red', '黄', '', 'blue', 'grün', 'red'], [2, 3], 'string');
const tokens = ['red', 'grün', '黄'];

const learned = async (): Promise<Example[]> => {
  const rows = [
    [1, -2],
    [3, 8],
    [8, 0],
  ];
  const limits = await adapt(layerDiscretization({ numBins: 3 }), rows);
  const moments = await adapt(layerNormalization(), rows);
  const vocabulary = await adapt(
    layerIntegerLookup({ outputMode: 'tf_idf' }),
    tf.tensor2d([[1, 5], [5, 7]], [2, 2], 'int32'), // prettier-ignore
  );
  return [
    example('limits that were learned', limits, tf.tensor2d(rows)),
    example('moments that were learned', moments, tf.tensor2d(rows)),
    example('a vocabulary that was learned, and its weights', vocabulary, ids),
  ];
};

const features: readonly Example[] = [
  ...(['int', 'multi_hot', 'count'] as const).map((outputMode) =>
    example(
      `discretization ${outputMode}`,
      layerDiscretization({ binBoundaries: [0, 1, 2, 8], outputMode }),
      numbers,
    ),
  ),
  ...(['multi_hot', 'count'] as const).map((outputMode) =>
    example(`encoding ${outputMode}`, layerCategoryEncoding({ numTokens: 8, outputMode }), tf.abs(ids)),
  ),
  example(
    'bins of one, as rows',
    layerDiscretization({ binBoundaries: [0, 1], outputMode: 'one_hot' }),
    tf.tensor2d([[-1], [0.5], [7]]),
  ),
  example(
    'integers of one, as rows',
    layerIntegerLookup({ vocabulary: [5, 1], outputMode: 'one_hot' }),
    tf.tensor2d([[5], [3], [1]], [3, 1], 'int32'),
  ),
  example('encoding of one', layerCategoryEncoding({ numTokens: 3, outputMode: 'one_hot' }), tf.ones([2, 1])),
  example(
    'normalization of images',
    layerNormalization({ axis: [1, 3], mean: [[1, 2]], variance: [[4], [9], [0]] }),
    wave([2, 3, 4, 2]),
  ),
  example('normalization, all alike', layerNormalization({ axis: null, mean: 2, variance: 3 }), wave([2, 3])),
  example(
    'denormalization',
    layerNormalization({ mean: [1, 2], variance: [4, 9], invert: true }),
    wave([2, 2]),
  ),
  ...[
    {},
    { maskToken: 0 },
    { numOovIndices: 3 },
    { maskToken: 0, numOovIndices: 2, outputMode: 'multi_hot' as const },
    { outputMode: 'count' as const, maxTokens: 9, padToMaxTokens: true },
  ].map((options) =>
    example(
      `integers ${JSON.stringify(options)}`,
      layerIntegerLookup({ vocabulary: [5, 1], ...options }),
      ids,
    ),
  ),
  example('numbers back', layerIntegerLookup({ vocabulary: [5, 1], maskToken: 9, invert: true }), ids),
  ...[{}, { maskToken: '' }, { maskToken: '', outputMode: 'count' as const }].map((options) =>
    example(`texts ${JSON.stringify(options)}`, layerStringLookup({ vocabulary: tokens, ...options }), words),
  ),
  example('texts back', layerStringLookup({ vocabulary: tokens, maskToken: '', invert: true }), ids),
  example(
    'texts, embedded',
    (x) => pipe(x, layerStringLookup({ vocabulary: tokens }), layerEmbedding({ inputDim: 4, outputDim: 2 })),
    words,
  ),
];

const padded = tf.tensor2d([[3, 1, 4, 0, 0], [2, 0, 5, 1, 0], [1, 2, 3, 4, 5]], undefined, 'int32'); // prettier-ignore
const embedded = (x: SymbolicTensor, maskZero = true): SymbolicTensor =>
  layerEmbedding(x, { inputDim: 9, outputDim: 4, maskZero });

/** Other words, of which others are masked: those of the word before. */
const renumbered = (x: SymbolicTensor): SymbolicTensor =>
  layerIntegerLookup(x, { vocabulary: [3, 2, 4], numOovIndices: 1 });

const masks: readonly Example[] = (
  [
    [
      'what is added to itself',
      (x) => {
        const e = embedded(x);
        const attended = layerMultiHeadAttention([e, e], { numHeads: 2, keyDim: 3 });
        return layerGlobalAveragePooling1d(layerAdd([e, attended]));
      },
    ],
    [
      'steps that two masks leave',
      (x) => layerLstm(layerAverage([embedded(x), embedded(renumbered(x))]), { units: 3 }),
    ],
    [
      'features side by side',
      (x) => layerLstm(layerConcatenate([embedded(x), embedded(x, false)]), { units: 3 }),
    ],
    [
      'steps one after the other',
      (x) => layerLstm(layerConcatenate([embedded(x, false), embedded(x)], { axis: 1 }), { units: 3 }),
    ],
    [
      'the last of steps, zeros if it is masked',
      (x) => layerRnn(embedded(x), { cell: layerGruCell({ units: 3 }), zeroOutputForMask: true }),
    ],
    [
      'each step by itself',
      (x) => layerLstm(timeDistributed(embedded(x), { layer: layerDense({ units: 3 }) }), { units: 2 }),
    ],
    [
      'a product, which has no mask',
      (x) => layerGlobalAveragePooling1d(layerDot([embedded(x), embedded(x)], { axes: 2 })),
    ],
    ['a mean that keeps its axis', (x) => layerGlobalAveragePooling1d(embedded(x), { keepdims: true })],
    [
      'a mean of channels that are first',
      (x) => layerGlobalAveragePooling1d(embedded(x), { dataFormat: 'channels_first' }),
    ],
  ] as readonly [string, Step][]
).map(([title, step]) => example(title, step, padded));

const sentences = example(
  'sentences of words',
  (x) => {
    const inner = timeDistributed(embedded(x), { layer: layerLstm({ units: 3 }) });
    return layerLstm(inner, { units: 2 });
  },
  tf.tensor3d([[[3, 0, 1], [0, 0, 0], [2, 2, 0]], [[0, 0, 4], [5, 0, 0], [0, 0, 0]]], undefined, 'int32'), // prettier-ignore
);

test('ONNX Runtime computes what this library does, and Keras', async () => {
  const examples = [...spectrograms, ...mels, ...features, ...(await learned()), ...masks, sentences];
  const jobs: { file: string; inputs: Plain[] }[] = [];
  const expected: Plain[] = [];
  for (const [index, { model, input }] of examples.entries()) {
    const file = path.join(folder, `${index}.onnx`);
    await exportOnnx(model, file);
    jobs.push({ file, inputs: [plain(input)] });
    expected.push(...(await predicted(model, [input])).map(plain));
  }
  const computed = compute(folder, jobs);
  const wrong = examples.flatMap(({ title, expected: ofKeras }, index): object[] => {
    const { error, outputs: [actual] = [] } = computed[index] ?? {};
    const own = expected[index] as Plain; // one for each
    if (error !== undefined || actual === undefined) return [{ title, error }];
    const far = distance(actual.values, own.values);
    const fromKeras = ofKeras === undefined ? 0 : distance(actual.values, ofKeras);
    const isSame = String(actual.shape) === String(own.shape) && String(actual.texts) === String(own.texts);
    return far <= 1e-5 && fromKeras <= 1e-5 && isSame && actual.dtype === own.dtype
      ? []
      : [{ title, far, fromKeras, actual, own }];
  });
  expect(wrong).toEqual([]);
});

test('signals of any length', async () => {
  const rows: Plain[][] = [];
  const jobs = [];
  for (const [index, step] of [
    layerMelSpectrogram({ fftLength: 16, sequenceStride: 5, numMelBins: 3 }),
    (x: SymbolicTensor) => layerStftSpectrogram({ frameLength: 8, frameStep: 3 })(x),
  ].entries()) {
    const model = modelOf(index === 0 ? [null] : [null, 2], step);
    const file = path.join(folder, `any-${index}.onnx`);
    await exportOnnx(model, file);
    for (const length of [20, 33]) {
      const x = wave(index === 0 ? [2, length] : [2, length, 2]);
      jobs.push({ file, inputs: [plain(x)] });
      rows.push((await predicted(model, [x])).map(plain));
    }
  }
  const far = compute(folder, jobs).map(({ error, outputs = [] }, index) =>
    error === undefined ? distance(outputs[0]?.values ?? [], rows[index]?.[0]?.values ?? []) : error,
  );
  expect(far.map((one) => (typeof one === 'number' && one <= 1e-5 ? 'near' : one))).toEqual(
    far.map(() => 'near'),
  );
});

test('what a hash decides is refused, with the layer and what to do', async () => {
  const file = path.join(folder, 'refused.onnx');
  const hashed = modelOf(
    [3],
    layerStringLookup({ vocabulary: tokens, numOovIndices: 2, name: 'colors' }),
    'string',
  );
  await expect(exportOnnx(hashed, file)).rejects.toThrow(
    /^exportOnnx: all layers must have a form in ONNX\. Received: layer 'colors' of the class StringLookup: .* hash .*\. Build it with numOovIndices: 1/,
  );
  const split = modelOf([], layerTextVectorization({ vocabulary: tokens, name: 'split' }), 'string');
  await expect(exportOnnx(split, file)).rejects.toThrow(KerasArgumentError);
  await expect(exportOnnx(split, file)).rejects.toThrow(/layer 'split' of the class TextVectorization/);
});
