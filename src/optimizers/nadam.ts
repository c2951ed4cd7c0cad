import { optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptimizer } from './define-optimizer';
import { runningFraction, type OptimizerOptions } from './options';

/** Options of {@link optimizerNadam}; `learningRate` is 0.001 by default. */
export interface NadamOptions extends OptimizerOptions {
  /** The fraction of the running mean of gradients that is kept, below 1. Default 0.9. */
  readonly beta1?: number | undefined;
  /** The fraction of the running mean of squared gradients that is kept, below 1. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Keeps the denominator away from 0. Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/** How the momentum of each step comes near to beta1. */
const DECAY = 0.96;

/** `μᵗ = beta1 · (1 − 0.5 · 0.96ᵗ)`, and its product over the steps up to `t`; the last one is remembered. */
const momenta = (beta1: number) => {
  const at = (step: number): number => beta1 * (1 - 0.5 * DECAY ** step);
  let last = { step: 0, product: 1 };
  const product = (step: number): number => {
    if (step < last.step) last = { step: 0, product: 1 };
    let { product: all } = last;
    for (let one = last.step + 1; one <= step; one++) all *= at(one);
    last = { step, product: all };
    return all;
  };
  return { at, product };
};

/**
 * Nadam: Adam with Nesterov's momentum.
 *
 * `m ← m + (g − m)(1 − beta1)`, `v ← v + (g² − v)(1 − beta2)` and
 * `w ← w − learningRate · m̂ / (√(v / (1 − beta2ᵗ)) + epsilon)` in step `t`, where
 * `m̂ = μₜ₊₁ m / (1 − μ₁…μₜ₊₁) + (1 − μₜ) g / (1 − μ₁…μₜ)` and `μₜ = beta1 · (1 − 0.5 · 0.96ᵗ)`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerNadam({ beta1: 0.8 }).learningRate, 0.001)
 * @see R keras `optimizer_nadam`; Dozat 2016
 */
export const optimizerNadam = defineOptimizer(['nadam', 'NAdam'])<
  NadamOptions,
  { m: Tensor; v: Tensor },
  'ofMean' | 'ofGradient' | 'beta2Power'
>({
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  checks: {
    beta1: optional(runningFraction),
    beta2: optional(runningFraction),
    epsilon: optional(positiveNumber),
  },
  slots: () => [{ m: 0, v: 0 }],
  numbers: ({ beta1, beta2 }) => {
    const { at, product } = momenta(beta1);
    return {
      ofMean: (step) => at(step + 1) / (1 - product(step) * at(step + 1)),
      ofGradient: (step) => (1 - at(step)) / (1 - product(step)),
      beta2Power: (step) => Math.fround(beta2) ** step,
    };
  },
  update: ({ variable, gradient, slots, numbers }, { beta1, beta2, epsilon }) => {
    const { learningRate, ofMean, ofGradient, beta2Power } = numbers;
    const m = tf.add(slots.m, tf.mul(tf.sub(gradient, slots.m), 1 - beta1));
    const v = tf.add(slots.v, tf.mul(tf.sub(tf.square(gradient), slots.v), 1 - beta2));
    const mean = tf.add(tf.mul(m, ofMean), tf.mul(gradient, ofGradient));
    const root = tf.sqrt(tf.div(v, tf.sub(1, beta2Power)));
    const change = tf.div(tf.mul(mean, learningRate), tf.add(root, epsilon));
    return { variable: tf.sub(variable, change), slots: { m, v } };
  },
});
