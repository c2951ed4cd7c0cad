import { boolean, nonNegativeNumber, optional, positiveNumber } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { asFloat, defineFreeLoss, type LossOptions } from './define-loss';

/** Options of {@link lossCircle}. */
export interface CircleOptions extends LossOptions {
  /** How sharply differences count, above 0. Default 80. */
  readonly gamma?: number | undefined;
  /** How far classes are to be apart. Default 0.4. */
  readonly margin?: number | undefined;
  /** Whether no sample is compared with itself. Default true. */
  readonly removeDiagonal?: boolean | undefined;
}

const checkShapes = (yTrue: Tensor, yPred: Tensor): number => {
  const [rows = 0] = yPred.shape;
  if (yPred.rank === 2 && yTrue.size === rows) return rows;
  throw new KerasShapeError({
    function: 'lossCircle',
    argument: 'yTrue',
    expected: 'there must be one class number for each row of predictions [batch, size]',
    received: `labels of shape ${describeShape(yTrue.shape)} for predictions of shape ${describeShape(yPred.shape)}`,
    advice: 'Give class numbers [batch], and let the last layer give a vector for each sample, of length 1',
  });
};

/** The logarithm of the sum of `exp(x)` over what the mask has, for each row; of nothing it is as good as −∞. */
const logSumExp = (x: Tensor, mask: Tensor): Tensor => {
  const most = tf.max(tf.where(mask, x, tf.fill(x.shape, -1e30)), 1, true);
  const raised = tf.mul(tf.exp(tf.minimum(tf.sub(x, most), 0)), tf.cast(mask, 'float32'));
  // The largest term is 1, unless there is none: then this keeps the gradient finite.
  return tf.add(tf.log(tf.maximum(tf.sum(raised, 1), 1e-30)), tf.squeeze(most, [1]));
};

/**
 * Circle loss of embeddings: brings samples of one class together and keeps those of different classes apart. With distances `d = 1 −
 * yPred · yPredᵀ` it is `softplus(log Σ exp(−gamma · (margin + d) · (margin − d)) + log Σ exp(gamma · max(1 + margin − d, 0) · (1 −
 * margin − d)))`, the first sum over samples of the same class, the second over the others.
 *
 * `yTrue` `[batch]` or `[batch, 1]`, class numbers; `yPred` `[batch, size]`, vectors of length 1; out `[batch]`.
 *
 * @throws KerasArgumentError if an option is unknown or out of range.
 * @throws KerasShapeError if the shapes do not fit.
 * @example
 * const vectors = [[1, 0], [1, 0], [0, 1]]
 * assert.deepStrictEqual(lossCircle([0, 0, 1], vectors).shape, [3])
 * @see R keras 3 `loss_circle`; Sun et al. 2020
 */
export const lossCircle = defineFreeLoss<CircleOptions>()(
  'lossCircle',
  ['circle'],
  {
    gamma: optional(positiveNumber, 80),
    margin: optional(nonNegativeNumber, 0.4),
    removeDiagonal: optional(boolean, true),
  },
  (yTrue, yPred, { gamma, margin, removeDiagonal }) => {
    const rows = checkShapes(yTrue, yPred);
    const labels = tf.reshape(asFloat(yTrue), [rows]);
    const distances = tf.relu(tf.sub(1, tf.matMul(yPred as never, yPred as never, false, true))); // of rank 2, as checked
    const isSame = tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0));
    const itself = tf.cast(tf.eye(rows), 'bool');
    const positives = removeDiagonal ? tf.logicalAnd(isSame, tf.logicalNot(itself)) : isSame;
    const near = tf.mul(tf.relu(tf.add(distances, margin)), tf.sub(margin, distances));
    const far = tf.mul(tf.relu(tf.sub(1 + margin, distances)), tf.sub(1 - margin, distances));
    return tf.softplus(
      tf.add(
        logSumExp(tf.mul(near, -gamma), positives),
        logSumExp(tf.mul(far, gamma), tf.logicalNot(isSame)),
      ),
    );
  },
);
