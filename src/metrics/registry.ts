import { argumentError, refuseClass, type Place } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { registryOf, type Named, type NameIn, type Registry } from '../base/registry';
import { isLoss, knownLoss, losses, type Loss, type LossName } from '../losses/registry';
import { tf } from '../tfjs/tensorflow';
import * as family from './index';
import {
  meanMetric,
  StatefulMetric,
  type Metric,
  type MetricFactory,
  type MetricFunction,
  type MetricOptions,
} from './metric';

export type { Metric, MetricFunction, MetricOptions };

/** Names that stand for one of three metrics, by the output and its loss. */
const BY_OUTPUT: ReadonlyMap<string, 'accuracy' | 'crossentropy'> = new Map([
  ['accuracy', 'accuracy'],
  ['acc', 'accuracy'],
  ['crossentropy', 'crossentropy'],
  ['ce', 'crossentropy'],
] as const);

/** The name of a metric, in any accepted spelling. */
export type MetricName = 'accuracy' | 'acc' | 'crossentropy' | 'ce' | NameIn<typeof family> | LossName;

/** What may stand for a metric. */
export type MetricLike = MetricName | Metric | MetricFactory | MetricFunction;

const registry = registryOf('the name of a metric', family, {
  others: [...BY_OUTPUT.keys(), ...losses.names],
});

/** A function that makes a metric: each takes a name, and some take more, of which they say so. */
type NamedMetricFunction = Named & ((options?: MetricOptions | string) => Metric);

/** All metrics. A loss is a metric, too. */
export const metrics = registry as unknown as Registry<NamedMetricFunction>; // of functions that `defineMetric` made

/** What a metric is resolved for. Shapes have the batch axis. */
export interface MetricOutput {
  readonly shape: readonly (number | null)[];
  readonly loss: Loss | undefined;
  /** The shape of the labels; without it they are taken to be what the loss expects. */
  readonly labelShape?: readonly number[];
}

/** Which of the three accuracies or crossentropies Keras takes for an output. */
const kindOf = ({
  shape,
  loss,
  labelShape,
}: MetricOutput): 'binary_' | 'sparse_categorical_' | 'categorical_' => {
  const last = shape.at(-1);
  if (last === 1) return 'binary_';
  const sparse =
    labelShape === undefined
      ? loss?.labels === 'sparse'
      : labelShape.length < shape.length || labelShape.at(-1) === 1;
  return sparse ? 'sparse_categorical_' : 'categorical_';
};

/** A metric for an output: what gives several numbers cannot be among the logs. */
const forOutput = (metric: Metric, { shape }: MetricOutput, place: Place): Metric => {
  const fitting = metric.forOutput?.(shape) ?? metric;
  if (!(fitting instanceof StatefulMetric)) return fitting;
  const value: unknown = fitting.result(new Float64Array(fitting.size));
  if (typeof value === 'number') return fitting;
  if (!Array.isArray(value) && !(value instanceof tf.Tensor)) {
    throw argumentError(
      { ...place, argument: 'result' },
      `a function that returns the metric '${metric.name}', a number`,
      value,
      value === undefined ? 'Write return before what it computes' : 'Let it return a number',
    );
  }
  throw argumentError(
    place,
    'made of metrics that are one number each',
    `'${metric.name}', which is several`,
    "Give one threshold instead of an array, average: 'macro', or classAggregation: 'uniform_average'",
  );
};

/** The metric that a name, or a function of this library's, stands for: a metric function, or a loss. */
const knownMetric = (value: unknown, options: MetricOptions): Metric | undefined => {
  const member = metrics.find(value);
  if (member !== undefined) return member(options);
  const loss = knownLoss(value);
  return loss === undefined ? undefined : meanMetric(options.name ?? loss.name, loss.call);
};

const metricOfName = (name: string, output: MetricOutput): Metric | undefined => {
  const general = BY_OUTPUT.get(name);
  return knownMetric(general === undefined ? name : `${kindOf(output)}${general}`, { name });
};

const isMetric = (value: unknown): value is Metric =>
  value instanceof StatefulMetric ||
  (typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'size' in value &&
    typeof value.size === 'number' &&
    'sums' in value &&
    typeof value.sums === 'function' &&
    'result' in value &&
    typeof value.result === 'function');

const isFunction = (value: unknown): value is MetricFunction => typeof value === 'function';

/**
 * The metric that a user means: a name, a `metric…` or `loss…` function, a {@link Metric}, or a named
 * function `(yTrue, yPred) => tensor` of the user's own.
 *
 * `'accuracy'` and `'crossentropy'` mean the binary one for outputs with a last axis of 1, the sparse one for
 * class numbers, and the categorical one otherwise. A metric keeps the name that it was given by.
 *
 * @throws KerasArgumentError if it is none of these.
 */
export const resolveMetric = (value: unknown, output: MetricOutput, place: Place): Metric =>
  forOutput(meantMetric(value, output, place), output, place);

/** What counts values in place of labels and predictions, by name, function or object. */
const isOfValues = (value: unknown): boolean =>
  value === 'mean' ||
  value === 'sum' ||
  value === 'mean_tensor' ||
  value === family.metricMean ||
  value === family.metricSum ||
  value === family.metricMeanTensor ||
  (typeof value === 'object' && value !== null && 'update' in value && !('sums' in value));

const meantMetric = (value: unknown, output: MetricOutput, place: Place): Metric => {
  if (isOfValues(value)) {
    throw argumentError(
      place,
      'made of metrics of labels and predictions',
      value,
      "Means and sums of values are for loops by hand. Write customMetric('my_mean', (yTrue, yPred) => …)",
    );
  }
  if (typeof value === 'string') {
    const metric = metricOfName(value, output);
    if (metric !== undefined) return metric;
    throw argumentError(place, 'the name of a metric', value, metrics.advice(value));
  }
  const known = knownMetric(value, {});
  if (known !== undefined) return known;
  if (isMetric(value)) return value;
  if (isLoss(value)) return meanMetric(value.name, value.call);
  if (isFunction(value)) {
    refuseClass(value, place);
    if (value.name !== '') return meanMetric(value.name, value, undefined, place.function);
    throw new KerasArgumentError({
      function: place.function,
      argument: place.argument,
      expected: 'a function used as a metric must have a name',
      received: 'a function without a name',
      advice: "Write customMetric('my_metric', (yTrue, yPred) => …)",
    });
  }
  throw argumentError(place, 'the name of a metric, a metric, or a function of (yTrue, yPred)', value);
};
