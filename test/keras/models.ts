/** Models that are trained here, and go on in Keras: those of the lecture, and graphs of each kind. */
import {
  bidirectional,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  layerMultiHeadAttention,
  lossHuber,
  metricAuc,
  optimizerAdam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  shared,
  tf,
  type AnyModel,
  type CompileOptions,
  type KerasModel,
  type Tensor,
} from '../../src/index';

/** A model, data, and how it is compiled. */
export interface TrainedModel {
  readonly model: () => AnyModel;
  readonly x: () => Tensor[];
  readonly y: () => Tensor[];
  readonly compile: () => CompileOptions;
}

const ROWS = 16;

const noise = (shape: readonly number[], seed: number): Tensor =>
  tf.randomUniform([ROWS, ...shape], -1, 1, 'float32', seed);
const ids = (length: number, below: number, seed: number): Tensor =>
  noise([length], seed)
    .add(1)
    .mul(below / 2)
    .floor()
    .toInt();
const binary = (shape: readonly number[], seed: number): Tensor => noise(shape, seed).greater(0).toFloat();
const classes = (count: number): Tensor =>
  tf.oneHot(tf.tensor1d(Array.from({ length: ROWS }, (_, row) => row % count), 'int32'), count).toFloat(); // prettier-ignore

const mlp = (
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  activation?: 'softmax' | 'sigmoid',
): KerasModel => {
  const model = kerasModelSequential({ inputShape: [inputs] });
  for (const units of hidden) layerDense(model, { units, activation: 'relu' });
  return layerDense(model, { units: outputs, ...(activation === undefined ? {} : { activation }) });
};

const twoTowers = (): AnyModel => {
  const [left, right] = [layerInput({ shape: [3], name: 'left' }), layerInput({ shape: [3], name: 'right' })];
  const encoder = shared(layerDense({ units: 4 }));
  const [a, b] = [encoder(left), encoder(right)];
  return kerasModel(
    [left, right],
    [
      layerDense(layerConcatenate([b, a]), { units: 2, name: 'out' }),
      layerDense(a, { units: 1, name: 'side' }),
    ],
  );
};

const nested = (): AnyModel => {
  const inner = pipe(
    kerasModelSequential({ name: 'inner' }),
    layerDense({ units: 3, inputShape: [3] }),
    layerBatchNormalization(),
  );
  const x = layerInput({ shape: [3] });
  const y = layerModel(x, inner);
  return kerasModel(x, layerAdd([layerModel(y, inner), y]));
};

const attention = (): AnyModel => {
  const [x, y] = [layerInput({ shape: [5, 4] }), layerInput({ shape: [6, 4] })];
  return kerasModel([x, y], layerMultiHeadAttention([x, y], { numHeads: 2, keyDim: 3, useCausalMask: true }));
};

export const TRAINED: Readonly<Record<string, TrainedModel>> = {
  'lecture-boston': {
    model: () => mlp(13, [64, 64], 1),
    x: () => [noise([13], 20)],
    y: () => [noise([1], 21)],
    compile: () => ({ optimizer: 'rmsprop', loss: 'mse', metrics: ['mae'] }),
  },
  'lecture-mnist': {
    model: () => mlp(28 * 28, [512], 10, 'softmax'),
    x: () => [noise([28 * 28], 22).abs()],
    y: () => [classes(10)],
    compile: () => ({ optimizer: 'rmsprop', loss: 'categorical_crossentropy', metrics: ['accuracy'] }),
  },
  'lecture-imdb': {
    model: () => mlp(10_000, [16, 16], 1, 'sigmoid'),
    x: () => [noise([10_000], 23).greater(0.97).toFloat()],
    y: () => [binary([1], 24)],
    compile: () => ({ optimizer: 'rmsprop', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  },
  'lecture-conv': {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerConv2d({ filters: 32, kernelSize: [3, 3], activation: 'relu', inputShape: [28, 28, 1] }),
        layerMaxPooling2d({ poolSize: [2, 2] }),
        layerConv2d({ filters: 64, kernelSize: [3, 3], activation: 'relu' }),
        layerMaxPooling2d({ poolSize: [2, 2] }),
        layerConv2d({ filters: 64, kernelSize: [3, 3], activation: 'relu' }),
        layerFlatten(),
        layerDense({ units: 64, activation: 'relu' }),
        layerDense({ units: 10, activation: 'softmax' }),
      ),
    x: () => [noise([28, 28, 1], 25).abs()],
    y: () => [classes(10)],
    compile: () => ({ optimizer: 'rmsprop', loss: 'categorical_crossentropy', metrics: ['accuracy'] }),
  },
  'lecture-lstm': {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerEmbedding({ inputDim: 500, outputDim: 32, inputLength: 12 }),
        layerLstm({ units: 32 }),
        layerDense({ units: 1, activation: 'sigmoid' }),
      ),
    x: () => [ids(12, 500, 26)],
    y: () => [binary([1], 27)],
    compile: () => ({ optimizer: 'rmsprop', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  },
  dense: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerDense({ units: 8, activation: 'relu', inputShape: [4] }),
        layerBatchNormalization(),
        layerDense({ units: 1 }),
      ),
    x: () => [noise([4], 1)],
    y: () => [noise([1], 2)],
    compile: () => ({
      optimizer: optimizerAdam({ learningRate: 0.01, clipnorm: 1 }),
      loss: 'mse',
      metrics: ['mae'],
    }),
  },
  penalties: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerConv2d({
          filters: 4,
          kernelSize: 3,
          activation: 'relu',
          inputShape: [8, 8, 1],
          kernelRegularizer: 'l2',
        }),
        layerMaxPooling2d(),
        layerFlatten(),
        layerDense({ units: 3, activation: 'softmax', kernelConstraint: 'max_norm' }),
      ),
    x: () => [noise([8, 8, 1], 3)],
    y: () => [classes(3)],
    compile: () => ({
      optimizer: optimizerSgd({ momentum: 0.9 }),
      loss: 'categorical_crossentropy',
      metrics: ['accuracy'],
    }),
  },
  plain: {
    model: () => pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [4] })),
    x: () => [noise([4], 4)],
    y: () => [noise([2], 5)],
    compile: () => ({ optimizer: 'sgd', loss: lossHuber({ delta: 0.5 }) }),
  },
  ids: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerEmbedding({ inputDim: 10, outputDim: 4, inputShape: [5] }),
        layerGlobalAveragePooling1d(),
        layerDense({ units: 1, activation: 'sigmoid' }),
      ),
    x: () => [ids(5, 10, 6)],
    y: () => [binary([1], 7)],
    compile: () => ({
      optimizer: optimizerRmsprop({ learningRate: 0.01 }),
      loss: 'binary_crossentropy',
      metrics: ['accuracy', metricAuc()],
    }),
  },
  recurrent: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerLstm({ units: 4, returnSequences: true, inputShape: [5, 3] }),
        layerGru({ units: 3 }),
        layerDense({ units: 1 }),
      ),
    x: () => [noise([5, 3], 8)],
    y: () => [noise([1], 9)],
    compile: () => ({ optimizer: 'adam', loss: 'mse' }),
  },
  'both-ways': {
    model: () =>
      pipe(
        kerasModelSequential(),
        bidirectional({ layer: layerLstm({ units: 3, returnSequences: true }), inputShape: [5, 3] }),
        bidirectional({ layer: layerGru({ units: 2 }), mergeMode: 'sum' }),
        layerDense({ units: 1 }),
      ),
    x: () => [noise([5, 3], 28)],
    y: () => [noise([1], 29)],
    compile: () => ({ optimizer: 'adam', loss: 'mse' }),
  },
  shared: {
    model: twoTowers,
    x: () => [noise([3], 10), noise([3], 11)],
    y: () => [noise([2], 12), noise([1], 13)],
    compile: () => ({ optimizer: 'adam', loss: ['mse', 'mae'], lossWeights: [1, 0.5] }),
  },
  nested: {
    model: nested,
    x: () => [noise([3], 14)],
    y: () => [noise([3], 15)],
    compile: () => ({ optimizer: 'adam', loss: 'mse' }),
  },
  attention: {
    model: attention,
    x: () => [noise([5, 4], 16), noise([6, 4], 17)],
    y: () => [noise([5, 4], 18)],
    compile: () => ({ optimizer: 'adam', loss: 'mse' }),
  },
};
