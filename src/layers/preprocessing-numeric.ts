import { isArrayLike, toTensor, type ArrayLike } from '../arrays/tensors';
import {
  argumentError,
  boolean,
  fraction,
  integer,
  optional,
  positiveInteger,
  type Check,
} from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { categoryMode, notSparse } from './internal/categorical-output';
import { defineAdaptiveLayer, type AdaptiveStep } from './internal/adaptive-layer';
import { Discretization, Normalization, type Nested } from './internal/feature-layers';
import { Moments } from './internal/moments';
import type { LayerOptions } from './internal/options';
import { LearnedBoundaries, Quantiles } from './internal/quantiles';

/** Options of {@link layerNormalization}. */
export interface NormalizationOptions extends LayerOptions {
  /** The axes, counted with the batch axis, along which each place has a mean of its own: −1, the last, by default; null for one mean of all. */
  axis?: number | readonly number[] | null | undefined;
  /** The mean, or one for each feature; else {@link adapt} learns them. Together with `variance`. */
  mean?: ArrayLike | number | undefined;
  /** The variance, or one for each feature. */
  variance?: ArrayLike | number | undefined;
  /** Whether normalized numbers come in, and go out as they were; false by default. */
  invert?: boolean | undefined;
}

/** Options of {@link layerDiscretization}. */
export interface DiscretizationOptions extends LayerOptions {
  /** The limits between the bins, in ascending order; a limit belongs to the bin above it. Instead of `numBins`. */
  binBoundaries?: readonly number[] | undefined;
  /** Into how many bins of about as many values each {@link adapt} divides the data. */
  numBins?: number | undefined;
  /** How exact the limits are that are learned: a fraction of the data; 0.01 by default. */
  epsilon?: number | undefined;
  /** 'int', the number of the bin, by default; 'one_hot', a row for each number; 'multi_hot' or 'count', a row for each sample. */
  outputMode?: 'int' | 'one_hot' | 'multi_hot' | 'count' | undefined;
  /** Sparse tensors are not given: false, the default. */
  sparse?: false | undefined;
}

const axes: Check<readonly number[]> = (value, place) => {
  if (value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((axis) => integer(axis, place));
};

const nested: Check<Nested> = (value, place) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (!isArrayLike(value)) throw argumentError(place, 'a number, or an array of them', value);
  const { tensor, isNew } = toTensor(value, place);
  const list = tensor.arraySync() as Nested; // of numbers
  if (isNew) tensor.dispose();
  return list;
};

const variance: Check<Nested> = (value, place) => {
  const numbers = nested(value, place);
  const all = [numbers].flat(8) as readonly number[]; // of no more axes
  if (all.every((one) => one >= 0)) return numbers;
  throw argumentError(place, 'numbers of 0 or more', value);
};

const normalizationChecks = {
  axis: optional(axes, -1),
  mean: optional(nested),
  variance: optional(variance),
  invert: optional(boolean, false),
};

/**
 * Normalizes features by their mean and variance over data: `(x − mean) / max(√variance, 1e−7)`; with `invert`, the way back.
 *
 * {@link adapt} learns them in one pass, or `mean` and `variance` give them; until then they are 0 and 1. In `[batch, …]`, out the same
 * shape, float32. What is learned are weights that training does not change: mean, variance and the number of values. Data of one axis are
 * rows of one feature. All layers of one step learn together.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if one of `mean` and `variance` is given without the other.
 * @throws KerasShapeError if the input has no such axis, or its size is not known.
 * @example
 * const normalize = await adapt(layerNormalization(), [[0, 10], [2, 30]])
 * assert.deepStrictEqual(callLayer(normalize, [[1, 40]]).arraySync(), [[0, 2]])
 * const given = layerNormalization({ mean: 3, variance: 4 })
 * assert.deepStrictEqual(callLayer(given, [[1], [5]]).arraySync(), [[-1], [1]])
 * @see R keras `layer_normalization`
 */
export const layerNormalization = defineAdaptiveLayer<
  NormalizationOptions,
  typeof normalizationChecks,
  AdaptiveStep
>('layerNormalization', (args: object) => new Normalization(args), {
  baseName: 'normalization',
  options: normalizationChecks,
  keepsTypes: true,
  check: ({ mean, variance: given }) => {
    if ((mean === undefined) === (given === undefined)) return;
    throw new KerasArgumentError({
      function: 'layerNormalization',
      argument: mean === undefined ? 'mean' : 'variance',
      expected: '`mean` and `variance` must be given together, or neither',
      received: `mean: ${describe(mean)}, variance: ${describe(given)}`,
      advice: 'Give both, or leave both out and let adapt() learn them',
    });
  },
  learn: ({ axis, mean }) => new Moments(axis, mean !== undefined),
});

const boundaries: Check<readonly number[] | LearnedBoundaries> = (value, place) => {
  const isLearned = value instanceof LearnedBoundaries;
  const given: unknown = isLearned ? value.limits : value;
  const list: unknown = given instanceof tf.Tensor ? Array.from((given as Tensor).dataSync()) : given; // of any rank
  const numbers =
    Array.isArray(list) || ArrayBuffer.isView(list) ? Array.from(list as readonly unknown[]) : [];
  const isSorted = numbers.every(
    (limit, index) =>
      typeof limit === 'number' &&
      !Number.isNaN(limit) &&
      (index === 0 || limit >= (numbers[index - 1] as number)), // checked before
  );
  // One bin has none.
  if (isLearned && isSorted) return value;
  if (numbers.length > 0 && isSorted) return numbers as number[]; // as just seen
  throw argumentError(
    place,
    'a list of numbers in ascending order',
    value,
    'Write binBoundaries: [0, 1, 10]',
  );
};

const smallFraction: Check<number> = (value, place) => {
  if (fraction(value, place) > 0) return value as number; // as just checked
  throw argumentError(place, 'a fraction above 0', value);
};

const discretizationChecks = {
  binBoundaries: optional(boundaries),
  numBins: optional(positiveInteger),
  epsilon: optional(smallFraction, 0.01),
  outputMode: optional(categoryMode('int', 'one_hot', 'multi_hot', 'count'), 'int'),
  sparse: optional(notSparse, false),
};

/**
 * Numbers as the bins in which they are: bin 0 below the first limit, and so on; a limit itself is in the bin above it.
 *
 * `binBoundaries` gives the limits, or {@link adapt} learns `numBins − 1` of them, between which about as many values lie, by Keras's
 * approximation, which is exact to `epsilon`. In `[batch, …]`, out int32 of the same shape, or float32 rows with a place for each bin. All
 * layers of one step learn together. In files, limits that were learned are given ones.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if both or neither of `binBoundaries` and `numBins` are given.
 * @throws KerasStateError if it is applied before limits are learned.
 * @example
 * const bins = layerDiscretization({ binBoundaries: [0, 1, 2] })
 * assert.deepStrictEqual(callLayer(bins, [[-1.5, 1, 3.4, 0.5]]).arraySync(), [[0, 2, 3, 1]])
 * const learned = await adapt(layerDiscretization({ numBins: 2, outputMode: 'one_hot' }), [[1], [2], [3], [4]])
 * assert.deepStrictEqual(callLayer(learned, [[0], [9]]).arraySync(), [[1, 0], [0, 1]])
 * @see R keras `layer_discretization`
 */
export const layerDiscretization = defineAdaptiveLayer<
  DiscretizationOptions,
  typeof discretizationChecks,
  AdaptiveStep
>('layerDiscretization', (args: object) => new Discretization(args), {
  baseName: 'discretization',
  options: discretizationChecks,
  keepsTypes: true,
  check: ({ binBoundaries, numBins }) => {
    // How many bins there are to be is said with limits of a file, too.
    const given = binBoundaries instanceof LearnedBoundaries ? undefined : binBoundaries;
    if ((given === undefined) !== (numBins === undefined)) return;
    throw new KerasArgumentError({
      function: 'layerDiscretization',
      argument: binBoundaries === undefined ? 'numBins' : 'binBoundaries',
      expected: 'one of `binBoundaries` and `numBins` must be given',
      received: binBoundaries === undefined ? 'neither' : 'both',
      advice: 'Write binBoundaries: [0, 1, 10], or numBins: 4 and let adapt() learn the limits',
    });
  },
  learn: ({ numBins, epsilon, binBoundaries }) =>
    new Quantiles(numBins ?? null, epsilon, binBoundaries ?? null),
});
