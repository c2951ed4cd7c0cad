import { fraction, optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import type { OptimizerOptions } from './options';

/** Options of {@link optimizerAdadelta}; `learningRate` is 0.001 by default. The paper's is 1. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** The fraction of the running means that is kept, 0 to 1. Default 0.95. */
  readonly rho?: number | undefined;
  /** Keeps the roots away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

interface AdadeltaSlots {
  readonly accumulated_grad: Tensor;
  readonly accumulated_delta_var: Tensor;
}

/**
 * Adadelta: gradients divided by the root of their running mean square, times that of the changes.
 *
 * `a ← rho · a + (1 − rho) · g²`, `Δ = √(d + epsilon) / √(a + epsilon) · g`,
 * `d ← rho · d + (1 − rho) · Δ²` and `w ← w − learningRate · Δ`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerAdadelta({ learningRate: 1 }).getConfig().rho, 0.95)
 * @see R keras `optimizer_adadelta`; Zeiler 2012
 */
export const optimizerAdadelta = defineOptimizer(['adadelta', 'AdaDelta'])<AdadeltaOptions, AdadeltaSlots>({
  defaults: { learningRate: 0.001, rho: 0.95, epsilon: 1e-7 },
  checks: { rho: optional(fraction), epsilon: optional(positiveNumber) },
  slots: () => [{ accumulated_grad: 0, accumulated_delta_var: 0 }],
  update: ({ variable, gradient, slots, numbers: { learningRate } }, { rho, epsilon }) => {
    const mean = (before: Tensor, now: Tensor): Tensor => tf.add(tf.mul(before, rho), tf.mul(now, 1 - rho));
    const root = (square: Tensor): Tensor => tf.sqrt(tf.add(square, epsilon));
    const gradients = mean(slots.accumulated_grad, tf.square(gradient));
    const change = tf.div(tf.mul(root(slots.accumulated_delta_var), gradient), root(gradients));
    return {
      variable: tf.sub(variable, tf.mul(change, learningRate)),
      slots: {
        accumulated_grad: gradients,
        accumulated_delta_var: mean(slots.accumulated_delta_var, tf.square(change)),
      },
    };
  },
  fused: ({ rho, epsilon }) => ({
    op: 'ResourceApplyAdadelta',
    flags: {},
    inputs: [
      { slot: 'accumulated_grad' },
      { slot: 'accumulated_delta_var' },
      { number: 'learningRate' },
      { constant: rho },
      { constant: epsilon },
      'gradient',
    ],
  }),
});
