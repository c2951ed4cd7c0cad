import { fraction, optional, positiveInteger } from '../base/checks';
import { asFloat, labelsLikeOutput, sparseLabels } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMeanMetric } from './define-metric';
import type { MetricOptions } from './metric';

/** Options of {@link metricBinaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Predictions above it count as 1, others as 0. Default 0.5. */
  readonly threshold?: number | undefined;
}

/**
 * The fraction of predictions on the right side of the threshold.
 *
 * Labels, 0 or 1, and predictions `[batch, ..., outputs]`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(metricBinaryAccuracy().update([1, 0], [[0.9], [0.8]]).result(), 0.5)
 * assert.deepStrictEqual(metricBinaryAccuracy([1, 0], [[0.9], [0.8]]).arraySync(), [1, 0])
 * @see R keras `metric_binary_accuracy`
 */
export const metricBinaryAccuracy = defineMeanMetric<BinaryAccuracyOptions>()(
  'metricBinaryAccuracy',
  ['binary_accuracy'],
  { threshold: optional(fraction, 0.5) },
  ({ threshold }) =>
    (yTrue, yPred) => {
      const labels = labelsLikeOutput('metricBinaryAccuracy', yTrue, yPred);
      const decided = tf.cast(tf.greater(yPred, threshold), 'float32');
      return tf.mean(tf.cast(tf.equal(labels, decided), 'float32'), -1);
    },
);

/**
 * The fraction of samples whose largest prediction is that of the right class, for one-hot labels.
 *
 * Both `[batch, ..., classes]`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * assert.strictEqual(metricCategoricalAccuracy().update(tf.tensor2d([[0, 1], [1, 0]]), tf.tensor2d([[0.3, 0.7], [0.4, 0.6]])).result(), 0.5)
 * @see R keras `metric_categorical_accuracy`
 */
export const metricCategoricalAccuracy = defineMeanMetric<MetricOptions>()(
  'metricCategoricalAccuracy',
  ['categorical_accuracy'],
  {},
  () => (yTrue, yPred) => {
    const labels = labelsLikeOutput('metricCategoricalAccuracy', yTrue, yPred);
    return tf.equal(tf.argMax(labels, -1), tf.argMax(yPred, -1));
  },
);

/**
 * The fraction of samples whose largest prediction is that of the right class, for class numbers.
 *
 * `yTrue` `[batch, ...]` or `[batch, ..., 1]`, `yPred` `[batch, ..., classes]`.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @example
 * assert.strictEqual(metricSparseCategoricalAccuracy().update(tf.tensor1d([1, 0]), tf.tensor2d([[0.3, 0.7], [0.4, 0.6]])).result(), 0.5)
 * @see R keras `metric_sparse_categorical_accuracy`
 */
export const metricSparseCategoricalAccuracy = defineMeanMetric<MetricOptions>()(
  'metricSparseCategoricalAccuracy',
  ['sparse_categorical_accuracy'],
  {},
  () => (yTrue, yPred) =>
    tf.equal(sparseLabels('metricSparseCategoricalAccuracy', yTrue, yPred), tf.argMax(yPred, -1)),
);

/** Options of {@link metricTopKCategoricalAccuracy} and {@link metricSparseTopKCategoricalAccuracy}. */
export interface TopKOptions extends MetricOptions {
  /** How many predictions are looked at. Default 5. */
  readonly k?: number | undefined;
}

const topKChecks = { k: optional(positiveInteger, 5) };

/** Whether fewer than `k` classes are predicted to be likelier than the right one, given one-hot. */
const inTopK = (oneHot: Tensor, yPred: Tensor, k: number): Tensor => {
  const right = tf.sum(tf.mul(oneHot, yPred), -1, true);
  const likelier = tf.sum(tf.cast(tf.greater(yPred, right), 'float32'), -1);
  return tf.less(likelier, k);
};

/**
 * The fraction of samples whose right class is among the `k` likeliest predictions, for one-hot labels.
 *
 * Both `[batch, ..., classes]`. Classes as likely as the last of the `k` count as among them.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(metricTopKCategoricalAccuracy({ k: 2 }).update(tf.tensor2d([[0, 0, 1]]), tf.tensor2d([[0.5, 0.2, 0.3]])).result(), 1)
 * @see R keras `metric_top_k_categorical_accuracy`
 */
export const metricTopKCategoricalAccuracy = defineMeanMetric<TopKOptions>()(
  'metricTopKCategoricalAccuracy',
  ['top_k_categorical_accuracy'],
  topKChecks,
  ({ k }) =>
    (yTrue, yPred) =>
      inTopK(labelsLikeOutput('metricTopKCategoricalAccuracy', yTrue, yPred), yPred, k),
);

/**
 * The fraction of samples whose right class is among the `k` likeliest predictions, for class numbers.
 *
 * `yTrue` `[batch, ...]` or `[batch, ..., 1]`, `yPred` `[batch, ..., classes]`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @example
 * assert.strictEqual(metricSparseTopKCategoricalAccuracy({ k: 2 }).update(tf.tensor1d([2]), tf.tensor2d([[0.5, 0.2, 0.3]])).result(), 1)
 * @see R keras `metric_sparse_top_k_categorical_accuracy`
 */
export const metricSparseTopKCategoricalAccuracy = defineMeanMetric<TopKOptions>()(
  'metricSparseTopKCategoricalAccuracy',
  ['sparse_top_k_categorical_accuracy'],
  topKChecks,
  ({ k }) =>
    (yTrue, yPred) => {
      const labels = sparseLabels('metricSparseTopKCategoricalAccuracy', yTrue, yPred);
      const classes = yPred.shape.at(-1) ?? 1;
      return inTopK(tf.cast(tf.oneHot(labels, classes), 'float32'), yPred, k);
    },
);

/**
 * The fraction of predictions that are exactly the label: for class numbers that a model gives itself. The name `'accuracy'` in
 * `compile` means another one, that of classes.
 *
 * Both `[batch, ...]`, of one shape.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @throws KerasShapeError if the shapes differ.
 * @example
 * assert.strictEqual(metricAccuracy().update([1, 2, 3, 4], [0, 2, 3, 4]).result(), 0.75)
 * @see R keras `metric_accuracy`
 */
export const metricAccuracy = defineMeanMetric<MetricOptions>()(
  'metricAccuracy',
  // By this name `compile` takes the one that fits the output; the class's, 'Accuracy', means this one, as in Keras.
  ['accuracy'],
  {},
  () => (yTrue, yPred) => tf.equal(labelsLikeOutput('metricAccuracy', yTrue, yPred), asFloat(yPred)),
);
