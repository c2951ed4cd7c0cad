import * as all from '../../src/index';
import type { Layer, SymbolicTensor } from '../../src/index';
import { convolutionalRows } from './rows/convolutional';
import { furtherRows } from './rows/further';
import { imageRows } from './rows/images';
import { poolingRows } from './rows/pooling';
import { preprocessingRows } from './rows/preprocessing';
import { wrapperRows } from './rows/wrappers';
import { tfRow } from './rows/tf';
import { row, type Row, type Shape } from './rows/row';

export type { Row };

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
  ...convolutionalRows,
  ...poolingRows,
  ...wrapperRows,
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
  ...furtherRows,
  ...imageRows,
  ...preprocessingRows,
  tfRow,
];

/** Layers that take several inputs. */
export interface MergeRow {
  readonly functionName: string;
  readonly piped: () => (tensors: readonly SymbolicTensor[]) => SymbolicTensor;
  readonly plain: (tensors: readonly SymbolicTensor[]) => SymbolicTensor;
  readonly wrong: (options: object) => unknown;
  /** What it is called in errors; 'a merging layer' by default. */
  readonly what?: string;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
}

export const mergeRows: readonly MergeRow[] = [
  {
    functionName: 'layerAdd',
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
    functionName: 'layerConcatenate',
    piped: () => all.layerConcatenate({ axis: 1 }),
    plain: (tensors) => all.layerConcatenate(tensors, { axis: 1 }),
    wrong: (options) => all.layerConcatenate(options),
    inputs: [
      [4, 3],
      [2, 3],
    ],
    output: [6, 3],
  },
  {
    functionName: 'layerSubtract',
    piped: () => all.layerSubtract(),
    plain: (tensors) => all.layerSubtract(tensors),
    wrong: (options) => all.layerSubtract(options),
    inputs: [
      [4, 3],
      [4, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerMultiply',
    piped: () => all.layerMultiply(),
    plain: (tensors) => all.layerMultiply(tensors),
    wrong: (options) => all.layerMultiply(options),
    inputs: [
      [4, 3],
      [4, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerAverage',
    piped: () => all.layerAverage(),
    plain: (tensors) => all.layerAverage(tensors),
    wrong: (options) => all.layerAverage(options),
    inputs: [
      [4, 3],
      [4, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerMaximum',
    piped: () => all.layerMaximum(),
    plain: (tensors) => all.layerMaximum(tensors),
    wrong: (options) => all.layerMaximum(options),
    inputs: [
      [4, 3],
      [4, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerMinimum',
    piped: () => all.layerMinimum(),
    plain: (tensors) => all.layerMinimum(tensors),
    wrong: (options) => all.layerMinimum(options),
    inputs: [
      [4, 3],
      [4, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerDot',
    piped: () => all.layerDot({ axes: 2 }),
    plain: (tensors) => all.layerDot(tensors, { axes: 2 }),
    wrong: (options) => all.layerDot({ axes: 2, ...options }),
    inputs: [
      [4, 3],
      [2, 3],
    ],
    output: [4, 2],
  },
  {
    functionName: 'layerAttention',
    piped: () => all.layerAttention({ useCausalMask: true, useScale: true }),
    plain: (tensors) => all.layerAttention(tensors, { useCausalMask: true, useScale: true }),
    wrong: (options) => all.layerAttention(options),
    what: 'an attention layer',
    inputs: [
      [4, 3],
      [5, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerAdditiveAttention',
    piped: () => all.layerAdditiveAttention({ causal: true, useScale: false }),
    plain: (tensors) => all.layerAdditiveAttention(tensors, { causal: true, useScale: false }),
    wrong: (options) => all.layerAdditiveAttention(options),
    what: 'an attention layer',
    inputs: [
      [4, 3],
      [5, 3],
      [5, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerGroupQueryAttention',
    piped: () => all.layerGroupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 }),
    plain: (tensors) =>
      all.layerGroupQueryAttention(tensors, { headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 }),
    wrong: (options) =>
      all.layerGroupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, ...options }),
    what: 'an attention layer',
    inputs: [
      [4, 3],
      [5, 3],
    ],
    output: [4, 3],
  },
  {
    functionName: 'layerMultiHeadAttention',
    piped: () => all.layerMultiHeadAttention({ numHeads: 2, keyDim: 3, useBias: false }),
    plain: (tensors) => all.layerMultiHeadAttention(tensors, { numHeads: 2, keyDim: 3, useBias: false }),
    wrong: (options) => all.layerMultiHeadAttention({ numHeads: 2, keyDim: 3, ...options }),
    what: 'an attention layer',
    inputs: [
      [4, 3],
      [5, 3],
    ],
    output: [4, 3],
  },
];

/** Exports that begin with `layer` and are no layers: the input, and a model as a layer. */
export const notLayers: readonly string[] = [
  'layerInput',
  'layerModel',
  'layerSimpleRnnCell',
  'layerLstmCell',
  'layerGruCell',
  'layerStackedRnnCells',
];

/** Layers that no row has: those of texts, and of several columns in one. Their tests are `vocabularies` and `features`. */
export const withoutRows: readonly string[] = [
  'layerHashedCrossing',
  'layerStringLookup',
  'layerTextVectorization',
];

/** The layers' names in a row's model, input aside. */
export const namesOf = (layers: readonly Layer[]): string[] =>
  layers.filter((layer) => layer.getClassName() !== 'InputLayer').map(({ name }) => name);
