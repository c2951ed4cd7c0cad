import { toTensor, type ArrayLike } from '../arrays/tensors';
import { refuseSurplus } from '../base/function-name';
import { tf, type Tensor } from '../tfjs/tensorflow';

const stop = tf.customGrad((x) => {
  const value = tf.clone(x as Tensor); // tfjs hands the tensors that it was called with
  return { value, gradFunc: (gradient: Tensor) => tf.zerosLike(gradient) };
});

/**
 * The same values, through which no gradient goes back: `x`, with the derivative 0.
 *
 * In any shape, out the same shape and type.
 *
 * @throws KerasArgumentError if `x` is no data.
 * @example
 * const slope = tf.grad((x) => tf.sum(tf.mul(x, kStopGradient(x))))
 * assert.deepStrictEqual(slope(tf.tensor1d([2, 3])).arraySync(), [2, 3])
 * @see R keras `k_stop_gradient`
 */
export const kStopGradient = (x: ArrayLike, ...surplus: []): Tensor => {
  refuseSurplus('kStopGradient', ['x'], surplus);
  return tf.tidy(() => stop(toTensor(x, { function: 'kStopGradient', argument: 'x' }).tensor));
};
