/** Gradients that this library gives tfjs: those of TensorFlow's own kernels, where tfjs's are others or missing. */
import { tf, type Tensor } from '../../src/tfjs/tensorflow';

const slopes = (formula: (x: Tensor) => Tensor, x: number[]): number[] => [
  ...tf
    .grad((input) => tf.sum(formula(input)))(tf.tensor1d(x))
    .dataSync(),
];

test('the absolute value has the slope 0 at 0', () => {
  expect(slopes((x) => tf.abs(x), [-2, 0, 3])).toEqual([-1, 0, 1]);
});

test('ReLU up to 6 has none at its ends', () => {
  expect(slopes((x) => tf.relu6(x), [-1, 0, 1, 6, 7])).toEqual([0, 0, 1, 0, 0]);
});

test('SELU has at 0 the slope of values above', () => {
  const [below, at, above] = slopes((x) => tf.selu(x), [-200, 0, 1]);
  expect(below).toBe(0);
  expect(at).toBeCloseTo(1.05070098, 6);
  expect(above).toBeCloseTo(1.05070098, 6);
});

test.each<[string, (x: Tensor) => Tensor]>([
  ['greater', (x) => tf.greater(x, 1)],
  ['less', (x) => tf.logicalNot(tf.less(tf.scalar(1), x).logicalNot())],
  ['lessEqual', (x) => tf.logicalNot(tf.lessEqual(x, 1))],
  ['equal', (x) => tf.logicalAnd(tf.equal(x, x), tf.greater(x, 1))],
  ['notEqual', (x) => tf.logicalAnd(tf.notEqual(x, 1), tf.notEqual(x, -1))],
  ['isFinite', (x) => tf.logicalAnd(tf.isFinite(x), tf.logicalOr(tf.isNaN(x), tf.greater(x, 1)))],
])('what is chosen by %s can be trained', (_name, chosen) => {
  expect(slopes((x) => tf.where(chosen(x), tf.square(x), tf.mul(x, 5)), [-1, 1, 3])).toEqual([5, 5, 6]);
  expect(slopes((x) => tf.mul(x, tf.cast(chosen(x), 'float32')), [-1, 1, 3])).toEqual([0, 0, 1]);
});
