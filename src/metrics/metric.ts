import { toTensor, type ArrayLike } from '../arrays/tensors';
import { refuseSurplus } from '../base/function-name';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { asFloat } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** What a metric comes to: a number, or several, as for several thresholds. */
export type MetricValue = number | readonly number[] | Tensor;

/** A shape with the batch axis; null is what is not known. */
export type MetricOutputShape = readonly (number | null)[];

/**
 * A metric as sums that add up over batches, so that batches of unequal size and metrics that are no means
 * come out exact.
 */
export interface Metric<Value extends MetricValue = MetricValue> {
  /** As the user named it: `'acc'` stays `'acc'`. */
  readonly name: string;
  /** How many sums there are. */
  readonly size: number;
  /** Whether weights of rows count, besides masks, in training and evaluation: `weightedMetrics` of `compile`. */
  readonly isWeighted?: boolean;
  /**
   * The sums of one batch, `[size]`, float32. `weights` are one per sample, `[batch]`, or one per step of masked sequences,
   * `[batch, steps]`, or undefined for 1.
   */
  sums(yTrue: Tensor, yPred: Tensor, weights: Tensor | undefined): Tensor;
  /** The metric of the sums added up over batches. */
  result(sums: Float64Array | readonly number[]): Value;
  /** The same metric for outputs of a shape, where the number of its sums depends on that. */
  forOutput?(shape: MetricOutputShape): Metric<Value>;
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

/** What a {@link StatefulMetric} is made of. */
export interface MetricParts<Value extends MetricValue> {
  readonly name: string;
  /** The function that makes it, for errors. */
  readonly functionName: string;
  /** How many sums there are; where that depends on the output, a function of its shape. */
  readonly size: number | ((shape: MetricOutputShape) => number);
  readonly sums: Metric['sums'];
  readonly result: (sums: readonly number[]) => Value;
  /** Whether predictions are to be from 0 to 1. */
  readonly ofProbabilities?: boolean;
}

/**
 * A metric that can be kept: `update` takes batches, `result` tells the metric of all of them, `reset` begins anew. Given to
 * `compile`, it counts apart from that.
 *
 * @example
 * const metric = metricMeanAbsoluteError()
 * metric.update([[1], [2]], [[2], [5]])
 * assert.strictEqual(metric.result(), 2)
 * assert.strictEqual(metric.reset().result(), 0)
 * @see Keras's `Metric`
 */
export class StatefulMetric<Value extends MetricValue = number> implements Metric<Value> {
  readonly name: string;
  readonly #parts: MetricParts<Value>;
  #total: Float64Array | undefined;

  constructor(parts: MetricParts<Value>) {
    this.name = parts.name;
    this.#parts = parts;
  }

  get size(): number {
    const { size, functionName } = this.#parts;
    if (typeof size === 'number') return size;
    throw new KerasArgumentError({
      function: functionName,
      argument: 'size',
      expected: 'how many sums there are depends on the output',
      received: 'a metric of no output',
      advice: 'Ask forOutput(shape) for its size',
    });
  }

  sums(yTrue: Tensor, yPred: Tensor, weights: Tensor | undefined): Tensor {
    return tf.tidy(() => this.#parts.sums(yTrue, yPred, weights));
  }

  forOutput(shape: MetricOutputShape): StatefulMetric<Value> {
    const { size } = this.#parts;
    return typeof size === 'number' ? this : new StatefulMetric({ ...this.#parts, size: size(shape) });
  }

  /**
   * Counts a batch. `sampleWeight` is one number for each sample, or for each step of sequences.
   *
   * @throws KerasArgumentError if predictions are not from 0 to 1 where they are to be probabilities.
   * @throws KerasShapeError if the shapes do not fit each other, or those before.
   */
  update(yTrue: ArrayLike, yPred: ArrayLike, sampleWeight?: ArrayLike, ...surplus: []): this {
    const { functionName, size, ofProbabilities = false } = this.#parts;
    refuseSurplus(`${functionName}().update`, ['yTrue', 'yPred', 'sampleWeight'], surplus);
    tf.tidy(() => {
      const tensor = (value: ArrayLike, argument: string): Tensor =>
        toTensor(value, { function: functionName, argument }).tensor;
      const [labels, predictions] = [tensor(yTrue, 'yTrue'), tensor(yPred, 'yPred')];
      if (ofProbabilities) checkProbabilities(functionName, predictions);
      const weights = sampleWeight === undefined ? undefined : tensor(sampleWeight, 'sampleWeight');
      const sums = this.sums(labels, predictions, weights).dataSync();
      const expected = typeof size === 'number' ? size : size(predictions.shape);
      this.#add(sums, expected, predictions);
    });
    return this;
  }

  #add(sums: Numbers, size: number, { shape }: Tensor): void {
    const total = (this.#total ??= new Float64Array(size));
    if (total.length !== sums.length) {
      throw new KerasShapeError({
        function: this.#parts.functionName,
        argument: 'yPred',
        expected: 'all batches must have outputs of one shape',
        received: `predictions of shape ${describeShape(shape)} after others`,
        advice: 'Make a metric for each kind of output, or reset() it first',
      });
    }
    for (let index = 0; index < total.length; index++) {
      total[index] = (total[index] ?? 0) + (sums[index] ?? NaN);
    }
  }

  /** The metric of the batches so far; with `sums`, that of sums which were added up elsewhere. */
  result(sums?: Float64Array | readonly number[]): Value {
    const { size } = this.#parts;
    const all = sums ?? this.#total ?? new Float64Array(typeof size === 'number' ? size : size([null, 1]));
    return this.#parts.result([...all]);
  }

  /** Forgets all batches. */
  reset(): this {
    this.#total = undefined;
    return this;
  }
}

/** Numbers by their positions. */
type Numbers = Readonly<globalThis.ArrayLike<number>>;

const checkProbabilities = (functionName: string, predictions: Tensor): void => {
  const wrong = predictions.dataSync().find((value) => !(value >= 0 && value <= 1));
  if (wrong === undefined) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'yPred',
    expected: 'predictions must be from 0 to 1',
    received: String(wrong),
    advice: 'Give probabilities: those of a sigmoid or softmax, or tf.sigmoid(logits)',
  });
};

/**
 * Weights of samples, in a shape that broadcasts over values of which there may be several for each sample.
 */
export const weightsFor = (values: Tensor, weights: Tensor): Tensor => {
  // One weight for each sample, in a column, for values that have no column.
  if (weights.rank === values.rank + 1 && weights.shape.at(-1) === 1) {
    return weightsFor(values, tf.reshape(weights, weights.shape.slice(0, -1)));
  }
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
export const meanSums = (values: Tensor, weights: Tensor | undefined): Tensor => {
  if (weights === undefined) return tf.stack([tf.sum(values), tf.scalar(values.size)]);
  const total = tf.sum(asFloat(weights));
  if (values.rank === 0) return tf.stack([tf.mul(values, total), total]);
  const spread = weightsFor(values, weights);
  // What has no weight may be infinite, or NaN: padding is anything.
  const counted = tf.where(tf.notEqual(spread, 0), values, tf.zerosLike(values));
  const weighted = tf.sum(tf.mul(counted, spread));
  return tf.stack([weighted, tf.mul(total, values.size / weights.size)]);
};

/** The same metric, in which the weights of rows count, too. */
export const weightedBySample = (metric: Metric): Metric => ({
  name: metric.name,
  size: metric.size,
  isWeighted: true,
  sums: (yTrue, yPred, weights) => metric.sums(yTrue, yPred, weights),
  result: (sums) => metric.result(sums),
});

/** An axis of a tensor, counted from 0. */
export const axisOf = (functionName: string, axis: number, { rank, shape }: Tensor): number => {
  const from0 = axis < 0 ? axis + rank : axis;
  if (from0 >= 0 && from0 < rank) return from0;
  throw new KerasShapeError({
    function: functionName,
    argument: 'axis',
    expected: `\`axis\` must be an axis of the predictions, from ${-rank} to ${rank - 1}`,
    received: `${axis} for predictions of shape ${describeShape(shape)}`,
    advice: 'Count axes from 0, or from the end: -1 is the last one',
  });
};

/** `a / b`, and 0 where there is nothing to divide by, as Keras has it. */
export const ratio = (a: number | undefined, b: number | undefined): number =>
  b === undefined || b === 0 ? 0 : (a ?? 0) / b;

/** What a function gave as the values of a metric; of the user's own, it may give anything. */
const valuesIn = (name: string, functionName: string, values: unknown): Tensor => {
  if (values instanceof tf.Tensor && (values as Tensor).dtype !== 'string') return asFloat(values as Tensor); // of any rank
  throw new KerasArgumentError({
    function: functionName,
    argument: 'values',
    expected: `the metric '${name}' must return a tensor of numbers, one for each sample`,
    received: describe(values),
    advice:
      values === undefined
        ? 'Write return before what it computes'
        : 'Let it return what tfjs operations on labels and predictions give',
  });
};

/** A metric that is the weighted mean of values; `finish` is applied to the mean. */
export const meanMetric = (
  name: string,
  values: MetricFunction,
  finish: (mean: number) => number = (mean) => mean,
  functionName = name,
): StatefulMetric =>
  new StatefulMetric({
    name,
    functionName,
    size: 2,
    sums: (yTrue, yPred, weights) => meanSums(valuesIn(name, functionName, values(yTrue, yPred)), weights),
    result: ([total, weight]) => finish(ratio(total, weight)),
  });
