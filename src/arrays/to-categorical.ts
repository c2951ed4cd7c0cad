import type { DataFunction } from '../base/call-styles';
import { argumentError, checkOptions, optional, positiveInteger } from '../base/checks';
import { describe } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { dataFunction } from './call-styles';
import { toTensor, type ArrayLike, type DataArray } from './tensors';

/** Options of {@link toCategorical}. */
export interface ToCategoricalOptions {
  /** The number of classes. Default: one more than the largest label. */
  numClasses?: number | undefined;
}

const NAME = 'toCategorical';
const CHECKS = { numClasses: optional(positiveInteger) };

const oneHot = (y: ArrayLike, numClasses: number | undefined): Tensor => {
  const place = { function: NAME, argument: 'y' };
  const { tensor, isNew } = toTensor(y, place);
  const { shape } = tensor;
  const labels = tensor.dataSync();
  if (isNew) tensor.dispose();
  if (labels.length === 0) throw argumentError(place, 'labels, at least one', y, 'Give the labels');

  const limit = numClasses ?? Infinity;
  let largest = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? NaN;
    if (!Number.isInteger(label) || label < 0 || label >= limit) {
      throw argumentError(
        { function: NAME, argument: `y[${row}]` },
        `a class: a whole number from 0${limit === Infinity ? '' : ` to ${limit - 1}`}`,
        label,
        label >= limit && Number.isInteger(label)
          ? `Labels count from 0: ${describe(limit)} classes have the labels 0 to ${limit - 1}. Give a larger numClasses, or correct the labels`
          : 'Give labels, not probabilities or names',
      );
    }
    if (label > largest) largest = label;
  }
  const classes = numClasses ?? largest + 1;
  checkAllocation(
    numClasses === undefined ? place : { function: NAME, argument: 'numClasses' },
    labels.length * classes,
    `${labels.length} rows of ${classes} classes`,
    'Number the classes from 0 without gaps, or use labels as they are with a sparse loss',
  );
  const rows = new Float32Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) rows[row * classes + (labels[row] ?? 0)] = 1;
  const outer = shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  return tf.tensor(rows, [...outer, classes], 'float32');
};

/**
 * Class labels as rows of zeros with a one at the label (one-hot).
 *
 * `numClasses`, the only option, may be given bare: `toCategorical(y, 10)`.
 *
 * In labels from 0 of shape `[…]` or `[…, 1]`, out float32 `[…, numClasses]`, a new tensor, yours to dispose. Labels
 * are counted from 0, as in R keras.
 *
 * @throws KerasArgumentError if a label is no whole number from 0 to `numClasses` − 1, or there are none.
 * @example
 * const y = toCategorical([0, 2, 1], { numClasses: 3 })
 * assert.deepStrictEqual(y.arraySync(), [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
 * assert.deepStrictEqual(pipe([2], toCategorical(3)).arraySync(), [[0, 0, 1]])
 * @see R keras `to_categorical`
 */
export const toCategorical: DataFunction<DataArray, number | ToCategoricalOptions, Tensor> = dataFunction(
  'y',
  {
    name: NAME,
    optionNames: Object.keys(CHECKS),
    // A number alone: labels are an array.
    bare: { name: 'numClasses', is: (value) => typeof value === 'number' },
    checkOptions: (options) => checkOptions(NAME, options, CHECKS),
    run: (y, _, { numClasses }) => oneHot(y as ArrayLike, numClasses), // `toTensor` checks it
  },
);
