import { boolean, checkOptions, fraction, nonNegativeNumber, optional, positiveNumber } from '../base/checks';
import { KernelOptimizer, type KernelInput, type Optimizer } from './optimizer';

/** Options of {@link optimizerRmsprop}. */
export interface RmspropOptions {
  /** The size of a step. Default 0.001. */
  readonly learningRate?: number;
  /** The share of the running mean that is kept, 0 to 1. Default 0.9. */
  readonly rho?: number;
  /** The share of the last change that is kept, 0 to 1. Default 0. */
  readonly momentum?: number;
  /** Keeps the root away from 0. Default 1e-7. */
  readonly epsilon?: number;
  /** Whether gradients are scaled by their variance, not by their mean square. Default false. */
  readonly centered?: boolean;
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
export const optimizerRmsprop = (options: RmspropOptions = {}): Optimizer => {
  checkOptions<RmspropOptions>('optimizerRmsprop', options, {
    learningRate: optional(nonNegativeNumber),
    rho: optional(fraction),
    momentum: optional(fraction),
    epsilon: optional(positiveNumber),
    centered: optional(boolean),
  });
  const { learningRate = 0.001, rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = options;
  const inputs: KernelInput[] = [
    { slot: 'velocity' },
    { slot: 'momentum' },
    { scalar: 'learning_rate', value: () => learningRate },
    { scalar: 'rho', value: () => rho },
    { scalar: 'momentum', value: () => momentum },
    { scalar: 'epsilon', value: () => epsilon },
    'gradient',
  ];
  return new KernelOptimizer(
    'rmsprop',
    { learningRate, rho, momentum, epsilon, centered },
    {
      op: centered ? 'ResourceApplyCenteredRMSProp' : 'ResourceApplyRMSProp',
      flags: {},
      inputs: centered ? [{ slot: 'average_gradient' }, ...inputs] : inputs,
      // The kernels write the momentum slot in any case; without momentum it is not read.
      saved: [
        ['velocity'],
        ...(momentum > 0 ? [['momentum']] : []),
        ...(centered ? [['average_gradient']] : []),
      ],
    },
  );
};
