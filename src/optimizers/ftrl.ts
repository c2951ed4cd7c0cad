import { checkThat, nonNegativeNumber, optional } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import type { OptimizerOptions } from './options';

/** Options of {@link optimizerFtrl}; `learningRate` is 0.001 by default. */
export interface FtrlOptions extends OptimizerOptions {
  /** How the rate falls with the sum of squared gradients; 0 or below. Default −0.5. */
  readonly learningRatePower?: number | undefined;
  /** What the sums of squared gradients start at. Default 0.1. */
  readonly initialAccumulatorValue?: number | undefined;
  /** The strength of the penalty on absolute weights. Default 0. */
  readonly l1RegularizationStrength?: number | undefined;
  /** The strength of the penalty on squared weights. Default 0. */
  readonly l2RegularizationStrength?: number | undefined;
  /** The strength of a penalty on squared weights that only the gradient sees. Default 0. */
  readonly l2ShrinkageRegularizationStrength?: number | undefined;
  /** Added to the root of the sum of squared gradients, as in the paper. Default 0. */
  readonly beta?: number | undefined;
}

const power = checkThat(
  'a number of 0 or less',
  (value): value is number => typeof value === 'number' && Number.isFinite(value) && value <= 0,
);

/**
 * Follow the regularized leader: weights of which many become exactly 0, for wide and sparse linear models.
 *
 * With `p = −learningRatePower` and `a' = a + g²`: `z ← z + g + 2 · l2Shrinkage · w − (a'ᵖ − aᵖ) / learningRate · w`,
 * `w ← (clip(z, −l1, l1) − z) / ((a'ᵖ + beta) / learningRate + 2 · l2)` and `a ← a'`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerFtrl().getConfig().learningRatePower, -0.5)
 * @see R keras `optimizer_ftrl`; McMahan et al. 2013
 */
export const optimizerFtrl = defineOptimizer(['ftrl', 'FTRL'])<
  FtrlOptions,
  { accumulator: Tensor; linear: Tensor }
>({
  defaults: {
    learningRate: 0.001,
    learningRatePower: -0.5,
    initialAccumulatorValue: 0.1,
    l1RegularizationStrength: 0,
    l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0,
    beta: 0,
  },
  checks: {
    learningRatePower: optional(power),
    initialAccumulatorValue: optional(nonNegativeNumber),
    l1RegularizationStrength: optional(nonNegativeNumber),
    l2RegularizationStrength: optional(nonNegativeNumber),
    l2ShrinkageRegularizationStrength: optional(nonNegativeNumber),
    beta: optional(nonNegativeNumber),
  },
  slots: ({ initialAccumulatorValue }) => [{ accumulator: initialAccumulatorValue, linear: 0 }],
  update: ({ variable, gradient, slots, numbers: { learningRate } }, options) => {
    const { l1RegularizationStrength: l1, l2RegularizationStrength: l2, beta } = options;
    const shrinkage = 2 * options.l2ShrinkageRegularizationStrength;
    const raised = (sum: Tensor): Tensor => tf.pow(sum, -options.learningRatePower);
    const accumulator = tf.add(slots.accumulator, tf.square(gradient));
    const rise = tf.div(tf.sub(raised(accumulator), raised(slots.accumulator)), learningRate);
    const shrunk = shrinkage === 0 ? gradient : tf.add(gradient, tf.mul(variable, shrinkage));
    const linear = tf.add(slots.linear, tf.sub(shrunk, tf.mul(rise, variable)));
    const quadratic = tf.add(tf.div(tf.add(raised(accumulator), beta), learningRate), 2 * l2);
    return {
      variable: tf.div(tf.sub(tf.clipByValue(linear, -l1, l1), linear), quadratic),
      slots: { accumulator, linear },
    };
  },
});
