import {
  boolean,
  checkOptions,
  checkThat,
  nonNegativeNumber,
  optional,
  positiveNumber,
} from '../base/checks';
import { KernelOptimizer, type KernelInput, type Optimizer } from './optimizer';

/** Options of {@link optimizerAdam}. */
export interface AdamOptions {
  /** The size of a step. Default 0.001. */
  readonly learningRate?: number;
  /** The share of the running mean of gradients that is kept, below 1. Default 0.9. */
  readonly beta1?: number;
  /** The share of the running mean of squared gradients that is kept, below 1. Default 0.999. */
  readonly beta2?: number;
  /** Keeps the denominator away from 0. Default 1e-7. */
  readonly epsilon?: number;
  /** Whether the largest mean square so far is used, not the present one. Default false. */
  readonly amsgrad?: boolean;
}

const decay = checkThat(
  'a number of 0 or more and below 1',
  (value): value is number => typeof value === 'number' && value >= 0 && value < 1,
);

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
export const optimizerAdam = (options: AdamOptions = {}): Optimizer => {
  checkOptions<AdamOptions>('optimizerAdam', options, {
    learningRate: optional(nonNegativeNumber),
    beta1: optional(decay),
    beta2: optional(decay),
    epsilon: optional(positiveNumber),
    amsgrad: optional(boolean),
  });
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, amsgrad = false } = options;
  const inputs: KernelInput[] = [
    { slot: 'm' },
    { slot: 'v' },
    ...(amsgrad ? [{ slot: 'vhat' }] : []),
    // The powers are of the float32 number that the kernel gets, so that 1 − power fits 1 − beta.
    { scalar: 'beta1_power', value: (step) => Math.fround(beta1) ** step, perStep: true },
    { scalar: 'beta2_power', value: (step) => Math.fround(beta2) ** step, perStep: true },
    { scalar: 'learning_rate', value: () => learningRate },
    { scalar: 'beta1', value: () => beta1 },
    { scalar: 'beta2', value: () => beta2 },
    { scalar: 'epsilon', value: () => epsilon },
    'gradient',
  ];
  return new KernelOptimizer(
    'adam',
    { learningRate, beta1, beta2, epsilon, amsgrad },
    {
      op: amsgrad ? 'ResourceApplyAdamWithAmsgrad' : 'ResourceApplyAdam',
      flags: amsgrad ? {} : { use_nesterov: false },
      inputs,
      saved: [['m', 'v'], ...(amsgrad ? [['vhat']] : [])],
    },
  );
};
