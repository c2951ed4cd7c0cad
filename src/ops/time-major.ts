import { tf, type Tensor } from '../tfjs/tensorflow';

/** 0, `step`, 2 · `step`, … */
const multiples = (count: number, step: number): Int32Array =>
  Int32Array.from({ length: count }, (_, index) => index * step);

/** The places of rows that lie in a table: the sums of all `outer` numbers with all `inner` ones. They are not all made in JavaScript. */
const placesOf = (outer: Int32Array, inner: Int32Array): Tensor =>
  tf.reshape(tf.add(tf.tensor2d(outer, [outer.length, 1], 'int32'), tf.tensor1d(inner, 'int32')), [-1]);

/**
 * `[b, a, …]` of `[a, b, …]`, with b in reverse order if that is asked for: sequences of a batch as batches in time, and
 * back. It is the transposition, done as a gathering of whole rows, which takes TensorFlow a fraction of the time.
 */
export const swapAxes = (x: Tensor, backwards = false): Tensor => {
  const [first, second, ...rest] = x.shape as [number, number, ...number[]];
  // The same numbers in the same order.
  if (!backwards && (first === 1 || second === 1)) return tf.reshape(x, [second, first, ...rest]);
  const rows = (tensor: Tensor, places: Tensor, shape: readonly number[]): Tensor =>
    tf.reshape(tf.gather(tf.reshape(tensor, [first * second, -1]), places), [...shape]);
  // b in the order in which it comes.
  const order = Int32Array.from({ length: second }, (_, index) => (backwards ? second - 1 - index : index));
  const swap = tf.customGrad((input) => ({
    value: rows(input as Tensor, placesOf(order, multiples(first, second)), [second, first, ...rest]),
    gradFunc: (gradient: Tensor) =>
      rows(
        gradient,
        placesOf(
          multiples(first, 1),
          order.map((column) => column * first),
        ),
        x.shape,
      ),
  }));
  return swap(x);
};

/** The last of batches in time, `[batch, …]` of `[steps, batch, …]`. */
export const lastStep = (all: Tensor): Tensor => tf.squeeze(tf.slice(all, [all.shape[0] - 1], [1]), [0]);
