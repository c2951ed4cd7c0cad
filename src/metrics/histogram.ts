import { describeShape, KerasShapeError } from '../base/errors';
import { labelsLikeOutput } from '../losses/define-loss';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { weightsFor } from './metric';

/** Labels as 0 and 1: what is not 0 is a 1. */
export const isPositive = (labels: Tensor): Tensor => tf.cast(tf.notEqual(labels, 0), 'float32');

/** How many there are along the last axis. */
export const lastAxis = ({ shape }: Tensor): number => shape.at(-1) ?? 1;

/** The error for an option that is too large for the last axis. */
export const tooFew = (
  functionName: string,
  argument: string,
  value: number,
  { shape }: Tensor,
): KerasShapeError =>
  new KerasShapeError({
    function: functionName,
    argument,
    expected: `\`${argument}\` must fit the last axis of the predictions`,
    received: `${argument}: ${value} for predictions of shape ${describeShape(shape)}`,
    advice:
      argument === 'topK'
        ? 'Take no more than there are classes'
        : 'Count classes from 0, and take one that there is',
  });

/** One class of the last axis, which stays. */
export const ofClass = (functionName: string, classId: number | undefined, tensor: Tensor): Tensor => {
  if (classId === undefined) return tensor;
  if (tensor.rank === 0 || classId >= lastAxis(tensor))
    throw tooFew(functionName, 'classId', classId, tensor);
  const begin = tensor.shape.map((_, axis) => (axis === tensor.rank - 1 ? classId : 0));
  return tf.slice(tensor, begin, [...tensor.shape.slice(0, -1), 1]);
};

/** Labels and predictions as they are counted by thresholds. */
export interface Counted {
  readonly labels: Tensor;
  readonly predictions: Tensor;
  /** The weight of each, in a shape that broadcasts over them. */
  readonly weights: Tensor | undefined;
}

/** Labels as 0 and 1, predictions cut to 0 to 1, and their weights. */
export const countedOf = (
  functionName: string,
  yTrue: Tensor,
  yPred: Tensor,
  weights: Tensor | undefined,
): Counted => ({
  labels: isPositive(labelsLikeOutput(functionName, yTrue, yPred)),
  predictions: tf.clipByValue(tf.cast(yPred, 'float32'), 0, 1),
  weights: weights === undefined ? undefined : weightsFor(yPred, weights),
});

/**
 * How many of the thresholds each prediction exceeds. Of even ones, `i / (count − 1)`, it is found by arithmetic in float32, as
 * in Keras, so that predictions that are just at one fall to the same side.
 */
export const exceeded = (predictions: Tensor, thresholds: readonly number[] | { even: number }): Tensor => {
  if ('even' in thresholds) return tf.ceil(tf.mul(predictions, thresholds.even - 1));
  const above = tf.greater(tf.expandDims(predictions, -1), tf.tensor1d([...thresholds]));
  return tf.sum(tf.cast(above, 'float32'), -1);
};

/**
 * The weights of ones, then those of zeros, by their number in `ids`, from 0 to `count − 1`: `[2 · count]`. What is out of that
 * range does not count.
 */
export const histograms = ({ labels, weights }: Counted, ids: Tensor, count: number): Tensor => {
  const flatIds = tf.reshape(tf.cast(ids, 'int32'), [ids.size]).as1D();
  const histogram = (counted: Tensor): Tensor => {
    const weighted = weights === undefined ? counted : tf.mul(counted, weights);
    return tf.unsortedSegmentSum(tf.reshape(weighted, [ids.size]), flatIds, count);
  };
  return tf.concat([histogram(labels), histogram(tf.sub(1, labels))]);
};

/** The sum of the counts at and after each position. */
export const atOrAbove = (counts: readonly number[]): number[] => {
  let sum = 0;
  return counts
    .toReversed()
    .map((count) => (sum += count))
    .toReversed();
};
