import {
  getLayer,
  kerasModelSequential,
  layerActivationElu,
  layerActivationLeakyRelu,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerGlobalMaxPooling1d,
  layerMaxPooling2d,
  pipe,
  predictOnBatch,
  tf,
  type MaxPooling2dOptions,
  type Tensor,
} from '../../src/index';
import { distance, outcome } from './support';

const image = [[1, 5, 2, 0], [3, 4, 8, 7], [9, 0, 6, 1], [2, 2, 3, 4]]; // prettier-ignore
const x = tf.keep(tf.reshape(tf.tensor2d(image), [1, 4, 4, 1]));

const pooled = (options: MaxPooling2dOptions): Tensor[] => {
  const model = pipe(kerasModelSequential({ inputShape: [4, 4, 1] }), layerMaxPooling2d(options));
  return outcome(getLayer(model, { index: 0 }), x);
};

test('max pooling: the largest of each window; the gradient goes there', () => {
  const [output, slope] = pooled({}) as [Tensor, Tensor];
  expect(distance(output, [5, 8, 9, 6])).toBe(0);
  const where = [...slope.dataSync()].flatMap((value, index) => (value === 0 ? [] : [index]));
  expect(where).toEqual([1, 6, 8, 10]);
});

test('max pooling with strides and padding', () => {
  expect(distance(pooled({ poolSize: 3, strides: 1 })[0] as Tensor, [9, 8, 9, 8])).toBe(0);
  // Three rows from the first and the third row, with a row of nothing below.
  expect(distance(pooled({ poolSize: 3, strides: 2, padding: 'same' })[0] as Tensor, [9, 8, 9, 6])).toBe(0);
});

test('the mean over time', () => {
  const model = pipe(kerasModelSequential({ inputShape: [2, 2] }), layerGlobalAveragePooling1d());
  expect(distance(predictOnBatch(model, [[[1, 10], [3, 30]]]), [2, 20])).toBe(0); // prettier-ignore
});

test('the mean over the steps that a mask leaves, through the layers that let it pass', () => {
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: 4, outputDim: 1, maskZero: true, weights: [[[50], [1], [2], [3]]] }),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: 1, kernelInitializer: 'ones' }),
    layerActivationLeakyRelu(),
    layerActivationElu(),
    layerBatchNormalization({ epsilon: 1e-12 }),
    layerGlobalAveragePooling1d(),
  );
  expect(distance(predictOnBatch(model, [[1, 0, 3, 0]]), [2])).toBeLessThan(1e-5);
});

test('the largest values share the gradient where there are several, as zeros after a rectifier', () => {
  const layer = getLayer(pipe(kerasModelSequential(), layerGlobalMaxPooling1d({ inputShape: [4, 2] })), {
    index: 0,
  });
  const values = tf.tensor3d([[[0, 1], [0, 3], [-1, 3], [-2, 3]]]); // prettier-ignore
  const gradient = tf.grad((y) => tf.sum(tf.mul(layer.apply(y) as Tensor, [[6, 12]])))(values);
  // TensorFlow's: tf.reduce_max divides it by the number of the largest.
  expect(gradient.arraySync()).toEqual([[[3, 0], [3, 4], [0, 4], [0, 4]]]); // prettier-ignore
});
