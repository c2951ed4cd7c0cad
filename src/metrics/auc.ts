import {
  boolean,
  checkThat,
  nonNegativeNumber,
  oneOf,
  optional,
  positiveInteger,
  type Check,
  type CheckedOptions,
} from '../base/checks';
import { describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { argumentError } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMetric, type MetricBody } from './define-metric';
import { atOrAbove, countedOf, exceeded, histograms, type Counted } from './histogram';
import { ratio, type MetricOptions } from './metric';

/** Options of {@link metricAuc}. */
export interface AucOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 stand for the curve. Default 200. */
  readonly numThresholds?: number | undefined;
  /** True against false positive rate (`'ROC'`, the default), or precision against recall (`'PR'`). */
  readonly curve?: 'ROC' | 'PR' | undefined;
  /**
   * How the area between two points is taken: `'interpolation'`, the default, by a straight line, for PR by that of the counts;
   * `'minoring'` and `'majoring'` by the lower and the higher of the two.
   */
  readonly summationMethod?: 'interpolation' | 'minoring' | 'majoring' | undefined;
  /** The thresholds themselves, 0 to 1; `numThresholds` does not count then. */
  readonly thresholds?: readonly number[] | undefined;
  /** Whether there is a curve for each label, along the last axis, of whose areas the mean counts. Default false. */
  readonly multiLabel?: boolean | undefined;
  /** How many labels there are with `multiLabel`; by default as many as the predictions have. */
  readonly numLabels?: number | undefined;
  /** The weight of each label: in the mean with `multiLabel`, in the counts without. */
  readonly labelWeights?: readonly number[] | undefined;
  /** Whether predictions are logits, of which the sigmoid counts. Default false. */
  readonly fromLogits?: boolean | undefined;
}

const numThresholdsCheck = checkThat(
  'an integer of 2 or more',
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 2,
);

const listOf =
  (what: string, check: Check<number>): Check<readonly number[]> =>
  (value, place) => {
    if (!Array.isArray(value) || value.length === 0) throw argumentError(place, what, value);
    return [...(value as unknown[])].map((item) => check(item, place));
  };

const threshold = checkThat(
  'made of numbers from 0 to 1',
  (value): value is number => typeof value === 'number' && value >= 0 && value <= 1,
);

const aucChecks = {
  numThresholds: optional(numThresholdsCheck, 200),
  curve: optional(oneOf('ROC', 'PR'), 'ROC'),
  summationMethod: optional(oneOf('interpolation', 'minoring', 'majoring'), 'interpolation'),
  thresholds: optional(listOf('an array of numbers from 0 to 1', threshold)),
  multiLabel: optional(boolean, false),
  numLabels: optional(positiveInteger),
  labelWeights: optional(listOf('an array of numbers of 0 or more', nonNegativeNumber)),
  fromLogits: optional(boolean, false),
};

type Checked = CheckedOptions<typeof aucChecks>;

const checkTogether = ({ multiLabel, numLabels, labelWeights }: Checked): void => {
  const error = (argument: string, expected: string, received: string, advice: string): never => {
    throw new KerasArgumentError({ function: 'metricAuc', argument, expected, received, advice });
  };
  if (numLabels !== undefined && !multiLabel) {
    error(
      'numLabels',
      '`numLabels` counts with `multiLabel` only',
      `numLabels: ${numLabels} without it`,
      'Write multiLabel: true, or leave numLabels out',
    );
  }
  if (numLabels !== undefined && labelWeights !== undefined && labelWeights.length !== numLabels) {
    error(
      'labelWeights',
      `\`labelWeights\` must have a weight for each of the ${numLabels} labels`,
      `${labelWeights.length} weights`,
      'Give one for each',
    );
  }
};

const EPSILON = 1e-7;

/** Between all thresholds, one below 0 and one above 1: even ones by their number, others themselves. */
const thresholdsOf = ({ thresholds, numThresholds }: Checked): { even: number } | readonly number[] => {
  if (thresholds === undefined) return { even: numThresholds };
  const sorted = [...thresholds].sort((a, b) => a - b);
  const even = sorted.length + 2;
  const isEven = sorted.length > 0 && sorted.every((one, index) => near(one, (index + 1) / (even - 1)));
  return isEven ? { even } : [-EPSILON, ...sorted, 1 + EPSILON];
};

/** As NumPy's `allclose` says it, with Keras's tolerance. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= EPSILON + 1e-5 * Math.abs(b);

/** Points of a curve, from the lowest threshold to the highest. */
interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Weighted true and false positives at each threshold. */
interface Positives {
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

const curveOf = ({ right, wrong }: Positives, kind: 'ROC' | 'PR'): Curve => {
  const recall = right.map((count) => ratio(count, right[0]));
  return kind === 'ROC'
    ? { x: wrong.map((count) => ratio(count, wrong[0])), y: recall }
    : { x: recall, y: right.map((count, index) => ratio(count, count + (wrong[index] ?? 0))) };
};

const HEIGHTS = {
  interpolation: (a: number, b: number): number => (a + b) / 2,
  minoring: Math.min,
  majoring: Math.max,
};

const areaUnder = ({ x, y }: Curve, method: Checked['summationMethod']): number => {
  let area = 0;
  for (let index = 0; index + 1 < x.length; index++) {
    const [width, left, right] = [(x[index] ?? 0) - (x[index + 1] ?? 0), y[index] ?? 0, y[index + 1] ?? 0];
    area += width * HEIGHTS[method](left, right);
  }
  return area;
};

/**
 * The area under the precision-recall curve. Between two thresholds true and predicted positives are taken to
 * grow in proportion (Davis and Goadrich 2006), as in Keras: with slope `s = ΔTP / ΔP` and intercept `i = TP
 * − s P` the area is `s (ΔTP + i log(P′ / P)) / all positives`.
 */
const precisionRecallArea = ({ right, wrong }: Positives): number => {
  let area = 0;
  for (let index = 0; index + 1 < right.length; index++) {
    const [true1, true2] = [right[index] ?? 0, right[index + 1] ?? 0];
    const [predicted, nextPredicted] = [true1 + (wrong[index] ?? 0), true2 + (wrong[index + 1] ?? 0)];
    const slope = ratio(true1 - true2, predicted - nextPredicted);
    const intercept = true2 - slope * nextPredicted;
    const growth = predicted > 0 && nextPredicted > 0 ? Math.log(predicted / nextPredicted) : 0;
    area += ratio(slope * (true1 - true2 + intercept * growth), right[0]);
  }
  return area;
};

const areaOf = (positives: Positives, { curve, summationMethod }: Checked): number =>
  curve === 'PR' && summationMethod === 'interpolation'
    ? precisionRecallArea(positives)
    : areaUnder(curveOf(positives, curve), summationMethod);

const wrongLabels = (expected: string, { shape }: Tensor): KerasShapeError =>
  new KerasShapeError({
    function: 'metricAuc',
    argument: 'yPred',
    expected,
    received: `predictions of shape ${describeShape(shape)}`,
    advice: 'Let labels be along the last axis, and say how many there are',
  });

/** The counted predictions with the labels' weights. */
const withLabelWeights = (counted: Counted, { labelWeights, multiLabel }: Checked): Counted => {
  const { predictions, weights } = counted;
  if (labelWeights === undefined) return counted;
  if (predictions.rank === 0 || predictions.shape.at(-1) !== labelWeights.length) {
    throw wrongLabels(
      `there must be a prediction for each of the ${labelWeights.length} weighted labels`,
      predictions,
    );
  }
  if (multiLabel) return counted;
  const ofLabels = tf.tensor1d([...labelWeights]);
  const all = tf.mul(weights ?? tf.scalar(1), tf.mul(tf.onesLike(predictions), ofLabels));
  return { ...counted, weights: all };
};

/** For each label, the positions of its counts. */
const aucBody = (options: Checked): MetricBody => {
  checkTogether(options);
  const { multiLabel, numLabels, labelWeights, fromLogits } = options;
  const thresholds = thresholdsOf(options);
  const buckets = 'even' in thresholds ? thresholds.even : thresholds.length;
  const labelsOf = (shape: readonly (number | null)[]): number =>
    multiLabel ? (numLabels ?? shape.at(-1) ?? 1) : 1;
  return {
    // Ones, then zeros, for each label by the highest threshold that their prediction exceeds.
    size:
      multiLabel && numLabels === undefined
        ? (shape) => 2 * buckets * labelsOf(shape)
        : 2 * buckets * labelsOf([]),
    ofProbabilities: !fromLogits,
    sums: (yTrue, yPred, weights) => {
      const scores = fromLogits ? tf.sigmoid(yPred) : yPred;
      const counted = withLabelWeights(countedOf('metricAuc', yTrue, scores, weights), options);
      const { predictions } = counted;
      const labels = labelsOf(yPred.shape);
      if (multiLabel && (yPred.rank < 2 || yPred.shape.at(-1) !== labels)) {
        throw wrongLabels(
          `with \`multiLabel\` there must be ${numLabels ?? 'several'} labels for each sample`,
          yPred,
        );
      }
      const reached = exceeded(predictions, thresholds);
      const bucket = 'even' in thresholds ? tf.relu(tf.sub(reached, 1)) : tf.sub(reached, 1);
      const ids = multiLabel ? tf.add(bucket, tf.mul(tf.range(0, labels), buckets)) : bucket;
      return histograms(counted, ids, buckets * labels);
    },
    result: (sums) => {
      const labels = sums.length / buckets / 2;
      const areas = Array.from({ length: labels }, (_, label) => {
        const from = (half: number): number[] =>
          atOrAbove(sums.slice(half * labels * buckets).slice(label * buckets, (label + 1) * buckets));
        return areaOf({ right: from(0), wrong: from(1) }, options);
      });
      const weightOf = (label: number): number => (multiLabel ? (labelWeights?.[label] ?? 1) : 1);
      const total = areas.reduce((sum, area, label) => sum + area * weightOf(label), 0);
      return ratio(
        total,
        areas.reduce((sum, _, label) => sum + weightOf(label), 0),
      );
    },
  };
};

/**
 * The area under the ROC or the precision-recall curve: for ROC, the chance that a one is predicted higher
 * than a zero.
 *
 * Labels, 0 or 1, and predictions of the same shape, from 0 to 1 (in training, others are cut there). The curve is drawn
 * through `numThresholds` points as Keras does it, so that the value is the exact one up to about `1 /
 * numThresholds`; it is counted over all samples, never averaged over batches. With `multiLabel` labels are along the last axis.
 *
 * @throws KerasArgumentError if an option is unknown or out of range, or if options do not go together.
 * @throws KerasShapeError when it is used, if there are other labels than the options say.
 * @example
 * const metric = metricAuc()
 * metric.update([0, 0], [0, 0.5]).update([1, 1], [0.3, 0.9])
 * assert.strictEqual(metric.result(), 0.75)
 * assert.strictEqual(metric.reset().result(), 0)
 * @see R keras `metric_auc`
 */
export const metricAuc = defineMetric<AucOptions>()('metricAuc', ['auc', 'AUC'], aucChecks, aucBody);
