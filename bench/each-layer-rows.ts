/** The layers whose training steps are timed one by one: in this library's terms, in tfjs's where tfjs has them, in Keras's. */
import type * as Tfjs from '@tensorflow/tfjs';
import {
  bidirectional,
  layerAdditiveAttention,
  layerAttention,
  layerBatchNormalization,
  layerCenterCrop,
  layerConv2d,
  layerConv2dTranspose,
  layerConvLstm1d,
  layerConvLstm2d,
  layerConvLstm3d,
  layerDense,
  layerDepthwiseConv2d,
  layerDropout,
  layerEinsumDense,
  layerEmbedding,
  layerGroupNormalization,
  layerGroupQueryAttention,
  layerGru,
  layerGruCell,
  layerLayerNormalization,
  layerLstm,
  layerLstmCell,
  layerMaxPooling2d,
  layerMultiHeadAttention,
  layerRandomBrightness,
  layerRandomContrast,
  layerRandomCrop,
  layerRandomFlip,
  layerRandomRotation,
  layerRandomTranslation,
  layerRandomZoom,
  layerRescaling,
  layerResizing,
  layerRmsNormalization,
  layerRnn,
  layerSeparableConv2d,
  layerSimpleRnn,
  layerSpectralNormalization,
  layerUnitNormalization,
  layerUpsampling2d,
  tf,
  timeDistributed,
  type RnnCell,
  type SymbolicTensor,
} from '../src/index';

/** A layer, and what goes into it. */
export interface Row {
  readonly title: string;
  /** The shape of a row that goes into it. */
  readonly shape: readonly number[];
  /** Whether these are ids: then nothing comes before the layer. */
  readonly ids?: number;
  readonly ours: (x: SymbolicTensor) => SymbolicTensor;
  /** None where tfjs has no such layer. */
  readonly theirs?: () => Tfjs.layers.Layer;
  /** For bench/peers/layer_peer.py, of the layers that people use most. */
  readonly python?: Readonly<Record<string, unknown>>;
}

const [vectors, images, sequences] = [[64], [16, 16, 8], [24, 16]] as const;
const frames = [6, 8, 8, 3] as const;
const recurrentInitializer = 'glorotUniform' as const;

/** A minimal gated unit, of the user's own. */
const ownCell: RnnCell = {
  stateSize: 16,
  build: ([, features], addWeight) => {
    addWeight('kernel', [features ?? 0, 32]);
    addWeight('recurrent', [16, 32]);
  },
  call: (x, [h], { weight }) => {
    const [gate, candidate] = tf.split(
      tf.add(tf.matMul(x, weight('kernel')), tf.matMul(h, weight('recurrent'))),
      2,
      1,
    ) as [typeof x, typeof x];
    const share = tf.sigmoid(gate);
    const next = tf.add(tf.mul(share, h), tf.mul(tf.sub(1, share), tf.tanh(candidate)));
    return [next, [next]];
  },
};

/** Those that people use most. */
const common: readonly Row[] = [
  {
    title: 'dense',
    shape: vectors,
    ours: layerDense({ units: 64, activation: 'relu' }),
    theirs: () => tf.layers.dense({ units: 64, activation: 'relu' }),
    python: { type: 'Dense', units: 64, activation: 'relu' },
  },
  {
    title: 'conv 2d',
    shape: images,
    ours: layerConv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    theirs: () => tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    python: { type: 'Conv2D', filters: 16, kernel_size: 3, activation: 'relu' },
  },
  {
    title: 'LSTM',
    shape: sequences,
    ours: layerLstm({ units: 16 }),
    theirs: () => tf.layers.lstm({ units: 16, recurrentInitializer }),
    python: { type: 'LSTM', units: 16 },
  },
  {
    title: 'embedding',
    shape: [24],
    ids: 2000,
    ours: layerEmbedding({ inputDim: 2000, outputDim: 16 }),
    theirs: () => tf.layers.embedding({ inputDim: 2000, outputDim: 16, inputLength: 24 }),
    python: { type: 'Embedding', input_dim: 2000, output_dim: 16 },
  },
  {
    title: 'batch normalization',
    shape: images,
    ours: layerBatchNormalization(),
    theirs: () => tf.layers.batchNormalization(),
    python: { type: 'BatchNormalization' },
  },
];

const classics: readonly Row[] = [
  { title: 'GRU', shape: sequences, ours: layerGru({ units: 16 }), theirs: () => tf.layers.gru({ units: 16, recurrentInitializer }) },
  { title: 'simple RNN', shape: sequences, ours: layerSimpleRnn({ units: 16 }), theirs: () => tf.layers.simpleRNN({ units: 16, recurrentInitializer }) },
  { title: 'bidirectional LSTM', shape: sequences, ours: bidirectional(layerLstm({ units: 8 })), theirs: () => tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 8, recurrentInitializer }), mergeMode: 'concat' }) },
  { title: 'time-distributed dense', shape: sequences, ours: timeDistributed(layerDense({ units: 16 })), theirs: () => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 16 }) }) },
  { title: 'dropout', shape: vectors, ours: layerDropout({ rate: 0.3 }), theirs: () => tf.layers.dropout({ rate: 0.3 }) },
  { title: 'layer normalization', shape: sequences, ours: layerLayerNormalization(), theirs: () => tf.layers.layerNormalization() },
  { title: 'max pooling 2d', shape: images, ours: layerMaxPooling2d(), theirs: () => tf.layers.maxPooling2d({ poolSize: 2 }) },
  { title: 'depthwise conv 2d', shape: images, ours: layerDepthwiseConv2d({ kernelSize: 3 }), theirs: () => tf.layers.depthwiseConv2d({ kernelSize: 3 }) },
  { title: 'separable conv 2d', shape: images, ours: layerSeparableConv2d({ filters: 16, kernelSize: 3 }), theirs: () => tf.layers.separableConv2d({ filters: 16, kernelSize: 3 }) },
  { title: 'transposed conv 2d', shape: images, ours: layerConv2dTranspose({ filters: 8, kernelSize: 3 }), theirs: () => tf.layers.conv2dTranspose({ filters: 8, kernelSize: 3 }) },
  { title: 'upsampling 2d', shape: images, ours: layerUpsampling2d(), theirs: () => tf.layers.upSampling2d({}) },
]; // prettier-ignore

const imageLayers: readonly Row[] = [
  { title: 'resizing', shape: images, ours: layerResizing({ height: 24, width: 24 }), theirs: () => tf.layers.resizing({ height: 24, width: 24 }) },
  { title: 'rescaling', shape: images, ours: layerRescaling({ scale: 1 / 255 }), theirs: () => tf.layers.rescaling({ scale: 1 / 255, offset: 0 }) },
  { title: 'center crop', shape: images, ours: layerCenterCrop({ height: 10, width: 10 }), theirs: () => tf.layers.centerCrop({ height: 10, width: 10 }) },
  { title: 'random crop', shape: images, ours: layerRandomCrop({ height: 10, width: 10 }) },
  { title: 'random flip', shape: images, ours: layerRandomFlip() },
  { title: 'random rotation', shape: images, ours: layerRandomRotation({ factor: 0.1 }) },
  { title: 'random zoom', shape: images, ours: layerRandomZoom({ heightFactor: 0.2 }) },
  { title: 'random translation', shape: images, ours: layerRandomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }) },
  { title: 'random contrast', shape: images, ours: layerRandomContrast({ factor: 0.2 }) },
  { title: 'random brightness', shape: images, ours: layerRandomBrightness({ factor: 0.2 }) },
]; // prettier-ignore

const others: readonly Row[] = [
  { title: 'einsum dense', shape: sequences, ours: layerEinsumDense({ equation: 'abc,cd->abd', outputShape: [24, 16], biasAxes: 'd' }) },
  { title: 'spectral normalization', shape: vectors, ours: layerSpectralNormalization({ layer: layerDense({ units: 64 }) }) },
  { title: 'group normalization', shape: images, ours: layerGroupNormalization({ groups: 4 }) },
  { title: 'RMS normalization', shape: sequences, ours: layerRmsNormalization() },
  { title: 'unit normalization', shape: sequences, ours: layerUnitNormalization() },
  { title: 'attention', shape: sequences, ours: (x) => layerAttention([x, x]) },
  { title: 'additive attention', shape: sequences, ours: (x) => layerAdditiveAttention([x, x]) },
  { title: 'multi-head attention', shape: sequences, ours: (x) => layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 8 }) },
  { title: 'group query attention', shape: sequences, ours: (x) => layerGroupQueryAttention([x, x], { headDim: 4, numQueryHeads: 4, numKeyValueHeads: 2 }) },
  { title: 'RNN of an LSTM cell', shape: sequences, ours: layerRnn({ cell: layerLstmCell({ units: 16 }) }), theirs: () => tf.layers.rnn({ cell: tf.layers.lstmCell({ units: 16, recurrentInitializer }) }) },
  { title: 'RNN of stacked cells', shape: sequences, ours: layerRnn({ cell: [layerLstmCell({ units: 16 }), layerGruCell({ units: 8 })] }), theirs: () => tf.layers.rnn({ cell: [tf.layers.lstmCell({ units: 16, recurrentInitializer }), tf.layers.gruCell({ units: 8, recurrentInitializer })] as Tfjs.layers.RNNCell[] }) },
  { title: 'RNN of an own cell', shape: sequences, ours: layerRnn({ cell: ownCell }) },
  { title: 'conv LSTM 1d', shape: [6, 16, 3], ours: layerConvLstm1d({ filters: 4, kernelSize: 3 }) },
  { title: 'conv LSTM 2d', shape: frames, ours: layerConvLstm2d({ filters: 4, kernelSize: 3 }), theirs: () => tf.layers.convLstm2d({ filters: 4, kernelSize: 3, recurrentInitializer }) },
  { title: 'conv LSTM 3d', shape: [4, 4, 4, 4, 2], ours: layerConvLstm3d({ filters: 3, kernelSize: 2 }) },
]; // prettier-ignore

export const rows: readonly Row[] = [...common, ...classics, ...imageLayers, ...others];
