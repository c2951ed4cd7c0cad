import { KerasArgumentError } from '../../src/base/errors';
import { lossCosineSimilarity, lossMeanAbsoluteError } from '../../src/losses';
import { losses, resolveLoss } from '../../src/losses/registry';
import * as metrics from '../../src/metrics';
import {
  metrics as registry,
  resolveMetric,
  type Metric,
  type MetricOutput,
} from '../../src/metrics/registry';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';

describe('resolveMetric', () => {
  const place = { function: 'compile', argument: 'metrics' };
  const output = (shape: (number | null)[], loss: string, labelShape?: number[]): MetricOutput => ({
    shape,
    loss: resolveLoss(loss, place),
    ...(labelShape === undefined ? {} : { labelShape }),
  });
  const any = output([null, 3], 'mse');

  /**
   * The name of the metric that gives the same sums on labels and predictions that tell all of them apart.
   */
  const meaning = (
    metric: Metric,
    yTrue: Tensor,
    yPred: Tensor,
    candidates: Record<string, Metric>,
  ): string[] => {
    const values = (one: Metric): string => one.sums(yTrue, yPred, undefined).dataSync().join();
    return tf.tidy(() =>
      Object.entries(candidates).flatMap(([name, one]) => {
        try {
          return values(one) === values(metric) ? [name] : [];
        } catch {
          return [];
        }
      }),
    );
  };

  // Keras 2.13, compile_utils._get_metric_object
  test.each<[MetricOutput, string, number[]]>([
    [output([null, 1], 'binary_crossentropy'), 'binary', [3, 1]],
    [output([null, 1], 'mse', [3]), 'binary', [3]],
    [output([null, 3], 'categorical_crossentropy'), 'categorical', [3, 3]],
    [output([null, 3], 'binary_crossentropy', [3, 3]), 'categorical', [3, 3]],
    [output([null, 3], 'sparse_categorical_crossentropy'), 'sparse', [3]],
    [output([null, 3], 'sparse_categorical_crossentropy', [3, 1]), 'sparse', [3, 1]],
    [output([null, 3], 'mse', [3]), 'sparse', [3]],
  ])('accuracy and crossentropy by output and labels %#', (context, expected, labelShape) => {
    tf.tidy(() => {
      const wide = context.shape.at(-1) === 3;
      const yPred = wide
        ? tf.tensor2d([0.6, 0.3, 0.1, 0.2, 0.7, 0.1, 0.2, 0.2, 0.6], [3, 3])
        : tf.tensor2d([[0.6], [0.2], [0.3]]);
      const yTrue =
        labelShape.length === 2 && labelShape[1] === 3
          ? tf.tensor2d([1, 0, 0, 0, 0, 1, 0, 0, 1], [3, 3])
          : tf.tensor([1, 1, 0], labelShape);
      const accuracies = {
        binary: metrics.metricBinaryAccuracy(),
        categorical: metrics.metricCategoricalAccuracy(),
        sparse: metrics.metricSparseCategoricalAccuracy(),
      };
      const crossentropies = {
        binary: metrics.metricBinaryCrossentropy(),
        categorical: metrics.metricCategoricalCrossentropy(),
        sparse: metrics.metricSparseCategoricalCrossentropy(),
      };
      for (const name of ['accuracy', 'acc']) {
        const metric = resolveMetric(name, context, place);
        expect(metric.name).toBe(name);
        expect(meaning(metric, yTrue, yPred, accuracies)).toContain(expected);
        expect(metric.sums(yTrue, yPred, undefined).shape).toEqual([2]);
      }
      for (const name of ['crossentropy', 'ce']) {
        const metric = resolveMetric(name, context, place);
        expect(metric.name).toBe(name);
        expect(meaning(metric, yTrue, yPred, crossentropies)).toEqual([expected]);
      }
    });
  });

  /** Those that are not meant by a name alone, and what the error says of it. */
  const notByName: Readonly<Record<string, string>> = {
    f1_score: 'must be made of metrics that are one number each',
    fbeta_score: 'must be made of metrics that are one number each',
    io_u: 'metricIou: the option `numClasses` is required',
    mean_io_u: 'metricMeanIou: the option `numClasses` is required',
    mean_relative_error: 'metricMeanRelativeError: the option `normalizer` is required',
    one_hot_io_u: 'metricOneHotIou: the option `numClasses` is required',
    one_hot_mean_io_u: 'metricOneHotMeanIou: the option `numClasses` is required',
    precision_at_recall: 'metricPrecisionAtRecall: the option `recall` is required',
    recall_at_precision: 'metricRecallAtPrecision: the option `precision` is required',
    sensitivity_at_specificity: 'metricSensitivityAtSpecificity: the option `specificity` is required',
    specificity_at_sensitivity: 'metricSpecificityAtSensitivity: the option `sensitivity` is required',
  };

  test('every name keeps the spelling of the user', () => {
    for (const { names } of [...losses.members, ...registry.members]) {
      const message = notByName[names[0]];
      for (const spelling of names) {
        if (message === undefined) expect(resolveMetric(spelling, any, place).name).toBe(spelling);
        else expect(() => resolveMetric(spelling, any, place)).toThrow(message);
      }
    }
  });

  test('a loss by name or function is its mean', () => {
    tf.tidy(() => {
      const [yTrue, yPred] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[2, 4]])];
      for (const value of [
        'mae',
        lossMeanAbsoluteError,
        resolveLoss('mae', place),
        metrics.metricMeanAbsoluteError,
      ]) {
        const metric = resolveMetric(value, any, place);
        expect([...metric.sums(yTrue, yPred, undefined).dataSync()]).toEqual([1.5, 1]);
        expect(metric.name).toBe(value === 'mae' ? 'mae' : 'mean_absolute_error');
      }
    });
  });

  test('the cosine is not turned as a metric, and is as a loss', () => {
    tf.tidy(() => {
      const same = tf.tensor2d([[0, 2]]);
      const value = (metric: Metric): number => metric.sums(same, same, undefined).dataSync()[0] ?? NaN;
      expect(value(resolveMetric('cosine_similarity', any, place))).toBeCloseTo(1, 6);
      expect(value(resolveMetric(lossCosineSimilarity, any, place))).toBeCloseTo(-1, 6);
    });
  });

  test('a named function of the user, under its name', () => {
    const halfError = (yTrue: Tensor, yPred: Tensor): Tensor => tf.mul(tf.sub(yPred, yTrue), 0.5);
    expect(resolveMetric(halfError, any, place).name).toBe('halfError');
    expect(() =>
      resolveMetric(
        (
          () => (yTrue: Tensor) =>
            yTrue
        )(),
        any,
        place,
      ),
    ).toThrow("Received: a function without a name. Write customMetric('my_metric', (yTrue, yPred) => …).");
  });

  test('a metric as it is', () => {
    const metric = metrics.metricAuc({ name: 'area' });
    expect(resolveMetric(metric, any, place)).toBe(metric);
  });

  test('others are refused', () => {
    expect(() => resolveMetric('acuracy', any, place)).toThrow("Did you mean 'accuracy'");
    expect(() => resolveMetric('zzzzzzzzz', any, place)).toThrow(
      "compile: `metrics` must be the name of a metric. Received: 'zzzzzzzzz'. Use one of: 'acc', 'accuracy', 'auc', ",
    );
    for (const value of ['mean', metrics.metricSum, metrics.metricMean(), metrics.metricMeanTensor()]) {
      expect(() => resolveMetric(value, any, place)).toThrow(
        'compile: `metrics` must be made of metrics of labels and predictions.',
      );
    }
    expect(() => resolveMetric('recal', any, place)).toThrow(
      "Did you mean 'recall' or 'recall_at_precision'?",
    );
    expect(() => resolveMetric('mze', any, place)).toThrow("Did you mean 'mae' or 'mse'?");
    for (const value of [undefined, 3, {}, ['accuracy'], 'constructor']) {
      expect(() => resolveMetric(value, any, place)).toThrow(KerasArgumentError);
    }
  });
});
