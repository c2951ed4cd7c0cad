import { boolean, fraction, integer, nonNegativeNumber, optional } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { axisOf, defineLoss, EPSILON, type LossOptions } from './define-loss';

/** Options of {@link lossCategoricalFocalCrossentropy}. */
export interface CategoricalFocalOptions extends LossOptions {
  /** The weight of the loss. Default 0.25. */
  readonly alpha?: number | undefined;
  /** How much less samples count that are right already: 0 is none. Default 2. */
  readonly gamma?: number | undefined;
  /** Whether predictions are logits. Default false. */
  readonly fromLogits?: boolean | undefined;
  /** How far labels are moved towards all classes alike, 0 to 1. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** The axis of classes, or of outputs whose mean counts. Default −1. */
  readonly axis?: number | undefined;
}

/** Options of {@link lossBinaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends CategoricalFocalOptions {
  /** Whether ones count by `alpha` and zeros by `1 − alpha`. Default false: both by 1. */
  readonly applyClassBalancing?: boolean | undefined;
}

const focalChecks = {
  alpha: optional(fraction, 0.25),
  gamma: optional(nonNegativeNumber, 2),
  fromLogits: optional(boolean, false),
  labelSmoothing: optional(fraction, 0),
  axis: optional(integer, -1),
};

const clipped = (x: Tensor): Tensor => tf.clipByValue(x, EPSILON, 1 - EPSILON);

/** `x ^ power`, with a gradient where `x` is 0. */
const powerOf = (x: Tensor, power: number): Tensor =>
  power === 0 ? tf.onesLike(x) : power === 1 ? x : power === 2 ? tf.square(x) : tf.pow(x, power);

/** Softmax along an axis. */
const softmax = (x: Tensor, axis: number): Tensor => {
  const raised = tf.exp(tf.sub(x, tf.max(x, axis, true)));
  return tf.div(raised, tf.sum(raised, axis, true));
};

/**
 * Focal crossentropy of binary labels: the mean of `−(1 − pₜ) ^ gamma · log pₜ` over `axis`, where `pₜ` is the probability of the
 * label; with `applyClassBalancing` ones count by `alpha` and zeros by `1 − alpha`.
 *
 * Both `[batch, ..., outputs]`, out without that axis. `yPred` holds probabilities, or with `fromLogits` logits.
 *
 * @throws KerasArgumentError if an option is unknown or out of range, or there is no such axis.
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const [loss = NaN] = lossBinaryFocalCrossentropy([[1]], [[0.5]]).dataSync()
 * assert.ok(Math.abs(loss - 0.25 * Math.log(2)) < 1e-6)
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }))
 * compile(model, { loss: lossBinaryFocalCrossentropy({ gamma: 3, fromLogits: true }) })
 * @see R keras 3 `loss_binary_focal_crossentropy`; Lin et al. 2018
 */
export const lossBinaryFocalCrossentropy = defineLoss<BinaryFocalOptions>()(
  'lossBinaryFocalCrossentropy',
  ['binary_focal_crossentropy'],
  { ...focalChecks, applyClassBalancing: optional(boolean, false) },
  (given, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis, applyClassBalancing }) => {
    const along = axisOf('lossBinaryFocalCrossentropy', axis, yPred);
    const labels =
      labelSmoothing === 0 ? given : tf.add(tf.mul(given, 1 - labelSmoothing), 0.5 * labelSmoothing);
    const chances = fromLogits ? tf.sigmoid(yPred) : yPred;
    const inside = clipped(chances);
    const others = tf.sub(1, labels);
    const crossentropy = tf.neg(
      tf.add(tf.mul(labels, tf.log(inside)), tf.mul(others, tf.log(tf.sub(1, inside)))),
    );
    const right = tf.add(tf.mul(labels, chances), tf.mul(others, tf.sub(1, chances)));
    const focal = tf.mul(powerOf(tf.sub(1, right), gamma), crossentropy);
    const balance = tf.add(tf.mul(labels, alpha), tf.mul(others, 1 - alpha));
    return tf.mean(applyClassBalancing ? tf.mul(balance, focal) : focal, along);
  },
);

/**
 * Focal crossentropy of one-hot labels: `−alpha · Σ (1 − p) ^ gamma · yTrue · log p` over `axis`, where `p = yPred / Σ yPred`.
 *
 * Both `[batch, ..., classes]`, out without that axis. `yPred` holds probabilities, or with `fromLogits` logits.
 *
 * @throws KerasArgumentError if an option is unknown or out of range, or there is no such axis.
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const [loss = NaN] = lossCategoricalFocalCrossentropy([[0, 1]], [[0.5, 0.5]]).dataSync()
 * assert.ok(Math.abs(loss - 0.0625 * Math.log(2)) < 1e-6)
 * @see R keras 3 `loss_categorical_focal_crossentropy`; Lin et al. 2018
 */
export const lossCategoricalFocalCrossentropy = defineLoss<CategoricalFocalOptions>()(
  'lossCategoricalFocalCrossentropy',
  ['categorical_focal_crossentropy'],
  focalChecks,
  (given, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis }) => {
    const along = axisOf('lossCategoricalFocalCrossentropy', axis, yPred);
    const classes = yPred.shape.at(-1) ?? 1;
    const labels =
      labelSmoothing === 0 ? given : tf.add(tf.mul(given, 1 - labelSmoothing), labelSmoothing / classes);
    const chances = fromLogits ? softmax(yPred, along) : yPred;
    const inside = clipped(tf.div(chances, tf.sum(chances, along, true)));
    const weights = tf.mul(powerOf(tf.sub(1, inside), gamma), alpha);
    return tf.neg(tf.sum(tf.mul(weights, tf.mul(labels, tf.log(inside))), along));
  },
);
