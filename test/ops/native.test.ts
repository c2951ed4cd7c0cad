import { native } from '../../src/ops/native';
import { tf, type Tensor, type Tensor2D } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const largest = (difference: Tensor): number => tf.max(tf.abs(difference)).dataSync()[0] ?? NaN;

test('qr: q has columns of length 1 at right angles, r is triangular, and q · r is the matrix', () => {
  const matrix = tf.randomNormal([5, 3], 0, 1, 'float32', 1);
  const [q, r] = native.qr(matrix) as [Tensor2D, Tensor2D];
  expect([q.shape, r.shape]).toEqual([[5, 3], [3, 3]]); // prettier-ignore
  expect(largest(tf.sub(tf.matMul(q, r), matrix))).toBeLessThan(1e-5);
  expect(largest(tf.sub(tf.matMul(q, q, true), tf.eye(3)))).toBeLessThan(1e-5);
  expect(largest(tf.sub(r, tf.linalg.bandPart(r, 0, -1)))).toBe(0);
});

test('statelessUniform: the same for the same seed, even in [0, 1), and nothing left behind', () => {
  const seed = (...numbers: number[]): Tensor => tf.tensor1d(numbers, 'int32');
  const before = tensorCount();
  tf.tidy(() => {
    const values = [...native.statelessUniform([1000, 10], seed(1, 2)).dataSync()];
    expect(native.statelessUniform([1000, 10], seed(1, 2)).dataSync()).toEqual(Float32Array.from(values));
    expect(native.statelessUniform([1000, 10], seed(1, 3)).dataSync()).not.toEqual(Float32Array.from(values));
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / 1e4;
    // The mean of 10,000 uniform numbers has a standard error of 1 / √(12 · 10,000).
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12e4));
  });
  expect(tensorCount()).toBe(before);
});
