import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * `[b, a, …]` of `[a, b, …]`, with b in reverse order if that is asked for: sequences of a batch as batches in time, and
 * back. It is the transposition, done as a gathering of whole rows, which takes TensorFlow a fraction of the time.
 */
export const swapAxes = (x: Tensor, backwards = false): Tensor => {
  const [first, second, ...rest] = x.shape as [number, number, ...number[]];
  // The same numbers in the same order.
  if (!backwards && (first === 1 || second === 1)) return tf.reshape(x, [second, first, ...rest]);
  const count = first * second;
  // Where each row of the output comes from.
  const origins = new Int32Array(count);
  for (let column = 0, place = 0; column < second; column++) {
    const from = backwards ? second - 1 - column : column;
    for (let row = 0; row < first; row++) origins[place++] = row * second + from;
  }
  const rows = (tensor: Tensor, indices: Int32Array, shape: readonly number[]): Tensor =>
    tf.reshape(tf.gather(tf.reshape(tensor, [count, -1]), tf.tensor1d(indices, 'int32')), [...shape]);
  const swap = tf.customGrad((input) => ({
    value: rows(input as Tensor, origins, [second, first, ...rest]),
    gradFunc: (gradient: Tensor) => {
      const places = new Int32Array(count);
      origins.forEach((origin, place) => (places[origin] = place));
      return rows(gradient, places, x.shape);
    },
  }));
  return swap(x);
};

/** The last of batches in time, `[batch, …]` of `[steps, batch, …]`. */
export const lastStep = (all: Tensor): Tensor => tf.squeeze(tf.slice(all, [all.shape[0] - 1], [1]), [0]);
