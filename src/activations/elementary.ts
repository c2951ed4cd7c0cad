import { tf } from '../tfjs/tensorflow';
import { defineActivation } from './define-activation';

/**
 * No change: `x`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'linear'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationLinear(tf.tensor1d([-1, 2])).arraySync(), [-1, 2])
 * @see R keras `activation_linear`
 */
export const activationLinear = defineActivation('activationLinear', ['linear']);

/**
 * `exp(x)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'exponential'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationExponential(tf.tensor1d([0])).arraySync(), [1])
 * @see R keras `activation_exponential`
 */
export const activationExponential = defineActivation('activationExponential', ['exponential'], (x) =>
  tf.exp(x),
);
