import { optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import { restOf } from './fused';
import { runningFraction, type OptimizerOptions } from './options';

/** Options of {@link optimizerAdamax}; `learningRate` is 0.001 by default. */
export interface AdamaxOptions extends OptimizerOptions {
  /** The fraction of the running mean of gradients that is kept, below 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** The fraction of the largest gradient so far that is kept, below 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Keeps the denominator away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/**
 * Adamax: Adam with the largest gradient so far, which fades, in the place of the running mean of squares.
 *
 * `m ← m + (g − m)(1 − beta1)`, `u ← max(beta2 · u, |g|)` and
 * `w ← w − learningRate · m / ((1 − beta1ᵗ)(u + epsilon))` in step `t`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerAdamax({ beta1: 0.8 }).learningRate, 0.001)
 * @see R keras `optimizer_adamax`; Kingma and Ba 2014, section 7
 */
export const optimizerAdamax = defineOptimizer(['adamax', 'AdaMax'])<
  AdamaxOptions,
  { m: Tensor; u: Tensor },
  'beta1Power'
>({
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  checks: {
    beta1: optional(runningFraction),
    beta2: optional(runningFraction),
    epsilon: optional(positiveNumber),
  },
  slots: () => [{ m: 0, u: 0 }],
  numbers: ({ beta1 }) => ({ beta1Power: (step) => Math.fround(beta1) ** step }),
  update: ({ variable, gradient, slots, numbers }, { beta1, beta2, epsilon }) => {
    const m = tf.add(slots.m, tf.mul(tf.sub(gradient, slots.m), restOf(beta1)));
    const u = tf.maximum(tf.mul(slots.u, beta2), tf.abs(gradient));
    const rate = tf.div(numbers.learningRate, tf.sub(1, numbers.beta1Power));
    const change = tf.div(tf.mul(m, rate), tf.add(u, epsilon));
    return { variable: tf.sub(variable, change), slots: { m, u } };
  },
  fused: ({ beta1, beta2, epsilon }) => ({
    op: 'ResourceApplyAdaMax',
    flags: {},
    inputs: [
      { slot: 'm' },
      { slot: 'u' },
      { number: 'beta1Power' },
      { number: 'learningRate' },
      { constant: beta1 },
      { constant: beta2 },
      { constant: epsilon },
      'gradient',
    ],
  }),
});
