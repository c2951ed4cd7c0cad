import { defineActivation } from './define-activation';

/**
 * Rectified linear unit: `max(x, 0)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'relu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationRelu(tf.tensor1d([-1, 2])).arraySync(), [0, 2])
 * @see R keras `activation_relu`, whose further arguments `layerActivationRelu` has
 */
export const activationRelu = defineActivation('activationRelu', ['relu']);

/**
 * Rectified linear unit up to 6: `min(max(x, 0), 6)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'relu6'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationRelu6(tf.tensor1d([-1, 2, 7])).arraySync(), [0, 2, 6])
 * @see R keras 3 `activation_relu6`
 */
export const activationRelu6 = defineActivation('activationRelu6', ['relu6']);

/**
 * Exponential linear unit: `x` above zero, `exp(x) − 1` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'elu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationElu(tf.tensor1d([-1, 2])).dataSync()
 * assert.ok(Math.abs(value - (Math.exp(-1) - 1)) < 1e-6)
 * @see R keras `activation_elu`, whose `alpha` `layerActivationElu` has; Clevert et al. 2015
 */
export const activationElu = defineActivation('activationElu', ['elu']);

/**
 * Scaled exponential linear unit: `1.0507 · x` above zero, `1.0507 · 1.6733 · (exp(x) − 1)` below.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'selu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationSelu(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - 1.05070098) < 1e-6)
 * @see R keras `activation_selu`; Klambauer et al. 2017
 */
export const activationSelu = defineActivation('activationSelu', ['selu']);

/**
 * Gaussian error linear unit: `x · Φ(x)`, where `Φ` is the distribution function of the standard normal.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'gelu'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationGelu(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - 0.841345) < 1e-5)
 * @see R keras `activation_gelu`; Hendrycks and Gimpel 2016
 */
export const activationGelu = defineActivation('activationGelu', ['gelu']);

/**
 * Swish, also called SiLU: `x · sigmoid(x)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'swish'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationSwish(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - 1 / (1 + Math.exp(-1))) < 1e-6)
 * @see R keras `activation_swish`; Ramachandran et al. 2017
 */
export const activationSwish = defineActivation('activationSwish', ['swish', 'silu']);

/**
 * Mish: `x · tanh(softplus(x))`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'mish'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationMish(tf.tensor1d([1])).dataSync()
 * assert.ok(Math.abs(value - Math.tanh(Math.log(1 + Math.E))) < 1e-6)
 * @see R keras 3 `activation_mish`; Misra 2019
 */
export const activationMish = defineActivation('activationMish', ['mish']);

/**
 * Softplus: `log(exp(x) + 1)`, a smooth ReLU.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'softplus'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * const [value = NaN] = activationSoftplus(tf.tensor1d([0])).dataSync()
 * assert.ok(Math.abs(value - Math.LN2) < 1e-6)
 * @see R keras `activation_softplus`
 */
export const activationSoftplus = defineActivation('activationSoftplus', ['softplus']);
