import { fraction, nonNegativeInteger, optional, positiveInteger, required } from '../base/checks';
import { labelsLikeOutput } from '../losses/define-loss';
import { tf } from '../tfjs/tensorflow';
import { defineMetric, type OptionedMetricFunction } from './define-metric';
import { atOrAbove, countedOf, exceeded, histograms, ofClass } from './histogram';
import { ratio, type MetricOptions } from './metric';

/** Options of metrics that are one thing at the best threshold for another. */
export interface AtThresholdOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 are tried. Default 200. */
  readonly numThresholds?: number | undefined;
  /** The only class that counts, by its place along the last axis. By default all count. */
  readonly classId?: number | undefined;
}

/** Options of {@link metricPrecisionAtRecall}. */
export interface PrecisionAtRecallOptions extends AtThresholdOptions {
  /** The least recall, 0 to 1. */
  readonly recall: number;
}

/** Options of {@link metricRecallAtPrecision}. */
export interface RecallAtPrecisionOptions extends AtThresholdOptions {
  /** The least precision, 0 to 1. */
  readonly precision: number;
}

/** Options of {@link metricSensitivityAtSpecificity}. */
export interface SensitivityAtSpecificityOptions extends AtThresholdOptions {
  /** The least specificity, 0 to 1. */
  readonly specificity: number;
}

/** Options of {@link metricSpecificityAtSensitivity}. */
export interface SpecificityAtSensitivityOptions extends AtThresholdOptions {
  /** The least sensitivity, 0 to 1. */
  readonly sensitivity: number;
}

/** What is counted at one threshold. */
interface Counts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly positives: number;
  readonly negatives: number;
}

type Rate = (counts: Counts) => number;

const precision: Rate = ({ truePositives, falsePositives }) =>
  ratio(truePositives, truePositives + falsePositives);
const recall: Rate = ({ truePositives, positives }) => ratio(truePositives, positives);
const specificity: Rate = ({ falsePositives, negatives }) => ratio(negatives - falsePositives, negatives);

/** Those of the thresholds `i / (count − 1)`; one alone is 0.5. */
const thresholdsOf = (count: number): { even: number } | readonly number[] =>
  count === 1 ? [0.5] : { even: count };

/** The counts of each threshold, of sums by how many thresholds predictions exceed. */
const countsOf = (sums: readonly number[]): Counts[] => {
  const half = sums.length / 2;
  const [ofPositives, ofNegatives] = [atOrAbove(sums.slice(0, half)), atOrAbove(sums.slice(half))];
  return ofPositives.slice(1).map((truePositives, index) => ({
    truePositives,
    falsePositives: ofNegatives[index + 1] ?? 0,
    positives: ofPositives[0] ?? 0,
    negatives: ofNegatives[0] ?? 0,
  }));
};

/** Defines a metric that is the largest `wanted` at a threshold where another rate is large enough. */
const defineAt = <Options extends AtThresholdOptions>(
  functionName: string,
  name: string,
  minOption: Exclude<keyof Options, keyof AtThresholdOptions> & string,
  constrained: Rate,
  maximized: Rate,
): OptionedMetricFunction<Options> => {
  const checks = {
    [minOption]: required(fraction),
    numThresholds: optional(positiveInteger, 200),
    classId: optional(nonNegativeInteger),
  };
  const define = defineMetric<AtThresholdOptions>()(
    functionName,
    [name],
    checks as Pick<typeof checks, 'numThresholds' | 'classId'>, // those besides the one whose name depends
    (options) => {
      const { numThresholds, classId } = options;
      const value = Math.fround((options as Readonly<Record<string, number>>)[minOption] ?? NaN); // required, and checked
      const thresholds = thresholdsOf(numThresholds);
      const buckets = numThresholds + 1;
      return {
        size: 2 * buckets,
        ofProbabilities: true,
        sums: (yTrue, yPred, weights) => {
          const labels = ofClass(functionName, classId, labelsLikeOutput(functionName, yTrue, yPred));
          const scores = ofClass(functionName, classId, yPred);
          const counted = countedOf(functionName, labels, scores, weights);
          return histograms(counted, tf.relu(exceeded(counted.predictions, thresholds)), buckets);
        },
        result: (sums) => {
          // In float32, as Keras compares them: 4 of 5 are as many as 0.8.
          const feasible = countsOf(sums).filter((counts) => Math.fround(constrained(counts)) >= value);
          return feasible.reduce((best, counts) => Math.max(best, maximized(counts)), 0);
        },
      };
    },
  );
  // The required option is among its checks.
  return define as unknown as OptionedMetricFunction<Options>;
};

/**
 * The best precision at a threshold where recall is at least `recall`; 0 if there is none.
 *
 * Labels, 0 or 1, and predictions from 0 to 1, of the same shape; counted over all samples.
 *
 * @throws KerasArgumentError if `recall` is missing, or an option unknown or out of range.
 * @example
 * const metric = metricPrecisionAtRecall({ recall: 0.5 })
 * assert.strictEqual(metric.update([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).result(), 0.5)
 * @see R keras `metric_precision_at_recall`
 */
export const metricPrecisionAtRecall = defineAt<PrecisionAtRecallOptions>(
  'metricPrecisionAtRecall',
  'precision_at_recall',
  'recall',
  recall,
  precision,
);

/**
 * The best recall at a threshold where precision is at least `precision`; 0 if there is none.
 *
 * Labels, 0 or 1, and predictions from 0 to 1, of the same shape; counted over all samples.
 *
 * @throws KerasArgumentError if `precision` is missing, or an option unknown or out of range.
 * @example
 * const metric = metricRecallAtPrecision({ precision: 0.8 })
 * assert.strictEqual(metric.update([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).result(), 0.5)
 * @see R keras `metric_recall_at_precision`
 */
export const metricRecallAtPrecision = defineAt<RecallAtPrecisionOptions>(
  'metricRecallAtPrecision',
  'recall_at_precision',
  'precision',
  precision,
  recall,
);

/**
 * The best sensitivity, `TP / (TP + FN)`, at a threshold where specificity, `TN / (TN + FP)`, is at least `specificity`; 0 if
 * there is none.
 *
 * Labels, 0 or 1, and predictions from 0 to 1, of the same shape; counted over all samples.
 *
 * @throws KerasArgumentError if `specificity` is missing, or an option unknown or out of range.
 * @example
 * const metric = metricSensitivityAtSpecificity({ specificity: 0.5 })
 * assert.strictEqual(metric.update([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).result(), 0.5)
 * @see R keras `metric_sensitivity_at_specificity`
 */
export const metricSensitivityAtSpecificity = defineAt<SensitivityAtSpecificityOptions>(
  'metricSensitivityAtSpecificity',
  'sensitivity_at_specificity',
  'specificity',
  specificity,
  recall,
);

/**
 * The best specificity, `TN / (TN + FP)`, at a threshold where sensitivity, `TP / (TP + FN)`, is at least `sensitivity`; 0 if
 * there is none.
 *
 * Labels, 0 or 1, and predictions from 0 to 1, of the same shape; counted over all samples.
 *
 * @throws KerasArgumentError if `sensitivity` is missing, or an option unknown or out of range.
 * @example
 * const metric = metricSpecificityAtSensitivity({ sensitivity: 0.5 })
 * const value = metric.update([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).result()
 * assert.ok(Math.abs(value - 2 / 3) < 1e-6)
 * @see R keras `metric_specificity_at_sensitivity`
 */
export const metricSpecificityAtSensitivity = defineAt<SpecificityAtSensitivityOptions>(
  'metricSpecificityAtSensitivity',
  'specificity_at_sensitivity',
  'sensitivity',
  recall,
  specificity,
);
