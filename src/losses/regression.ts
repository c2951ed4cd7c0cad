import { integer, optional, positiveNumber } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { axisOf, defineLoss, EPSILON, type LossOptions } from './define-loss';

/** `|x|` with the gradient `sign(x)`: tfjs's own is −1 at 0, where Keras's is 0. */
const absolute = (tensor: Tensor): Tensor =>
  tf.customGrad((...inputs) => {
    // tfjs passes the tensor that customGrad was called with, then the function that saves for the backward
    // pass.
    const [x, save] = inputs as [Tensor, (tensors: Tensor[]) => void];
    save([x]);
    return {
      value: tf.abs(x),
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.sign(saved[0] ?? x)),
    };
  })(tensor);

/**
 * Mean squared error: the mean of `(yPred − yTrue)²` over the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`.
 *
 * Passed as the loss itself, it is the loss `'mean_squared_error'`.
 *
 * @throws KerasShapeError if the shapes differ (a missing last axis of 1 in `yTrue` is put in).
 * @example
 * const loss = lossMeanSquaredError(tf.tensor2d([[1, 3]]), tf.tensor2d([[2, 5]]))
 * assert.deepStrictEqual(loss.arraySync(), [2.5])
 * @see R keras `loss_mean_squared_error`
 */
export const lossMeanSquaredError = defineLoss()(
  'lossMeanSquaredError',
  ['mean_squared_error', 'mse', 'MSE'],
  {},
  (yTrue, yPred) => tf.mean(tf.squaredDifference(yPred, yTrue), -1),
);

/**
 * Mean absolute error: the mean of `|yPred − yTrue|` over the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`.
 *
 * Passed as the loss itself, it is the loss `'mean_absolute_error'`.
 *
 * @throws KerasShapeError if the shapes differ (a missing last axis of 1 in `yTrue` is put in).
 * @example
 * const loss = lossMeanAbsoluteError(tf.tensor2d([[1, 3]]), tf.tensor2d([[2, 5]]))
 * assert.deepStrictEqual(loss.arraySync(), [1.5])
 * @see R keras `loss_mean_absolute_error`
 */
export const lossMeanAbsoluteError = defineLoss()(
  'lossMeanAbsoluteError',
  ['mean_absolute_error', 'mae', 'MAE'],
  {},
  (yTrue, yPred) => tf.mean(absolute(tf.sub(yPred, yTrue)), -1),
);

/**
 * Mean absolute percentage error: `100 ·` the mean of `|yTrue − yPred| / max(|yTrue|, 1e-7)` over the last
 * axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`, in per cent.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const loss = lossMeanAbsolutePercentageError(tf.tensor2d([[2]]), tf.tensor2d([[3]]))
 * assert.deepStrictEqual(loss.arraySync(), [50])
 * @see R keras `loss_mean_absolute_percentage_error`
 */
export const lossMeanAbsolutePercentageError = defineLoss()(
  'lossMeanAbsolutePercentageError',
  ['mean_absolute_percentage_error', 'mape', 'MAPE'],
  {},
  (yTrue, yPred) => {
    const relative = tf.div(tf.sub(yTrue, yPred), tf.maximum(tf.abs(yTrue), EPSILON));
    return tf.mul(tf.mean(absolute(relative), -1), 100);
  },
);

/**
 * Mean squared logarithmic error: the mean of `(log(max(yPred, 1e-7) + 1) − log(max(yTrue, 1e-7) + 1))²` over
 * the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const y = tf.tensor2d([[1, 10]])
 * assert.deepStrictEqual(lossMeanSquaredLogarithmicError(y, y).arraySync(), [0])
 * @see R keras `loss_mean_squared_logarithmic_error`
 */
export const lossMeanSquaredLogarithmicError = defineLoss()(
  'lossMeanSquaredLogarithmicError',
  ['mean_squared_logarithmic_error', 'msle', 'MSLE'],
  {},
  (yTrue, yPred) => {
    const logarithm = (x: Tensor): Tensor => tf.log(tf.add(tf.maximum(x, EPSILON), 1));
    return tf.mean(tf.squaredDifference(logarithm(yPred), logarithm(yTrue)), -1);
  },
);

/**
 * Logarithm of the hyperbolic cosine of the error: the mean of `x + softplus(−2x) − log 2` over the last
 * axis, where `x = yPred − yTrue`.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const [loss = NaN] = lossLogcosh(tf.zeros([1, 1]), tf.tensor2d([[20]])).dataSync()
 * assert.ok(Math.abs(loss - (20 - Math.log(2))) < 1e-5)
 * @see R keras `loss_logcosh`
 */
export const lossLogcosh = defineLoss()('lossLogcosh', ['log_cosh', 'logcosh'], {}, (yTrue, yPred) => {
  const error = tf.sub(yPred, yTrue);
  return tf.mean(tf.sub(tf.add(error, tf.softplus(tf.mul(error, -2))), Math.LN2), -1);
});

/** Options of {@link lossHuber}. */
export interface HuberOptions extends LossOptions {
  /** Where the loss turns from quadratic to linear. Default 1. */
  readonly delta?: number | undefined;
}

/**
 * Huber loss: the mean over the last axis of `x²/2` where `|x| ≤ delta` and of `delta · |x| − delta²/2`
 * elsewhere, with `x = yPred − yTrue`.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`. With another delta than 1 a model is compiled with
 * `loss: lossHuber({ delta: 2 })`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const loss = lossHuber(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 3]]))
 * assert.deepStrictEqual(loss.arraySync(), [1.5])
 * @see R keras `loss_huber`
 */
export const lossHuber = defineLoss<HuberOptions>()(
  'lossHuber',
  ['huber', 'huber_loss', 'huberLoss'],
  { delta: optional(positiveNumber, 1) },
  (yTrue, yPred, { delta }) => {
    // With q = min(|x|, delta): q²/2 + delta (|x| − q) is x²/2 up to delta and delta |x| − delta²/2 beyond.
    const error = absolute(tf.sub(yPred, yTrue));
    const quadratic = tf.minimum(error, delta);
    const linear = tf.sub(error, quadratic);
    return tf.mean(tf.add(tf.mul(tf.square(quadratic), 0.5), tf.mul(linear, delta)), -1);
  },
  'huber_loss',
);

/** Options of {@link lossCosineSimilarity}. */
export interface CosineSimilarityLossOptions extends LossOptions {
  /** The axis of the vectors that are compared. Default −1. */
  readonly axis?: number | undefined;
}

/**
 * Cosine similarity with its sign turned, so that −1 is the same direction: `−Σ a · b`, where `a` and `b` are
 * `yTrue` and `yPred` divided by their lengths along the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`, from −1 to 1. The metric of this name is not turned.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const [loss = NaN] = lossCosineSimilarity(tf.tensor2d([[0, 2]]), tf.tensor2d([[0, 5]])).dataSync()
 * assert.ok(Math.abs(loss + 1) < 1e-6)
 * @see R keras `loss_cosine_similarity`
 */
export const lossCosineSimilarity = defineLoss<CosineSimilarityLossOptions>()(
  'lossCosineSimilarity',
  ['cosine_similarity', 'cosine_proximity', 'cosineProximity'],
  { axis: optional(integer, -1) },
  (yTrue, yPred, { axis }) => {
    const along = axisOf('lossCosineSimilarity', axis, yPred);
    const direction = (x: Tensor): Tensor =>
      tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), along, true), 1e-12)));
    return tf.neg(tf.sum(tf.mul(direction(yTrue), direction(yPred)), along));
  },
);
