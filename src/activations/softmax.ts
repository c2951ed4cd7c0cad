import { fromLogits } from '../ops/logits';
import { tf } from '../tfjs/tensorflow';
import { defineActivation } from './define-activation';

/**
 * Softmax: `exp(x) / Σ exp(x)` along the last axis: chances that add up to 1.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'softmax'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationSoftmax(tf.tensor2d([[3, 3]])).arraySync(), [[0.5, 0.5]])
 * @see R keras `activation_softmax`, whose `axis` `layerActivationSoftmax` has
 */
export const activationSoftmax = defineActivation('activationSoftmax', ['softmax'], (x) =>
  fromLogits(tf.softmax(x), x, 'any crossentropy'),
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
