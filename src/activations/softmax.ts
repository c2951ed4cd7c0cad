import { fromLogits } from '../ops/logits';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { integer, optional } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { defineActivation, defineOptionedActivation } from './define-activation';

/** Options of {@link activationSoftmax}. */
export interface ActivationSoftmaxOptions {
  /** The axis along which chances add up to 1. Default −1. */
  readonly axis?: number | undefined;
}

/** Softmax along any axis: tfjs's is along the last one. */
const softmax = (x: Tensor, axis: number): Tensor => {
  const from0 = axis < 0 ? axis + x.rank : axis;
  if (from0 === x.rank - 1) return fromLogits(tf.softmax(x), x, 'any crossentropy');
  if (from0 < 0 || from0 >= x.rank) {
    throw new KerasShapeError({
      function: 'activationSoftmax',
      argument: 'axis',
      expected: `\`axis\` must be an axis of the input, from ${-x.rank} to ${x.rank - 1}`,
      received: `${axis} for an input of shape ${describeShape(x.shape)}`,
      advice: 'Count axes from 0, or from the end: -1 is the last one',
    });
  }
  const swapped = x.shape.map((_, index) =>
    index === from0 ? x.rank - 1 : index === x.rank - 1 ? from0 : index,
  );
  return tf.transpose(tf.softmax(tf.transpose(x, swapped)), swapped);
};

/**
 * Softmax: `exp(x) / Σ exp(x)` along an axis, by default the last: chances that add up to 1.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'softmax'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @throws KerasShapeError if there is no such axis.
 * @example
 * assert.deepStrictEqual(activationSoftmax(tf.tensor2d([[3, 3]])).arraySync(), [[0.5, 0.5]])
 * assert.deepStrictEqual(activationSoftmax([[3, 1], [3, 1]], { axis: 0 }).arraySync(), [[0.5, 0.5], [0.5, 0.5]])
 * @see R keras `activation_softmax`
 */
export const activationSoftmax = defineOptionedActivation<ActivationSoftmaxOptions>()(
  'activationSoftmax',
  ['softmax'],
  { axis: optional(integer, -1) },
  (x, { axis }) => softmax(x, axis),
);

/**
 * The logarithm of softmax: `x − log(Σ exp(x))` along the last axis.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'log_softmax'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationLogSoftmax(tf.tensor2d([[3, 3]])).dataSync()
 * assert.ok(Math.abs(value + Math.LN2) < 1e-6)
 * @see R keras 3 `activation_log_softmax`
 */
export const activationLogSoftmax = defineActivation('activationLogSoftmax', ['log_softmax']);
