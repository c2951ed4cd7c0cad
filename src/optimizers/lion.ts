import { checkThat, optional } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import { runningFraction, type OptimizerOptions } from './options';

/** Options of {@link optimizerLion}; `learningRate` is 0.0001 by default. */
export interface LionOptions extends OptimizerOptions {
  /** How much the running mean counts in the sign; above 0. Default 0.9. */
  readonly beta1?: number | undefined;
  /** The fraction of the running mean of gradients that is kept, below 1. Default 0.99. */
  readonly beta2?: number | undefined;
}

const positiveFraction = checkThat(
  'a number above 0 and up to 1',
  (value): value is number => typeof value === 'number' && value > 0 && value <= 1,
);

/**
 * Lion: steps of one size, along the sign of a running mean of gradients.
 *
 * `w ← w − learningRate · sign(beta1 · m + (1 − beta1) · g)` and `m ← beta2 · m + (1 − beta2) · g`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerLion().learningRate, 0.0001)
 * @see R keras 3 `optimizer_lion`, Keras 2.13 `Lion`; Chen et al. 2023
 */
export const optimizerLion = defineOptimizer(['lion'])<LionOptions, { m: Tensor }>({
  defaults: { learningRate: 0.0001, beta1: 0.9, beta2: 0.99 },
  checks: { beta1: optional(positiveFraction), beta2: optional(runningFraction) },
  slots: () => [{ m: 0 }],
  update: ({ variable, gradient, slots, numbers: { learningRate } }, { beta1, beta2 }) => {
    const mean = (beta: number): Tensor => tf.add(tf.mul(slots.m, beta), tf.mul(gradient, 1 - beta));
    return {
      variable: tf.sub(variable, tf.mul(tf.sign(mean(beta1)), learningRate)),
      slots: { m: mean(beta2) },
    };
  },
});
