import type { Scalar, Variable } from '@tensorflow/tfjs';
import type { layers } from '@tensorflow/tfjs';
import { tf, type Tensor } from '../../src/index';

type Layer = layers.Layer;

/** `0.5 · sin(1.7 n + shift)`, n counting the elements: numbers that Python and TypeScript make alike. */
export const waves = (shape: readonly number[], shift: number): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = Array.from({ length: size }, (_, index) => 0.5 * Math.sin(index * 1.7 + shift));
  return tf.tensor(numbers, [...shape]);
};

/** Sequences of {@link waves}, in whose second one some steps have the value that says that they are not there. */
export const maskedWaves = (
  shape: [number, number, number],
  missing: readonly number[],
  value: number,
): Tensor =>
  tf.tidy(() => {
    const [rows, steps] = shape;
    const there = tf.ones([rows, steps, 1]).bufferSync();
    for (const step of missing) there.set(0, 1, step, 0);
    const mask = there.toTensor();
    return tf.keep(tf.add(tf.mul(waves(shape, 0.4), mask), tf.mul(tf.sub(1, mask), value)));
  });

/** A layer's output, the options made anew for each application, since a layer takes the mask out of them. */
export const apply = (layer: Layer, x: Tensor, options: object = {}): Tensor =>
  layer.apply(x, { ...options }) as Tensor;

/** The output for `x`, and the gradients of x and of the weights, of the sum of the outputs times `waves(shape, 0.7)`. */
export const outcome = (layer: Layer, x: Tensor, options: object = {}): Tensor[] => {
  const output = apply(layer, x, options);
  const sum = (input: Tensor): Scalar =>
    tf.sum(tf.mul(apply(layer, input, options), waves(output.shape, 0.7)));
  const variables = layer.trainableWeights.map((weight) => weight.read() as Variable);
  const gradients =
    variables.length === 0
      ? []
      : ((): Tensor[] => {
          const { grads } = tf.variableGrads(() => sum(x), variables);
          return variables.map(({ name }) => grads[name] as Tensor);
        })();
  return [output, tf.grad(sum)(x), ...gradients];
};

/** The largest difference between two lists of as many numbers. */
export const distance = (actual: Tensor, expected: Tensor | readonly number[]): number => {
  const numbers = expected instanceof tf.Tensor ? [...expected.dataSync()] : expected;
  expect(actual.size).toBe(numbers.length);
  return Math.max(...actual.dataSync().map((value, index) => Math.abs(value - (numbers[index] ?? NaN))));
};
