import { fraction, nonNegativeInteger, nonNegativeNumber, optional, type Check } from '../base/checks';
import { tf } from '../tfjs/tensorflow';
import { defineConstraint } from './define-constraint';

/** The axis, or axes, of weights along which a length is taken. */
const axes: Check<number | number[]> = (value, place) =>
  Array.isArray(value)
    ? value.map((axis) => nonNegativeInteger(axis, place))
    : nonNegativeInteger(value, place);

/** tfjs hands the axis on to `tf.sum`, which takes several, though its own type says that it is one. */
const forTfjs = <Options extends { readonly axis: number | number[] }>(
  options: Options,
): Options & { readonly axis: number } => options as Options & { readonly axis: number };

/** Options of {@link constraintUnitnorm}. */
export interface UnitnormOptions {
  /**
   * The axis, or axes, along which the length is taken, counted from 0. Default 0: the inputs of each unit of a dense
   * layer; for the filters of a convolution over images `[0, 1, 2]`.
   */
  readonly axis?: number | readonly number[] | undefined;
}

/**
 * Scales the weights of each unit to length 1: `w / (‖w‖ + 1e-7)`.
 *
 * @throws KerasArgumentError if `axis` is no axis.
 * @example
 * const weights = constraintUnitnorm({ axis: 0 }).apply(tf.tensor2d([[3], [4]]))
 * const difference = tf.max(tf.abs(tf.sub(weights, [[0.6], [0.8]]))).dataSync()[0] ?? NaN
 * assert.ok(difference < 1e-6)
 * @see R keras `constraint_unitnorm`
 */
export const constraintUnitnorm = defineConstraint<UnitnormOptions>()(
  'constraintUnitnorm',
  ['unit_norm', 'unitnorm'],
  { axis: optional(axes, 0) },
  (options) => tf.constraints.unitNorm(forTfjs(options)),
);

/** Options of {@link constraintMaxnorm}. */
export interface MaxnormOptions extends UnitnormOptions {
  /** The largest length. Default 2. */
  readonly maxValue?: number | undefined;
}

/**
 * Shortens the weights of each unit to length `maxValue` where they are longer: `w · min(‖w‖, maxValue) / (‖w‖ + 1e-7)`.
 *
 * @throws KerasArgumentError if an option is unknown, or `maxValue` negative.
 * @example
 * const weights = constraintMaxnorm({ maxValue: 1 }).apply(tf.tensor2d([[3], [4]]))
 * const difference = tf.max(tf.abs(tf.sub(weights, [[0.6], [0.8]]))).dataSync()[0] ?? NaN
 * assert.ok(difference < 1e-6)
 * @see R keras `constraint_maxnorm`; Srivastava et al. 2014
 */
export const constraintMaxnorm = defineConstraint<MaxnormOptions>()(
  'constraintMaxnorm',
  ['max_norm', 'maxnorm'],
  { maxValue: optional(nonNegativeNumber, 2), axis: optional(axes, 0) },
  (options) => tf.constraints.maxNorm(forTfjs(options)),
);

/** Options of {@link constraintMinmaxnorm}. */
export interface MinmaxnormOptions extends UnitnormOptions {
  /** The smallest length. Default 0. */
  readonly minValue?: number | undefined;
  /** The largest length. Default 1. */
  readonly maxValue?: number | undefined;
  /** How far a length is moved to its limit at each step: 1, the default, is all the way. */
  readonly rate?: number | undefined;
}

/**
 * Scales the weights of each unit so that their length comes to be between `minValue` and `maxValue`: to
 * `rate · clip(‖w‖, minValue, maxValue) + (1 − rate) · ‖w‖`.
 *
 * @throws KerasArgumentError if an option is unknown, or out of range.
 * @example
 * const weights = constraintMinmaxnorm({ maxValue: 3, rate: 0.5 }).apply(tf.tensor2d([[3], [4]]))
 * const difference = tf.max(tf.abs(tf.sub(weights, [[2.4], [3.2]]))).dataSync()[0] ?? NaN
 * assert.ok(difference < 1e-6)
 * @see R keras `constraint_minmaxnorm`
 */
export const constraintMinmaxnorm = defineConstraint<MinmaxnormOptions>()(
  'constraintMinmaxnorm',
  ['min_max_norm', 'minmaxnorm'],
  {
    minValue: optional(nonNegativeNumber, 0),
    maxValue: optional(nonNegativeNumber, 1),
    rate: optional(fraction, 1),
    axis: optional(axes, 0),
  },
  (options) => tf.constraints.minMaxNorm(forTfjs(options)),
);
