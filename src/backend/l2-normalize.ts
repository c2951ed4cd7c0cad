import { dataFunction } from '../arrays/call-styles';
import type { ArrayLike } from '../arrays/tensors';
import type { DataFunction } from '../base/call-styles';
import { checkOptions, integer, optional, type OptionChecks } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { axisOf, withTensors } from './operands';

/** Options of {@link kL2Normalize}. */
export interface KL2NormalizeOptions {
  /** The axis along which vectors lie, from 0; negative ones count from the end. Default: all values are one vector. */
  axis?: number | undefined;
}

const NAME = 'kL2Normalize';
const CHECKS = { axis: optional(integer) } satisfies OptionChecks<KL2NormalizeOptions>;

/** Below this sum of squares, vectors are left short, as TensorFlow leaves them. */
const EPSILON = 1e-12;

/**
 * Vectors of length 1: `x / √max(Σ x², 1e-12)`. It has a gradient, and can stand in a layer; {@link normalize} is for data.
 *
 * In any shape, out float32 of the same shape. `axis`, the only option, may be given bare.
 *
 * @throws KerasArgumentError if `x` has no such axis.
 * @example
 * const x = kL2Normalize([[3, 4], [0, 0]], -1)
 * assert.deepStrictEqual(x.shape, [2, 2])
 * assert.ok(Math.abs((x.dataSync()[0] ?? NaN) - 0.6) < 1e-6)
 * @see R keras `k_l2_normalize`
 */
export const kL2Normalize: DataFunction<ArrayLike, number | KL2NormalizeOptions, Tensor> = dataFunction('x', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  // A number alone: a single number has no direction.
  bare: { name: 'axis', is: (value) => typeof value === 'number' },
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  // `withTensors` checks it.
  run: (x, _, { axis }) =>
    withTensors(NAME, ['x'], [x as ArrayLike], (tensor) => {
      const along =
        axis === undefined ? undefined : axisOf(axis, tensor, { function: NAME, argument: 'axis' });
      return tf.mul(tensor, tf.rsqrt(tf.maximum(tf.sum(tf.square(tensor), along, true), EPSILON)));
    }),
});
