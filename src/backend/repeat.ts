import { checkAllocation } from '../arrays/allocate';
import { dataFunction } from '../arrays/call-styles';
import type { ArrayLike } from '../arrays/tensors';
import type { OptionedDataFunction } from '../base/call-styles';
import {
  checkOptions,
  integer,
  oneOf,
  optional,
  positiveInteger,
  required,
  type OptionChecks,
} from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { repeatAlong } from '../ops/resample';
import type { Tensor } from '../tfjs/tensorflow';
import { axisOf, withTensors } from './operands';

/** Options of {@link kRepeatElements}. */
export interface KRepeatElementsOptions {
  /** How many times each value comes. */
  rep: number;
  /** The axis, from 0; negative ones count from the end. */
  axis: number;
}

/** Throws if a tensor that becomes so many times as large would not fit into memory. */
const checkTimes = (name: string, argument: string, { size }: Tensor, times: number): void => {
  const what = `${size} ${size === 1 ? 'value' : 'values'} times ${times}`;
  checkAllocation({ function: name, argument }, size * times, what, 'Give a smaller number');
};

const REPEAT = 'kRepeatElements';
const REPEAT_CHECKS = {
  rep: required(positiveInteger),
  axis: required(integer),
} satisfies OptionChecks<KRepeatElementsOptions>;

/**
 * Each value of an axis several times, one after the other: `[a, b]` becomes `[a, a, b, b]`.
 *
 * In any shape with the axis; out the same, `rep` times as long along it.
 *
 * @throws KerasArgumentError if `x` has no such axis.
 * @example
 * assert.deepStrictEqual(kRepeatElements([[1, 2]], { rep: 2, axis: 1 }).arraySync(), [[1, 1, 2, 2]])
 * @see R keras `k_repeat_elements`
 */
export const kRepeatElements: OptionedDataFunction<ArrayLike, KRepeatElementsOptions, Tensor> = dataFunction(
  'x',
  {
    name: REPEAT,
    optionNames: Object.keys(REPEAT_CHECKS),
    checkOptions: (options) => checkOptions(REPEAT, options, REPEAT_CHECKS),
    // `withTensors` checks it.
    run: (x, _, { rep, axis }) =>
      withTensors(REPEAT, ['x'], [x as ArrayLike], (tensor) => {
        checkTimes(REPEAT, 'rep', tensor, rep);
        return repeatAlong(tensor, axisOf(axis, tensor, { function: REPEAT, argument: 'axis' }), rep);
      }),
  },
);

/** Options of {@link kResizeVolumes}. */
export interface KResizeVolumesOptions {
  /** How many times as deep. */
  depthFactor: number;
  /** How many times as high. */
  heightFactor: number;
  /** How many times as wide. */
  widthFactor: number;
  /** 'channels_last' (the default), `[batch, depth, height, width, channels]`, or 'channels_first'. */
  dataFormat?: 'channels_last' | 'channels_first' | undefined;
}

const RESIZE = 'kResizeVolumes';
const RESIZE_CHECKS = {
  depthFactor: required(positiveInteger),
  heightFactor: required(positiveInteger),
  widthFactor: required(positiveInteger),
  dataFormat: optional(oneOf('channels_last', 'channels_first'), 'channels_last'),
} satisfies OptionChecks<KResizeVolumesOptions>;

/**
 * Volumes whole times as large: each value is repeated along the three axes of space.
 *
 * In `[batch, depth, height, width, channels]`; out the same with each size times its factor.
 *
 * @throws KerasShapeError if `x` has not five axes.
 * @example
 * const volumes = tf.ones([1, 2, 2, 2, 3])
 * const larger = kResizeVolumes(volumes, { depthFactor: 2, heightFactor: 1, widthFactor: 3 })
 * assert.deepStrictEqual(larger.shape, [1, 4, 2, 6, 3])
 * @see R keras `k_resize_volumes`
 */
export const kResizeVolumes: OptionedDataFunction<ArrayLike, KResizeVolumesOptions, Tensor> = dataFunction(
  'x',
  {
    name: RESIZE,
    optionNames: Object.keys(RESIZE_CHECKS),
    checkOptions: (options) => checkOptions(RESIZE, options, RESIZE_CHECKS),
    // `withTensors` checks it.
    run: (x, _, { depthFactor, heightFactor, widthFactor, dataFormat }) =>
      withTensors(RESIZE, ['x'], [x as ArrayLike], (tensor) => {
        if (tensor.rank !== 5) {
          throw new KerasShapeError({
            function: RESIZE,
            argument: 'x',
            expected: '`x` must have five axes: batch, three of space, channels',
            received: `the shape ${describeShape(tensor.shape)}`,
            advice: 'Add the axis that is missing with tf.expandDims',
          });
        }
        checkTimes(RESIZE, 'depthFactor', tensor, depthFactor * heightFactor * widthFactor);
        const first = dataFormat === 'channels_last' ? 1 : 2;
        return [depthFactor, heightFactor, widthFactor].reduce(
          (all, factor, index) => repeatAlong(all, first + index, factor),
          tensor,
        );
      }),
  },
);
