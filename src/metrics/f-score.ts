import { argumentError, checkThat, optional, positiveNumber, type Check } from '../base/checks';
import { didYouMean } from '../base/suggestions';
import type { BareOption } from '../base/maker';
import type { Named, NameList, NamesOf } from '../base/registry';
import { labelsLikeOutput } from '../losses/define-loss';
import { describeShape, KerasShapeError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMetric, type MetricBody } from './define-metric';
import { ratio, weightsFor, type MetricOptions, type StatefulMetric } from './metric';

/** How the scores of classes become one: not at all, from all counts together, or as their mean, plain or by their frequency. */
export type ScoreAverage = 'micro' | 'macro' | 'weighted';

/** Options of {@link metricF1Score}. */
export interface F1ScoreOptions extends MetricOptions {
  /** How the scores of classes become one. By default, or as null, there is one for each class. */
  readonly average?: ScoreAverage | null | undefined;
  /** Predictions above it count as 1, others as 0; above 0, up to 1. By default the largest of each sample does. */
  readonly threshold?: number | null | undefined;
}

/** Options of {@link metricFbetaScore}. */
export interface FbetaScoreOptions extends F1ScoreOptions {
  /** How much more recall counts than precision. Default 1. */
  readonly beta?: number | undefined;
}

/** A function that makes a score: one for all classes with an average, else one for each class. */
export interface ScoreFunction<
  Options extends F1ScoreOptions,
  Name extends string = string,
> extends Named<Name> {
  (options: Options & { readonly average: ScoreAverage }): StatefulMetric;
  (
    options?: (Options & { readonly average?: null | undefined }) | BareOption<Options>,
  ): StatefulMetric<number[]>;
}

const AVERAGES = ['micro', 'macro', 'weighted'] as const;

const average: Check<ScoreAverage | null> = (value, place) => {
  const found = value === null ? null : AVERAGES.find((name) => name === value);
  if (found !== undefined) return found;
  throw argumentError(
    place,
    "null, or one of 'micro', 'macro', 'weighted'",
    value,
    typeof value === 'string' ? didYouMean(value, AVERAGES) : undefined,
  );
};

const threshold = checkThat(
  'a number above 0, up to 1, or null',
  (value): value is number | null => value === null || (typeof value === 'number' && value > 0 && value <= 1),
);

const f1Checks = { average: optional(average), threshold: optional(threshold) };
const fbetaChecks = { ...f1Checks, beta: optional(positiveNumber, 1) };

/** Predictions as 0 and 1: those above the threshold, or the largest of each sample, if it is not 0. */
const decide = (yPred: Tensor, above: number | null): Tensor => {
  if (above !== null) return tf.cast(tf.greater(yPred, above), 'float32');
  const isLargest = tf.greaterEqual(yPred, tf.max(yPred, -1, true));
  return tf.cast(tf.logicalAnd(isLargest, tf.greater(tf.abs(yPred), 1e-9)), 'float32');
};

const fBeta = (right: number, wrong: number, missed: number, beta: number): number => {
  const [precision, recall] = [ratio(right, right + wrong), ratio(right, right + missed)];
  return (1 + beta ** 2) * ratio(precision * recall, beta ** 2 * precision + recall);
};

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The scores of classes from their counts: right, wrong and missed ones, and how often each is the label. */
const scoreOf = (counts: readonly number[], mode: ScoreAverage | null, beta: number): number | number[] => {
  const classes = counts.length / 4;
  const group = (index: number): number[] => counts.slice(index * classes, (index + 1) * classes);
  const [right, wrong, missed, support] = [group(0), group(1), group(2), group(3)];
  if (mode === 'micro') return fBeta(sumOf(right), sumOf(wrong), sumOf(missed), beta);
  const scores = right.map((count, index) => fBeta(count, wrong[index] ?? 0, missed[index] ?? 0, beta));
  if (mode === null) return scores;
  if (mode === 'macro') return sumOf(scores) / classes;
  const all = sumOf(support);
  return sumOf(scores.map((score, index) => score * ratio(support[index], all)));
};

interface Score {
  readonly beta: number;
  readonly average?: ScoreAverage | null;
  readonly threshold?: number | null;
}

const scoreBody = (
  functionName: string,
  { beta, average: mode = null, threshold: above = null }: Score,
): MetricBody<number | number[]> => ({
  size: (shape) => 4 * (shape.at(-1) ?? 1),
  sums: (yTrue, yPred, weights) => {
    if (yPred.rank < 2) {
      throw new KerasShapeError({
        function: functionName,
        argument: 'yPred',
        expected: 'there must be a prediction for each class, along the last axis',
        received: `predictions of shape ${describeShape(yPred.shape)}`,
        advice: 'For one class give a column: tf.expandDims(yPred, -1)',
      });
    }
    const labels = labelsLikeOutput(functionName, yTrue, yPred);
    const decided = decide(yPred, above);
    const weight = weights === undefined ? undefined : weightsFor(yPred, weights);
    const classes = yPred.shape.at(-1) ?? 1;
    const perClass = (counted: Tensor): Tensor =>
      tf.sum(tf.reshape(weight === undefined ? counted : tf.mul(counted, weight), [-1, classes]), 0);
    return tf.concat([
      perClass(tf.mul(decided, labels)),
      perClass(tf.mul(decided, tf.sub(1, labels))),
      perClass(tf.mul(tf.sub(1, decided), labels)),
      perClass(labels),
    ]);
  },
  result: (counts) => scoreOf(counts, mode, beta),
});

const defineScore = <Options extends F1ScoreOptions>(
  functionName: string,
  name: string,
  checks: typeof f1Checks | typeof fbetaChecks,
): ScoreFunction<Options> => {
  const names: NameList = [name];
  const define = defineMetric<FbetaScoreOptions>()(
    functionName,
    names,
    checks as typeof fbetaChecks, // without beta, it is 1
    (options) => scoreBody(functionName, { ...options, beta: (options as Partial<Score>).beta ?? 1 }),
  );
  // Whether there is one score depends on the options as the overloads say.
  return define as unknown as ScoreFunction<Options>;
};

/**
 * The F-beta score, `(1 + β²) · precision · recall / (β² · precision + recall)`, of each class, or of all by `average`.
 *
 * Labels, 0 or 1, and predictions `[batch, ..., classes]`; counted over all samples, never averaged over batches. In `compile`
 * it needs an `average`, so that it is one number.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, if there is no axis of classes, or the shapes differ.
 * @example
 * const metric = metricFbetaScore({ average: 'micro', beta: 2, threshold: 0.5 })
 * assert.strictEqual(metric.update([[1, 1, 0]], [[0.9, 0.8, 0.1]]).result(), 1)
 * @see R keras 3 `metric_fbeta_score`
 */
export const metricFbetaScore: ScoreFunction<
  FbetaScoreOptions,
  NamesOf<['fbeta_score']>
> = defineScore<FbetaScoreOptions>('metricFbetaScore', 'fbeta_score', fbetaChecks) as ScoreFunction<
  FbetaScoreOptions,
  NamesOf<['fbeta_score']>
>;

/**
 * The F1 score, `2 · precision · recall / (precision + recall)`, of each class, or of all by `average`.
 *
 * Labels, 0 or 1, and predictions `[batch, ..., classes]`; counted over all samples, never averaged over batches. In `compile`
 * it needs an `average`, so that it is one number.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, if there is no axis of classes, or the shapes differ.
 * @example
 * const metric = metricF1Score()
 * const scores = metric.update([[1, 0], [0, 1], [1, 0]], [[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]).result()
 * assert.deepStrictEqual(scores, [1, 1])
 * @see R keras 3 `metric_f1_score`
 */
export const metricF1Score: ScoreFunction<
  F1ScoreOptions,
  NamesOf<['f1_score']>
> = defineScore<F1ScoreOptions>('metricF1Score', 'f1_score', f1Checks) as ScoreFunction<
  F1ScoreOptions,
  NamesOf<['f1_score']>
>;
