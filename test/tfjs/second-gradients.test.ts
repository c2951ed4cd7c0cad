/** Gradients of gradients, as penalties of gradients need them, beside differences of the first gradients. */
import * as library from '../../src/index';
import {
  kerasModelSequential,
  layerConv2d,
  layerConv3d,
  layerDense,
  layerGru,
  layerInput,
  layerLayerNormalization,
  layerLstm,
  layerMultiHeadAttention,
  layerSimpleRnn,
  kerasModel,
  setRandomSeed,
  tf,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { waves } from '../layers/support';

const CLOSE = 0.02;
const STEP = 0.005;

/** The largest difference between the gradient of the sum of squares of a formula's gradient and what differences of that sum say. */
const fault = (formula: (x: Tensor) => Tensor, shape: readonly number[]): number => {
  const size = shape.reduce((product, count) => product * count, 1);
  const x = tf.reshape(waves([size], 3), [...shape]);
  const weights = tf.reshape(waves([formula(x).size], 5), formula(x).shape);
  const gradient = tf.grad((input) => tf.sum(tf.mul(formula(input), weights)));
  const penalty = (input: Tensor): Tensor => tf.sum(tf.square(gradient(input)));
  const found = tf.grad(penalty)(x).dataSync();
  const differences = Array.from({ length: Math.min(size, 4) }, (_, index) => {
    const change = tf.reshape(tf.mul(tf.oneHot(tf.tensor1d([index], 'int32'), size), STEP), [...shape]);
    const [more, less] = [penalty(tf.add(x, change)), penalty(tf.sub(x, change))].map(
      (value) => value.dataSync()[0] ?? NaN,
    ) as [number, number];
    return (more - less) / (2 * STEP);
  });
  return Math.max(
    ...differences.map((value, index) => Math.abs(value - (found[index] ?? NaN)) / (1 + Math.abs(value))),
  );
};

const smooth = Object.entries(library).filter(([name]) =>
  /^activation(Elu|Exponential|Gelu|LogSigmoid|LogSoftmax|Mish|Selu|Sigmoid|Silu|Softmax|Softplus|Softsign|Swish|Tanh)$/.test(
    name,
  ),
) as [string, (x: Tensor) => Tensor][];

test.each(smooth)('%s', (_, activation) => {
  expect(fault((x) => activation(x), [2, 3])).toBeLessThan(CLOSE);
});

test('there are activations to look at', () => expect(smooth.length).toBeGreaterThan(10));

const sequential = (add: (model: ReturnType<typeof kerasModelSequential>) => unknown): KerasModel => {
  setRandomSeed(2);
  const model = kerasModelSequential();
  add(model);
  return model;
};

test.each<[string, readonly number[], () => KerasModel]>([
  [
    'dense layers',
    [2, 3],
    () =>
      sequential((model) => [
        layerDense(model, { units: 4, activation: 'tanh', inputShape: [3] }),
        layerDense(model, { units: 1 }),
      ]),
  ],
  [
    'convolutions',
    [1, 5, 5, 2],
    () =>
      sequential((model) =>
        layerConv2d(model, { filters: 2, kernelSize: 3, activation: 'sigmoid', inputShape: [5, 5, 2] }),
      ),
  ],
  [
    'convolutions of volumes',
    [1, 3, 3, 3, 2],
    () =>
      sequential((model) => [
        layerConv3d(model, { filters: 2, kernelSize: 2, activation: 'tanh', inputShape: [3, 3, 3, 2] }),
        layerConv3d(model, { filters: 1, kernelSize: 2, padding: 'same', activation: 'tanh' }),
      ]),
  ],
  [
    'layer normalization',
    [2, 4],
    () => sequential((model) => layerLayerNormalization(model, { inputShape: [4] })),
  ],
  ['an LSTM', [2, 4, 3], () => sequential((model) => layerLstm(model, { units: 3, inputShape: [4, 3] }))],
  [
    'an LSTM’s sequences',
    [2, 4, 3],
    () => sequential((model) => layerLstm(model, { units: 3, returnSequences: true, inputShape: [4, 3] })),
  ],
  ['a GRU', [2, 4, 3], () => sequential((model) => layerGru(model, { units: 3, inputShape: [4, 3] }))],
  [
    'a simple RNN',
    [2, 4, 3],
    () => sequential((model) => layerSimpleRnn(model, { units: 3, inputShape: [4, 3] })),
  ],
  [
    'attention',
    [2, 4, 3],
    () => {
      setRandomSeed(2);
      const x = layerInput({ shape: [4, 3] });
      return kerasModel(x, layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 3 }));
    },
  ],
])('%s', (_, shape, make) => {
  const model = make();
  expect(fault((x) => model.tf.apply(x) as Tensor, shape)).toBeLessThan(CLOSE);
});
