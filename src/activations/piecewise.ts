import type { ArrayLike } from '../arrays/tensors';
import { anyNumber, nonNegativeNumber, optional, required } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineActivation, defineActivationFunction, defineOptionedActivation } from './define-activation';

/**
 * Piecewise linear hyperbolic tangent: `clip(x, −1, 1)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'hard_tanh'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationHardTanh(tf.tensor1d([-3, 0.5, 3])).arraySync(), [-1, 0.5, 1])
 * @see R keras3 `activation_hard_tanh`
 */
export const activationHardTanh = defineActivation('activationHardTanh', ['hard_tanh'], (x) =>
  tf.clipByValue(x, -1, 1),
);

/**
 * Piecewise quadratic swish, also called hard swish: `x · clip(x + 3, 0, 6) / 6`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'hard_silu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationHardSilu(tf.tensor1d([-4, 0, 4])).arraySync(), [-0, 0, 4])
 * @see R keras3 `activation_hard_silu`; Howard et al. 2019
 */
export const activationHardSilu = defineActivation(
  'activationHardSilu',
  ['hard_silu', 'hard_swish', 'hardSwish'],
  (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)),
);

/** Options of {@link activationHardShrink} and {@link activationSoftShrink}. */
export interface ActivationShrinkOptions {
  /** Up to which distance from 0 values become 0: a number of 0 or more. Default 0.5. */
  readonly threshold?: number | undefined;
}

const shrinkChecks = { threshold: optional(nonNegativeNumber, 0.5) };

/**
 * Zero near zero: `x` where `|x| > threshold`, 0 elsewhere.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'hard_shrink'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers, or `threshold` is negative.
 * @example
 * assert.deepStrictEqual(activationHardShrink([-2, 0.5, 0.75]).arraySync(), [-2, 0, 0.75])
 * @see R keras3 `activation_hard_shrink`
 */
export const activationHardShrink = defineOptionedActivation<ActivationShrinkOptions>()(
  'activationHardShrink',
  ['hard_shrink'],
  shrinkChecks,
  (x, { threshold }) => tf.where(tf.greater(tf.abs(x), threshold), x, tf.zerosLike(x)),
);

/**
 * Nearer to zero: `x − threshold` above `threshold`, `x + threshold` below `−threshold`, 0 between.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'soft_shrink'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers, or `threshold` is negative.
 * @example
 * assert.deepStrictEqual(activationSoftShrink([-2, 0.5, 0.75]).arraySync(), [-1.5, 0, 0.25])
 * @see R keras3 `activation_soft_shrink`
 */
export const activationSoftShrink = defineOptionedActivation<ActivationShrinkOptions>()(
  'activationSoftShrink',
  ['soft_shrink'],
  shrinkChecks,
  (x, { threshold }) => {
    const below = tf.where(tf.less(x, -threshold), tf.add(x, threshold), tf.zerosLike(x));
    return tf.where(tf.greater(x, threshold), tf.sub(x, threshold), below);
  },
);

/**
 * A quadratic between two lines: 0 up to −1, `(x + 1)² / 4` up to 1, `x` from there on.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'sparse_plus'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationSparsePlus(tf.tensor1d([-2, 0, 2])).arraySync(), [0, 0.25, 2])
 * @see R keras3 `activation_sparse_plus`
 */
export const activationSparsePlus = defineActivation('activationSparsePlus', ['sparse_plus'], (x) => {
  const above = tf.where(tf.less(x, 1), tf.mul(tf.square(tf.add(x, 1)), 0.25), x);
  return tf.where(tf.lessEqual(x, -1), tf.zerosLike(x), above);
});

/**
 * A line between 0 and 1: `clip((x + 1) / 2, 0, 1)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'sparse_sigmoid'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationSparseSigmoid(tf.tensor1d([-2, 0, 2])).arraySync(), [0, 0.5, 1])
 * @see R keras3 `activation_sparse_sigmoid`; Blondel et al. 2019
 */
export const activationSparseSigmoid = defineActivation(
  'activationSparseSigmoid',
  ['sparse_sigmoid'],
  (x) => {
    const above = tf.where(tf.greaterEqual(x, 1), tf.onesLike(x), tf.mul(tf.add(x, 1), 0.5));
    return tf.where(tf.lessEqual(x, -1), tf.zerosLike(x), above);
  },
);

/** Options of {@link activationThreshold}. */
export interface ActivationThresholdOptions {
  /** Above which values are left as they are. */
  readonly threshold: number;
  /** What the others become. */
  readonly defaultValue: number;
}

/**
 * `x` above `threshold`, `defaultValue` elsewhere.
 *
 * In any shape, out the same shape. It needs its options, so that a layer takes it in a function:
 * `activation: (x) => activationThreshold(x, { threshold: 1, defaultValue: 0 })`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers, or an option is missing.
 * @example
 * assert.deepStrictEqual(activationThreshold([-1, 1, 2], { threshold: 1, defaultValue: 5 }).arraySync(), [5, 5, 2])
 * @see R keras3 `activation_threshold`
 */
export const activationThreshold: (x: ArrayLike, options: ActivationThresholdOptions) => Tensor =
  defineActivationFunction(
    'activationThreshold',
    'threshold',
    { threshold: required(anyNumber), defaultValue: required(anyNumber) },
    (x, { threshold, defaultValue }) => tf.where(tf.greater(x, threshold), x, tf.fill(x.shape, defaultValue)),
    'Write activation: (x) => activationThreshold(x, { threshold: 1, defaultValue: 0 })',
  );
