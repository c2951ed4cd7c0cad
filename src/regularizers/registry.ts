import { tf } from '../tfjs/tensorflow';
import { argumentError, checkOptions, nonNegativeNumber, optional, type Check } from '../base/checks';
import { Maker } from '../base/maker';
import { nameIn, type NameOf } from '../base/registry';

/** A tfjs regularizer: anything with `apply(weight)`, a penalty that is added to the loss. */
export type Regularizer = ReturnType<typeof tf.regularizers.l1>;

const NAMES = { l1: ['L1'], l2: ['L2'], l1_l2: ['l1l2', 'L1L2'] } as const;

/** The names that Keras gives its regularizers. */
export type RegularizerName = NameOf<typeof NAMES>;

/**
 * The penalty `l · Σ|w|`, added to the loss.
 *
 * @throws KerasArgumentError if `l` is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelRegularizer: regularizerL1(0.1) }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras `regularizer_l1`
 */
export const regularizerL1 = (l = 0.01): Regularizer =>
  tf.regularizers.l1({ l1: nonNegativeNumber(l, { function: 'regularizerL1', argument: 'l' }) });

/**
 * The penalty `l · Σw²`, added to the loss.
 *
 * @throws KerasArgumentError if `l` is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelRegularizer: regularizerL2(0.1) }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras `regularizer_l2`
 */
export const regularizerL2 = (l = 0.01): Regularizer =>
  tf.regularizers.l2({ l2: nonNegativeNumber(l, { function: 'regularizerL2', argument: 'l' }) });

/**
 * The penalty `l1 · Σ|w| + l2 · Σw²`, added to the loss.
 *
 * @throws KerasArgumentError for an unknown option, or a negative factor.
 * @example
 * const both = regularizerL1L2({ l1: 0.1, l2: 0.01 })
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelRegularizer: both }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras `regularizer_l1_l2`
 */
export const regularizerL1L2 = (
  options: { l1?: number | undefined; l2?: number | undefined } = {},
): Regularizer => {
  const factors = checkOptions('regularizerL1L2', options, {
    l1: optional(nonNegativeNumber, 0.01),
    l2: optional(nonNegativeNumber, 0.01),
  });
  return tf.regularizers.l1l2(factors);
};

const checkName = nameIn("a regularizer's name or a regularizer", NAMES);
const MAKERS = { l1: regularizerL1, l2: regularizerL2, l1_l2: regularizerL1L2 } as const;

/** Makes the regularizer of a name with Keras's default factor 0.01. */
export const regularizer: Check<Maker<Regularizer>> = (value, place) => {
  if (typeof value === 'object' && value !== null) {
    if ('apply' in value && typeof value.apply === 'function') return new Maker(() => value as Regularizer);
    throw argumentError(place, "a regularizer's name or a regularizer", value, 'Write regularizerL2(0.01)');
  }
  const make = MAKERS[checkName(value, place)];
  return new Maker(() => make());
};
