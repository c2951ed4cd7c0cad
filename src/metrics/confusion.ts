import { checkThat, fraction, oneOf, optional } from '../base/checks';
import type { MakerFunction } from '../base/maker';
import type { NameList, NamesOf } from '../base/registry';
import { asFloat, labelsLikeOutput } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMetric } from './define-metric';
import { ratio, weightsFor, type Metric, type MetricOptions } from './metric';

/** Options of metrics that count binary decisions. */
export interface ThresholdOptions extends MetricOptions {
  /** Predictions above it count as positive. Default 0.5. */
  readonly threshold?: number | undefined;
}

/** Labels and decisions as 0 and 1, and the weight of each: a number, or a tensor that broadcasts. */
interface Decisions {
  readonly actual: Tensor;
  readonly decided: Tensor;
  /** The weighted sum of a tensor of that shape. */
  readonly sum: (counted: Tensor) => Tensor;
}

type Count = (decisions: Decisions) => Tensor;

const truePositives: Count = ({ actual, decided, sum }) => sum(tf.mul(actual, decided));
const falsePositives: Count = ({ actual, decided, sum }) => sum(tf.mul(tf.sub(1, actual), decided));
const falseNegatives: Count = ({ actual, decided, sum }) => sum(tf.mul(actual, tf.sub(1, decided)));
const trueNegatives: Count = ({ actual, decided, sum }) => sum(tf.mul(tf.sub(1, actual), tf.sub(1, decided)));
const predictedPositives: Count = ({ decided, sum }) => sum(decided);
const actualPositives: Count = ({ actual, sum }) => sum(actual);

const isPositive = (labels: Tensor): Tensor => tf.cast(tf.notEqual(labels, 0), 'float32');

/** Defines a metric that counts predictions above a threshold. */
const defineCountingMetric = <const Names extends NameList>(
  functionName: string,
  names: Names,
  counts: readonly Count[],
  result: Metric['result'],
): MakerFunction<ThresholdOptions, Metric, NamesOf<Names>> =>
  defineMetric<ThresholdOptions>()(
    functionName,
    names,
    { threshold: optional(fraction, 0.5) },
    ({ name, threshold }) => {
      const sums: Metric['sums'] = (yTrue, yPred, weights) =>
        tf.tidy(() => {
          const weightsOfAll = weights === undefined ? undefined : weightsFor(yPred, weights);
          const decisions: Decisions = {
            actual: isPositive(labelsLikeOutput(functionName, yTrue, yPred)),
            decided: tf.cast(tf.greater(yPred, threshold), 'float32'),
            sum: (counted) => tf.sum(weightsOfAll === undefined ? counted : tf.mul(counted, weightsOfAll)),
          };
          return tf.stack(counts.map((count) => count(decisions)));
        });
      return { name, size: counts.length, sums, result };
    },
  );

/**
 * Precision: the fraction of true ones among the predictions above the threshold, `TP / (TP + FP)`; 0 if there
 * is none.
 *
 * Labels, 0 or 1, and predictions of the same shape; counted over all samples, never averaged over batches.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricPrecision()
 * const sums = metric.sums(tf.tensor2d([[1], [0], [1]]), tf.tensor2d([[0.9], [0.8], [0.2]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 0.5)
 * @see R keras `metric_precision`
 */
export const metricPrecision = defineCountingMetric(
  'metricPrecision',
  ['precision'],
  [truePositives, predictedPositives],
  ([right, all]) => ratio(right, all),
);

/**
 * Recall: the fraction of the true ones that are predicted above the threshold, `TP / (TP + FN)`; 0 if there is
 * none.
 *
 * Labels, 0 or 1, and predictions of the same shape; counted over all samples, never averaged over batches.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricRecall()
 * const sums = metric.sums(tf.tensor2d([[1], [0], [1]]), tf.tensor2d([[0.9], [0.8], [0.2]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 0.5)
 * @see R keras `metric_recall`
 */
export const metricRecall = defineCountingMetric(
  'metricRecall',
  ['recall'],
  [truePositives, actualPositives],
  ([right, all]) => ratio(right, all),
);

/**
 * The number of ones predicted above the threshold.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricTruePositives()
 * const sums = metric.sums(tf.tensor2d([[1], [0]]), tf.tensor2d([[0.9], [0.8]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 1)
 * @see R keras `metric_true_positives`
 */
export const metricTruePositives = defineCountingMetric(
  'metricTruePositives',
  ['true_positives'],
  [truePositives],
  ([count = 0]) => count,
);

/**
 * The number of zeros predicted above the threshold.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricFalsePositives()
 * const sums = metric.sums(tf.tensor2d([[1], [0]]), tf.tensor2d([[0.9], [0.8]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 1)
 * @see R keras `metric_false_positives`
 */
export const metricFalsePositives = defineCountingMetric(
  'metricFalsePositives',
  ['false_positives'],
  [falsePositives],
  ([count = 0]) => count,
);

/**
 * The number of ones not predicted above the threshold.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricFalseNegatives()
 * const sums = metric.sums(tf.tensor2d([[1], [0]]), tf.tensor2d([[0.1], [0.8]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 1)
 * @see R keras `metric_false_negatives`
 */
export const metricFalseNegatives = defineCountingMetric(
  'metricFalseNegatives',
  ['false_negatives'],
  [falseNegatives],
  ([count = 0]) => count,
);

/**
 * The number of zeros not predicted above the threshold.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricTrueNegatives()
 * const sums = metric.sums(tf.tensor2d([[1], [0]]), tf.tensor2d([[0.1], [0.2]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 1)
 * @see R keras `metric_true_negatives`
 */
export const metricTrueNegatives = defineCountingMetric(
  'metricTrueNegatives',
  ['true_negatives'],
  [trueNegatives],
  ([count = 0]) => count,
);

/** Options of {@link metricAuc}. */
export interface AucOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 stand for the curve. Default 200. */
  readonly numThresholds?: number | undefined;
  /** True against false positive rate (`'ROC'`, the default), or precision against recall (`'PR'`). */
  readonly curve?: 'ROC' | 'PR' | undefined;
}

const thresholds = checkThat(
  'an integer of 2 or more',
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 2,
);

/** The sum of the counts at and after each position. */
const atOrAbove = (counts: readonly number[]): number[] => {
  let sum = 0;
  return counts
    .toReversed()
    .map((count) => (sum += count))
    .toReversed();
};

/** The area under the ROC curve, by the trapezoidal rule. */
const rocArea = (positives: readonly number[], negatives: readonly number[]): number => {
  const rate = (counts: readonly number[], index: number): number => ratio(counts[index], counts[0]);
  let area = 0;
  for (let index = 0; index + 1 < positives.length; index += 1) {
    const width = rate(negatives, index) - rate(negatives, index + 1);
    area += (width * (rate(positives, index) + rate(positives, index + 1))) / 2;
  }
  return area;
};

/**
 * The area under the precision-recall curve. Between two thresholds true and predicted positives are taken to
 * grow in proportion (Davis and Goadrich 2006), as in Keras: with slope `s = ΔTP / ΔP` and intercept `i = TP
 * − s P` the area is `s (ΔTP + i log(P′ / P)) / all positives`.
 */
const precisionRecallArea = (positives: readonly number[], negatives: readonly number[]): number => {
  let area = 0;
  for (let index = 0; index + 1 < positives.length; index += 1) {
    const [right, next] = [positives[index] ?? 0, positives[index + 1] ?? 0];
    const [predicted, nextPredicted] = [right + (negatives[index] ?? 0), next + (negatives[index + 1] ?? 0)];
    const slope = ratio(right - next, predicted - nextPredicted);
    const intercept = next - slope * nextPredicted;
    const growth = predicted > 0 && nextPredicted > 0 ? Math.log(predicted / nextPredicted) : 0;
    area += ratio(slope * (right - next + intercept * growth), positives[0]);
  }
  return area;
};

/**
 * The area under the ROC or the precision-recall curve: for ROC, the chance that a one is predicted higher
 * than a zero.
 *
 * Labels, 0 or 1, and predictions of the same shape, from 0 to 1 (others are cut there). The curve is drawn
 * through `numThresholds` points as Keras does it, so that the value is the exact one up to about `1 /
 * numThresholds`; it is counted over all samples, never averaged over batches.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * const metric = metricAuc()
 * const sums = metric.sums(tf.tensor2d([[0], [0], [1], [1]]), tf.tensor2d([[0], [0.5], [0.3], [0.9]]), undefined)
 * assert.strictEqual(metric.result([...sums.dataSync()]), 0.75)
 * @see R keras `metric_auc`
 */
export const metricAuc = defineMetric<AucOptions>()(
  'metricAuc',
  ['auc', 'AUC'],
  {
    numThresholds: optional(thresholds, 200),
    curve: optional(oneOf('ROC', 'PR'), 'ROC'),
  },
  ({ name, numThresholds: buckets, curve }) => ({
    name,
    // Ones, then zeros, by the highest threshold that their prediction exceeds.
    size: 2 * buckets,
    sums: (yTrue, yPred, weights) =>
      tf.tidy(() => {
        const labels = isPositive(labelsLikeOutput('metricAuc', yTrue, yPred));
        const cut = tf.clipByValue(asFloat(yPred), 0, 1);
        const bucket = tf.relu(tf.sub(tf.ceil(tf.mul(cut, buckets - 1)), 1));
        const ids = tf.reshape(tf.cast(bucket, 'int32'), [yPred.size]).as1D();
        const histogram = (counted: Tensor): Tensor => {
          const weighted = weights === undefined ? counted : tf.mul(counted, weightsFor(yPred, weights));
          return tf.unsortedSegmentSum(tf.reshape(weighted, [yPred.size]), ids, buckets);
        };
        return tf.concat([histogram(labels), histogram(tf.sub(1, labels))]);
      }),
    result: (sums) => {
      const positives = atOrAbove([...sums.slice(0, buckets)]);
      const negatives = atOrAbove([...sums.slice(buckets)]);
      return curve === 'ROC' ? rocArea(positives, negatives) : precisionRecallArea(positives, negatives);
    },
  }),
);
