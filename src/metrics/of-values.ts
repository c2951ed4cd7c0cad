import { toTensor, type ArrayLike } from '../arrays/tensors';
import {
  argumentError,
  checkBareOptions,
  checkOptions,
  nonEmptyString,
  nonNegativeInteger,
  optional,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { describeShape, KerasShapeError, KerasStateError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import { sizeOf } from '../base/shapes';
import { asFloat } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { meanSums, ratio, weightsFor, type MetricOptions } from './metric';

/** A metric of values, in place of labels and predictions: for losses and quantities that a loop by hand has. */
export interface ValueMetric<Value = number> {
  readonly name: string;
  /** Counts values, each with its weight. */
  update(values: ArrayLike, sampleWeight?: ArrayLike): this;
  /** The metric of the values so far. */
  result(): Value;
  /** Forgets all values. */
  reset(): this;
}

/** Sums over values, added up in double precision. */
class SummedValues implements ValueMetric {
  #total = [0, 0];

  constructor(
    private readonly functionName: string,
    readonly name: string,
    private readonly value: (total: number, weight: number) => number,
  ) {}

  update(values: ArrayLike, sampleWeight?: ArrayLike, ...surplus: []): this {
    const { functionName } = this;
    refuseSurplus(`${functionName}().update`, ['values', 'sampleWeight'], surplus);
    tf.tidy(() => {
      const { tensor } = toTensor(values, { function: functionName, argument: 'values' }, 'float32');
      const weights =
        sampleWeight === undefined
          ? undefined
          : toTensor(sampleWeight, { function: functionName, argument: 'sampleWeight' }, 'float32').tensor;
      const sums = meanSums(tensor, weights).dataSync();
      this.#total = this.#total.map((sum, index) => sum + (sums[index] ?? NaN));
    });
    return this;
  }

  result(): number {
    const [total = 0, weight = 0] = this.#total;
    return this.value(total, weight);
  }

  reset(): this {
    this.#total = [0, 0];
    return this;
  }
}

const nameOf = (functionName: string, options: unknown, byDefault: string): string => {
  const checks = { name: optional(nonEmptyString, byDefault) } satisfies OptionChecks<MetricOptions>;
  return checkBareOptions(functionName, options, checks).name;
};

/**
 * The weighted mean of values: `Σ weight · value / Σ weight`, 0 if there is none. For loops by hand; in `compile` use
 * {@link customMetric}.
 *
 * Values of any shape, weights one for each sample, or for each value.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * const loss = metricMean()
 * loss.update([1, 3]).update(8)
 * assert.strictEqual(loss.result(), 4)
 * assert.strictEqual(loss.reset().update([1, 3, 5], [1, 1, 0]).result(), 2)
 * @see R keras `metric_mean`
 */
export const metricMean = (options?: MetricOptions | string, ...surplus: []): ValueMetric => {
  refuseSurplus('metricMean', ['options'], surplus);
  return new SummedValues('metricMean', nameOf('metricMean', options, 'mean'), ratio);
};

/**
 * The weighted sum of values, `Σ weight · value`. For loops by hand.
 *
 * Values of any shape, weights one for each sample, or for each value.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * assert.strictEqual(metricSum().update([1, 3]).update([5, 7], [1, 0]).result(), 9)
 * @see R keras `metric_sum`
 */
export const metricSum = (options?: MetricOptions | string, ...surplus: []): ValueMetric => {
  refuseSurplus('metricSum', ['options'], surplus);
  return new SummedValues('metricSum', nameOf('metricSum', options, 'sum'), (total) => total);
};

/** Options of {@link metricMeanTensor}. */
export interface MeanTensorOptions extends MetricOptions {
  /** The shape of the values; by default that of the first ones. */
  readonly shape?: readonly number[] | undefined;
}

const wholeShape: Check<readonly number[]> = (value, place) => {
  if (!Array.isArray(value)) throw argumentError(place, 'an array of integers', value);
  return [...(value as unknown[])].map((size) => nonNegativeInteger(size, place));
};

class MeanTensor implements ValueMetric<Tensor> {
  #shape: readonly number[] | undefined;
  #total: Float64Array | undefined;
  #count: Float64Array | undefined;

  constructor(
    readonly name: string,
    shape: readonly number[] | undefined,
  ) {
    if (shape !== undefined) this.#begin(shape);
  }

  update(values: ArrayLike, sampleWeight?: ArrayLike, ...surplus: []): this {
    refuseSurplus('metricMeanTensor().update', ['values', 'sampleWeight'], surplus);
    tf.tidy(() => {
      const place = { function: 'metricMeanTensor', argument: 'values' };
      const { tensor } = toTensor(values, place, 'float32');
      if (this.#shape === undefined) this.#begin(tensor.shape);
      else if (!tf.util.arraysEqual([...this.#shape], tensor.shape)) throw this.#otherShape(tensor);
      const weights =
        sampleWeight === undefined
          ? tf.onesLike(tensor)
          : tf.mul(
              tf.onesLike(tensor),
              weightsFor(
                tensor,
                asFloat(toTensor(sampleWeight, { ...place, argument: 'sampleWeight' }).tensor),
              ),
            );
      add(this.#total, tf.mul(tensor, weights));
      add(this.#count, weights);
    });
    return this;
  }

  result(): Tensor {
    const [shape, total, count] = [this.#shape, this.#total, this.#count];
    if (shape === undefined || total === undefined || count === undefined) {
      throw new KerasStateError({
        function: 'metricMeanTensor',
        expected: 'there must be values, or a shape',
        received: 'a metric of neither',
        advice: 'Call update(values) first, or make it with the option `shape`',
      });
    }
    return tf.tensor(
      Float32Array.from(total, (sum, index) => ratio(sum, count[index])),
      [...shape],
    );
  }

  reset(): this {
    if (this.#shape !== undefined) this.#begin(this.#shape);
    return this;
  }

  #begin(shape: readonly number[]): void {
    const size = sizeOf(shape);
    this.#shape = [...shape];
    this.#total = new Float64Array(size);
    this.#count = new Float64Array(size);
  }

  #otherShape({ shape }: Tensor): KerasShapeError {
    return new KerasShapeError({
      function: 'metricMeanTensor',
      argument: 'values',
      expected: `all values must have the shape ${describeShape(this.#shape ?? [])}`,
      received: describeShape(shape),
      advice: 'Make a metric for each shape',
    });
  }
}

const add = (sums: Float64Array | undefined, values: Tensor): void => {
  values.dataSync().forEach((value, index) => {
    if (sums !== undefined) sums[index] = (sums[index] ?? 0) + value;
  });
};

/**
 * The weighted mean of tensors, element by element: a tensor of their shape, 0 where there was no weight. For loops by hand.
 *
 * All values have one shape; weights broadcast over it.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @throws KerasShapeError when values of another shape come.
 * @throws KerasStateError if it is asked for its result before there is a shape.
 * @example
 * const metric = metricMeanTensor().update([0, 1, 2, 3]).update([4, 5, 6, 7])
 * assert.deepStrictEqual(metric.result().arraySync(), [2, 3, 4, 5])
 * @see R keras `metric_mean_tensor`
 */
export const metricMeanTensor = (options?: MeanTensorOptions, ...surplus: []): ValueMetric<Tensor> => {
  refuseSurplus('metricMeanTensor', ['options'], surplus);
  const { name, shape } = checkOptions('metricMeanTensor', options, {
    name: optional(nonEmptyString, 'mean_tensor'),
    shape: optional(wholeShape),
  } satisfies OptionChecks<MeanTensorOptions>);
  return new MeanTensor(name, shape);
};
