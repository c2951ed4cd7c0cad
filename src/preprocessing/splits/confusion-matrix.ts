import { checkAllocation } from '../../arrays/allocate';
import type { DataArray } from '../../arrays/tensors';
import { argumentError, checkOptions, optional, positiveInteger, type OptionChecks } from '../../base/checks';
import { KerasShapeError } from '../../base/errors';
import { refuseSurplus } from '../../base/function-name';
import { tf, type Tensor2D } from '../../tfjs/tensorflow';
import { classNumbers, largestClass } from './class-numbers';

/** Options of {@link confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** How many classes there are; as many as there are among labels and predictions by default. */
  numClasses?: number | undefined;
}

const NAME = 'confusionMatrix';
const CHECKS = { numClasses: optional(positiveInteger) } satisfies OptionChecks<ConfusionMatrixOptions>;

/**
 * How many rows of each class were taken for which: entry `[i, j]` is the number of rows of class i that were predicted as class j.
 *
 * Takes class numbers `[rows]`, or rows of one number for each class, of which the largest counts; out `[classes, classes]`, int32, a new
 * tensor, yours to dispose.
 *
 * @throws KerasShapeError if labels and predictions differ in length.
 * @throws KerasArgumentError if labels are no class numbers, there are none, or one is not below `numClasses`.
 * @example
 * const matrix = confusionMatrix([0, 1, 2, 1], [0, 2, 2, 1])
 * assert.deepStrictEqual(matrix.arraySync(), [[1, 0, 0], [0, 1, 1], [0, 0, 1]])
 * @see TensorFlow `tf.math.confusion_matrix`
 */
export const confusionMatrix = (
  yTrue: DataArray,
  yPred: DataArray,
  options?: ConfusionMatrixOptions,
  ...surplus: []
): Tensor2D => {
  refuseSurplus(NAME, ['yTrue', 'yPred', 'options'], surplus);
  const checked = checkOptions(NAME, options, CHECKS);
  const labels = classNumbers(NAME, 'yTrue', yTrue);
  const predictions = classNumbers(NAME, 'yPred', yPred);
  if (labels.length !== predictions.length) {
    throw new KerasShapeError({
      function: NAME,
      argument: 'yPred',
      expected: '`yTrue` and `yPred` must have the same number of rows',
      received: `${labels.length} and ${predictions.length}`,
      advice: 'Give the prediction for each label',
    });
  }
  const most = Math.max(largestClass(labels), largestClass(predictions));
  const { numClasses: classes = most + 1 } = checked;
  if (most >= classes) {
    throw argumentError(
      { function: NAME, argument: 'numClasses' },
      `above the largest class, ${most}`,
      classes,
    );
  }
  checkAllocation(
    { function: NAME, argument: checked.numClasses === undefined ? 'yTrue' : 'numClasses' },
    classes * classes,
    `a row and a column for each of ${classes} classes`,
    'Number the classes from 0 without gaps',
  );
  const counts = new Int32Array(classes * classes);
  labels.forEach((label, row) => {
    const place = label * classes + (predictions[row] ?? 0);
    counts[place] = (counts[place] ?? 0) + 1;
  });
  return tf.tensor2d(counts, [classes, classes], 'int32');
};
