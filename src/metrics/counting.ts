import {
  checkThat,
  nonNegativeInteger,
  optional,
  positiveInteger,
  type CheckedOptions,
} from '../base/checks';
import type { BareOption } from '../base/maker';
import type { Named, NameList, NamesOf } from '../base/registry';
import { labelsLikeOutput } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMetric } from './define-metric';
import { isPositive, lastAxis, ofClass, tooFew } from './histogram';
import { ratio, weightsFor, type Metric, type MetricOptions, type StatefulMetric } from './metric';

/** Options of metrics that count decisions by thresholds. */
export interface ThresholdsOptions extends MetricOptions {
  /** Predictions above it count as positive, 0 to 1; of several, there is a count for each. Default 0.5. */
  readonly thresholds?: number | readonly number[] | undefined;
}

/** Options of {@link metricPrecision} and {@link metricRecall}. */
export interface PrecisionOptions extends ThresholdsOptions {
  /** Only the so many largest predictions of each sample count as positive; without `thresholds`, all of them do. */
  readonly topK?: number | undefined;
  /** The only class that counts, by its place along the last axis. By default all count. */
  readonly classId?: number | undefined;
}

/** A function that makes a metric by thresholds: several thresholds give several values. */
export interface ThresholdMetricFunction<
  Options extends ThresholdsOptions,
  Name extends string = string,
> extends Named<Name> {
  (options: Options & { readonly thresholds: readonly number[] }): StatefulMetric<number[]>;
  (options?: (Options & { readonly thresholds?: number | undefined }) | BareOption<Options>): StatefulMetric;
}

const isThreshold = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= 1;

/** A threshold, or several. */
const thresholdList = checkThat(
  'a number from 0 to 1, or an array of such numbers',
  (value): value is number | readonly number[] =>
    isThreshold(value) ||
    (Array.isArray(value) && value.length > 0 && [...(value as unknown[])].every(isThreshold)),
);

const thresholdsChecks = { thresholds: optional(thresholdList) };
const precisionChecks = {
  ...thresholdsChecks,
  topK: optional(positiveInteger),
  classId: optional(nonNegativeInteger),
};

/** Labels and decisions as 0 and 1, and the weighted sum of a tensor of that shape. */
interface Decisions {
  readonly actual: Tensor;
  readonly decided: Tensor;
  readonly sum: (counted: Tensor) => Tensor;
}

type Count = (decisions: Decisions) => Tensor;

const truePositives: Count = ({ actual, decided, sum }) => sum(tf.mul(actual, decided));
const falsePositives: Count = ({ actual, decided, sum }) => sum(tf.mul(tf.sub(1, actual), decided));
const falseNegatives: Count = ({ actual, decided, sum }) => sum(tf.mul(actual, tf.sub(1, decided)));
const trueNegatives: Count = ({ actual, decided, sum }) => sum(tf.mul(tf.sub(1, actual), tf.sub(1, decided)));
const predictedPositives: Count = ({ decided, sum }) => sum(decided);
const actualPositives: Count = ({ actual, sum }) => sum(actual);

/** 1 where a prediction is among the `k` largest of its sample; of equal ones the first are. */
const amongLargest = (functionName: string, k: number, yPred: Tensor): Tensor => {
  const classes = lastAxis(yPred);
  if (yPred.rank === 0 || k > classes) throw tooFew(functionName, 'topK', k, yPred);
  const { indices } = tf.topk(yPred, k, true);
  return tf.sum(tf.oneHot(indices, classes), -2);
};

/** What is decided at each threshold. */
const decisions = (
  functionName: string,
  { thresholds, topK, classId }: CheckedOptions<typeof precisionChecks>,
  yPred: Tensor,
): Tensor[] => {
  const largest =
    topK === undefined
      ? undefined
      : ofClass(functionName, classId, tf.cast(amongLargest(functionName, topK, yPred), 'float32'));
  if (largest !== undefined && thresholds === undefined) return [largest];
  const values = ofClass(functionName, classId, yPred);
  return [thresholds ?? 0.5].flat().map((threshold) => {
    const above = tf.cast(tf.greater(values, threshold), 'float32');
    return largest === undefined ? above : tf.mul(above, largest);
  });
};

/** Defines a metric that counts decisions; `value` is that of the counts at one threshold. */
const defineCounting =
  <Options extends ThresholdsOptions>(checks: typeof thresholdsChecks | typeof precisionChecks) =>
  <const Names extends NameList>(
    functionName: string,
    names: Names,
    counts: readonly Count[],
    value: (counts: readonly number[]) => number,
  ): ThresholdMetricFunction<Options, NamesOf<Names>> => {
    const define = defineMetric<PrecisionOptions>()(
      functionName,
      names,
      checks as typeof precisionChecks, // without some of them, those options are not there
      (options) => {
        const several = [options.thresholds ?? 0.5].flat().length;
        const sums: Metric['sums'] = (yTrue, yPred, weights) => {
          const labels = labelsLikeOutput(functionName, yTrue, yPred);
          const actual = isPositive(ofClass(functionName, options.classId, labels));
          const weight = weights === undefined ? undefined : weightsFor(actual, weights);
          const sum = (counted: Tensor): Tensor =>
            tf.sum(weight === undefined ? counted : tf.mul(counted, weight));
          const decided = decisions(functionName, options, yPred);
          return tf.stack(
            decided.flatMap((one) => counts.map((count) => count({ actual, decided: one, sum }))),
          );
        };
        const result = (all: readonly number[]): number | number[] => {
          const values = Array.from({ length: several }, (_, index) =>
            value(all.slice(index * counts.length, (index + 1) * counts.length)),
          );
          return Array.isArray(options.thresholds) ? values : (values[0] ?? NaN);
        };
        return { size: counts.length * several, sums, result, ofProbabilities: true };
      },
    );
    // How many values there are depends on the options as the overloads say.
    return define as unknown as ThresholdMetricFunction<Options, NamesOf<Names>>;
  };

/**
 * Precision: the fraction of true ones among the predictions above the threshold, `TP / (TP + FP)`; 0 if there
 * is none.
 *
 * Labels, 0 or 1, and predictions of the same shape; counted over all samples, never averaged over batches. With `topK`
 * precision at k.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, if there are fewer classes than `topK` or `classId` say.
 * @example
 * assert.strictEqual(metricPrecision().update([[1], [0], [1]], [[0.9], [0.8], [0.2]]).result(), 0.5)
 * const atThree = metricPrecision({ thresholds: [0.1, 0.5, 0.85] })
 * assert.deepStrictEqual(atThree.update([1, 0], [0.9, 0.8]).result(), [0.5, 0.5, 1])
 * @see R keras `metric_precision`
 */
export const metricPrecision = defineCounting<PrecisionOptions>(precisionChecks)(
  'metricPrecision',
  ['precision'],
  [truePositives, predictedPositives],
  ([right, all]) => ratio(right, all),
);

/**
 * Recall: the fraction of the true ones that are predicted above the threshold, `TP / (TP + FN)`; 0 if there is
 * none.
 *
 * Labels, 0 or 1, and predictions of the same shape; counted over all samples, never averaged over batches. With `topK`
 * recall at k.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, if there are fewer classes than `topK` or `classId` say.
 * @example
 * assert.strictEqual(metricRecall().update([[1], [0], [1]], [[0.9], [0.8], [0.2]]).result(), 0.5)
 * assert.strictEqual(metricRecall({ topK: 1 }).update([[1, 1, 0]], [[0.3, 0.1, 0.2]]).result(), 0.5)
 * @see R keras `metric_recall`
 */
export const metricRecall = defineCounting<PrecisionOptions>(precisionChecks)(
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
 * assert.strictEqual(metricTruePositives().update([[1], [0]], [[0.9], [0.8]]).result(), 1)
 * @see R keras `metric_true_positives`
 */
export const metricTruePositives = defineCounting<ThresholdsOptions>(thresholdsChecks)(
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
 * assert.strictEqual(metricFalsePositives().update([[1], [0]], [[0.9], [0.8]]).result(), 1)
 * @see R keras `metric_false_positives`
 */
export const metricFalsePositives = defineCounting<ThresholdsOptions>(thresholdsChecks)(
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
 * assert.strictEqual(metricFalseNegatives().update([[1], [0]], [[0.1], [0.8]]).result(), 1)
 * @see R keras `metric_false_negatives`
 */
export const metricFalseNegatives = defineCounting<ThresholdsOptions>(thresholdsChecks)(
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
 * assert.strictEqual(metricTrueNegatives().update([[1], [0]], [[0.1], [0.2]]).result(), 1)
 * @see R keras `metric_true_negatives`
 */
export const metricTrueNegatives = defineCounting<ThresholdsOptions>(thresholdsChecks)(
  'metricTrueNegatives',
  ['true_negatives'],
  [trueNegatives],
  ([count = 0]) => count,
);
