/** The gathering of rows against TensorFlow's transposition. */
import { swapAxes } from '../../src/ops/time-major';
import { tf, type Tensor } from '../../src/index';

const shapes: readonly (readonly number[])[] = [
  [3, 5, 2],
  [4, 1, 3],
  [1, 4, 3],
  [2, 3, 1],
  [2, 3, 2, 2],
];

describe.each([false, true])('backwards: %p', (backwards) => {
  test.each(shapes.map((shape) => ({ shape })))('$shape', ({ shape }) => {
    tf.tidy(() => {
      const x = tf.randomNormal([...shape], 0, 1, 'float32', 5);
      const transposed = (input: Tensor): Tensor => {
        const other = tf.transpose(input, [1, 0, ...shape.slice(2).map((_, axis) => axis + 2)]);
        return backwards ? tf.reverse(other, 0) : other;
      };
      const factors = tf.randomNormal(transposed(x).shape, 0, 1, 'float32', 6);
      const gradient = (swap: (input: Tensor) => Tensor): Tensor =>
        tf.grad((input) => tf.sum(tf.mul(swap(input), factors)))(x);
      const swapped = swapAxes(x, backwards);
      expect(swapped.shape).toEqual(transposed(x).shape);
      expect(swapped.dataSync()).toEqual(transposed(x).dataSync());
      const ofSwap = gradient((input) => swapAxes(input, backwards));
      expect(ofSwap.shape).toEqual(x.shape);
      expect(ofSwap.dataSync()).toEqual(gradient(transposed).dataSync());
    });
  });
});
