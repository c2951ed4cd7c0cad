import * as all from '../../src/index';
import type { Layer, LayerFunction, LayerStep, OptionalLayerFunction, SymbolicTensor } from '../../src/index';

/** A shape without the batch axis. */
type Shape = readonly number[];

/** One layer with its options: what goes in, what comes out, how many parameters it has. */
export interface Row {
  /** The name of the export. */
  readonly verb: string;
  /** What sets this row apart from others of its verb. */
  readonly about?: string;
  /** The options that it is given. */
  readonly options: object;
  /** The same layer in both call styles. */
  readonly piped: () => LayerStep;
  readonly plain: (object: SymbolicTensor) => SymbolicTensor;
  /** The step with options that nobody knows. */
  readonly wrong: (options: object) => LayerStep;
  /** What a misspelt `name` is advised to be. */
  readonly nearName?: string;
  readonly input: Shape;
  /** The largest id plus one, for a layer that takes ids. */
  readonly ids?: number;
  readonly output: Shape;
  readonly params: number;
}

interface Definition<Options> {
  readonly options: Options;
  readonly input: Shape;
  readonly output: Shape;
  readonly params?: number;
  readonly ids?: number;
  readonly about?: string;
}

/** A layer function of these options. */
type Verb<Options> = LayerFunction<Options> | OptionalLayerFunction<Options>;

/** How it is called: the compiler cannot choose among the overloads of one of two types. */
type Calls<Options> = ((options: Options) => LayerStep) &
  ((object: SymbolicTensor, options: Options) => SymbolicTensor);

const row = <Options extends object>(
  verb: string,
  layer: Verb<Options>,
  { options, ...rest }: Definition<NoInfer<Options>>,
): Row => {
  const call = layer as unknown as Calls<Options>; // see there
  return {
    verb,
    options,
    piped: () => call(options),
    plain: (object) => call(object, options),
    wrong: (unknown) => call({ ...options, ...unknown }),
    params: 0,
    ...rest,
  };
};

/** Layers that take one input. */
export const rows: readonly Row[] = [
  row('layerDense', all.layerDense, { options: { units: 4 }, input: [3], output: [4], params: 16 }),
  row('layerDense', all.layerDense, {
    about: 'on sequences',
    options: { units: 4, activation: 'relu', useBias: false },
    input: [5, 3],
    output: [5, 4],
    params: 12,
  }),
  row('layerDense', all.layerDense, {
    about: 'with regularizers and constraints',
    options: { units: 2, kernelRegularizer: 'l1_l2', biasRegularizer: 'l2', kernelConstraint: 'max_norm' },
    input: [3],
    output: [2],
    params: 8,
  }),
  row('layerActivation', all.layerActivation, {
    options: { activation: 'exponential' },
    input: [3],
    output: [3],
  }),
  row('layerActivationRelu', all.layerActivationRelu, {
    options: { maxValue: 6, negativeSlope: 0.1, threshold: 0.2 },
    input: [4, 3],
    output: [4, 3],
  }),
  row('layerActivationSoftmax', all.layerActivationSoftmax, {
    options: { axis: 1 },
    input: [4, 3],
    output: [4, 3],
  }),
  row('layerActivationLeakyRelu', all.layerActivationLeakyRelu, {
    options: { alpha: 0.1 },
    input: [3],
    output: [3],
  }),
  row('layerActivationElu', all.layerActivationElu, { options: { alpha: 0.5 }, input: [3], output: [3] }),
  row('layerActivationSelu', all.layerActivationSelu, { options: {}, input: [3], output: [3] }),
  row('layerActivationParametricRelu', all.layerActivationParametricRelu, {
    options: { alphaInitializer: 'ones', sharedAxes: [1, 2] },
    input: [4, 5, 3],
    output: [4, 5, 3],
    params: 3,
  }),
  row('layerActivationThresholdedRelu', all.layerActivationThresholdedRelu, {
    options: { theta: 0.3 },
    input: [3],
    output: [3],
  }),
  row('layerDropout', all.layerDropout, { options: { rate: 0.4 }, input: [5, 3], output: [5, 3] }),
  row('layerDropout', all.layerDropout, {
    about: 'of whole features',
    options: { rate: 0.4, noiseShape: [null, 1, 3], seed: 7 },
    input: [5, 3],
    output: [5, 3],
  }),
  row('layerFlatten', all.layerFlatten, { options: {}, input: [2, 3, 4], output: [24] }),
  row('layerFlatten', all.layerFlatten, { about: 'of flat input', options: {}, input: [3], output: [3] }),
  row('layerFlatten', all.layerFlatten, {
    about: 'of channels that come first',
    options: { dataFormat: 'channels_first' },
    input: [2, 3, 4],
    output: [24],
  }),
  row('layerReshape', all.layerReshape, {
    options: { targetShape: [2, -1] },
    input: [3, 4],
    output: [2, 6],
  }),
  row('layerRepeatVector', all.layerRepeatVector, { options: { n: 3 }, input: [4], output: [3, 4] }),
  row('layerPermute', all.layerPermute, {
    options: { dims: [3, 1, 2] },
    input: [2, 3, 4],
    output: [4, 2, 3],
  }),
  row('layerEmbedding', all.layerEmbedding, {
    options: { inputDim: 7, outputDim: 3, inputLength: 5 },
    input: [5],
    ids: 7,
    output: [5, 3],
    params: 21,
  }),
  row('layerEmbedding', all.layerEmbedding, {
    about: 'with masks',
    options: { inputDim: 7, outputDim: 3, maskZero: true },
    input: [5],
    ids: 7,
    output: [5, 3],
    params: 21,
  }),
  row('layerConv1d', all.layerConv1d, {
    options: { filters: 4, kernelSize: 3, strides: 2, activation: 'tanh' },
    input: [9, 2],
    output: [4, 4],
    params: 3 * 2 * 4 + 4,
  }),
  row('layerConv1d', all.layerConv1d, {
    about: 'causal, with gaps',
    options: { filters: 4, kernelSize: 3, padding: 'causal', dilationRate: 2 },
    input: [9, 2],
    output: [9, 4],
    params: 3 * 2 * 4 + 4,
  }),
  row('layerConv1d', all.layerConv1d, {
    about: 'causal, with strides',
    options: { filters: 1, kernelSize: 3, padding: 'causal', strides: 2 },
    input: [9, 2],
    output: [5, 1],
    params: 7,
  }),
  row('layerConv2d', all.layerConv2d, {
    options: { filters: 4, kernelSize: [3, 2], activation: 'relu' },
    input: [6, 5, 2],
    output: [4, 4, 4],
    params: 3 * 2 * 2 * 4 + 4,
  }),
  row('layerConv2d', all.layerConv2d, {
    about: 'with gaps',
    options: { filters: 4, kernelSize: 3, padding: 'same', dilationRate: [2, 3], useBias: false },
    input: [6, 5, 2],
    output: [6, 5, 4],
    params: 3 * 3 * 2 * 4,
  }),
  row('layerMaxPooling2d', all.layerMaxPooling2d, { options: {}, input: [6, 5, 2], output: [3, 2, 2] }),
  row('layerMaxPooling2d', all.layerMaxPooling2d, {
    about: 'with padding',
    options: { poolSize: [3, 2], strides: 2, padding: 'same' },
    input: [6, 5, 2],
    output: [3, 3, 2],
  }),
  row('layerGlobalAveragePooling1d', all.layerGlobalAveragePooling1d, {
    options: {},
    input: [6, 3],
    output: [3],
  }),
  row('layerBatchNormalization', all.layerBatchNormalization, {
    options: {},
    input: [3],
    output: [3],
    params: 12,
  }),
  row('layerBatchNormalization', all.layerBatchNormalization, {
    about: 'of the first axis, neither centred nor scaled',
    options: { axis: 1, center: false, scale: false },
    input: [4, 3],
    output: [4, 3],
    params: 8,
  }),
  row('layerLstm', all.layerLstm, {
    options: { units: 4 },
    input: [5, 3],
    output: [4],
    params: 4 * 4 * (3 + 4 + 1),
  }),
  row('layerLstm', all.layerLstm, {
    about: 'with sequences, dropout and an activation of its own',
    options: {
      units: 4,
      returnSequences: true,
      goBackwards: true,
      activation: 'relu',
      recurrentDropout: 0.2,
    },
    input: [5, 3],
    output: [5, 4],
    params: 4 * 4 * (3 + 4 + 1),
  }),
  row('layerGru', all.layerGru, {
    options: { units: 4, dropout: 0.2 },
    input: [5, 3],
    output: [4],
    params: 3 * 4 * (3 + 4 + 2),
  }),
  row('layerGru', all.layerGru, {
    about: 'whose reset gate works before',
    options: { units: 4, resetAfter: false, returnSequences: true },
    input: [5, 3],
    output: [5, 4],
    params: 3 * 4 * (3 + 4 + 1),
  }),
  row('layerSimpleRnn', all.layerSimpleRnn, {
    options: { units: 4, useBias: false },
    input: [5, 3],
    output: [4],
    params: 4 * (3 + 4),
  }),
  {
    verb: 'layerTf',
    options: {},
    piped: () => all.layerTf(() => all.tf.layers.depthwiseConv2d({ kernelSize: 2 })),
    plain: (object) => all.layerTf(object, all.tf.layers.depthwiseConv2d({ kernelSize: 2 })),
    wrong: (options) => all.layerTf({ layer: all.tf.layers.flatten(), ...options } as never),
    nearName: "Use one of: 'layer'",
    input: [4, 4, 3],
    output: [3, 3, 3],
    params: 2 * 2 * 3 + 3,
  },
];

/** Layers that take several inputs. */
export interface MergeRow {
  readonly verb: string;
  readonly piped: () => (tensors: readonly SymbolicTensor[]) => SymbolicTensor;
  readonly plain: (tensors: readonly SymbolicTensor[]) => SymbolicTensor;
  readonly wrong: (options: object) => unknown;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
}

export const mergeRows: readonly MergeRow[] = [
  {
    verb: 'layerAdd',
    piped: () => all.layerAdd(),
    plain: (tensors) => all.layerAdd(tensors),
    wrong: (options) => all.layerAdd(options),
    inputs: [
      [4, 3],
      [4, 3],
      [4, 3],
    ],
    output: [4, 3],
  },
  {
    verb: 'layerConcatenate',
    piped: () => all.layerConcatenate({ axis: 1 }),
    plain: (tensors) => all.layerConcatenate(tensors, { axis: 1 }),
    wrong: (options) => all.layerConcatenate(options),
    inputs: [
      [4, 3],
      [2, 3],
    ],
    output: [6, 3],
  },
];

/** Exports that begin with `layer` and are no layers: the input, and a model as a layer. */
export const notLayers: readonly string[] = ['layerInput', 'layerModel'];

/** The layers' names in a row's model, input aside. */
export const namesOf = (layers: readonly Layer[]): string[] =>
  layers.filter((layer) => layer.getClassName() !== 'InputLayer').map(({ name }) => name);
