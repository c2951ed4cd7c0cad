import type { ArrayLike } from '../arrays/tensors';
import {
  argumentError,
  checkOptions,
  integer,
  optional,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import { batchDot } from '../ops/batch-dot';
import type { Tensor } from '../tfjs/tensorflow';
import { axisOf, withTensors } from './operands';

/** Options of {@link kBatchDot}. */
export interface KBatchDotOptions {
  /**
   * The axis of the sum, or that of each of the two, counted from 0 with the batch axis. Default: the last of `x`, and of `y` the last
   * but one, or the last of rows of vectors.
   */
  axes?: number | readonly [number, number] | undefined;
}

const NAME = 'kBatchDot';

const axesCheck: Check<number[]> = (value, place) => {
  const list: unknown[] = [value].flat();
  if (list.length === 1 || list.length === 2) return list.map((axis) => integer(axis, place));
  throw argumentError(place, 'an integer, or one for each of the two', value);
};

const CHECKS = { axes: optional(axesCheck) } satisfies OptionChecks<KBatchDotOptions>;

/**
 * Sums of products along an axis, sample by sample: `output[n, i, …, j, …] = Σ_k x[n, i, …, k, …] · y[n, j, …, k, …]`.
 *
 * In `[batch, …]` with one size along `axes`; out `[batch, …other axes of x, …other axes of y]`, and `[batch, 1]` for vectors.
 *
 * @throws KerasShapeError if the batches or the sizes along the axes differ.
 * @example
 * assert.deepStrictEqual(kBatchDot([[1, 2], [3, 4]], [[5, 6], [7, 8]]).arraySync(), [[17], [53]])
 * assert.deepStrictEqual(kBatchDot(tf.ones([2, 3, 4]), tf.ones([2, 4, 5])).shape, [2, 3, 5])
 * @see R keras `k_batch_dot`
 */
export const kBatchDot = (x: ArrayLike, y: ArrayLike, options?: KBatchDotOptions, ...surplus: []): Tensor => {
  refuseSurplus(NAME, ['x', 'y', 'options'], surplus);
  const { axes } = checkOptions(NAME, options, CHECKS);
  return withTensors(NAME, ['x', 'y'], [x, y], (left, right) => {
    const wrong = (received: string): KerasShapeError =>
      new KerasShapeError({
        function: NAME,
        expected: '`x` and `y` must be batches of as many samples, of one size along the axes of the sum',
        received,
        advice: 'Change `axes`, or reshape one of the two',
      });
    if (left.rank < 2 || right.rank < 2 || left.shape[0] !== right.shape[0]) {
      throw wrong(`${describeShape(left.shape)} and ${describeShape(right.shape)}`);
    }
    const [first = -1, second = first] = axes ?? [-1, right.rank === 2 ? -1 : -2];
    const place = { function: NAME, argument: 'axes' };
    const along = [axisOf(first, left, place, 1), axisOf(second, right, place, 1)] as const;
    const sizes = [left.shape[along[0]], right.shape[along[1]]];
    if (sizes[0] !== sizes[1]) {
      throw wrong(
        `${sizes.join(' and ')}, of ${describeShape(left.shape)} and ${describeShape(right.shape)}`,
      );
    }
    return batchDot(left, right, along);
  });
};
