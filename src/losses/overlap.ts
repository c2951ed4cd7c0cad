import { argumentError, integer, nonNegativeNumber, optional, type Check } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLoss, EPSILON, type LossOptions } from './define-loss';

/** Options of {@link lossDice}. */
export interface DiceOptions extends LossOptions {
  /** The axes over which the overlap is taken, one or several; those that are left have a loss each. By default all: one loss. */
  readonly axis?: number | readonly number[] | null | undefined;
}

/** Options of {@link lossTversky}. */
export interface TverskyOptions extends DiceOptions {
  /** The weight of what the labels have and the predictions have not. Default 0.5. */
  readonly alpha?: number | undefined;
  /** The weight of what the predictions have and the labels have not. Default 0.5. */
  readonly beta?: number | undefined;
}

const axes: Check<readonly number[] | null> = (value, place) => {
  if (value === null) return null;
  if (!Array.isArray(value)) return [integer(value, place)];
  if (value.length === 0) throw argumentError(place, 'null, an axis, or an array of axes', value);
  return [...(value as unknown[])].map((axis) => integer(axis, place));
};

/** Axes of a tensor, counted from 0. */
const axesOf = (
  functionName: string,
  axis: readonly number[] | null | undefined,
  { rank, shape }: Tensor,
): number[] | undefined => {
  const wrong = axis?.find((one) => one < -rank || one >= rank);
  if (wrong === undefined) return axis?.map((one) => (one < 0 ? one + rank : one));
  throw new KerasShapeError({
    function: functionName,
    argument: 'axis',
    expected: `\`axis\` must be axes of the predictions, from ${-rank} to ${rank - 1}`,
    received: `${wrong} for predictions of shape ${describeShape(shape)}`,
    advice: 'Count axes from 0, the batch; of images they are usually [1, 2, 3]',
  });
};

/**
 * Dice loss: `1 − 2 · Σ yTrue · yPred / (Σ yTrue + Σ yPred + 1e-7)`, the part of labels and predictions that do not overlap.
 *
 * Labels and predictions of the same shape, from 0 to 1. Out a scalar, or with `axis` the shape of the other axes: for images `[1,
 * 2, 3]` gives a loss for each.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError if the shapes differ, or there is no such axis.
 * @example
 * const [loss = NaN] = lossDice([[1, 0]], [[1, 1]]).dataSync()
 * assert.ok(Math.abs(loss - 1 / 3) < 1e-6)
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], activation: 'sigmoid' }), compile({ loss: lossDice({ axis: -1 }) }))
 * assert.deepStrictEqual(lossDice([[1, 0], [0, 1]], [[1, 0], [0, 1]], { axis: -1 }).shape, [2])
 * @see R keras 3 `loss_dice`
 */
export const lossDice = defineLoss<DiceOptions>()(
  'lossDice',
  ['dice'],
  { axis: optional(axes) },
  (labels, yPred, { axis }) => {
    const over = axesOf('lossDice', axis, yPred);
    const both = tf.mul(2, tf.sum(tf.mul(labels, yPred), over));
    const all = tf.add(tf.add(tf.sum(labels, over), tf.sum(yPred, over)), EPSILON);
    return tf.sub(1, tf.div(both, all));
  },
);

/**
 * Tversky loss: `1 − TP / (TP + alpha · FN + beta · FP + 1e-7)` with `TP = Σ yTrue · yPred`, `FN = Σ yTrue · (1 − yPred)`, `FP = Σ (1
 * − yTrue) · yPred`. With both weights 0.5 it is {@link lossDice}.
 *
 * Labels and predictions of the same shape, from 0 to 1. Out a scalar, or with `axis` the shape of the other axes.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError if the shapes differ, or there is no such axis.
 * @example
 * const [loss = NaN] = lossTversky([[1, 1]], [[1, 0]], { alpha: 1 }).dataSync()
 * assert.ok(Math.abs(loss - 0.5) < 1e-6)
 * @see R keras 3 `loss_tversky`; Salehi et al. 2017
 */
export const lossTversky = defineLoss<TverskyOptions>()(
  'lossTversky',
  ['tversky'],
  { axis: optional(axes), alpha: optional(nonNegativeNumber, 0.5), beta: optional(nonNegativeNumber, 0.5) },
  (labels, yPred, { axis, alpha, beta }) => {
    const over = axesOf('lossTversky', axis, yPred);
    const both = tf.sum(tf.mul(labels, yPred), over);
    const missed = tf.mul(tf.sum(tf.mul(labels, tf.sub(1, yPred)), over), alpha);
    const wrong = tf.mul(tf.sum(tf.mul(tf.sub(1, labels), yPred), over), beta);
    return tf.sub(1, tf.div(both, tf.add(tf.add(tf.add(both, missed), wrong), EPSILON)));
  },
);
