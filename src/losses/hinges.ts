import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLoss } from './define-loss';

/** Labels 0 and 1 as −1 and 1, if all of the batch are 0 or 1; others as they are. */
const signedLabels = (labels: Tensor): Tensor => {
  const binary = tf.all(tf.logicalOr(tf.equal(labels, 0), tf.equal(labels, 1)));
  // y + b (y − 1) is 2y − 1 for b = 1 and y for b = 0.
  return tf.add(labels, tf.mul(tf.cast(binary, 'float32'), tf.sub(labels, 1)));
};

const margin = (yTrue: Tensor, yPred: Tensor): Tensor =>
  tf.maximum(tf.sub(1, tf.mul(signedLabels(yTrue), yPred)), 0);

/**
 * Hinge loss: the mean of `max(1 − yTrue · yPred, 0)` over the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`. `yTrue` is −1 or 1; 0 and 1 are taken as −1 and 1.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const loss = lossHinge(tf.tensor2d([[-1, 1]]), tf.tensor2d([[0.5, 2]]))
 * assert.deepStrictEqual(loss.arraySync(), [0.75])
 * @see R keras `loss_hinge`
 */
export const lossHinge = defineLoss()('lossHinge', ['hinge'], {}, (yTrue, yPred) =>
  tf.mean(margin(yTrue, yPred), -1),
);

/**
 * Squared hinge loss: the mean of `max(1 − yTrue · yPred, 0)²` over the last axis.
 *
 * Both `[batch, ..., outputs]`, out `[batch, ...]`. `yTrue` is −1 or 1; 0 and 1 are taken as −1 and 1.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const loss = lossSquaredHinge(tf.tensor2d([[-1, 1]]), tf.tensor2d([[0.5, 2]]))
 * assert.deepStrictEqual(loss.arraySync(), [1.125])
 * @see R keras `loss_squared_hinge`
 */
export const lossSquaredHinge = defineLoss()('lossSquaredHinge', ['squared_hinge'], {}, (yTrue, yPred) =>
  tf.mean(tf.square(margin(yTrue, yPred)), -1),
);

/**
 * Maximum over the last axis; equal maxima share the gradient evenly, as in TensorFlow (in tfjs each gets all
 * of it).
 */
const maximumOfLast = (tensor: Tensor): Tensor =>
  tf.customGrad((...inputs) => {
    // tfjs passes the tensor that customGrad was called with, then the function that saves for the backward
    // pass.
    const [x, save] = inputs as [Tensor, (tensors: Tensor[]) => void];
    const value = tf.max(x, -1);
    save([tf.cast(tf.equal(x, tf.expandDims(value, -1)), 'float32')]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => {
      const [maxima] = saved as [Tensor]; // as saved above
      return tf.mul(tf.expandDims(dy, -1), tf.div(maxima, tf.sum(maxima, -1, true)));
    };
    return { value, gradFunc };
  })(tensor);

/**
 * Categorical hinge loss: `max(1 + max((1 − yTrue) · yPred) − Σ yTrue · yPred, 0)`, inner maximum and sum
 * over the last axis.
 *
 * Both `[batch, ..., classes]`, `yTrue` one-hot; out `[batch, ...]`.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const loss = lossCategoricalHinge(tf.tensor2d([[0, 1]]), tf.tensor2d([[0.5, 0.25]]))
 * assert.deepStrictEqual(loss.arraySync(), [1.25])
 * @see R keras `loss_categorical_hinge`
 */
export const lossCategoricalHinge = defineLoss()(
  'lossCategoricalHinge',
  ['categorical_hinge'],
  {},
  (yTrue, yPred) => {
    const right = tf.sum(tf.mul(yTrue, yPred), -1);
    const wrong = maximumOfLast(tf.mul(tf.sub(1, yTrue), yPred));
    return tf.maximum(tf.add(tf.sub(wrong, right), 1), 0);
  },
);
