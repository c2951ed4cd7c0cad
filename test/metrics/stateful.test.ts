/** Metrics that are kept, and what their options and batches must be. */
import { KerasArgumentError, KerasError, KerasShapeError, KerasStateError } from '../../src/base/errors';
import { compile, kerasModelSequential, layerDense } from '../../src/index';
import * as metrics from '../../src/metrics';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

describe('metrics that are kept', () => {
  test('take tensors and arrays, free what they make, and say what they have seen', () => {
    const metric = metrics.metricMeanAbsoluteError();
    const before = tensorCount();
    expect(metric.result()).toBe(0);
    expect(metric.update([[1], [2]], [[2], [5]])).toBe(metric);
    expect(metric.result()).toBe(2);
    expect(metric.update([[1]], [[1]], [2]).result()).toBe(1);
    expect(metric.reset()).toBe(metric);
    expect(metric.result()).toBe(0);
    expect(tensorCount()).toBe(before);
  });

  test('count apart from the model that they are compiled into', () => {
    const metric = metrics.metricAuc().update([0, 1], [0.2, 0.7]);
    const model = layerDense(kerasModelSequential({ inputShape: [2] }), { units: 1, activation: 'sigmoid' });
    compile(model, { loss: 'bce', metrics: [metric] });
    expect(metric.result()).toBe(1);
  });

  test('weights in a column, or one for all, count as in Keras', () => {
    const metric = (): metrics.StatefulMetric => metrics.metricMeanAbsoluteError();
    // (2 · 1 + 0 · 3) / 2
    expect(
      metric()
        .update([[0], [0]], [[1], [3]], [[2], [0]])
        .result(),
    ).toBe(1);
    expect(
      metric()
        .update([[0], [0]], [[1], [3]], 0.5)
        .result(),
    ).toBe(2);
  });

  test('batches of other outputs are refused', () => {
    const metric = metrics.metricF1Score().update([[1, 0]], [[0.9, 0.1]]);
    expect(() => metric.update([[1, 0, 0]], [[0.9, 0.1, 0]])).toThrow(KerasShapeError);
    expect(metric.update([[0, 1]], [[0.1, 0.9]]).result()).toEqual([1, 1]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'a column of labels',
      () => metrics.metricAuc().update([1, 0], [[0.2, 0.3]]),
      'the labels must have the shape',
    ],
    [
      'predictions above 1',
      () => metrics.metricAuc().update([1, 0], [2, 0]),
      'metricAuc: predictions must be from 0 to 1. Received: 2.',
    ],
    [
      'NaN',
      () => metrics.metricRecall().update([1], [NaN]),
      'metricRecall: predictions must be from 0 to 1. Received: NaN.',
    ],
    [
      'negative ones',
      () => metrics.metricRecallAtPrecision({ precision: 1 }).update([1], [-0.1]),
      'from 0 to 1',
    ],
    [
      'weights of another number',
      () => metrics.metricPrecision().update([1, 0], [1, 0], [1]),
      'there must be a value for each sample',
    ],
    [
      'too large a k',
      () => metrics.metricPrecision({ topK: 3 }).update([[1, 0]], [[1, 0]]),
      'metricPrecision: `topK` must fit',
    ],
    [
      'no such class',
      () => metrics.metricRecall({ classId: 2 }).update([[1, 0]], [[1, 0]]),
      'metricRecall: `classId` must fit',
    ],
    [
      'no such class at a threshold',
      () => metrics.metricPrecisionAtRecall({ recall: 1, classId: 2 }).update([[1, 0]], [[1, 0]]),
      '`classId` must fit',
    ],
    [
      'other labels than weights',
      () => metrics.metricAuc({ labelWeights: [1, 2] }).update([[1]], [[1]]),
      'each of the 2 weighted labels',
    ],
    [
      'other labels than said',
      () => metrics.metricAuc({ multiLabel: true, numLabels: 3 }).update([[1, 0]], [[1, 0]]),
      'there must be 3 labels',
    ],
    [
      'labels without an axis',
      () => metrics.metricAuc({ multiLabel: true }).update([1, 0], [1, 0]),
      'several labels',
    ],
    [
      'classes without an axis',
      () => metrics.metricF1Score().update([1, 0], [1, 0]),
      'metricF1Score: there must be a prediction for each class',
    ],
    [
      'outputs without an axis',
      () => metrics.metricR2Score().update([1, 0], [1, 0]),
      'metricR2Score: predictions must be [batch, outputs]',
    ],
    [
      'an axis that is not there',
      () => metrics.metricCosineSimilarity({ axis: 2 }).update([[1]], [[1]]),
      '`axis` must be an axis',
    ],
    [
      'maps of other sizes',
      () =>
        metrics.metricMeanIou({ numClasses: 2 }).update(
          [[0, 1]],
          [
            [
              [1, 0],
              [0, 1],
            ],
          ],
        ),
      'one label for each predicted class',
    ],
    [
      'string data',
      () => metrics.metricAuc().update('x' as unknown as number[], [1]),
      '`yTrue` must be data',
    ],
    [
      'surplus arguments',
      () => (metrics.metricAuc().update as (...args: unknown[]) => unknown)([1], [1], [1], 4),
      'metricAuc().update() takes 3 arguments',
    ],
  ])('%s are told', (_title, update, message) => {
    expect(update).toThrow(message);
    expect(update).toThrow(KerasError);
  });

  test('a class number of no class is an error of TensorFlow', () => {
    expect(() => metrics.metricMeanIou({ numClasses: 2 }).update([0, 2], [0, 1])).toThrow('out of range');
    expect(
      metrics.metricMeanIou({ numClasses: 2, ignoreClass: 255 }).update([0, 255, 1], [0, 1, 1]).result(),
    ).toBe(1);
  });
});

describe('means and sums of values', () => {
  test('weighted, over calls', () => {
    expect(metrics.metricMean({ name: 'mine' }).name).toBe('mine');
    expect(metrics.metricMean('mine').name).toBe('mine');
    expect(metrics.metricMean().result()).toBe(0);
    // Keras: Mean of [[1, 3], [5, 7]] weighted [1, 0.5]: (2 · 1 + 6 · 0.5) / 1.5
    expect(
      metrics
        .metricMean()
        .update(
          [
            [1, 3],
            [5, 7],
          ],
          [1, 0.5],
        )
        .result(),
    ).toBeCloseTo(10 / 3, 6);
    // Keras: Sum of the same: 4 · 1 + 12 · 0.5
    expect(
      metrics
        .metricSum()
        .update(
          [
            [1, 3],
            [5, 7],
          ],
          [1, 0.5],
        )
        .result(),
    ).toBe(10);
    expect(metrics.metricSum().update([1]).update(tf.scalar(2)).reset().update(3).result()).toBe(3);
  });

  test('element by element: the example of Keras', () => {
    const metric = metrics.metricMeanTensor().update([0, 1, 2, 3]).update([4, 5, 6, 7]);
    expect(metric.result().arraySync()).toEqual([2, 3, 4, 5]);
    metric.update([12, 10, 8, 6], [0, 0.2, 0.5, 1]);
    const values = [...metric.result().dataSync()];
    [2, 3.6363635, 4.8, 5.3333335].forEach((value, index) => expect(values[index]).toBeCloseTo(value, 6));
    expect(
      metrics
        .metricMeanTensor({ shape: [1, 4] })
        .result()
        .arraySync(),
    ).toEqual([[0, 0, 0, 0]]);
    expect(metric.reset().result().arraySync()).toEqual([0, 0, 0, 0]);
    expect(() => metric.update([1, 2])).toThrow(KerasShapeError);
    expect(() => metrics.metricMeanTensor().result()).toThrow(KerasStateError);
  });
});

test('called with labels and predictions, means give the value of each sample', () => {
  expect(
    metrics
      .metricCategoricalAccuracy(
        [
          [0, 1],
          [1, 0],
        ],
        [
          [0.3, 0.7],
          [0.4, 0.6],
        ],
      )
      .arraySync(),
  ).toEqual([1, 0]);
  expect(metrics.metricBinaryAccuracy([[1], [0]], [[0.6], [0.6]], { threshold: 0.7 }).arraySync()).toEqual([
    0, 1,
  ]);
  expect(metrics.metricMeanSquaredError([[1, 3]], tf.tensor2d([[2, 5]])).arraySync()).toEqual([2.5]);
  expect(() => metrics.metricMeanSquaredError([[1, 3]], [[2]])).toThrow('the labels must have the shape');
  // @ts-expect-error: there must be predictions
  expect(() => metrics.metricMeanSquaredError([[1, 3]])).toThrow(
    'metricMeanSquaredError: `yPred` must be data',
  );
  // @ts-expect-error: a number is no options
  expect(() => metrics.metricBinaryAccuracy(0.7)).toThrow(
    'metricBinaryAccuracy: the options must be an object',
  );
});

/** As callers without types call them. */
const untyped = metrics as unknown as Readonly<Record<string, (options?: object) => unknown>>;
const call = (name: string, options?: object): unknown => untyped[name]?.(options);

test.each<[string, () => unknown, string]>([
  [
    'thresholds above 1',
    () => call('metricPrecision', { thresholds: 1.5 }),
    '`thresholds` must be a number from 0 to 1',
  ],
  ['no thresholds', () => call('metricPrecision', { thresholds: [] }), '`thresholds` must be'],
  ['a near name', () => call('metricPrecision', { threshold: 0.5 }), "Did you mean 'thresholds'?"],
  ['no k', () => call('metricRecall', { topK: 0 }), '`topK` must be a positive integer'],
  [
    'a class below 0',
    () => call('metricRecall', { classId: -1 }),
    '`classId` must be an integer of 0 or more',
  ],
  [
    'no recall',
    () => call('metricPrecisionAtRecall', {}),
    'metricPrecisionAtRecall: the option `recall` is required',
  ],
  [
    'recall above 1',
    () => call('metricPrecisionAtRecall', { recall: 2 }),
    '`recall` must be a number from 0 to 1',
  ],
  [
    'no thresholds at all',
    () => call('metricSensitivityAtSpecificity', { specificity: 1, numThresholds: 0 }),
    '`numThresholds`',
  ],
  ['another curve', () => call('metricAuc', { curve: 'PRC' }), "`curve` must be one of 'ROC', 'PR'"],
  ['another method', () => call('metricAuc', { summationMethod: 'minor' }), "Did you mean 'minoring'?"],
  [
    'labels of no labels',
    () => call('metricAuc', { numLabels: 2 }),
    '`numLabels` counts with `multiLabel` only',
  ],
  [
    'too few weights',
    () => call('metricAuc', { multiLabel: true, numLabels: 2, labelWeights: [1] }),
    'a weight for each of the 2 labels',
  ],
  [
    'negative weights',
    () => call('metricAuc', { labelWeights: [-1] }),
    '`labelWeights` must be a number of 0 or more',
  ],
  ['another average', () => call('metricF1Score', { average: 'mikro' }), "Did you mean 'micro' or 'macro'?"],
  ['beta 0', () => call('metricFbetaScore', { beta: 0 }), '`beta` must be a positive number'],
  ['a threshold of 0', () => call('metricF1Score', { threshold: 0 }), '`threshold` must be a number above 0'],
  ['another beta', () => call('metricF1Score', { beta: 2 }), 'the unknown option `beta`'],
  ['no classes', () => call('metricMeanIou', { numClasses: 0 }), '`numClasses` must be a positive integer'],
  [
    'a target that is no class',
    () => call('metricIou', { numClasses: 2, targetClassIds: [2] }),
    '`targetClassIds` must be classes from 0 to 1',
  ],
  [
    'no targets',
    () => call('metricBinaryIou', { targetClassIds: [] }),
    '`targetClassIds` must be an array of class numbers',
  ],
  [
    'another aggregation',
    () => call('metricR2Score', { classAggregation: 'mean' }),
    '`classAggregation` must be null',
  ],
  ['fewer than no regressors', () => call('metricR2Score', { numRegressors: -1 }), '`numRegressors`'],
  [
    'no numbers to divide by',
    () => call('metricMeanRelativeError', { normalizer: 'x' }),
    '`normalizer` must be data',
  ],
  ['no function', () => call('metricMeanWrapper', { fn: 3 }), '`fn` must be a function of (yTrue, yPred)'],
  ['a shape of fractions', () => call('metricMeanTensor', { shape: [0.5] }), '`shape` must be an integer'],
])('%s are an error', (_title, make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(KerasArgumentError);
});

describe('in compile', () => {
  const model = () =>
    layerDense(kerasModelSequential({ inputShape: [2] }), { units: 3, activation: 'softmax' });

  test('metrics of several numbers are refused, by object and by name', () => {
    for (const metric of [
      metrics.metricPrecision({ thresholds: [0.2, 0.5] }),
      metrics.metricR2Score({ classAggregation: null }),
      'f1_score' as const,
    ]) {
      expect(() => compile(model(), { loss: 'categorical_crossentropy', metrics: [metric] })).toThrow(
        'compile: `metrics` must be made of metrics that are one number each.',
      );
      expect(() => compile(model(), { loss: 'categorical_crossentropy', weightedMetrics: [metric] })).toThrow(
        'compile: `weightedMetrics` must be made of metrics that are one number each.',
      );
    }
  });

  test('one name in metrics and weightedMetrics is refused', () => {
    const twice = { loss: 'categorical_crossentropy', metrics: ['acc'], weightedMetrics: ['acc'] } as const;
    expect(() => compile(model(), twice)).toThrow("Received: two metrics named 'acc'");
  });

  test('a warning says that a score is not adjusted', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const metric = metrics.metricR2Score({ numRegressors: 3 }).update([[1], [4], [3]], [[2], [4], [4]]);
    expect(metric.result()).toBeCloseTo(0.571429, 5);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test('a wrapped function has its own name', () => {
    const halfError = (yTrue: Tensor, yPred: Tensor): Tensor => tf.mul(tf.sub(yPred, yTrue), 0.5);
    expect(metrics.metricMeanWrapper({ fn: halfError }).name).toBe('halfError');
    expect(metrics.metricMeanWrapper({ fn: (yTrue) => yTrue }).name).toBe('mean_wrapper');
  });
});
