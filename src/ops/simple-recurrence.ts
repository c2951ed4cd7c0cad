import { tf, type Tensor } from '../tfjs/tensorflow';
import { withOwnTape } from '../tfjs/private';
import { allStates, type ScanStep } from './scan';

/** Rows of `[steps, batch, size]` one below the other. */
const flat = (x: Tensor): Tensor => tf.reshape(x, [-1, x.shape[2] ?? 0]);

/**
 * `h[t] = activation(z[t] + h[t − 1]·U)` for an elementwise activation: all states, `[steps, batch, units]`.
 *
 * The same as `scan`, with a quicker gradient. The derivatives of the activation are computed for all steps at once, and so
 * is the gradient of `U`; only that of `z` goes back step by step.
 */
export const simpleStates = (
  projected: Tensor,
  state: Tensor,
  kernel: Tensor,
  activation: (x: Tensor) => Tensor,
): Tensor => {
  const step: ScanStep = ([z], before, [weights]) =>
    activation(tf.add(z as Tensor, tf.matMul(before, weights as Tensor))); // as given below
  const back: ScanStep = ([gradient, derivative], after, [weights]) =>
    tf.mul(
      tf.add(gradient as Tensor, tf.matMul(after, weights as Tensor, false, true)),
      derivative as Tensor,
    );
  // tfjs hands `save` after the tensors, though its type speaks of tensors only.
  const whole = tf.customGrad((...all) => {
    const [z, first, weights] = all as [Tensor, Tensor, Tensor];
    const save = all.at(-1) as unknown as (tensors: Tensor[]) => void;
    const states = allStates(step, { inputs: [z], state: first, weights: [weights] });
    save([z, first, weights, states]);
    return {
      value: states,
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [ofInputs, before, u, after] = saved as [Tensor, Tensor, Tensor, Tensor];
        const steps = after.shape[0];
        const others = tf.slice(after, [0, 0, 0], [steps - 1, -1, -1]);
        const states = flat(tf.concat([tf.expandDims(before, 0), others], 0));
        const sums = tf.add(ofInputs, tf.reshape(tf.matMul(states, u), after.shape));
        // A clone, since a linear activation gives its own argument.
        const derivatives = withOwnTape(() =>
          tf.grad((x) => activation(tf.clone(x)))(sums, tf.onesLike(sums)),
        );
        const backwards = allStates(back, {
          inputs: [tf.reverse(gradient, 0), tf.reverse(derivatives, 0)],
          state: tf.zerosLike(before),
          weights: [u],
        });
        const ofSums = tf.reverse(backwards, 0);
        const ofFirst = tf.squeeze(tf.slice(ofSums, 0, 1), [0]);
        return [ofSums, tf.matMul(ofFirst, u, false, true), tf.matMul(states, flat(ofSums), true, false)];
      },
    };
  });
  return whole(projected, state, kernel);
};
