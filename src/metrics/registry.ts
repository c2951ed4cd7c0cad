import { argumentError, didYouMean, nonEmptyString, type Place } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { canonicalName, type NameOf } from '../base/registry';
import { isLoss, lossNames, lossOfName, type Loss, type LossName } from '../losses/registry';
import { lossOfFunction } from '../losses/define-loss';
import {
  metricBinaryAccuracy,
  metricCategoricalAccuracy,
  metricSparseCategoricalAccuracy,
  metricSparseTopKCategoricalAccuracy,
  metricTopKCategoricalAccuracy,
} from './accuracy';
import {
  metricAuc,
  metricFalseNegatives,
  metricFalsePositives,
  metricPrecision,
  metricRecall,
  metricTrueNegatives,
  metricTruePositives,
} from './confusion';
import { metricCosineSimilarity, metricRootMeanSquaredError } from './of-losses';
import {
  isMetricFactory,
  meanMetric,
  type Metric,
  type MetricFactory,
  type MetricFunction,
  type MetricOptions,
} from './metric';

export * from './accuracy';
export * from './confusion';
export * from './of-losses';
export type { Metric, MetricFactory, MetricFunction, MetricOptions } from './metric';

/** Names of metrics that are no losses, each with other accepted spellings. */
export const metricNames = {
  binary_accuracy: ['binaryAccuracy'],
  categorical_accuracy: ['categoricalAccuracy'],
  sparse_categorical_accuracy: ['sparseCategoricalAccuracy'],
  top_k_categorical_accuracy: ['topKCategoricalAccuracy'],
  sparse_top_k_categorical_accuracy: ['sparseTopKCategoricalAccuracy'],
  root_mean_squared_error: ['rootMeanSquaredError'],
  // As a loss it has the other sign.
  cosine_similarity: ['cosineSimilarity', 'cosine_proximity', 'cosineProximity'],
  precision: ['Precision'],
  recall: ['Recall'],
  auc: ['AUC'],
  true_positives: ['truePositives'],
  true_negatives: ['trueNegatives'],
  false_positives: ['falsePositives'],
  false_negatives: ['falseNegatives'],
} as const;

/** Names that stand for one of three metrics, by the output and its loss. */
const byOutput = {
  accuracy: 'accuracy',
  acc: 'accuracy',
  crossentropy: 'crossentropy',
  ce: 'crossentropy',
} as const;

/** The name of a metric, in any accepted spelling. */
export type MetricName = keyof typeof byOutput | NameOf<typeof metricNames> | LossName;

/** What may stand for a metric. */
export type MetricLike = MetricName | Metric | MetricFactory | MetricFunction;

/** What a metric is resolved for. Shapes have the batch axis. */
export interface MetricOutput {
  readonly shape: readonly (number | null)[];
  readonly loss: Loss | undefined;
  /** The shape of the labels; without it they are taken to be what the loss expects. */
  readonly labelShape?: readonly number[];
}

type Factory = (options: MetricOptions) => Metric;

const factories: Readonly<Record<keyof typeof metricNames, Factory>> = {
  binary_accuracy: metricBinaryAccuracy,
  categorical_accuracy: metricCategoricalAccuracy,
  sparse_categorical_accuracy: metricSparseCategoricalAccuracy,
  top_k_categorical_accuracy: metricTopKCategoricalAccuracy,
  sparse_top_k_categorical_accuracy: metricSparseTopKCategoricalAccuracy,
  root_mean_squared_error: metricRootMeanSquaredError,
  cosine_similarity: metricCosineSimilarity,
  precision: metricPrecision,
  recall: metricRecall,
  auc: metricAuc,
  true_positives: metricTruePositives,
  true_negatives: metricTrueNegatives,
  false_positives: metricFalsePositives,
  false_negatives: metricFalseNegatives,
};

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

const metricOfName = (name: string, output: MetricOutput): Metric | undefined => {
  const general = Object.hasOwn(byOutput, name) ? byOutput[name as keyof typeof byOutput] : undefined; // own keys
  const wanted = general === undefined ? name : `${kindOf(output)}${general}`;
  // canonicalName returns keys of the table that it was given.
  const canonical = canonicalName(metricNames, wanted) as keyof typeof metricNames | undefined;
  if (canonical !== undefined) return factories[canonical]({ name });
  const loss = lossOfName(wanted);
  return loss === undefined ? undefined : meanMetric(name, loss.call);
};

const isMetric = (value: unknown): value is Metric =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'size' in value &&
  typeof value.size === 'number' &&
  'sums' in value &&
  typeof value.sums === 'function' &&
  'result' in value &&
  typeof value.result === 'function';

const isMetricFunction = (value: unknown): value is MetricFunction => typeof value === 'function';

/**
 * A metric of one's own under a name: the weighted mean over all samples of what `values` returns.
 *
 * `values` gets labels and predictions of a batch and returns a value for each sample, `[batch]` (or several,
 * `[batch, ...]`, which all count); a scalar counts as one value of the whole batch. It must consist of tfjs
 * ops.
 *
 * @throws KerasArgumentError if the name is empty or `values` is no function.
 * @example
 * const largest = customMetric('largest_error', (yTrue, yPred) => tf.max(tf.abs(tf.sub(yTrue, yPred)), -1))
 * const sums = largest.sums(tf.zeros([2, 2]), tf.tensor2d([[1, -3], [5, 0]]), undefined)
 * assert.strictEqual(largest.result([...sums.dataSync()]), 4)
 * @see R keras `custom_metric`
 */
export const customMetric = (name: string, values: MetricFunction): Metric => {
  nonEmptyString(name, { function: 'customMetric', argument: 'name' });
  if (!isMetricFunction(values)) {
    throw argumentError(
      { function: 'customMetric', argument: 'values' },
      'a function of (yTrue, yPred)',
      values,
    );
  }
  return meanMetric(name, values);
};

/**
 * The metric that a user means: a name, a `metric…` or `loss…` function, a {@link Metric}, or a named
 * function `(yTrue, yPred) => tensor` of the user's own.
 *
 * `'accuracy'` and `'crossentropy'` mean the binary one for outputs with a last axis of 1, the sparse one for
 * class numbers, and the categorical one otherwise.
 *
 * @throws KerasArgumentError if it is none of these.
 */
export const resolveMetric = (value: unknown, output: MetricOutput, place: Place): Metric => {
  if (isMetric(value)) return value;
  if (isLoss(value)) return meanMetric(value.name, value.call);
  if (typeof value === 'string') {
    const metric = metricOfName(value, output);
    if (metric !== undefined) return metric;
    const names = [...Object.keys(byOutput), ...Object.keys(metricNames), ...Object.keys(lossNames)];
    throw argumentError(place, 'the name of a metric', value, didYouMean(value, [...new Set(names)]));
  }
  if (isMetricFunction(value)) {
    if (isMetricFactory(value)) return value();
    const loss = lossOfFunction(value);
    if (loss !== undefined) return meanMetric(loss.name, loss.call);
    if (value.name !== '') return meanMetric(value.name, value);
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
