import {
  getLayer,
  kerasModelSequential,
  layerActivation,
  layerActivationSelu,
  layerActivationSoftmax,
  pipe,
  tf,
  type Layer,
  type LayerStep,
  type Tensor,
} from '../../src/index';
import { apply, distance, outcome, waves } from './support';

const layerOf = (step: LayerStep, inputShape: readonly number[] = [7]): Layer =>
  getLayer(pipe(kerasModelSequential({ inputShape }), step), { index: 0 });

const x = tf.keep(tf.tensor2d([[-3.5, -1.2, -0.4, 0, 0.3, 1.7, 6.5]]));

test('selu is the activation of that name', () => {
  const [layer, other] = [layerOf(layerActivationSelu()), layerOf(layerActivation({ activation: 'selu' }))];
  expect(distance(apply(layer, x), apply(other, x))).toBe(0);
});

test('a softmax sums to one along its axis, and has the gradient of one along the last', () => {
  const input = waves([2, 3, 4], 0.3);
  const last = outcome(layerOf(layerActivationSoftmax(), [4, 3]), tf.transpose(input, [0, 2, 1]));
  const first = layerOf(layerActivationSoftmax({ axis: 1 }), [3, 4]);
  const output = apply(first, input);
  expect(distance(tf.transpose(output, [0, 2, 1]), last[0] as Tensor)).toBeLessThan(1e-6);
  expect(distance(tf.sum(output, 1), Array<number>(8).fill(1))).toBeLessThan(1e-6);
  const weights = tf.transpose(waves([2, 4, 3], 0.7), [0, 2, 1]);
  const slope = tf.grad((one) => tf.sum(tf.mul(apply(first, one), weights)))(input);
  expect(distance(tf.transpose(slope, [0, 2, 1]), last[1] as Tensor)).toBeLessThan(1e-6);
  // Large numbers do not overflow.
  const large = layerOf(layerActivationSoftmax({ axis: 1 }), [2, 1]);
  expect(distance(apply(large, tf.tensor3d([[[1000], [1000]]])), [0.5, 0.5])).toBe(0);
});

test.each([
  [() => layerActivationSoftmax({ axis: 0.5 }), '`axis` must be an integer. Received: 0.5.'],
  [
    () => layerOf(layerActivationSoftmax({ axis: 3 })),
    'needs input with an axis 3. Received: [null, 7] from the input.',
  ],
])('options out of range: %s', (make, message) => expect(make).toThrow(message));
