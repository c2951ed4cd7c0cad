import { boolean, checkOptions, fraction, nonNegativeNumber, optional } from '../base/checks';
import { KernelOptimizer, type Optimizer } from './optimizer';

/** Options of {@link optimizerSgd}. */
export interface SgdOptions {
  /** The size of a step. Default 0.01. */
  readonly learningRate?: number;
  /** The share of the last change that is kept, 0 to 1. Default 0. */
  readonly momentum?: number;
  /** Nesterov's momentum: the change looks one step ahead. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent: `w ← w − learningRate · g`.
 *
 * With momentum `m ← momentum · m − learningRate · g` and `w ← w + m`; with Nesterov's,
 * `w ← w + momentum · m − learningRate · g`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(optimizerSgd({ momentum: 0.9 }).learningRate, 0.01)
 * @see R keras `optimizer_sgd`
 */
export const optimizerSgd = (options: SgdOptions = {}): Optimizer => {
  checkOptions<SgdOptions>('optimizerSgd', options, {
    learningRate: optional(nonNegativeNumber),
    momentum: optional(fraction),
    nesterov: optional(boolean),
  });
  const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
  const rate = { scalar: 'learning_rate', value: () => learningRate };
  return new KernelOptimizer(
    'sgd',
    { learningRate, momentum, nesterov },
    momentum === 0
      ? { op: 'ResourceApplyGradientDescent', flags: {}, inputs: [rate, 'gradient'], saved: [] }
      : {
          op: 'ResourceApplyKerasMomentum',
          flags: { use_nesterov: nesterov },
          inputs: [{ slot: 'momentum' }, rate, 'gradient', { scalar: 'momentum', value: () => momentum }],
          saved: [['momentum']],
        },
  );
};
