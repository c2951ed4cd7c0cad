import { toTensor, type ArrayLike } from '../arrays/tensors';
import { checkOptions, positiveInteger, required, type OptionChecks } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Options of {@link kInTopK}. */
export interface KInTopKOptions {
  /** Among how many of the largest the target must be. */
  k: number;
}

const NAME = 'kInTopK';
const CHECKS = { k: required(positiveInteger) } satisfies OptionChecks<KInTopKOptions>;

/** Comparisons have no slope; tfjs would look for one where what comes of them is a factor of a loss. */
const amongLargest = (k: number) =>
  tf.customGrad((...args) => {
    const [scores, classes] = args as [Tensor, Tensor]; // tfjs hands the tensors that it was called with
    const chosen = tf.oneHot(classes, scores.shape[1] as number, 1, 0, 'bool'); // rows, as is checked
    const own = tf.max(tf.where(chosen, scores, tf.fill(scores.shape, -Infinity)), -1, true);
    const larger = tf.sum(tf.cast(tf.greater(scores, own), 'int32'), -1);
    // A prediction that is no number puts nobody into the first places.
    const counts = tf.logicalAnd(tf.all(tf.isFinite(scores), -1), tf.any(chosen, -1));
    const [rows, ids] = [scores.shape, classes.shape];
    return {
      value: tf.logicalAnd(tf.less(larger, tf.scalar(k, 'int32')), counts),
      gradFunc: () => [tf.zeros(rows), tf.zeros(ids)],
    };
  });

/**
 * Whether the target of each row is among its `k` largest predictions: fewer than `k` others are larger. Values that are equal share a
 * place, as in TensorFlow.
 *
 * Predictions `[batch, classes]`, targets `[batch]`, classes counted from 0; out bool `[batch]`.
 *
 * @throws KerasShapeError if the shapes do not fit each other.
 * @example
 * const hits = kInTopK([[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]], [2, 2], { k: 2 })
 * assert.deepStrictEqual(hits.arraySync(), [1, 1])
 * @see R keras `k_in_top_k`
 */
export const kInTopK = (
  predictions: ArrayLike,
  targets: ArrayLike,
  options: KInTopKOptions,
  ...surplus: []
): Tensor => {
  refuseSurplus(NAME, ['predictions', 'targets', 'options'], surplus);
  const { k } = checkOptions(NAME, options, CHECKS);
  return tf.tidy(() => {
    const scores = toTensor(predictions, { function: NAME, argument: 'predictions' }, 'float32').tensor;
    const classes = toTensor(targets, { function: NAME, argument: 'targets' }, 'int32').tensor;
    const [rows] = scores.shape;
    if (scores.rank !== 2 || classes.rank !== 1 || classes.shape[0] !== rows) {
      throw new KerasShapeError({
        function: NAME,
        argument: 'targets',
        expected: '`predictions` must be rows of classes, and `targets` one class for each row',
        received: `${describeShape(scores.shape)} and ${describeShape(classes.shape)}`,
        advice: 'Take the classes of one-hot targets with tf.argMax(targets, -1)',
      });
    }
    return amongLargest(k)(scores, classes);
  });
};
