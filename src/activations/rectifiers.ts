import { anyNumber, boolean, nonNegativeNumber, optional, type Check } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineActivation, defineOptionedActivation } from './define-activation';

const orNull =
  (check: Check<number>): Check<number | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

/** Options of {@link activationRelu}. */
export interface ActivationReluOptions {
  /** The slope below the threshold. Default 0. */
  readonly alpha?: number | undefined;
  /** The largest value, of 0 or more. None by default. */
  readonly maxValue?: number | null | undefined;
  /** Where the unit begins to pass its input. Default 0. */
  readonly threshold?: number | undefined;
}

/** Keras's: `x` above the threshold, cut at `maxValue`; `alpha · (x − threshold)` below. */
const relu = (x: Tensor, alpha: number, maxValue: number | null, threshold: number): Tensor => {
  if (alpha !== 0 && maxValue === null && threshold === 0) return tf.leakyRelu(x, alpha);
  const isUpToSix = maxValue === 6 && threshold === 0;
  const above =
    threshold === 0
      ? isUpToSix
        ? tf.relu6(x)
        : tf.relu(x)
      : tf.mul(x, tf.cast(tf.greater(x, threshold), 'float32'));
  const cut = maxValue === null || isUpToSix ? above : tf.clipByValue(above, 0, maxValue);
  if (alpha === 0) return cut;
  return tf.sub(cut, tf.mul(tf.relu(tf.sub(threshold, x)), alpha));
};

/**
 * Rectified linear unit: `max(x, 0)`. With options `x` above `threshold`, cut at `maxValue`, and `alpha · (x − threshold)` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'relu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationRelu(tf.tensor1d([-1, 2])).arraySync(), [0, 2])
 * assert.deepStrictEqual(activationRelu([-1, 2, 7], { alpha: 0.5, maxValue: 6 }).arraySync(), [-0.5, 2, 6])
 * @see R keras `activation_relu`
 */
export const activationRelu = defineOptionedActivation<ActivationReluOptions>()(
  'activationRelu',
  ['relu'],
  {
    alpha: optional(anyNumber, 0),
    maxValue: optional(orNull(nonNegativeNumber)),
    threshold: optional(anyNumber, 0),
  },
  (x, { alpha, maxValue = null, threshold }) => relu(x, alpha, maxValue, threshold),
  'relu',
);

/**
 * Rectified linear unit up to 6: `min(max(x, 0), 6)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'relu6'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationRelu6(tf.tensor1d([-1, 2, 7])).arraySync(), [0, 2, 6])
 * @see R keras 3 `activation_relu6`
 */
export const activationRelu6 = defineActivation('activationRelu6', ['relu6'], (x) => tf.relu6(x));

/** Options of {@link activationLeakyRelu}. */
export interface ActivationLeakyReluOptions {
  /** The slope below zero. Default 0.2. */
  readonly negativeSlope?: number | undefined;
}

/**
 * Leaky rectified linear unit: `x` above zero, `negativeSlope · x` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'leaky_relu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationLeakyRelu([-1, 2], { negativeSlope: 0.5 }).arraySync(), [-0.5, 2])
 * @see R keras3 `activation_leaky_relu`
 */
export const activationLeakyRelu = defineOptionedActivation<ActivationLeakyReluOptions>()(
  'activationLeakyRelu',
  ['leaky_relu'],
  { negativeSlope: optional(anyNumber, 0.2) },
  (x, { negativeSlope }) => tf.leakyRelu(x, negativeSlope),
);

/** Options of {@link activationElu}. */
export interface ActivationEluOptions {
  /** What values below zero are multiplied by. Default 1. */
  readonly alpha?: number | undefined;
}

/**
 * Exponential linear unit: `x` above zero, `alpha · (exp(x) − 1)` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'elu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationElu(tf.tensor1d([-1, 2])).dataSync()
 * assert.ok(Math.abs(value - (Math.exp(-1) - 1)) < 1e-6)
 * assert.deepStrictEqual(activationElu([-100, 2], { alpha: 0.5 }).arraySync(), [-0.5, 2])
 * @see R keras `activation_elu`; Clevert et al. 2015
 */
export const activationElu = defineOptionedActivation<ActivationEluOptions>()(
  'activationElu',
  ['elu'],
  { alpha: optional(anyNumber, 1) },
  (x, { alpha }) => {
    const unit = tf.elu(x);
    return tf.where(tf.greater(x, 0), unit, tf.mul(unit, alpha));
  },
  'elu',
);

/**
 * Scaled exponential linear unit: `1.0507 · x` above zero, `1.0507 · 1.6733 · (exp(x) − 1)` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'selu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationSelu(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - 1.05070098) < 1e-6)
 * @see R keras `activation_selu`; Klambauer et al. 2017
 */
export const activationSelu = defineActivation('activationSelu', ['selu']);

/** Options of {@link activationGelu}. */
export interface ActivationGeluOptions {
  /** Whether `Φ` is taken by a hyperbolic tangent. Default false. */
  readonly approximate?: boolean | undefined;
}

/**
 * Gaussian error linear unit: `x · Φ(x)`, where `Φ` is the distribution function of the standard normal.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'gelu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationGelu(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - 0.841345) < 1e-5)
 * const [near = NaN] = activationGelu([1], { approximate: true }).dataSync()
 * assert.ok(Math.abs(near - 0.841192) < 1e-5)
 * @see R keras `activation_gelu`; Hendrycks and Gimpel 2016
 */
export const activationGelu = defineOptionedActivation<ActivationGeluOptions>()(
  'activationGelu',
  ['gelu'],
  { approximate: optional(boolean, false) },
  (x, { approximate }) => {
    const inner = approximate
      ? tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
      : tf.erf(tf.mul(x, Math.SQRT1_2));
    return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
  },
  'gelu',
);

/**
 * Swish, also called SiLU: `x · sigmoid(x)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'swish'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationSwish(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - 1 / (1 + Math.exp(-1))) < 1e-6)
 * @see R keras `activation_swish`; Ramachandran et al. 2017
 */
export const activationSwish = defineActivation('activationSwish', ['swish', 'silu']);

/**
 * Mish: `x · tanh(softplus(x))`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'mish'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationMish(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - Math.tanh(Math.log(1 + Math.E))) < 1e-6)
 * @see R keras 3 `activation_mish`; Misra 2019
 */
export const activationMish = defineActivation('activationMish', ['mish']);

/**
 * Softplus: `log(exp(x) + 1)`, a smooth ReLU.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'softplus'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationSoftplus(tf.tensor1d([0])).dataSync()
 * assert.ok(Math.abs(value - Math.LN2) < 1e-6)
 * @see R keras `activation_softplus`
 */
export const activationSoftplus = defineActivation('activationSoftplus', ['softplus']);
