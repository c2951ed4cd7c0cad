import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * Sums of products of two batches along an axis of each, sample by sample: `[batch, …other axes of a, …other axes of b]`, and
 * `[batch, 1]` for vectors. Axes count from 0 with the batch axis.
 */
export const batchDot = (a: Tensor, b: Tensor, [ofA, ofB]: readonly [number, number]): Tensor =>
  tf.tidy(() => {
    const others = (x: Tensor, axis: number): number[] =>
      x.shape.map((_, index) => index).filter((index) => index > 0 && index !== axis);
    // The axis of the sum last, all others but the batch axis as one.
    const matrix = (x: Tensor, axis: number): Tensor => {
      const [rows, size] = [x.shape[0], x.shape[axis] as number]; // it has that axis
      return tf.reshape(tf.transpose(x, [0, ...others(x, axis), axis]), [rows, x.size / (rows * size), size]);
    };
    const sizes = [
      ...others(a, ofA).map((axis) => a.shape[axis] as number), // an axis of its own
      ...others(b, ofB).map((axis) => b.shape[axis] as number),
    ];
    const product = tf.matMul(matrix(a, ofA), matrix(b, ofB), false, true);
    return tf.reshape(product, [a.shape[0], ...(sizes.length === 0 ? [1] : sizes)]);
  });
