import { checkThat, optional } from '../base/checks';
import { tf } from '../tfjs/tensorflow';
import { defineSparseLoss, type LossOptions } from './define-loss';

/** Options of {@link lossCategoricalGeneralizedCrossEntropy}. */
export interface GeneralizedCrossEntropyOptions extends LossOptions {
  /** Between the crossentropy, near 0, and the absolute error, near 1. Default 0.5. */
  readonly q?: number | undefined;
}

const between0And1 = checkThat(
  'a number above 0 and below 1',
  (value): value is number => typeof value === 'number' && value > 0 && value < 1,
);

/**
 * Generalized crossentropy of class numbers: `(1 − p ^ q) / q`, where `p` is the probability of the right class: wrong labels weigh
 * less than in the crossentropy.
 *
 * `yTrue` `[batch, ...]` or `[batch, ..., 1]`, integers; `yPred` `[batch, ..., classes]`, probabilities; out `[batch, ...]`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError if the shapes do not fit.
 * @example
 * const [loss = NaN] = lossCategoricalGeneralizedCrossEntropy([1], [[0.75, 0.25]]).dataSync()
 * assert.ok(Math.abs(loss - 1) < 1e-6)
 * @see R keras 3 `loss_categorical_generalized_cross_entropy`; Zhang and Sabuncu 2018
 */
export const lossCategoricalGeneralizedCrossEntropy = defineSparseLoss<GeneralizedCrossEntropyOptions>()(
  'lossCategoricalGeneralizedCrossEntropy',
  ['categorical_generalized_cross_entropy'],
  { q: optional(between0And1, 0.5) },
  (labels, yPred, { q }) => {
    const oneHot = tf.cast(tf.oneHot(labels, yPred.shape.at(-1) ?? 1), 'float32');
    return tf.div(tf.sub(1, tf.pow(tf.sum(tf.mul(yPred, oneHot), -1), q)), q);
  },
);
