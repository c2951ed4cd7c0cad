import { describeShape, KerasShapeError } from '../base/errors';
import { asFloat } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';

/**
 * A metric as sums that add up over batches, so that batches of unequal size and metrics that are no means
 * come out exact.
 */
export interface Metric {
  /** As the user named it: `'acc'` stays `'acc'`. */
  readonly name: string;
  /** How many sums there are. */
  readonly size: number;
  /**
   * The sums of one batch, `[size]`, float32. `weights` are one per sample, `[batch]`, or one per step of masked sequences,
   * `[batch, steps]`, or undefined for 1.
   */
  sums(yTrue: Tensor, yPred: Tensor, weights: Tensor | undefined): Tensor;
  /** The metric of the sums added up over batches. */
  result(sums: Float64Array | readonly number[]): number;
}

/** A metric of the user's own: its value for each sample, or one for the batch. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Options that every `metric…` function takes. */
export interface MetricOptions {
  /** What the metric is called in the history. */
  readonly name?: string | undefined;
}

/** A function that makes a metric, with defaults if it is called without options. */
export type MetricFactory = () => Metric;

/**
 * Weights of samples, in a shape that broadcasts over values of which there may be several for each sample.
 */
export const weightsFor = (values: Tensor, weights: Tensor): Tensor => {
  const trailing = values.rank - weights.rank;
  if (trailing < 0 || weights.shape.some((size, axis) => size !== values.shape[axis])) {
    throw new KerasShapeError({
      function: 'metrics',
      argument: 'sampleWeight',
      expected: `there must be a value for each ${weights.rank > 1 ? 'step of masked sequences' : 'sample'}`,
      received: `values of shape ${describeShape(values.shape)} for weights of shape ${describeShape(weights.shape)}`,
      advice: `Let the metric return one value for each ${weights.rank > 1 ? 'step' : 'sample'}`,
    });
  }
  const floats = asFloat(weights);
  return trailing === 0 ? floats : tf.reshape(floats, [...weights.shape, ...Array<number>(trailing).fill(1)]);
};

/** The sum of values and the sum of their weights, `[2]`. */
const meanSums = (values: Tensor, weights: Tensor | undefined): Tensor => {
  if (weights === undefined) return tf.stack([tf.sum(values), tf.scalar(values.size)]);
  const total = tf.sum(asFloat(weights));
  if (values.rank === 0) return tf.stack([tf.mul(values, total), total]);
  const spread = weightsFor(values, weights);
  // What has no weight may be infinite, or NaN: padding is anything.
  const counted = tf.where(tf.notEqual(spread, 0), values, tf.zerosLike(values));
  const weighted = tf.sum(tf.mul(counted, spread));
  return tf.stack([weighted, tf.mul(total, values.size / weights.size)]);
};

/** `a / b`, and 0 where there is nothing to divide by, as Keras has it. */
export const ratio = (a: number | undefined, b: number | undefined): number =>
  b === undefined || b === 0 ? 0 : (a ?? 0) / b;

/** A metric that is the weighted mean of values; `finish` is applied to the mean. */
export const meanMetric = (
  name: string,
  values: MetricFunction,
  finish: (mean: number) => number = (mean) => mean,
): Metric => ({
  name,
  size: 2,
  sums: (yTrue, yPred, weights) => tf.tidy(() => meanSums(asFloat(values(yTrue, yPred)), weights)),
  result: ([total, weight]) => finish(ratio(total, weight)),
});
