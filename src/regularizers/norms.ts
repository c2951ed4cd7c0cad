import { nonNegativeNumber, optional } from '../base/checks';
import { tf } from '../tfjs/tensorflow';
import { defineRegularizer } from './define-regularizer';

/** Options of {@link regularizerL1} and {@link regularizerL2}. */
export interface PenaltyOptions {
  /** The factor of the penalty, of 0 or more. Default 0.01. */
  readonly l?: number | undefined;
}

/**
 * The penalty `l · Σ|w|`, added to the loss.
 *
 * @throws KerasArgumentError if `l` is negative.
 * @example
 * const penalty = regularizerL1({ l: 0.5 }).apply(tf.tensor1d([1, -2]))
 * assert.strictEqual(penalty.arraySync(), 1.5)
 * assert.strictEqual(regularizerL1(0.5).apply(tf.tensor1d([1, -2])).arraySync(), 1.5)
 * @see R keras `regularizer_l1`
 */
export const regularizerL1 = defineRegularizer<PenaltyOptions>()(
  'regularizerL1',
  ['l1'],
  { l: optional(nonNegativeNumber, 0.01) },
  ({ l }) => tf.regularizers.l1({ l1: l }),
);

/**
 * The penalty `l · Σw²`, added to the loss.
 *
 * @throws KerasArgumentError if `l` is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelRegularizer: regularizerL2({ l: 0.1 }) }))
 * assert.strictEqual(countParams(model), 8)
 * assert.strictEqual(regularizerL2(0.5).apply(tf.tensor1d([1, -2])).arraySync(), 2.5)
 * @see R keras `regularizer_l2`
 */
export const regularizerL2 = defineRegularizer<PenaltyOptions>()(
  'regularizerL2',
  ['l2'],
  { l: optional(nonNegativeNumber, 0.01) },
  ({ l }) => tf.regularizers.l2({ l2: l }),
);

/** Options of {@link regularizerL1L2}. */
export interface L1L2Options {
  /** The factor of the sum of absolute values, of 0 or more. Default 0.01. */
  readonly l1?: number | undefined;
  /** The factor of the sum of squares, of 0 or more. Default 0.01. */
  readonly l2?: number | undefined;
}

/**
 * The penalty `l1 · Σ|w| + l2 · Σw²`, added to the loss.
 *
 * @throws KerasArgumentError for an unknown option, or a negative factor.
 * @example
 * const penalty = regularizerL1L2({ l1: 0.5, l2: 0.25 }).apply(tf.tensor1d([1, -2]))
 * assert.strictEqual(penalty.arraySync(), 2.75)
 * @see R keras `regularizer_l1_l2`
 */
export const regularizerL1L2 = defineRegularizer<L1L2Options>()(
  'regularizerL1L2',
  ['l1_l2', 'l1l2'],
  { l1: optional(nonNegativeNumber, 0.01), l2: optional(nonNegativeNumber, 0.01) },
  (factors) => tf.regularizers.l1l2(factors),
);
