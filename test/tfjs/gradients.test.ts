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

test.each<[string, (a: Tensor, b: Tensor) => Tensor, number[], number[]]>([
  // d/da and d/db of the sum over a of [[1, 4], [3, 2]] and b of [2, 2], spread over the rows; of equal ones a's counts.
  ['maximum', (a, b) => tf.maximum(a, b), [0, 1, 1, 1], [1, 0]],
  ['minimum', (a, b) => tf.minimum(a, b), [1, 0, 0, 1], [1, 1]],
])(
  '%s has gradients of its inputs’ shapes, where one is spread over the other',
  (_name, formula, ofA, ofB) => {
    const [a, b] = [tf.tensor2d([[1, 4], [3, 2]]), tf.tensor1d([2, 2])]; // prettier-ignore
    const [one, other] = tf.grads((x: Tensor, y: Tensor) => tf.sum(formula(x, y)))([a, b]);
    expect([one?.shape, [...(one?.dataSync() ?? [])]]).toEqual([[2, 2], ofA]);
    expect([other?.shape, [...(other?.dataSync() ?? [])]]).toEqual([[2], ofB]);
    expect(slopes((x) => tf.sum(formula(x, tf.mean(x))), [1, 2, 6])).toHaveLength(3);
  },
);
