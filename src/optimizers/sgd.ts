import { boolean, fraction, optional } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import type { OptimizerOptions } from './options';

/** Options of {@link optimizerSgd}; `learningRate` is 0.01 by default. */
export interface SgdOptions extends OptimizerOptions {
  /** The fraction of the last change that is kept, 0 to 1. Default 0. */
  readonly momentum?: number | undefined;
  /** Nesterov's momentum: the change looks one step ahead. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Gradient descent: `w ← w − learningRate · g`.
 *
 * With momentum `m ← momentum · m − learningRate · g` and `w ← w + m`; with Nesterov's,
 * `w ← w + momentum · m − learningRate · g`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerSgd({ momentum: 0.9 }).learningRate, 0.01)
 * @see R keras `optimizer_sgd`
 */
export const optimizerSgd = defineOptimizer(['sgd', 'SGD'])<SgdOptions, { momentum?: Tensor }>({
  defaults: { learningRate: 0.01, momentum: 0, nesterov: false },
  checks: { momentum: optional(fraction), nesterov: optional(boolean) },
  slots: ({ momentum }) => (momentum === 0 ? [] : [{ momentum: 0 }]),
  update: ({ variable, gradient, slots, numbers: { learningRate } }, { momentum, nesterov }) => {
    const descent = tf.mul(gradient, learningRate);
    if (slots.momentum === undefined) return { variable: tf.sub(variable, descent), slots: {} };
    const change = tf.sub(tf.mul(slots.momentum, momentum), descent);
    const step = nesterov ? tf.sub(tf.mul(change, momentum), descent) : change;
    return { variable: tf.add(variable, step), slots: { momentum: change } };
  },
  keepsWithoutGradient: ({ momentum }) => momentum === 0,
  fused: ({ momentum, nesterov }) =>
    momentum === 0
      ? {
          op: 'ResourceApplyGradientDescent',
          flags: {},
          inputs: [{ number: 'learningRate' }, 'gradient'],
        }
      : {
          op: 'ResourceApplyKerasMomentum',
          flags: { use_nesterov: nesterov },
          inputs: [{ slot: 'momentum' }, { number: 'learningRate' }, 'gradient', { constant: momentum }],
        },
});
