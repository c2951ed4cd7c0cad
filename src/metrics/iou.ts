import { checkAllocation } from '../arrays/allocate';
import {
  argumentError,
  boolean,
  fraction,
  integer,
  nonNegativeInteger,
  optional,
  positiveInteger,
  required,
  type Check,
} from '../base/checks';
import { describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineMetric, type MetricBody, type OptionedMetricFunction } from './define-metric';
import { axisOf, ratio, weightsFor, type MetricOptions } from './metric';

/** Options that metrics of intersection over union share. */
export interface IouBaseOptions extends MetricOptions {
  /** How many classes there are. */
  readonly numClasses: number;
  /** A class that does not count: that of unlabeled pixels, for example. None by default. */
  readonly ignoreClass?: number | null | undefined;
  /** The axis of classes, of what is not class numbers. Default −1. */
  readonly axis?: number | undefined;
}

/** Options of {@link metricMeanIou}. */
export interface MeanIouOptions extends IouBaseOptions {
  /** Whether labels are class numbers, the default, and not one-hot. */
  readonly sparseYTrue?: boolean | undefined;
  /** Whether predictions are class numbers, the default, and not probabilities of classes. */
  readonly sparseYPred?: boolean | undefined;
}

/** Options of {@link metricIou}. */
export interface IouOptions extends MeanIouOptions {
  /** The classes whose mean counts. */
  readonly targetClassIds: readonly number[];
}

/** Options of {@link metricOneHotMeanIou}. */
export interface OneHotMeanIouOptions extends IouBaseOptions {
  /** Whether predictions are class numbers. Default false: they are probabilities of classes. */
  readonly sparseYPred?: boolean | undefined;
}

/** Options of {@link metricOneHotIou}. */
export interface OneHotIouOptions extends OneHotMeanIouOptions {
  /** The classes whose mean counts. */
  readonly targetClassIds: readonly number[];
}

/** Options of {@link metricBinaryIou}. */
export interface BinaryIouOptions extends MetricOptions {
  /** Which of the classes 0 and 1 count. Default both. */
  readonly targetClassIds?: readonly number[] | undefined;
  /** Predictions of it or more are of class 1. Default 0.5. */
  readonly threshold?: number | undefined;
}

const classList: Check<readonly number[]> = (value, place) => {
  if (!Array.isArray(value) || value.length === 0) {
    throw argumentError(place, 'an array of class numbers', value, `Write ${place.argument}: [0]`);
  }
  return [...(value as unknown[])].map((item) => nonNegativeInteger(item, place));
};

const classOrNull: Check<number | null> = (value, place) => (value === null ? null : integer(value, place));

/** What a metric of this family goes by. */
interface Settings {
  readonly numClasses: number;
  readonly targetClassIds: readonly number[];
  readonly ignoreClass?: number | null;
  /** The class number of each value. */
  readonly labels: (yTrue: Tensor) => Tensor;
  readonly predictions: (yPred: Tensor) => Tensor;
}

const differentShapes = (functionName: string, yTrue: Tensor, yPred: Tensor): KerasShapeError =>
  new KerasShapeError({
    function: functionName,
    argument: 'yTrue',
    expected: 'there must be one label for each predicted class',
    received: `labels of shape ${describeShape(yTrue.shape)} for predictions of shape ${describeShape(yPred.shape)}`,
    advice:
      'Class numbers have no axis of classes: give probabilities with sparseYPred: false, one-hot labels with sparseYTrue: false',
  });

const checkTargets = (functionName: string, { targetClassIds, numClasses }: Settings): void => {
  const wrong = targetClassIds.find((target) => target >= numClasses);
  if (wrong === undefined) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'targetClassIds',
    expected: `\`targetClassIds\` must be classes from 0 to ${numClasses - 1}`,
    received: String(wrong),
    advice: 'Count classes from 0',
  });
};

/** The confusion matrix, a row for each class of labels, as sums. */
const iouBody = (functionName: string, settings: Settings): MetricBody => {
  const { numClasses, targetClassIds, ignoreClass, labels, predictions } = settings;
  checkTargets(functionName, settings);
  const cells = numClasses ** 2;
  return {
    size: cells,
    sums: (yTrue, yPred, weights) => {
      const [actual, predicted] = [labels(yTrue), predictions(yPred)];
      if (actual.size !== predicted.size) throw differentShapes(functionName, yTrue, yPred);
      const [rows, columns] = [tf.reshape(actual, [actual.size]), tf.reshape(predicted, [actual.size])];
      const isClass = (numbers: Tensor): Tensor =>
        tf.logicalAnd(tf.greaterEqual(numbers, 0), tf.less(numbers, numClasses));
      const cell = tf.add(tf.mul(rows, numClasses), columns);
      // A number of no class is TensorFlow's error: its position is out of range. One below 0 does not count.
      const checked = tf.where(
        tf.logicalAnd(isClass(rows), isClass(columns)),
        cell,
        tf.fill(cell.shape, cells),
      );
      const counted =
        ignoreClass === undefined || ignoreClass === null
          ? checked
          : tf.where(tf.equal(rows, ignoreClass), tf.fill(cell.shape, -1), checked);
      const ones = tf.onesLike(actual);
      const each = weights === undefined ? ones : tf.mul(ones, weightsFor(actual, weights));
      const ids = tf.cast(counted, 'int32').as1D();
      return tf.unsortedSegmentSum(tf.reshape(each, [actual.size]), ids, cells);
    },
    result: (matrix) => {
      const at = (row: number, column: number): number => matrix[row * numClasses + column] ?? 0;
      const classes = Array.from({ length: numClasses }, (_, index) => index);
      let [total, valid] = [0, 0];
      for (const target of targetClassIds) {
        const union = classes.reduce(
          (sum, other) => sum + at(target, other) + at(other, target),
          -at(target, target),
        );
        total += ratio(at(target, target), union);
        if (union !== 0) valid++;
      }
      return ratio(total, valid);
    },
  };
};

/** Class numbers as floats: as they are, or those of the largest values along an axis. */
const classNumbers =
  (functionName: string, isSparse: boolean, axis: number) =>
  (tensor: Tensor): Tensor =>
    tf.cast(isSparse ? tensor : tf.argMax(tensor, axisOf(functionName, axis, tensor)), 'float32');

/** A number of classes whose table fits into memory. */
const classCount: Check<number> = (value, place) => {
  const classes = positiveInteger(value, place);
  checkAllocation(
    place,
    classes ** 2,
    `a table of ${classes} × ${classes} classes`,
    'Count the classes again',
  );
  return classes;
};

const baseChecks = {
  numClasses: required(classCount),
  ignoreClass: optional(classOrNull),
  axis: optional(integer, -1),
};
const targets = { targetClassIds: required(classList) };
const sparseChecks = { sparseYTrue: optional(boolean, true), sparseYPred: optional(boolean, true) };
const oneHotChecks = { sparseYPred: optional(boolean, false) };

const allClasses = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What options of this family say of the class numbers. */
interface Forms {
  readonly numClasses: number;
  readonly axis: number;
  readonly sparseYTrue?: boolean;
  readonly sparseYPred: boolean;
  readonly ignoreClass?: number | null;
  readonly targetClassIds?: readonly number[];
}

const bodyOf = (
  functionName: string,
  { numClasses, axis, sparseYTrue = false, sparseYPred, ignoreClass = null, targetClassIds }: Forms,
): MetricBody =>
  iouBody(functionName, {
    numClasses,
    targetClassIds: targetClassIds ?? allClasses(numClasses),
    ignoreClass,
    labels: classNumbers(functionName, sparseYTrue, axis),
    predictions: classNumbers(functionName, sparseYPred, axis),
  });

/** Makes of a metric with required options one that is not meant by its name. */
const optioned = <Options>(metric: unknown): OptionedMetricFunction<Options> =>
  metric as OptionedMetricFunction<Options>; // made by the checks of these options

/**
 * The mean over classes of intersection over union, `TP / (TP + FP + FN)`; classes that neither labels nor predictions have do
 * not count.
 *
 * Labels and predictions are class numbers of the same shape; with `sparseYTrue: false` and `sparseYPred: false` one-hot or
 * probabilities along `axis`. Counted over all samples.
 *
 * @throws KerasArgumentError if `numClasses` is missing, or an option unknown or out of range.
 * @throws KerasShapeError when it is used, if there is not one label for each predicted class.
 * @example
 * const metric = metricMeanIou({ numClasses: 2 })
 * assert.ok(Math.abs(metric.update([0, 0, 1, 1], [0, 1, 0, 1]).result() - 1 / 3) < 1e-6)
 * @see R keras `metric_mean_iou`
 */
export const metricMeanIou: OptionedMetricFunction<MeanIouOptions> = optioned(
  defineMetric<MeanIouOptions>()(
    'metricMeanIou',
    ['mean_io_u', 'mean_iou'],
    { ...baseChecks, ...sparseChecks },
    (options) => bodyOf('metricMeanIou', options),
  ),
);

/**
 * The mean over some classes of intersection over union, `TP / (TP + FP + FN)`, as {@link metricMeanIou} is over all.
 *
 * @throws KerasArgumentError if a required option is missing, or an option unknown or out of range.
 * @throws KerasShapeError when it is used, if there is not one label for each predicted class.
 * @example
 * const metric = metricIou({ numClasses: 2, targetClassIds: [0] })
 * assert.ok(Math.abs(metric.update([0, 0, 1, 1], [0, 1, 0, 1]).result() - 1 / 3) < 1e-6)
 * @see R keras 3 `metric_iou`
 */
export const metricIou: OptionedMetricFunction<IouOptions> = optioned(
  defineMetric<IouOptions>()(
    'metricIou',
    ['io_u', 'iou'],
    { ...baseChecks, ...sparseChecks, ...targets },
    (options) => bodyOf('metricIou', options),
  ),
);

/**
 * The mean over classes of intersection over union for one-hot labels: {@link metricMeanIou} with `sparseYTrue: false` and
 * `sparseYPred: false`.
 *
 * @throws KerasArgumentError if `numClasses` is missing, or an option unknown or out of range.
 * @throws KerasShapeError when it is used, if the shapes do not fit.
 * @example
 * const metric = metricOneHotMeanIou({ numClasses: 2 })
 * assert.strictEqual(metric.update([[1, 0], [0, 1]], [[0.8, 0.2], [0.4, 0.6]]).result(), 1)
 * @see R keras 3 `metric_one_hot_mean_iou`
 */
export const metricOneHotMeanIou: OptionedMetricFunction<OneHotMeanIouOptions> = optioned(
  defineMetric<OneHotMeanIouOptions>()(
    'metricOneHotMeanIou',
    ['one_hot_mean_io_u', 'one_hot_mean_iou'],
    { ...baseChecks, ...oneHotChecks },
    (options) => bodyOf('metricOneHotMeanIou', options),
  ),
);

/**
 * The mean over some classes of intersection over union for one-hot labels: {@link metricIou} with `sparseYTrue: false` and
 * `sparseYPred: false`.
 *
 * @throws KerasArgumentError if a required option is missing, or an option unknown or out of range.
 * @throws KerasShapeError when it is used, if the shapes do not fit.
 * @example
 * const metric = metricOneHotIou({ numClasses: 2, targetClassIds: [1] })
 * assert.strictEqual(metric.update([[1, 0], [0, 1]], [[0.8, 0.2], [0.4, 0.6]]).result(), 1)
 * @see R keras 3 `metric_one_hot_iou`
 */
export const metricOneHotIou: OptionedMetricFunction<OneHotIouOptions> = optioned(
  defineMetric<OneHotIouOptions>()(
    'metricOneHotIou',
    ['one_hot_io_u', 'one_hot_iou'],
    { ...baseChecks, ...oneHotChecks, ...targets },
    (options) => bodyOf('metricOneHotIou', options),
  ),
);

/**
 * Intersection over union, `TP / (TP + FP + FN)`, of two classes: the mean over those that `targetClassIds` names.
 *
 * Labels, 0 or 1, and predictions from 0 to 1, of the same shape; those of `threshold` or more are of class 1.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError when it is used, if the shapes differ.
 * @example
 * const metric = metricBinaryIou({ targetClassIds: [1], threshold: 0.3 })
 * assert.ok(Math.abs(metric.update([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).result() - 1 / 3) < 1e-6)
 * @see R keras 3 `metric_binary_iou`
 */
export const metricBinaryIou = defineMetric<BinaryIouOptions>()(
  'metricBinaryIou',
  ['binary_io_u', 'binary_iou'],
  { targetClassIds: optional(classList, [0, 1]), threshold: optional(fraction, 0.5) },
  ({ targetClassIds, threshold }) =>
    iouBody('metricBinaryIou', {
      numClasses: 2,
      targetClassIds,
      labels: (yTrue) => tf.cast(yTrue, 'float32'),
      predictions: (yPred) => tf.cast(tf.greaterEqual(yPred, threshold), 'float32'),
    }),
);
