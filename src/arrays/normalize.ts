import type { DataFunction } from '../base/call-styles';
import { argumentError, checkOptions, checkThat, integer, optional, type OptionChecks } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { dataFunction } from './call-styles';
import { toTensor, type ArrayLike } from './tensors';

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** The axis along which vectors lie, from 0; negative ones count from the end. Default −1, the last. */
  axis?: number | undefined;
  /** The order p of the norm: 1, 2 (the default), another positive number, or `Infinity`, the largest magnitude. */
  order?: number | undefined;
}

const NAME = 'normalize';

const CHECKS = {
  axis: optional(integer, -1),
  order: optional(
    checkThat(
      'a positive number, or Infinity',
      (value): value is number => typeof value === 'number' && value > 0,
    ),
    2,
  ),
} satisfies OptionChecks<NormalizeOptions>;

const unitVectors = (x: ArrayLike, axis: number, order: number): Tensor => {
  const { tensor, isNew } = toTensor(x, { function: NAME, argument: 'x' }, 'float32');
  try {
    const { rank, shape } = tensor;
    if (rank === 0) {
      throw new KerasShapeError({
        function: NAME,
        argument: 'x',
        expected: '`x` must have an axis',
        received: 'a single number',
        advice: 'Give a vector, a matrix or a larger array',
      });
    }
    if (axis < -rank || axis >= rank) {
      throw argumentError(
        { function: NAME, argument: 'axis' },
        `an axis of x, whose shape is ${describeShape(shape)}: from ${-rank} to ${rank - 1}`,
        axis,
      );
    }
    if (tensor.size === 0)
      throw argumentError({ function: NAME, argument: 'x' }, 'an array of one number at least', x);
    const wrong = tensor.dataSync().findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw argumentError(
        { function: NAME, argument: 'x' },
        'made of finite numbers',
        tensor.dataSync()[wrong],
        `It is element ${wrong}, counted row by row. Remove or replace it`,
      );
    }
    return tf.tidy(() => {
      const largest = tf.max(tf.abs(tensor), axis, true);
      const unit = tf.where(tf.equal(largest, 0), tf.onesLike(largest), largest);
      // Divided by the largest first, so that no power of it overflows.
      const shrunk = tf.div(tensor, unit);
      if (order === Infinity) return shrunk;
      const norm = tf.pow(tf.sum(tf.pow(tf.abs(shrunk), order), axis, true), 1 / order);
      return tf.div(shrunk, tf.where(tf.equal(norm, 0), tf.onesLike(norm), norm));
    });
  } finally {
    if (isNew) tensor.dispose();
  }
};

/**
 * Vectors of length 1: `x / ‖x‖`, where `‖x‖ = (Σ |x|ᵖ)^(1/p)` along an axis. Vectors of zeros stay zeros.
 *
 * In any shape but a single number, out float32 of the same shape, a new tensor, yours to dispose. Axes count from 0,
 * in R from 1.
 *
 * @throws KerasArgumentError if `x` has values that are not finite, or none, or `x` has no such axis.
 * @example
 * const x = normalize([[3, 4], [0, 0]])
 * assert.deepStrictEqual(x.shape, [2, 2])
 * assert.deepStrictEqual(normalize([[1, 3], [2, 2]], { order: 1 }).arraySync(), [[0.25, 0.75], [0.5, 0.5]])
 * @see R keras `normalize`
 */
export const normalize: DataFunction<ArrayLike, NormalizeOptions, Tensor> = dataFunction('x', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (x, _, { axis, order }) => unitVectors(x as ArrayLike, axis, order), // `toTensor` checks it
});
