import { nonNegativeNumber, optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import type { OptimizerOptions } from './options';

/** Options of {@link optimizerAdagrad}; `learningRate` is 0.001 by default. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sums of squared gradients start at. Default 0.1. */
  readonly initialAccumulatorValue?: number | undefined;
  /** Keeps the root away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/**
 * Adagrad: gradients divided by the root of the sum of all their squares so far.
 *
 * `a ← a + g²` and `w ← w − learningRate · g / √(a + epsilon)`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerAdagrad().getConfig().initialAccumulatorValue, 0.1)
 * @see R keras `optimizer_adagrad`; Duchi, Hazan and Singer 2011
 */
export const optimizerAdagrad = defineOptimizer(['adagrad', 'AdaGrad'])<
  AdagradOptions,
  { accumulator: Tensor }
>({
  defaults: { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 },
  checks: { initialAccumulatorValue: optional(nonNegativeNumber), epsilon: optional(positiveNumber) },
  slots: ({ initialAccumulatorValue }) => [{ accumulator: initialAccumulatorValue }],
  keepsWithoutGradient: () => true,
  // TensorFlow's kernels have no epsilon, or outside of the root.
  update: ({ variable, gradient, slots, numbers: { learningRate } }, { epsilon }) => {
    const accumulator = tf.add(slots.accumulator, tf.square(gradient));
    const change = tf.div(tf.mul(gradient, learningRate), tf.sqrt(tf.add(accumulator, epsilon)));
    return { variable: tf.sub(variable, change), slots: { accumulator } };
  },
});
