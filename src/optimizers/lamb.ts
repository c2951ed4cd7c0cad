import { optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import { runningFraction, type OptimizerOptions } from './options';

/** Options of {@link optimizerLamb}; `learningRate` is 0.001 by default. */
export interface LambOptions extends OptimizerOptions {
  /** The fraction of the running mean of gradients that is kept, below 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** The fraction of the running mean of squared gradients that is kept, below 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Keeps the denominator away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

const norm = (x: Tensor): Tensor => tf.sqrt(tf.sum(tf.square(x)));

/**
 * LAMB, for very large batches: Adam's step, made as long as the weights of the layer are: `w ← w − learningRate · ‖w‖ / ‖u‖ · u`, where
 * `u` is Adam's; where one of the lengths is 0, `w ← w − learningRate · u`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const optimizer = optimizerLamb({ learningRate: 0.01 })
 * assert.strictEqual(optimizer.getConfig().beta2, 0.999)
 * @see R keras 3 `optimizer_lamb`; You et al. 2020
 */
export const optimizerLamb = defineOptimizer(['lamb', 'LAMB'])<
  LambOptions,
  { m: Tensor; v: Tensor },
  'beta1Power' | 'beta2Power'
>({
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  checks: {
    beta1: optional(runningFraction),
    beta2: optional(runningFraction),
    epsilon: optional(positiveNumber),
  },
  slots: () => [{ m: 0, v: 0 }],
  numbers: ({ beta1, beta2 }) => ({
    beta1Power: (step) => Math.fround(beta1) ** step,
    beta2Power: (step) => Math.fround(beta2) ** step,
  }),
  update: ({ variable, gradient, slots, numbers }, { beta1, beta2, epsilon }) => {
    const m = tf.add(slots.m, tf.mul(tf.sub(gradient, slots.m), 1 - beta1));
    const v = tf.add(slots.v, tf.mul(tf.sub(tf.square(gradient), slots.v), 1 - beta2));
    const mean = tf.div(m, tf.sub(1, numbers.beta1Power));
    const root = tf.add(tf.sqrt(tf.div(v, tf.sub(1, numbers.beta2Power))), epsilon);
    const change = tf.div(mean, root);
    const [ofWeights, ofChange] = [norm(variable), norm(change)];
    const isLong = tf.logicalAnd(tf.greater(ofWeights, 0), tf.greater(ofChange, 0));
    const ratio = tf.where(isLong, tf.divNoNan(ofWeights, ofChange), tf.onesLike(ofWeights));
    return {
      variable: tf.sub(variable, tf.mul(change, tf.mul(ratio, numbers.learningRate))),
      slots: { m, v },
    };
  },
});
