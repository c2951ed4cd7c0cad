/** Calls in forms that are seldom seen, options together and axes other than the last: Keras's numbers, of test/reference/call_forms.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as all from '../src/index';
import {
  callLayer,
  compile,
  constraintMinmaxnorm,
  constraintRadial,
  initializerConstant,
  kerasModel,
  layerInput,
  layerIdentity,
  normalize,
  regularizerOrthogonal,
  testOnBatch,
  tf,
  toCategorical,
  type Loss,
  type Tensor,
} from '../src/index';
import { distance } from './layers/support';

type Nested = number | readonly Nested[];

/** What test/reference/call_forms.py prints. */
interface Reference {
  readonly given: Readonly<Record<string, Nested>>;
  readonly values: Readonly<Record<string, Nested>>;
}

const { given, values } = JSON.parse(
  readFileSync(path.join(__dirname, 'reference/call_forms.json'), 'utf8'),
) as Reference; // as its program prints it

const tensor = (name: string): Tensor => tf.tensor(given[name] as number[]);
const [x, y, images, volumes] = [tensor('x'), tensor('y'), tensor('images'), tensor('volumes')];
const [labels, scores, classes, weights] = [
  tensor('labels'),
  tensor('scores'),
  tensor('classes'),
  tensor('weights'),
];
const oneHot = tf.oneHot(tf.cast(classes, 'int32') as tf.Tensor1D, 3);

interface Kept {
  update(yTrue: Tensor | number[], yPred: Tensor | number[], sampleWeight?: Tensor): Kept;
  result(): unknown;
}

const part = (one: Tensor, from: number, count: number): Tensor => one.slice(from, count);
/** In two unequal batches. */
const inRows = (metric: unknown, ...arrays: readonly Tensor[]): unknown => {
  const kept = metric as Kept; // what metric functions make
  for (const [from, count] of [
    [0, 3],
    [3, 1],
  ] as const) {
    // prettier-ignore
    const [yTrue, yPred, sampleWeight] = arrays.map((one) => part(one, from, count)) as [Tensor, Tensor, Tensor?];
    kept.update(yTrue, yPred, sampleWeight);
  }
  return kept.result();
};

const ofSteps = (schedule: (step: number) => number | Tensor): number[] =>
  [0, 1, 3, 5, 9, 10, 20, 31].map((step) => schedule(step) as number);

/** The loss of a batch as a model computes it. */
const lossOf = (loss: unknown, yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): number => {
  const input = layerInput({ shape: yPred.shape.slice(1) });
  const model = kerasModel(input, layerIdentity(input));
  compile(model, { loss: loss as Loss });
  return testOnBatch(model, yPred, yTrue, sampleWeight === undefined ? {} : { sampleWeight }).loss;
};

const best = tf.argMax(scores, 1);
const ones = 'ones' as const;
const forms: Readonly<Record<string, () => unknown>> = {
  'normalization over two axes': () =>
    callLayer(
      all.layerNormalization({
        axis: [1, 2],
        mean: tf.range(0, 12).reshape([4, 3]),
        variance: tf.range(1, 13).reshape([4, 3]),
      }),
      x,
    ),
  'normalization of all, inverted': () =>
    callLayer(all.layerNormalization({ axis: null, mean: 2, variance: 9, invert: true }), x),
  'layer normalization over two axes': () =>
    callLayer(all.layerLayerNormalization({ axis: [1, 2], epsilon: 0.01 }), x),
  'unit normalization over two axes': () => callLayer(all.layerUnitNormalization({ axis: [1, 2] }), x),
  'a dot of other axes, of unit vectors': () =>
    callLayer(all.layerDot({ axes: [1, 1], normalize: true }), [x, y]),
  'maximum of three': () => callLayer(all.layerMaximum(), [x, y, tf.mul(x, y)]),
  'average, stretched': () => callLayer(all.layerAverage(), [x, y.slice([0, 0, 0], [2, 1, 3])]),
  'concatenated along time': () =>
    callLayer(all.layerConcatenate({ axis: 1 }), [x, y.slice([0, 0, 0], [2, 2, 3])]),
  'hashing with a salt': () =>
    callLayer(all.layerHashing({ numBins: 5, salt: 133 }), [['a'], ['b'], ['c'], ['d']]),
  'hashing of integers, one hot': () =>
    callLayer(
      all.layerHashing({ numBins: 4, outputMode: 'one_hot' }),
      tf.tensor2d([[1], [2], [30]], undefined, 'int32'),
    ),
  'relu of three options': () =>
    callLayer(all.layerActivationRelu({ maxValue: 1, negativeSlope: 0.1, threshold: 0.25 }), x),
  'softmax along time': () => callLayer(all.layerActivationSoftmax({ axis: 1 }), x),
  'slopes shared along time': () =>
    callLayer(
      all.layerActivationParametricRelu({ alphaInitializer: initializerConstant(0.25), sharedAxes: [1] }),
      x,
    ),
  'causal and dilated': () =>
    callLayer(
      all.layerConv1d({
        filters: 4,
        kernelSize: 2,
        padding: 'causal',
        dilationRate: 2,
        useBias: false,
        kernelInitializer: ones,
      }),
      x,
    ),
  'groups and strides': () =>
    callLayer(
      all.layerConv2d({
        filters: 4,
        kernelSize: [2, 1],
        groups: 2,
        strides: [1, 2],
        padding: 'same',
        kernelInitializer: ones,
        biasInitializer: initializerConstant(0.5),
      }),
      images,
    ),
  'transposed, with more at the end': () =>
    callLayer(
      all.layerConv2dTranspose({
        filters: 1,
        kernelSize: [2, 3],
        strides: [2, 2],
        outputPadding: [1, 0],
        kernelInitializer: ones,
      }),
      images,
    ),
  'depthwise and dilated': () =>
    callLayer(
      all.layerDepthwiseConv2d({
        kernelSize: [2, 2],
        depthMultiplier: 2,
        dilationRate: [1, 2],
        depthwiseInitializer: ones,
      }),
      images,
    ),
  'enlarged by bicubic': () =>
    callLayer(all.layerUpsampling2d({ size: [2, 3], interpolation: 'bicubic' }), images),
  'resized in proportion': () =>
    callLayer(
      all.layerResizing({ height: 2, width: 2, interpolation: 'lanczos5', cropToAspectRatio: true }),
      images,
    ),
  'padded on three sides': () => callLayer(all.layerZeroPadding3d({ padding: [[1, 0], [0, 2], [1, 1]] }), volumes), // prettier-ignore
  'cropped on three sides': () => callLayer(all.layerCropping3d({ cropping: [[1, 0], [0, 2], [1, 0]] }), volumes), // prettier-ignore
  'both directions, apart': () => {
    const options = {
      units: 2,
      kernelInitializer: ones,
      recurrentInitializer: ones,
      returnSequences: true,
    } as const;
    const both = all.bidirectional({
      layer: all.layerLstm(options),
      mergeMode: null,
      backwardLayer: all.layerGru({ ...options, goBackwards: true }),
    });
    return callLayer<[Tensor, Tensor]>(both, x)[1];
  },
  'mean of volumes, kept': () => callLayer(all.layerGlobalAveragePooling3d({ keepdims: true }), volumes),
  'pooling of sequences that lie across': () =>
    callLayer(
      all.layerMaxPooling1d({ poolSize: 2, dataFormat: 'channels_first', padding: 'same', strides: 3 }),
      x,
    ),
  'cosine similarity of another axis': () => tf.sum(all.lossCosineSimilarity(x, y, { axis: 1 })),
  'huber, each': () => all.lossHuber(x, y, { delta: 0.3 }),
  'classes along another axis': () => {
    const absolute = tf.abs(y);
    const each = all.lossCategoricalCrossentropy(tf.div(absolute, tf.sum(absolute, 1, true)), x, {
      fromLogits: true,
      labelSmoothing: 0.2,
      axis: 1,
    });
    return tf.mean(tf.mul(each, tf.tensor2d([[1, 2, 0.5]])));
  },
  'numbers of classes, weighted': () =>
    lossOf(all.lossSparseCategoricalCrossentropy({ fromLogits: true }), classes, scores, weights),
  'binary, smoothed and weighted': () =>
    lossOf(all.lossBinaryCrossentropy({ labelSmoothing: 0.3 }), labels, scores, weights),
  'focal, with all options': () =>
    all.lossBinaryFocalCrossentropy(labels, scores, {
      applyClassBalancing: true,
      alpha: 0.3,
      gamma: 1.5,
      labelSmoothing: 0.1,
    }),
  'log-cosh, weighted': () => lossOf(all.lossLogcosh({ reduction: 'sum' }), labels, scores, weights),
  'the relative error': () =>
    all
      .metricMeanRelativeError({ normalizer: [1, 3, 2, 3] })
      .update([1, 3, 2, 3], [2, 4, 6, 8])
      .result(),
  'two of the best': () => inRows(all.metricTopKCategoricalAccuracy({ k: 2 }), oneHot, scores, weights),
  'mean of intersections': () => inRows(all.metricMeanIou({ numClasses: 3 }), classes, best, weights),
  'intersections of some classes': () =>
    inRows(all.metricOneHotIou({ numClasses: 3, targetClassIds: [0, 2] }), oneHot, scores, weights),
  'sensitivity of one class': () =>
    inRows(
      all.metricSensitivityAtSpecificity({ specificity: 0.4, numThresholds: 7, classId: 1 }),
      labels,
      scores,
      weights,
    ),
  'precision of the best two': () =>
    inRows(all.metricPrecision({ topK: 2, classId: 0 }), labels, scores, weights),
  'recall at thresholds': () =>
    inRows(all.metricRecall({ thresholds: [0.3, 0.5, 0.7] }), labels, scores, weights),
  'areas of labels, weighted': () =>
    inRows(
      all.metricAuc({
        curve: 'PR',
        summationMethod: 'minoring',
        multiLabel: true,
        numLabels: 3,
        labelWeights: [1, 2, 0.5],
        numThresholds: 9,
      }),
      labels,
      scores,
      weights,
    ),
  'areas of logits': () =>
    inRows(all.metricAuc({ fromLogits: true, thresholds: [0.2, 0.6] }), labels, tf.sub(tf.mul(scores, 4), 2)),
  'cosine metric of another axis': () => all.metricCosineSimilarity({ axis: 1 }).update(x, y).update(y.slice(0, 1), x.slice(0, 1)).result(), // prettier-ignore
  'a sum of values': () => all.metricSum().update([1, 3, 5, 7], weights).result(),
  'means of each element': () => {
    const [first, second] = tf.unstack(x) as [Tensor, Tensor];
    return all
      .metricMeanTensor()
      .update(first)
      .update(second, tf.abs(tf.unstack(y)[1] as Tensor))
      .result();
  },
  'cosine decay with restarts': () =>
    ofSteps(
      all.learningRateScheduleCosineDecayRestarts({
        initialLearningRate: 0.5,
        firstDecaySteps: 4,
        tMul: 1.5,
        mMul: 0.8,
        alpha: 0.1,
      }),
    ),
  'cosine decay after a warmup': () =>
    ofSteps(
      all.learningRateScheduleCosineDecay({
        initialLearningRate: 0.1,
        decaySteps: 12,
        alpha: 0.2,
        warmupTarget: 0.5,
        warmupSteps: 5,
      }),
    ),
  'inverse of time in steps': () =>
    ofSteps(
      all.learningRateScheduleInverseTimeDecay({
        initialLearningRate: 0.5,
        decaySteps: 3,
        decayRate: 0.7,
        staircase: true,
      }),
    ),
  'polynomial, again and again': () =>
    ofSteps(
      all.learningRateSchedulePolynomialDecay({
        initialLearningRate: 0.5,
        decaySteps: 4,
        endLearningRate: 0.05,
        power: 2,
        cycle: true,
      }),
    ),
  'a piece after the other': () =>
    ofSteps(
      all.learningRateSchedulePiecewiseConstantDecay({ boundaries: [3, 9], values: [0.5, 0.25, 0.125] }),
    ),
  'norms between two, along rows': () =>
    constraintMinmaxnorm({ minValue: 0.5, maxValue: 1, rate: 0.75, axis: 1 }).apply(
      tf.unstack(x)[0] as Tensor,
    ),
  radial: () => constraintRadial().apply(images.slice([0, 0, 0, 0], [1, 4, 4, 2]).reshape([4, 4, 2, 1])),
  'orthogonal by columns': () =>
    regularizerOrthogonal({ factor: 0.3, mode: 'columns' }).apply(tf.unstack(x)[0] as Tensor),
  'normalized by the sum of another axis': () => normalize(x, { axis: 1, order: 1 }),
  'classes of a table': () => toCategorical(tensor('ids'), 5),
  'classes of a column': () => toCategorical(classes.reshape([4, 1])),
};

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

test.each(Object.entries(forms))('%s', (name, call) => {
  const [expected, made] = [tf.tensor(values[name] as number[]), call()];
  const actual = made instanceof tf.Tensor ? (made as Tensor) : tf.tensor(made as number[]); // of any rank, or a number
  expect(actual.shape).toEqual(expected.shape);
  expect(distance(tf.cast(actual, 'float32'), expected)).toBeLessThan(2e-5);
});
