import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerActivationRelu,
  layerAdd,
  layerDropout,
  layerInput,
  layerActivationElu,
  layerActivationLeakyRelu,
  layerActivationParametricRelu,
  layerActivationThresholdedRelu,
  layerBatchNormalization,
  layerConv1d,
  layerConv2d,
  layerConv2dTranspose,
  layerConv3d,
  layerCropping1d,
  layerCropping2d,
  layerCropping3d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerLstm,
  layerAveragePooling1d,
  layerAveragePooling2d,
  layerAveragePooling3d,
  layerGlobalAveragePooling2d,
  layerGlobalAveragePooling3d,
  layerGlobalMaxPooling1d,
  layerGlobalMaxPooling2d,
  layerGlobalMaxPooling3d,
  layerMaxPooling1d,
  layerMaxPooling2d,
  layerMaxPooling3d,
  layerPermute,
  layerRepeatVector,
  layerReshape,
  layerSeparableConv2d,
  layerSimpleRnn,
  layerUpsampling1d,
  layerUpsampling2d,
  layerUpsampling3d,
  layerZeroPadding1d,
  layerZeroPadding2d,
  layerZeroPadding3d,
  pipe,
  predictOnBatch,
  setWeights,
  type ActivationName,
  type KerasModel,
  type LayerStep,
} from '../../src/index';

/** Single layers and activations computed by Keras 2 on TensorFlow; without a batch axis, six decimals. */
const FILE = path.join(__dirname, '../reference/keras-js/layers.json');

interface Numbers {
  readonly data: readonly number[];
  readonly shape: readonly number[];
}

interface Fixture {
  readonly key: string;
  readonly about: string;
  readonly class?: string;
  readonly activation?: ActivationName;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly input: Numbers;
  readonly weights?: readonly Numbers[];
  readonly expected: Numbers;
}

/** Keras's classes, as these functions make them. Options come from the file, so their types are not known here. */
const LAYERS: Readonly<Record<string, (options: never) => LayerStep>> = {
  BatchNormalization: (options) => layerBatchNormalization(options),
  Conv1D: (options) => layerConv1d(options),
  Conv2D: (options) => layerConv2d(options),
  Conv2DTranspose: (options) => layerConv2dTranspose(options),
  Conv3D: (options) => layerConv3d(options),
  Cropping1D: (options) => layerCropping1d(options),
  Cropping2D: (options) => layerCropping2d(options),
  Cropping3D: (options) => layerCropping3d(options),
  Dense: (options) => layerDense(options),
  ELU: (options) => layerActivationElu(options),
  Embedding: (options) => layerEmbedding(options),
  Flatten: (options) => layerFlatten(options),
  // The file's GRUs are of the form that Keras calls reset_after = False.
  GRU: (options: object) => layerGru({ resetAfter: false, ...options } as never),
  AveragePooling1D: (options) => layerAveragePooling1d(options),
  AveragePooling2D: (options) => layerAveragePooling2d(options),
  AveragePooling3D: (options) => layerAveragePooling3d(options),
  GlobalAveragePooling2D: (options) => layerGlobalAveragePooling2d(options),
  GlobalAveragePooling3D: (options) => layerGlobalAveragePooling3d(options),
  GlobalMaxPooling1D: (options) => layerGlobalMaxPooling1d(options),
  GlobalMaxPooling2D: (options) => layerGlobalMaxPooling2d(options),
  GlobalMaxPooling3D: (options) => layerGlobalMaxPooling3d(options),
  MaxPooling1D: (options) => layerMaxPooling1d(options),
  MaxPooling3D: (options) => layerMaxPooling3d(options),
  GlobalAveragePooling1D: (options) => layerGlobalAveragePooling1d(options),
  LSTM: (options) => layerLstm(options),
  LeakyReLU: (options) => layerActivationLeakyRelu(options),
  MaxPooling2D: (options) => layerMaxPooling2d(options),
  PReLU: (options) => layerActivationParametricRelu(options),
  Permute: (options) => layerPermute(options),
  RepeatVector: (options) => layerRepeatVector(options),
  Reshape: (options) => layerReshape(options),
  SimpleRNN: (options) => layerSimpleRnn(options),
  SeparableConv2D: (options) => layerSeparableConv2d(options),
  ThresholdedReLU: (options) => layerActivationThresholdedRelu(options),
  UpSampling1D: (options) => layerUpsampling1d(options),
  UpSampling2D: (options) => layerUpsampling2d(options),
  UpSampling3D: (options) => layerUpsampling3d(options),
  ZeroPadding1D: (options) => layerZeroPadding1d(options),
  ZeroPadding2D: (options) => layerZeroPadding2d(options),
  ZeroPadding3D: (options) => layerZeroPadding3d(options),
};

/** What this library leaves out, with the number of such cases in the file. */
const LEFT_OUT = [
  {
    reason: 'dense layers that go into a layer which is not exported',
    count: 15,
    is: ({ key }: Fixture): boolean =>
      /^(merge\.(Average|Maximum|Minimum|Multiply|Subtract)|noise\.)/.test(key),
  },
] as const;

const fixtures = JSON.parse(readFileSync(FILE, 'utf8')) as Fixture[];
const ours = fixtures.filter(
  ({ activation, class: name }) => activation !== undefined || (name ?? '') in LAYERS,
);
const leftOut = ours.filter((fixture) => LEFT_OUT.some(({ is }) => is(fixture)));
const compared = ours.filter((fixture) => !leftOut.includes(fixture));

/** `return_sequences` → `returnSequences`; null is Keras's None, which is to leave the option out. */
const optionsOf = (config: Fixture['config'] = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [
        key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
  );

/** Options of activations that the cases' titles only allude to, worked out from their numbers. */
const ALLUDED: Readonly<Record<string, (batchInputShape: number[]) => LayerStep>> = {
  // −0.5 → −0.196735 = 0.5 · (exp(−0.5) − 1)
  'activations.elu.3': (batchInputShape) => layerActivationElu({ alpha: 0.5, batchInputShape }),
  // 1 → 0.5
  'activations.relu.3': (batchInputShape) => layerActivationRelu({ maxValue: 0.5, batchInputShape }),
  // −0.5 → −0.15
  'activations.relu.4': (batchInputShape) => layerActivationRelu({ negativeSlope: 0.3, batchInputShape }),
};

const stepOf = ({ key, class: name, activation, config }: Fixture, batchInputShape: number[]): LayerStep => {
  const alluded = ALLUDED[key];
  if (alluded !== undefined) return alluded(batchInputShape);
  if (activation !== undefined) return layerActivation({ activation, batchInputShape });
  const layer = LAYERS[name ?? ''];
  if (layer === undefined) throw new Error(`no layer for ${String(name)}`);
  return layer({ ...optionsOf(config), batchInputShape } as never);
};

/** Cases of layers that others go into have the dense layers before them in their `config`. */
const modelOf = (fixture: Fixture): KerasModel => {
  const { key, about, input, weights = [] } = fixture;
  const batchInputShape = [1, ...input.shape];
  if (key.startsWith('merge.Add')) {
    const given = layerInput({ batchShape: batchInputShape });
    // A kernel and a bias for each of the branches, all on one input.
    const branches = Array.from({ length: weights.length / 2 }, () => layerDense(given, { units: 2 }));
    return kerasModel(given, layerAdd(branches));
  }
  const model = pipe(kerasModelSequential(), stepOf(fixture, batchInputShape));
  const [, following] = /for (\w+) activation following Dense layer/.exec(about) ?? [];
  if (following !== undefined) layerActivation(model, { activation: following as ActivationName });
  if (key.startsWith('core.Dropout')) layerDropout(model, { rate: 0.5 });
  return model;
};

const title = ({ key, about, config }: Fixture): string => `${key} ${about} ${JSON.stringify(config ?? {})}`;

describe('outputs as Keras 2 computed them', () => {
  test.each(compared.map((fixture) => [title(fixture), fixture] as const))('%s', (_title, fixture) => {
    const { input, weights, expected } = fixture;
    const model = modelOf(fixture);
    if (weights !== undefined) setWeights(model, weights);
    const x = { data: input.data, shape: [1, ...input.shape] };
    // The file has the second result of layers that go on from the state in which the first left them.
    if (fixture.config?.['stateful'] === true) predictOnBatch(model, x);
    const output = predictOnBatch(model, x);
    expect(output.shape.slice(1)).toEqual(expected.shape);
    const worst = Math.max(
      ...output.dataSync().map((value, index) => Math.abs(value - (expected.data[index] ?? NaN))),
    );
    expect(worst).toBeLessThan(1e-4);
  });

  test('cover every case of the layers here, but those left out for a reason', () => {
    for (const { is, count } of LEFT_OUT) expect(ours.filter(is)).toHaveLength(count);
    const classes = new Set(compared.map(({ class: name }) => name).filter((name) => name !== undefined));
    expect([...classes].sort()).toEqual(Object.keys(LAYERS).sort());
    // In the file, 33 cases are of activations and 251 of these classes.
    expect(ours).toHaveLength(33 + 251);
    expect(compared).toHaveLength(33 + 251 - 15);
  });
});
