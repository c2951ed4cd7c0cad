import { anyNumber, boolean, optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import type { OptimizerOptions } from './options';

/** Options of {@link optimizerAdafactor}; `learningRate` is 0.001 by default. */
export interface AdafactorOptions extends OptimizerOptions {
  /** How fast the running means come to keep more, a number below 0. Default −0.8. */
  readonly beta2Decay?: number | undefined;
  /** What is added to squared gradients. Default 1e-30. */
  readonly epsilon1?: number | undefined;
  /** The least scale of weights. Default 0.001. */
  readonly epsilon2?: number | undefined;
  /** The largest root mean square of a step. Default 1. */
  readonly clipThreshold?: number | undefined;
  /** Whether the rate is at most `1 / √step`. As in Keras it is in any case. Default true. */
  readonly relativeStep?: boolean | undefined;
}

const rootMeanSquare = (x: Tensor): Tensor => tf.sqrt(tf.mean(tf.square(x)));

/**
 * Adafactor: squared gradients of matrices are kept as means of rows and of columns, and steps are in proportion to the weights: `w ← w −
 * max(epsilon2, rms(w)) · min(learningRate, 1/√step) · u / max(1, rms(u) / clipThreshold)`, with `u = g / √v`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const optimizer = optimizerAdafactor({ learningRate: 0.01 })
 * assert.strictEqual(optimizer.getConfig().beta2Decay, -0.8)
 * @see R keras 3 `optimizer_adafactor`; Shazeer and Stern 2018
 */
export const optimizerAdafactor = defineOptimizer(['adafactor'])<
  AdafactorOptions,
  { r: Tensor; c: Tensor },
  'beta2' | 'largestRate'
>({
  defaults: {
    learningRate: 0.001,
    beta2Decay: -0.8,
    epsilon1: 1e-30,
    epsilon2: 0.001,
    clipThreshold: 1,
    relativeStep: true,
  },
  checks: {
    beta2Decay: optional(anyNumber),
    epsilon1: optional(positiveNumber),
    epsilon2: optional(positiveNumber),
    clipThreshold: optional(positiveNumber),
    relativeStep: optional(boolean),
  },
  // The means of rows, and of columns, each spread over the variable; of vectors `r` has the squares themselves.
  slots: () => [{ r: 0, c: 0 }],
  numbers: ({ beta2Decay }) => ({
    beta2: (step) => 1 - step ** beta2Decay,
    largestRate: (step) => 1 / Math.sqrt(step),
  }),
  update: ({ variable, gradient, slots, numbers }, { epsilon1, epsilon2, clipThreshold }) => {
    const { beta2, largestRate, learningRate } = numbers;
    const squares = tf.add(tf.square(gradient), epsilon1);
    const running = (slot: Tensor, now: Tensor): Tensor =>
      tf.add(tf.mul(slot, beta2), tf.mul(now, tf.sub(1, beta2)));
    const isMatrix = variable.rank >= 2;
    const r = running(slots.r, isMatrix ? tf.mean(squares, -1, true) : squares);
    const c = isMatrix ? running(slots.c, tf.mean(squares, -2, true)) : slots.c;
    const v = isMatrix ? tf.mul(tf.div(r, tf.mean(r, -2, true)), c) : r;
    const step = tf.div(gradient, tf.sqrt(v));
    const cut = tf.div(step, tf.maximum(tf.div(rootMeanSquare(step), clipThreshold), 1));
    const rate = tf.mul(
      tf.maximum(rootMeanSquare(variable), epsilon2),
      tf.minimum(learningRate, largestRate),
    );
    return { variable: tf.sub(variable, tf.mul(cut, rate)), slots: { r, c } };
  },
});
