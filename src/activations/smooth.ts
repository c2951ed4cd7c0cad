import { integer, optional, positiveNumber } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import type { ArrayLike } from '../arrays/tensors';
import type { BareOption } from '../base/maker';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineActivation, defineActivationFunction, defineOptionedActivation } from './define-activation';

/** Options of {@link activationCelu}. */
export interface ActivationCeluOptions {
  /** How far below zero values go: a positive number. Default 1. */
  readonly alpha?: number | undefined;
}

/**
 * Continuously differentiable exponential linear unit: `x` above zero, `alpha · (exp(x / alpha) − 1)` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'celu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers, or `alpha` is not positive.
 * @example
 * assert.deepStrictEqual(activationCelu([-100, 2], { alpha: 0.5 }).arraySync(), [-0.5, 2])
 * @see R keras3 `activation_celu`; Barron 2017
 */
export const activationCelu = defineOptionedActivation<ActivationCeluOptions>()(
  'activationCelu',
  ['celu'],
  { alpha: optional(positiveNumber, 1) },
  (x, { alpha }) => {
    const below = tf.mul(tf.expm1(tf.div(tf.minimum(x, 0), alpha)), alpha);
    return tf.where(tf.greater(x, 0), x, below);
  },
);

/** Options of {@link activationSquareplus}. */
export interface ActivationSquareplusOptions {
  /** How smooth the bend at zero is: a positive number. Default 4. */
  readonly b?: number | undefined;
}

/**
 * `(x + √(x² + b)) / 2`, a smooth ReLU without exponentials.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'squareplus'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers, or `b` is not positive.
 * @example
 * assert.deepStrictEqual(activationSquareplus([0, 1.5]).arraySync(), [1, 2])
 * @see R keras3 `activation_squareplus`; Barron 2021
 */
export const activationSquareplus = defineOptionedActivation<ActivationSquareplusOptions>()(
  'activationSquareplus',
  ['squareplus'],
  { b: optional(positiveNumber, 4) },
  (x, { b }) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), b))), 2),
);

/**
 * The logarithm of the sigmoid: `−log(1 + exp(−x))`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'log_sigmoid'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationLogSigmoid(tf.tensor1d([0])).dataSync()
 * assert.ok(Math.abs(value + Math.LN2) < 1e-6)
 * @see R keras3 `activation_log_sigmoid`
 */
export const activationLogSigmoid = defineActivation('activationLogSigmoid', ['log_sigmoid'], (x) =>
  tf.logSigmoid(x),
);

/**
 * `x − tanh(x)`: near zero for small values, a step of 1 nearer to zero for large ones.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'tanh_shrink'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationTanhShrink(tf.tensor1d([-20, 0, 20])).arraySync(), [-19, 0, 19])
 * @see R keras3 `activation_tanh_shrink`
 */
export const activationTanhShrink = defineActivation('activationTanhShrink', ['tanh_shrink'], (x) =>
  tf.sub(x, tf.tanh(x)),
);

/** Options of {@link activationGlu} and {@link activationSparsemax}. */
export interface ActivationAxisOptions {
  /** The axis, counted from 0, or from the end. Default −1, the last. */
  readonly axis?: number | undefined;
}

/** An axis counted from 0. */
const axisIn = (functionName: string, x: Tensor, axis: number): number => {
  const from0 = axis < 0 ? axis + x.rank : axis;
  if (from0 >= 0 && from0 < x.rank) return from0;
  throw new KerasShapeError({
    function: functionName,
    argument: 'axis',
    expected: `\`axis\` must be an axis of the input, from ${-x.rank} to ${x.rank - 1}`,
    received: `${axis} for an input of shape ${describeShape(x.shape)}`,
    advice: 'Count axes from 0, or from the end: -1 is the last one',
  });
};

/**
 * Gated linear unit: `a · sigmoid(b)`, where `a` and `b` are the first and the second half along an axis, by default the last.
 *
 * In `[…, 2 n]`, out `[…, n]`. Since that is another shape, it is no layer's activation, and its layer is
 * `layerLambda({ f: activationGlu })`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @throws KerasShapeError if there is no such axis, or its size is odd.
 * @example
 * assert.deepStrictEqual(activationGlu([[3, 5, 0, 0]]).arraySync(), [[1.5, 2.5]])
 * @see R keras3 `activation_glu`; Dauphin et al. 2017
 */
export const activationGlu: (
  x: ArrayLike,
  options?: ActivationAxisOptions | BareOption<ActivationAxisOptions>,
) => Tensor = defineActivationFunction(
  'activationGlu',
  'glu',
  { axis: optional(integer, -1) },
  (x, { axis }) => {
    const along = axisIn('activationGlu', x, axis);
    const size = x.shape[along] as number; // it has that axis
    if (size % 2 !== 0) {
      throw new KerasShapeError({
        function: 'activationGlu',
        argument: 'x',
        expected: 'the input must have an even size along the axis that is halved',
        received: describeShape(x.shape),
        advice: 'Give the layer before it an even number of units',
      });
    }
    const [values, gates] = tf.split(x, 2, along) as [Tensor, Tensor]; // two
    return tf.mul(values, tf.sigmoid(gates));
  },
  'It halves an axis: write layerLambda({ f: activationGlu })',
);

/** The projection of each row onto numbers of 0 or more that add up to 1, `[rows, size]`. */
const projected = (rows: Tensor): Tensor => {
  const size = rows.shape[1] as number; // of rank 2
  const sorted = tf.topk(rows, size).values;
  const counts = tf.range(1, size + 1);
  const excess = tf.sub(tf.cumsum(sorted, 1), 1);
  // The largest ones that are above what the others leave.
  const counted = tf.cast(tf.greater(tf.mul(sorted, counts), excess), 'float32');
  const kept = tf.sum(counted, 1, true);
  const limit = tf.div(tf.sub(tf.sum(tf.mul(sorted, counted), 1, true), 1), kept);
  return tf.relu(tf.sub(rows, limit));
};

/** The same with its derivative: the gradient of what is not 0, less its mean. */
const sparsemaxOfRows = tf.customGrad((...inputs) => {
  // tfjs passes the tensors that customGrad was called with, then the function that saves for the backward pass.
  const [rows, save] = inputs as unknown as [Tensor, (tensors: Tensor[]) => void];
  const value = projected(rows);
  save([value]);
  return {
    value,
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const kept = tf.cast(tf.greater(saved[0] as Tensor, 0), 'float32'); // one was saved
      const mean = tf.div(tf.sum(tf.mul(dy, kept), 1, true), tf.sum(kept, 1, true));
      return tf.mul(kept, tf.sub(dy, mean));
    },
  };
});

/**
 * Sparsemax: the numbers of 0 or more that add up to 1 and are nearest to `x` along an axis, by default the last. Like softmax, with
 * zeros.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'sparsemax'`. Keras's own, up to 3.12,
 * gives numbers that do not add up to 1.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @throws KerasShapeError if there is no such axis.
 * @example
 * assert.deepStrictEqual(activationSparsemax([[1, 0.5, -1]]).arraySync(), [[0.75, 0.25, 0]])
 * @see R keras3 `activation_sparsemax`; Martins and Astudillo 2016
 */
export const activationSparsemax = defineOptionedActivation<ActivationAxisOptions>()(
  'activationSparsemax',
  ['sparsemax'],
  { axis: optional(integer, -1) },
  (x, { axis }) => {
    const along = axisIn('activationSparsemax', x, axis);
    const swapped = x.shape.map((_, index) =>
      index === along ? x.rank - 1 : index === x.rank - 1 ? along : index,
    );
    const last = tf.transpose(x, swapped);
    const size = x.shape[along] as number; // it has that axis
    return tf.transpose(tf.reshape(sparsemaxOfRows(tf.reshape(last, [-1, size])), last.shape), swapped);
  },
);
