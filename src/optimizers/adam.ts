import { boolean, optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer, type OptimizerDefinition } from './define-optimizer';
import { restOf } from './fused';
import { runningFraction, type OptimizerOptions } from './options';

/** Options of {@link optimizerAdam}; `learningRate` is 0.001 by default. */
export interface AdamOptions extends OptimizerOptions {
  /** The fraction of the running mean of gradients that is kept, below 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** The fraction of the running mean of squared gradients that is kept, below 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Keeps the denominator away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
  /** Whether the largest mean square so far is used, not the present one. Default false. */
  readonly amsgrad?: boolean | undefined;
}

interface AdamSlots {
  readonly m: Tensor;
  readonly v: Tensor;
  readonly vhat?: Tensor;
}

type AdamDefinition = OptimizerDefinition<AdamOptions, AdamSlots, 'beta1Power' | 'beta2Power'>;

const adam: AdamDefinition = {
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
  checks: {
    beta1: optional(runningFraction),
    beta2: optional(runningFraction),
    epsilon: optional(positiveNumber),
    amsgrad: optional(boolean),
  },
  slots: ({ amsgrad }) => [{ m: 0, v: 0 }, ...(amsgrad ? [{ vhat: 0 }] : [])],
  numbers: ({ beta1, beta2 }) => ({
    // The powers are of the float32 number that the kernel gets, so that 1 − power fits 1 − beta.
    beta1Power: (step) => Math.fround(beta1) ** step,
    beta2Power: (step) => Math.fround(beta2) ** step,
  }),
  update: ({ variable, gradient, slots, numbers }, { beta1, beta2, epsilon }) => {
    const { learningRate, beta1Power, beta2Power } = numbers;
    const alpha = tf.div(tf.mul(learningRate, tf.sqrt(tf.sub(1, beta2Power))), tf.sub(1, beta1Power));
    const m = tf.add(slots.m, tf.mul(tf.sub(gradient, slots.m), restOf(beta1)));
    const v = tf.add(slots.v, tf.mul(tf.sub(tf.square(gradient), slots.v), restOf(beta2)));
    const vhat = slots.vhat === undefined ? undefined : tf.maximum(slots.vhat, v);
    const change = tf.div(tf.mul(m, alpha), tf.add(tf.sqrt(vhat ?? v), epsilon));
    return {
      variable: tf.sub(variable, change),
      slots: { m, v, ...(vhat === undefined ? {} : { vhat }) },
    };
  },
  fused: ({ beta1, beta2, epsilon, amsgrad }) => ({
    op: amsgrad ? 'ResourceApplyAdamWithAmsgrad' : 'ResourceApplyAdam',
    flags: amsgrad ? {} : { use_nesterov: false },
    inputs: [
      { slot: 'm' },
      { slot: 'v' },
      ...(amsgrad ? [{ slot: 'vhat' }] : []),
      { number: 'beta1Power' },
      { number: 'beta2Power' },
      { number: 'learningRate' },
      { constant: beta1 },
      { constant: beta2 },
      { constant: epsilon },
      'gradient',
    ],
  }),
};

/**
 * Adam: running means of gradients over the root of running means of their squares, corrected for their start
 * at 0.
 *
 * `m ← m + (g − m)(1 − beta1)`, `v ← v + (g² − v)(1 − beta2)` and `w ← w − α · m / (√v + epsilon)` in step
 * `t`, with `α = learningRate · √(1 − beta2ᵗ) / (1 − beta1ᵗ)`. With `amsgrad` the largest `v` so far stands
 * under the root.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerAdam({ beta1: 0.8 }).getConfig().beta2, 0.999)
 * @see R keras `optimizer_adam`; Kingma and Ba 2014
 */
export const optimizerAdam = defineOptimizer(['adam'])(adam);

/**
 * Adam with weight decay: as {@link optimizerAdam}, with 0.004 as the default of `weightDecay`.
 *
 * `w ← w − learningRate · weightDecay · w` comes before each of Adam's steps.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerAdamW().getConfig().weightDecay, 0.004)
 * @see R keras 3 `optimizer_adam_w`, Keras 2.13 `AdamW`; Loshchilov and Hutter 2019
 */
export const optimizerAdamW = defineOptimizer(['adam_w', 'adamw'])<
  AdamOptions,
  AdamSlots,
  'beta1Power' | 'beta2Power'
>({
  ...adam,
  defaults: { ...adam.defaults, weightDecay: 0.004 },
});
