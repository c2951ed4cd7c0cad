import {
  lossBinaryCrossentropy,
  lossCategoricalCrossentropy,
  lossKlDivergence,
  lossPoisson,
  lossSparseCategoricalCrossentropy,
} from '../losses/crossentropies';
import { asFloat, labelsLikeOutput } from '../losses/define-loss';
import { lossCategoricalHinge, lossHinge, lossSquaredHinge } from '../losses/hinges';
import {
  lossLogcosh,
  lossMeanAbsoluteError,
  lossMeanAbsolutePercentageError,
  lossMeanSquaredError,
  lossMeanSquaredLogarithmicError,
} from '../losses/regression';
import { integer, optional } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMeanMetric, metricOfLoss } from './define-metric';
import { axisOf, type MetricOptions } from './metric';

/**
 * The mean of `(yPred − yTrue)²`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricMeanSquaredError().update(tf.zeros([2, 1]), tf.fill([2, 1], 3))
 * assert.ok(Math.abs(metric.result() - 9) < 1e-6)
 * @see R keras `metric_mean_squared_error`
 */
export const metricMeanSquaredError = metricOfLoss('metricMeanSquaredError', lossMeanSquaredError);

/**
 * The mean of `|yPred − yTrue|`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricMeanAbsoluteError().update(tf.zeros([2, 1]), tf.fill([2, 1], -3))
 * assert.ok(Math.abs(metric.result() - 3) < 1e-6)
 * @see R keras `metric_mean_absolute_error`
 */
export const metricMeanAbsoluteError = metricOfLoss('metricMeanAbsoluteError', lossMeanAbsoluteError);

/**
 * The mean of `100 · |yTrue − yPred| / |yTrue|`, in per cent.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricMeanAbsolutePercentageError().update(tf.ones([2, 1]), tf.fill([2, 1], 1.5))
 * assert.ok(Math.abs(metric.result() - 50) < 1e-6)
 * @see R keras `metric_mean_absolute_percentage_error`
 */
export const metricMeanAbsolutePercentageError = metricOfLoss(
  'metricMeanAbsolutePercentageError',
  lossMeanAbsolutePercentageError,
);

/**
 * The mean of `(log(yPred + 1) − log(yTrue + 1))²`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricMeanSquaredLogarithmicError().update(tf.ones([2, 1]), tf.ones([2, 1]))
 * assert.ok(Math.abs(metric.result() - 0) < 1e-6)
 * @see R keras `metric_mean_squared_logarithmic_error`
 */
export const metricMeanSquaredLogarithmicError = metricOfLoss(
  'metricMeanSquaredLogarithmicError',
  lossMeanSquaredLogarithmicError,
);

/**
 * The mean of `log(cosh(yPred − yTrue))`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricLogcoshError().update(tf.ones([2, 1]), tf.ones([2, 1]))
 * assert.ok(Math.abs(metric.result() - 0) < 1e-6)
 * @see R keras `metric_logcosh_error`
 */
export const metricLogcoshError = metricOfLoss('metricLogcoshError', lossLogcosh, 'logcosh');

/**
 * The mean of `max(1 − yTrue · yPred, 0)`, labels −1 and 1 or 0 and 1.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricHinge().update(tf.ones([2, 1]), tf.fill([2, 1], 0.5))
 * assert.ok(Math.abs(metric.result() - 0.5) < 1e-6)
 * @see R keras `metric_hinge`
 */
export const metricHinge = metricOfLoss('metricHinge', lossHinge);

/**
 * The mean of `max(1 − yTrue · yPred, 0)²`, labels −1 and 1 or 0 and 1.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricSquaredHinge().update(tf.ones([2, 1]), tf.fill([2, 1], 0.5))
 * assert.ok(Math.abs(metric.result() - 0.25) < 1e-6)
 * @see R keras `metric_squared_hinge`
 */
export const metricSquaredHinge = metricOfLoss('metricSquaredHinge', lossSquaredHinge);

/**
 * The mean of `max(1 + max((1 − yTrue) · yPred) − Σ yTrue · yPred, 0)`, labels one-hot.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricCategoricalHinge().update(tf.tensor2d([[0, 1]]), tf.tensor2d([[0.5, 0.25]]))
 * assert.ok(Math.abs(metric.result() - 1.25) < 1e-6)
 * @see R keras `metric_categorical_hinge`
 */
export const metricCategoricalHinge = metricOfLoss('metricCategoricalHinge', lossCategoricalHinge);

/**
 * The mean of `yPred − yTrue · log(yPred)`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricPoisson().update(tf.zeros([2, 1]), tf.ones([2, 1]))
 * assert.ok(Math.abs(metric.result() - 1) < 1e-6)
 * @see R keras `metric_poisson`
 */
export const metricPoisson = metricOfLoss('metricPoisson', lossPoisson);

/**
 * The mean of `Σ yTrue · log(yTrue / yPred)`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricKullbackLeiblerDivergence().update(tf.fill([2, 2], 0.5), tf.fill([2, 2], 0.5))
 * assert.ok(Math.abs(metric.result() - 0) < 1e-6)
 * @see R keras `metric_kullback_leibler_divergence`
 */
export const metricKullbackLeiblerDivergence = metricOfLoss(
  'metricKullbackLeiblerDivergence',
  lossKlDivergence,
  'kullback_leibler_divergence',
);

/**
 * The mean crossentropy of binary labels, see {@link lossBinaryCrossentropy}.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricBinaryCrossentropy().update(tf.ones([2, 1]), tf.fill([2, 1], 0.5))
 * assert.ok(Math.abs(metric.result() - Math.log(2)) < 1e-6)
 * @see R keras `metric_binary_crossentropy`
 */
export const metricBinaryCrossentropy = metricOfLoss('metricBinaryCrossentropy', lossBinaryCrossentropy);

/**
 * The mean crossentropy of one-hot labels, see {@link lossCategoricalCrossentropy}.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricCategoricalCrossentropy().update(tf.tensor2d([[0, 1]]), tf.tensor2d([[0.5, 0.5]]))
 * assert.ok(Math.abs(metric.result() - Math.log(2)) < 1e-6)
 * @see R keras `metric_categorical_crossentropy`
 */
export const metricCategoricalCrossentropy = metricOfLoss(
  'metricCategoricalCrossentropy',
  lossCategoricalCrossentropy,
);

/**
 * The mean crossentropy of class numbers, see {@link lossSparseCategoricalCrossentropy}.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const metric = metricSparseCategoricalCrossentropy().update(tf.tensor1d([1]), tf.tensor2d([[0.5, 0.5]]))
 * assert.ok(Math.abs(metric.result() - Math.log(2)) < 1e-6)
 * @see R keras `metric_sparse_categorical_crossentropy`
 */
export const metricSparseCategoricalCrossentropy = metricOfLoss(
  'metricSparseCategoricalCrossentropy',
  lossSparseCategoricalCrossentropy,
);

/** Options of {@link metricCosineSimilarity}. */
export interface CosineSimilarityOptions extends MetricOptions {
  /** The axis along which the angle is taken. Default −1. */
  readonly axis?: number | undefined;
}

/**
 * The mean of the cosine of the angle between `yTrue` and `yPred` along an axis: 1 is the same direction. The loss of this name
 * is the negative of it.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricCosineSimilarity().update([[0, 2]], [[0, 5]])
 * assert.ok(Math.abs(metric.result() - 1) < 1e-6)
 * @see R keras `metric_cosine_similarity`
 */
export const metricCosineSimilarity = defineMeanMetric<CosineSimilarityOptions>()(
  'metricCosineSimilarity',
  ['cosine_similarity', 'cosine_proximity', 'cosineProximity'],
  { axis: optional(integer, -1) },
  ({ axis }) =>
    (yTrue, yPred) => {
      const along = axisOf('metricCosineSimilarity', axis, yPred);
      const direction = (x: Tensor): Tensor =>
        tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), along, true), 1e-12)));
      const labels = labelsLikeOutput('metricCosineSimilarity', yTrue, yPred);
      return tf.sum(tf.mul(direction(labels), direction(asFloat(yPred))), along);
    },
);

/**
 * The root of the mean of `(yPred − yTrue)²` over all samples and outputs.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * assert.strictEqual(metricRootMeanSquaredError().update(tf.zeros([2, 1]), tf.fill([2, 1], 3)).result(), 3)
 * @see R keras `metric_root_mean_squared_error`
 */
export const metricRootMeanSquaredError = defineMeanMetric<MetricOptions>()(
  'metricRootMeanSquaredError',
  ['root_mean_squared_error'],
  {},
  () => (yTrue, yPred) =>
    tf.squaredDifference(yPred, labelsLikeOutput('metricRootMeanSquaredError', yTrue, yPred)),
  Math.sqrt,
);
