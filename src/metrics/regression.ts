import { toTensor, type ArrayLike } from '../arrays/tensors';
import {
  argumentError,
  integer,
  nonNegativeInteger,
  optional,
  required,
  type Check,
  type CheckedOptions,
} from '../base/checks';
import type { Named, NamesOf } from '../base/registry';
import { describeShape, KerasShapeError } from '../base/errors';
import { asFloat, EPSILON, labelsLikeOutput } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import {
  defineMeanMetric,
  defineMetric,
  type MetricBody,
  type OptionedMetricFunction,
} from './define-metric';
import { axisOf, meanSums, ratio, weightsFor, type MetricOptions, type StatefulMetric } from './metric';

/** Options of {@link metricPearsonCorrelation} and {@link metricConcordanceCorrelation}. */
export interface CorrelationOptions extends MetricOptions {
  /** The axis along which values are correlated. Default −1. */
  readonly axis?: number | undefined;
}

const axisChecks = { axis: optional(integer, -1) };

/** Moments along an axis, which stays. */
const moments = (
  x: Tensor,
  axis: number,
): { readonly mean: Tensor; readonly centered: Tensor; readonly variance: Tensor } => {
  const mean = tf.mean(x, axis, true);
  const centered = tf.sub(x, mean);
  return { mean, centered, variance: tf.mean(tf.square(centered), axis, true) };
};

/**
 * The mean of Pearson's correlation of labels and predictions along an axis: `cov(yTrue, yPred) / (σ(yTrue) · σ(yPred))`, from
 * −1 to 1; NaN where one of them does not vary.
 *
 * Both of the same shape, of two values at least along the axis.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @throws KerasShapeError when it is used, if there is no such axis, or the shapes differ.
 * @example
 * const metric = metricPearsonCorrelation().update([[0, 1, 2]], [[3, 5, 7]])
 * assert.ok(Math.abs(metric.result() - 1) < 1e-6)
 * @see R keras 3 `metric_pearson_correlation`
 */
export const metricPearsonCorrelation = defineMeanMetric<CorrelationOptions>()(
  'metricPearsonCorrelation',
  ['pearson_correlation'],
  axisChecks,
  ({ axis }) =>
    (yTrue, yPred) => {
      const along = axisOf('metricPearsonCorrelation', axis, yPred);
      const labels = moments(labelsLikeOutput('metricPearsonCorrelation', yTrue, yPred), along);
      const predictions = moments(asFloat(yPred), along);
      const unit = ({ centered, variance }: ReturnType<typeof moments>): Tensor =>
        tf.div(centered, tf.sqrt(variance));
      return tf.mean(tf.mul(unit(labels), unit(predictions)), along);
    },
);

/**
 * The mean of Lin's concordance of labels and predictions along an axis:
 * `2 · cov(yTrue, yPred) / (σ²(yTrue) + σ²(yPred) + (mean(yTrue) − mean(yPred))² + 1e-7)`, from −1 to 1.
 *
 * Both of the same shape.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @throws KerasShapeError when it is used, if there is no such axis, or the shapes differ.
 * @example
 * const metric = metricConcordanceCorrelation().update([[0, 1, 2]], [[0, 1, 2]])
 * assert.ok(Math.abs(metric.result() - 1) < 1e-6)
 * @see R keras 3 `metric_concordance_correlation`; Lin 1989
 */
export const metricConcordanceCorrelation = defineMeanMetric<CorrelationOptions>()(
  'metricConcordanceCorrelation',
  ['concordance_correlation'],
  axisChecks,
  ({ axis }) =>
    (yTrue, yPred) => {
      const along = axisOf('metricConcordanceCorrelation', axis, yPred);
      const labels = moments(labelsLikeOutput('metricConcordanceCorrelation', yTrue, yPred), along);
      const predictions = moments(asFloat(yPred), along);
      const covariance = tf.mul(labels.centered, predictions.centered);
      const spread = tf.add(tf.add(labels.variance, predictions.variance), EPSILON);
      const norm = tf.add(spread, tf.squaredDifference(labels.mean, predictions.mean));
      return tf.mean(tf.div(tf.mul(covariance, 2), norm), along);
    },
);

/** Options of {@link metricMeanRelativeError}. */
export interface MeanRelativeErrorOptions extends MetricOptions {
  /** What errors are divided by: numbers that broadcast over the predictions. Errors over 0 count as 0. */
  readonly normalizer: ArrayLike;
}

/** Numbers that are there whatever becomes of the tensor that they came in. */
const numbers: Check<{ readonly values: Float32Array; readonly shape: readonly number[] }> = (value, place) =>
  tf.tidy(() => {
    const { tensor } = toTensor(value, place, 'float32');
    return { values: Float32Array.from(tensor.dataSync()), shape: tensor.shape };
  });

/**
 * The mean of `|yTrue − yPred| / normalizer`.
 *
 * Labels and predictions of the same shape, over which `normalizer` broadcasts.
 *
 * @throws KerasArgumentError if `normalizer` is missing or not made of numbers, or an option unknown.
 * @throws KerasShapeError when it is used, if the shapes differ.
 * @example
 * const metric = metricMeanRelativeError({ normalizer: [1, 3, 2, 3] })
 * assert.ok(Math.abs(metric.update([1, 3, 2, 3], [2, 4, 6, 8]).result() - 1.25) < 1e-6)
 * @see R keras `metric_mean_relative_error`
 */
export const metricMeanRelativeError: OptionedMetricFunction<MeanRelativeErrorOptions> =
  defineMetric<MeanRelativeErrorOptions>()(
    'metricMeanRelativeError',
    ['mean_relative_error'],
    { normalizer: required(numbers) },
    ({ normalizer: { values, shape } }) => ({
      size: 2,
      sums: (yTrue, yPred, weights) => {
        const errors = tf.abs(tf.sub(labelsLikeOutput('metricMeanRelativeError', yTrue, yPred), yPred));
        // A column of predictions takes a row of numbers as a column, too.
        const asColumn =
          yPred.rank === shape.length + 1 && yPred.shape.at(-1) === 1 && shape.at(-1) === yPred.shape.at(-2);
        const normalizer = tf.tensor(values, [...shape, ...(asColumn ? [1] : [])]);
        return meanSums(tf.divNoNan(errors, normalizer), weights);
      },
      result: ([total, weight]) => ratio(total, weight),
    }),
  ) as unknown as OptionedMetricFunction<MeanRelativeErrorOptions>; // by the checks of these options

/** How the scores of outputs become one. */
export type R2Aggregation = 'uniform_average' | 'variance_weighted_average';

/** Options of {@link metricR2Score}. */
export interface R2ScoreOptions extends MetricOptions {
  /** How the scores of outputs become one; with null there is one for each. Default `'uniform_average'`. */
  readonly classAggregation?: R2Aggregation | null | undefined;
  /** How many regressors the adjusted score is for; 0, the default, is the score that is not adjusted. */
  readonly numRegressors?: number | undefined;
}

/** {@link metricR2Score}: without aggregation there is a score for each output. */
export interface R2ScoreFunction extends Named<NamesOf<['r2_score']>> {
  (options: R2ScoreOptions & { readonly classAggregation: null }): StatefulMetric<number[]>;
  (options?: R2ScoreOptions & { readonly classAggregation?: R2Aggregation | undefined }): StatefulMetric;
}

const aggregation: Check<R2Aggregation | null> = (value, place) => {
  if (value === null || value === 'uniform_average' || value === 'variance_weighted_average') return value;
  throw argumentError(place, "null, 'uniform_average' or 'variance_weighted_average'", value);
};

const r2Checks = {
  classAggregation: optional(aggregation, 'uniform_average'),
  numRegressors: optional(nonNegativeInteger, 0),
};

/** The adjusted score, where there are more values than regressors. */
const adjusted = (score: number, values: number, regressors: number): number => {
  if (regressors === 0) return score;
  if (regressors < values - 1) return 1 - ((1 - score) * (values - 1)) / (values - regressors - 1);
  // eslint-disable-next-line no-console -- a warning is for standard error
  console.warn(
    `metricR2Score: the score cannot be adjusted for ${regressors} regressors with ${values} values; it is the plain one.`,
  );
  return score;
};

const r2Of = (
  sums: readonly number[],
  { classAggregation, numRegressors }: CheckedOptions<typeof r2Checks>,
): number | number[] => {
  const outputs = (sums.length - 1) / 4;
  const group = (index: number): number[] => sums.slice(index * outputs, (index + 1) * outputs);
  const [total, squares, residual, count] = [group(0), group(1), group(2), group(3)];
  const values = sums.at(-1) ?? 0;
  const variances = squares.map((square, index) => square - (total[index] ?? 0) ** 2 / (count[index] ?? 0));
  const scores = residual.map((error, index) => {
    const score = 1 - error / (variances[index] ?? NaN);
    return Math.abs(score) === Infinity ? 0 : score;
  });
  const sum = (list: readonly number[]): number => list.reduce((all, value) => all + value, 0);
  if (classAggregation === null) return scores.map((score) => adjusted(score, values, numRegressors));
  const score =
    classAggregation === 'uniform_average'
      ? sum(scores) / outputs
      : sum(scores.map((one, index) => one * (variances[index] ?? 0))) / sum(variances);
  return adjusted(score, values, numRegressors);
};

const r2Body = (options: CheckedOptions<typeof r2Checks>): MetricBody<number | number[]> => ({
  size: (shape) => 4 * (shape.at(-1) ?? 1) + 1,
  sums: (yTrue, yPred, weights) => {
    if (yPred.rank < 2) {
      throw new KerasShapeError({
        function: 'metricR2Score',
        argument: 'yPred',
        expected: 'predictions must be [batch, outputs]',
        received: `shape ${describeShape(yPred.shape)}`,
        advice: 'For one output give a column: tf.expandDims(yPred, -1)',
      });
    }
    const outputs = yPred.shape.at(-1) ?? 1;
    const labels = labelsLikeOutput('metricR2Score', yTrue, yPred);
    const weight = tf.mul(tf.onesLike(labels), weights === undefined ? 1 : weightsFor(labels, weights));
    const perOutput = (counted: Tensor): Tensor => tf.sum(tf.reshape(counted, [-1, outputs]), 0);
    const weighted = tf.mul(labels, weight);
    return tf.concat([
      perOutput(weighted),
      perOutput(tf.mul(labels, weighted)),
      perOutput(tf.mul(tf.squaredDifference(labels, yPred), weight)),
      perOutput(weight),
      tf.tensor1d([labels.size]),
    ]);
  },
  result: (sums) => r2Of(sums, options),
});

/**
 * The coefficient of determination, `1 − Σ(yTrue − yPred)² / Σ(yTrue − mean(yTrue))²`, over all samples; of several outputs by
 * `classAggregation`. 1 is the best.
 *
 * Labels and predictions `[batch, outputs]`. Where the labels do not vary it is 0.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, if there is no axis of outputs, or the shapes differ.
 * @example
 * const metric = metricR2Score().update([[1], [4], [3]], [[2], [4], [4]])
 * assert.ok(Math.abs(metric.result() - 0.571429) < 1e-5)
 * @see R keras 3 `metric_r2_score`
 */
export const metricR2Score: R2ScoreFunction = defineMetric<R2ScoreOptions>()(
  'metricR2Score',
  ['r2_score'],
  r2Checks,
  r2Body,
) as unknown as R2ScoreFunction; // how many scores there are depends on the options as the overloads say
