import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import { knownLoss } from '../../src/losses/registry';
import * as metrics from '../../src/metrics';
import { customMetric } from '../../src/metrics';
import { metrics as registry, type Metric } from '../../src/metrics/registry';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

/*
 * Made by NumPy:
 *
 *   rng = np.random.RandomState(7); n, c = 23, 7
 *   labels = rng.randint(c, size=n); P = rng.rand(n, c).round(2); P[3] = P[3, 0]
 *   w = (rng.rand(n) * 2).round(2)
 *   yes = rng.randint(2, size=(n, 2)); Q = rng.rand(n, 2).round(2); Q[0] = [0., 1.]; Q[1] = [.5, .5]
 *   Y = rng.randn(n, 2).round(2); F = (Y + rng.randn(n, 2)).round(2)
 */
const labels = [4, 1, 6, 3, 3, 4, 1, 6, 0, 1, 6, 2, 2, 0, 6, 4, 0, 4, 0, 3, 2, 6, 3];
const classes = [
  [0.69, 0.35, 0.93, 0.26, 0.75, 0.25, 0.85],
  [0.17, 0.79, 0.94, 0.45, 0.38, 0.36, 0.19],
  [0.1, 0.48, 0.61, 0.95, 0.35, 0.28, 0.45],
  [0.96, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96],
  [0.92, 0.43, 0.42, 0.99, 0.79, 0.34, 0.3],
  [0.5, 0.62, 0.66, 0.26, 0.41, 0.67, 0.44],
  [0.78, 0.68, 0.74, 0.49, 0.95, 0.15, 0.65],
  [0.56, 0.87, 0.14, 0.45, 0.66, 0.66, 0.84],
  [0.53, 0.04, 0.1, 0.8, 0.4, 0.68, 0.5],
  [0.4, 0.79, 0.95, 0.26, 0.52, 0.87, 0.46],
  [0.11, 0.8, 0.5, 0.2, 0.88, 0.27, 0.24],
  [0.37, 0.39, 0.23, 0.18, 0.4, 0.84, 0.79],
  [0.64, 0.5, 0.47, 0.47, 0.94, 0.74, 0.04],
  [0.76, 0.51, 0.18, 0.39, 0.94, 0.21, 0.81],
  [0.4, 0.59, 0.19, 0.81, 0.58, 0.45, 0.8],
  [0.54, 0.42, 0.02, 0.68, 0.49, 0.22, 0.55],
  [0.52, 0.49, 0.26, 0.53, 0.98, 0.62, 0.63],
  [0.91, 0.96, 0.59, 0.16, 0.39, 0.94, 0.34],
  [0.71, 0.46, 0.39, 0.53, 0.82, 0.64, 0.86],
  [0.64, 1.0, 0.52, 0.33, 0.1, 0.57, 0.22],
  [0.01, 0.3, 0.04, 0.98, 0.55, 0.07, 0.34],
  [0.24, 0.11, 0.77, 0.35, 0.19, 0.91, 0.86],
  [0.4, 0.55, 0.45, 0.69, 0.21, 0.32, 0.74],
];
const sampleWeights = [
  0.37, 1.39, 1.05, 0.4, 1.3, 1.02, 1.38, 1.15, 1.54, 0.79, 1.92, 1.96, 0.41, 0.95, 1.58, 0.26, 1.65, 0.47,
  1.88, 1.64, 0.1, 0.0, 0.35,
];
const yes = [
  [1, 0],
  [1, 1],
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 1],
  [0, 0],
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
  [0, 1],
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 0],
  [0, 0],
  [1, 0],
  [1, 0],
  [1, 1],
  [1, 0],
  [0, 1],
  [1, 0],
];
const chances = [
  [0.0, 1.0],
  [0.5, 0.5],
  [0.01, 0.26],
  [0.75, 0.94],
  [0.68, 0.5],
  [0.78, 0.57],
  [0.3, 0.48],
  [0.32, 0.04],
  [0.57, 0.99],
  [0.37, 0.68],
  [0.12, 0.09],
  [0.63, 0.28],
  [0.27, 0.89],
  [0.2, 0.29],
  [0.55, 0.72],
  [0.52, 0.73],
  [0.06, 0.59],
  [0.58, 0.63],
  [0.72, 0.24],
  [0.73, 0.97],
  [0.38, 0.17],
  [0.35, 0.6],
  [0.56, 0.62],
];
const targets = [
  [-0.64, 1.79],
  [0.43, -1.16],
  [1.88, -1.09],
  [0.2, 0.83],
  [-0.66, -0.62],
  [0.7, -0.14],
  [1.02, -1.2],
  [0.97, 1.12],
  [0.56, -0.35],
  [-0.94, -0.96],
  [-0.97, 0.62],
  [0.19, -0.6],
  [0.79, -0.21],
  [0.77, -1.03],
  [0.31, 0.08],
  [-2.75, 0.69],
  [0.37, 0.55],
  [0.33, -0.66],
  [-2.09, -0.37],
  [-1.27, -0.14],
  [-1.5, -0.61],
  [-0.14, -0.59],
  [-0.76, 1.77],
];
const outputs = [
  [-0.11, -0.45],
  [-0.28, -0.82],
  [0.78, -0.58],
  [0.42, 1.2],
  [0.86, -2.63],
  [1.91, 0.5],
  [-1.69, -2.39],
  [0.42, 1.19],
  [1.39, 0.83],
  [-0.57, -1.18],
  [-0.31, 1.1],
  [0.22, 0.48],
  [1.73, -0.29],
  [1.6, -2.57],
  [-0.38, -0.01],
  [-2.85, 1.25],
  [-1.51, 1.33],
  [0.17, 0.47],
  [-3.9, -0.43],
  [-1.49, 0.85],
  [-1.59, -0.22],
  [0.35, 0.16],
  [-0.94, 1.02],
];

const oneHot = labels.map((label) => classes[0]?.map((_, index) => (index === label ? 1 : 0)) ?? []);

type Rows = readonly number[] | readonly number[][];
const slice = (rows: Rows, from: number, to: number): Tensor => tf.tensor(rows.slice(from, to));

/** The metric over batches of 10, 12 and 1, added up in float64. */
const overBatches = (
  metric: Metric<number>,
  yTrue: Rows,
  yPred: Rows,
  weights?: readonly number[],
): number => {
  const totals = new Float64Array(metric.size);
  for (const [from, to] of [
    [0, 10],
    [10, 22],
    [22, 23],
  ] as const) {
    const inputs = [slice(yTrue, from, to), slice(yPred, from, to)] as const;
    const weight = weights === undefined ? undefined : slice(weights, from, to);
    const before = tensorCount();
    const sums = metric.sums(...inputs, weight);
    expect(tensorCount()).toBe(before + 1);
    expect(sums.dtype).toBe('float32');
    expect(sums.shape).toEqual([metric.size]);
    [...sums.dataSync()].forEach((sum, index) => (totals[index] = (totals[index] ?? NaN) + sum));
    tf.dispose([sums, ...inputs, ...(weight === undefined ? [] : [weight])]);
  }
  return metric.result(totals);
};

/*
 * Keras's definitions over all 23 samples at once in NumPy, float64; first without weights, then with:
 *
 *   mean = lambda v: [v.mean(), (v * W).sum() / W.sum()]  # W: w broadcast to v
 *   binary_accuracy: ((Q > .5) == yes).mean(-1)     categorical_accuracy: P.argmax(-1) == labels
 *   top_k: (P > P[np.arange(n), labels][:, None]).sum(-1) < k
 *   rmse: np.sqrt((W * (Y - F) ** 2).sum() / W.sum())
 *   d = Q > t; tp, fp, fn, tn = (W * (d & (yes == 1))).sum(), (W * (d & (yes == 0))).sum(), …
 *   auc: TP, FP, FN, TN at k thresholds; in float32 a prediction exceeds threshold i if max(ceil(p * (k - 1)) - 1, 0) >= i
 *     x, y = FP / (FP + TN), TP / (TP + FN); roc = ((x[:-1] - x[1:]) * (y[:-1] + y[1:]) / 2).sum()
 *     dtp = TP[:-1] - TP[1:]; p = TP + FP; slope = dtp / (p[:-1] - p[1:]); icpt = TP[1:] - slope * p[1:]
 *     pr = (slope * (dtp + icpt * log(p[:-1] / p[1:])) / (TP + FN)[1:]).sum(), 0 where 0 divides, log(1) where a p is 0
 */
const rows: [string, Metric<number>, Rows, Rows, number, number][] = [
  ['binary accuracy', metrics.metricBinaryAccuracy(), yes, chances, 0.608695652, 0.673387097],
  ['… above 0.7', metrics.metricBinaryAccuracy({ threshold: 0.7 }), yes, chances, 0.586956522, 0.678480475],
  ['categorical accuracy', metrics.metricCategoricalAccuracy(), oneHot, classes, 0.0434782609, 0.0551782683],
  ['sparse accuracy', metrics.metricSparseCategoricalAccuracy(), labels, classes, 0.0434782609, 0.0551782683],
  ['top 3', metrics.metricTopKCategoricalAccuracy({ k: 3 }), oneHot, classes, 0.52173913, 0.496604414],
  ['top 5', metrics.metricTopKCategoricalAccuracy(), oneHot, classes, 0.869565217, 0.869269949],
  [
    'sparse top 3',
    metrics.metricSparseTopKCategoricalAccuracy({ k: 3 }),
    labels,
    classes,
    0.52173913,
    0.496604414,
  ],
  ['mean squared error', metrics.metricMeanSquaredError(), targets, outputs, 0.979017391, 1.13780418],
  ['mean absolute error', metrics.metricMeanAbsoluteError(), targets, outputs, 0.766956522, 0.84571944],
  [
    'root of the mean square',
    metrics.metricRootMeanSquaredError(),
    targets,
    outputs,
    0.989453077,
    1.06667904,
  ],
  ['precision', metrics.metricPrecision(), yes, chances, 0.541666667, 0.631118881],
  ['recall', metrics.metricRecall(), yes, chances, 0.65, 0.675081814],
  [
    'precision above 0.7',
    metrics.metricPrecision({ thresholds: 0.7 }),
    yes,
    chances,
    0.545454545,
    0.780071813,
  ],
  ['recall above 0.7', metrics.metricRecall({ thresholds: 0.7 }), yes, chances, 0.3, 0.40626461],
  ['true positives', metrics.metricTruePositives(), yes, chances, 13, 14.44],
  ['false positives', metrics.metricFalsePositives(), yes, chances, 11, 8.44],
  ['false negatives', metrics.metricFalseNegatives(), yes, chances, 7, 6.95],
  ['true negatives', metrics.metricTrueNegatives(), yes, chances, 15, 17.29],
  ['area under ROC', metrics.metricAuc(), yes, chances, 0.625, 0.732646371],
  ['… by 5 thresholds', metrics.metricAuc({ numThresholds: 5 }), yes, chances, 0.625961538, 0.717896696],
  ['area under PR', metrics.metricAuc({ curve: 'PR' }), yes, chances, 0.502547319, 0.650764551],
  ['… by 5 ', metrics.metricAuc({ curve: 'PR', numThresholds: 5 }), yes, chances, 0.513347939, 0.622688772],
];

test.each(rows)('%s is exact over unequal batches', (_name, metric, yTrue, yPred, plain, weighted) => {
  expect(overBatches(metric, yTrue, yPred)).toBeCloseTo(plain, 5);
  expect(overBatches(metric, yTrue, yPred, sampleWeights)).toBeCloseTo(weighted, 5);
});

/** Those that have no row: each is the mean of the loss of its name, which has reference values of its own. */
const means = registry.members.filter(
  ({ names: [name] }) =>
    knownLoss(name) !== undefined &&
    !rows.some(([, metric]) => metric.name === name) &&
    name !== 'cosine_similarity',
);

test('every metric has a row here or in keras.test.ts, or is the mean of a loss', () => {
  expect(means.map(({ names }) => names[0])).toEqual([
    'binary_crossentropy',
    'categorical_crossentropy',
    'categorical_hinge',
    'hinge',
    'kullback_leibler_divergence',
    'logcosh',
    'mean_absolute_percentage_error',
    'mean_squared_logarithmic_error',
    'poisson',
    'sparse_categorical_crossentropy',
    'squared_hinge',
  ]);
});

test.each(means.map((make) => [make.names[0], make] as const))('%s is the mean of the loss', (name, make) => {
  const { call, labels: form } = knownLoss(name) ?? { call: () => tf.zeros([0]), labels: 'same' };
  const [yTrue, yPred] = [form === 'sparse' ? labels : oneHot, classes];
  const values = call(tf.tensor(yTrue), tf.tensor(yPred)).arraySync() as number[];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(overBatches(make() as Metric<number>, yTrue, yPred) / mean).toBeCloseTo(1, 5); // the mean of a loss is one number
  expect(make({ name: 'mine' }).name).toBe('mine');
  expect(make('mine').name).toBe('mine');
});

test('cosine similarity is the mean cosine', () => {
  // By hand: cos(1, 2 · 3, 4) = (3 + 8) / (√5 · 5), and of the same direction 1
  const metric = metrics.metricCosineSimilarity();
  tf.tidy(() => {
    const yTrue = tf.tensor2d([1, 2, 2, 2], [2, 2]);
    const sums = metric.sums(yTrue, tf.tensor2d([3, 4, 1, 1], [2, 2]), undefined);
    expect(metric.result([...sums.dataSync()])).toBeCloseTo((11 / (5 * Math.sqrt(5)) + 1) / 2, 6);
  });
});

test('nothing to count gives 0', () => {
  for (const metric of [metrics.metricPrecision(), metrics.metricRecall(), metrics.metricAuc()]) {
    expect(metric.result(new Float64Array(metric.size))).toBe(0);
  }
  expect(metrics.metricMeanSquaredError().result([0, 0])).toBe(0);
});

test('values of several time steps count one by one, weights hold for all of a sample', () => {
  tf.tidy(() => {
    const metric = metrics.metricMeanAbsoluteError();
    const errors = tf.tensor3d([1, 2, 3, 6], [2, 2, 1]);
    expect([...metric.sums(tf.zeros([2, 2, 1]), errors, undefined).dataSync()]).toEqual([12, 4]);
    // 2 (1 + 2) + 1 (3 + 6) over 2 · 2 + 1 · 2
    expect([...metric.sums(tf.zeros([2, 2, 1]), errors, tf.tensor1d([2, 1])).dataSync()]).toEqual([15, 6]);
    const perStep = tf.tensor2d([1, 0, 0, 2], [2, 2]);
    expect([...metric.sums(tf.zeros([2, 2, 1]), errors, perStep).dataSync()]).toEqual([13, 3]);
  });
});

test('weights of another number are refused', () => {
  tf.tidy(() => {
    const metric = metrics.metricMeanAbsoluteError();
    expect(() => metric.sums(tf.zeros([3, 1]), tf.ones([3, 1]), tf.ones([2]))).toThrow(KerasShapeError);
  });
});

test('options out of range or unknown are refused', () => {
  expect(() => metrics.metricBinaryAccuracy({ threshold: 2 })).toThrow(KerasArgumentError);
  expect(() => metrics.metricTopKCategoricalAccuracy({ k: 0 })).toThrow(KerasArgumentError);
  expect(() => metrics.metricAuc({ numThresholds: 1 })).toThrow(KerasArgumentError);
  expect(() => metrics.metricPrecision({ name: '' })).toThrow(KerasArgumentError);
  // @ts-expect-error: a misspelt option does not compile
  expect(() => metrics.metricRecall({ treshold: 0.5 })).toThrow("Did you mean 'thresholds'?");
});

describe('customMetric', () => {
  test('is the mean of what the function returns', () => {
    const largest = customMetric('largest', (yTrue, yPred) => tf.max(tf.abs(tf.sub(yTrue, yPred)), -1));
    // np.abs(Y - F).max(-1).mean()
    const expected = targets.reduce(
      (sum, row, index) =>
        sum + Math.max(...row.map((value, j) => Math.abs(value - (outputs[index]?.[j] ?? NaN)))) / 23,
      0,
    );
    expect(overBatches(largest, targets, outputs)).toBeCloseTo(expected, 5);
    expect(largest.name).toBe('largest');
  });

  test('a scalar counts once for each batch', () => {
    const scalar = customMetric('scalar', (yTrue) => tf.mean(yTrue));
    tf.tidy(() => {
      expect([...scalar.sums(tf.tensor1d([1, 3]), tf.ones([2]), undefined).dataSync()]).toEqual([2, 1]);
      expect([...scalar.sums(tf.tensor1d([1, 3]), tf.ones([2]), tf.tensor1d([1, 2])).dataSync()]).toEqual([
        6, 3,
      ]);
    });
  });

  test('checks its arguments', () => {
    expect(() => customMetric('', (yTrue) => yTrue)).toThrow(KerasArgumentError);
    // @ts-expect-error: a number is no function
    expect(() => customMetric('name', 3)).toThrow(KerasArgumentError);
  });
});
