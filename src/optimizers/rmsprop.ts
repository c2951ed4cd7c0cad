import { boolean, fraction, optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import { restOf } from './fused';
import type { OptimizerOptions } from './options';

/** Options of {@link optimizerRmsprop}; `learningRate` is 0.001 by default, `emaOverwriteFrequency` 100. */
export interface RmspropOptions extends OptimizerOptions {
  /** The fraction of the running mean that is kept, 0 to 1. Default 0.9. */
  readonly rho?: number | undefined;
  /** The fraction of the last change that is kept, 0 to 1. Default 0. */
  readonly momentum?: number | undefined;
  /** Keeps the root away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
  /** Whether gradients are scaled by their variance, not by their mean square. Default false. */
  readonly centered?: boolean | undefined;
}

interface RmspropSlots {
  readonly velocity: Tensor;
  readonly momentum?: Tensor;
  readonly average_gradient?: Tensor;
}

/**
 * RMSprop: gradients divided by the root of their running mean square.
 *
 * `v ← rho · v + (1 − rho) · g²` and `w ← w − learningRate · g / √(v + epsilon)`.
 * Centered: `a ← rho · a + (1 − rho) · g`, and `v − a² + epsilon` under the root.
 * With momentum: `m ← momentum · m + learningRate · g / √…` and `w ← w − m`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerRmsprop().learningRate, 0.001)
 * @see R keras `optimizer_rmsprop`
 */
export const optimizerRmsprop = defineOptimizer(['rmsprop', 'RMSprop', 'RMSProp'])<
  RmspropOptions,
  RmspropSlots
>({
  defaults: {
    learningRate: 0.001,
    rho: 0.9,
    momentum: 0,
    epsilon: 1e-7,
    centered: false,
    emaOverwriteFrequency: 100,
  },
  checks: {
    rho: optional(fraction),
    momentum: optional(fraction),
    epsilon: optional(positiveNumber),
    centered: optional(boolean),
  },
  slots: ({ momentum, centered }) => [
    { velocity: 0 },
    ...(momentum > 0 ? [{ momentum: 0 }] : []),
    ...(centered ? [{ average_gradient: 0 }] : []),
  ],
  update: ({ variable, gradient, slots, numbers: { learningRate } }, { rho, momentum, epsilon }) => {
    const mean = (before: Tensor, now: Tensor): Tensor =>
      tf.add(tf.mul(before, rho), tf.mul(now, restOf(rho)));
    const velocity = mean(slots.velocity, tf.square(gradient));
    const average = slots.average_gradient === undefined ? undefined : mean(slots.average_gradient, gradient);
    const variance = average === undefined ? velocity : tf.sub(velocity, tf.square(average));
    const increment = tf.div(tf.mul(gradient, learningRate), tf.sqrt(tf.add(variance, epsilon)));
    const change =
      slots.momentum === undefined ? undefined : tf.add(tf.mul(slots.momentum, momentum), increment);
    return {
      variable: tf.sub(variable, change ?? increment),
      slots: {
        velocity,
        ...(change === undefined ? {} : { momentum: change }),
        ...(average === undefined ? {} : { average_gradient: average }),
      },
    };
  },
  fused: ({ rho, momentum, epsilon, centered }) => ({
    op: centered ? 'ResourceApplyCenteredRMSProp' : 'ResourceApplyRMSProp',
    flags: {},
    inputs: [
      ...(centered ? [{ slot: 'average_gradient' }] : []),
      { slot: 'velocity' },
      // The kernels write the last change in any case; without momentum it is not read.
      momentum > 0 ? { slot: 'momentum' } : { scratch: 'momentum' },
      { number: 'learningRate' },
      { constant: rho },
      { constant: momentum },
      { constant: epsilon },
      'gradient',
    ],
  }),
});
