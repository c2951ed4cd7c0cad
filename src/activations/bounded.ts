import { fromLogits } from '../ops/logits';
import { tf } from '../tfjs/tensorflow';
import { defineActivation } from './define-activation';

/**
 * Sigmoid: `1 / (1 + exp(−x))`, from 0 to 1.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'sigmoid'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationSigmoid(tf.tensor1d([0])).arraySync(), [0.5])
 * @see R keras `activation_sigmoid`
 */
export const activationSigmoid = defineActivation('activationSigmoid', ['sigmoid'], (x) =>
  fromLogits(tf.sigmoid(x), x, 'any crossentropy'),
);

/**
 * Piecewise linear sigmoid: `clip(0.2 · x + 0.5, 0, 1)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'hard_sigmoid'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationHardSigmoid(tf.tensor1d([-5, 0, 5])).arraySync(), [0, 0.5, 1])
 * @see R keras `activation_hard_sigmoid`
 */
export const activationHardSigmoid = defineActivation('activationHardSigmoid', ['hard_sigmoid']);

/**
 * The piecewise linear sigmoid of Keras 3, which is less steep than {@link activationHardSigmoid}: `clip(x / 6 + 0.5, 0, 1)`.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'hard_sigmoid_keras3'`. It is what
 * `hard_sigmoid` is in files that Keras 3 writes; Keras 2 has it not.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationHardSigmoidKeras3(tf.tensor1d([-3, 0, 3])).arraySync(), [0, 0.5, 1])
 * @see R keras3 `activation_hard_sigmoid`; Howard et al. 2019
 */
export const activationHardSigmoidKeras3 = defineActivation(
  'activationHardSigmoidKeras3',
  ['hard_sigmoid_keras3'],
  (x) => tf.div(tf.relu6(tf.add(x, 3)), 6),
);

/**
 * Hyperbolic tangent, from −1 to 1.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'tanh'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationTanh(tf.tensor1d([0])).arraySync(), [0])
 * @see R keras `activation_tanh`
 */
export const activationTanh = defineActivation('activationTanh', ['tanh']);

/**
 * Softsign: `x / (|x| + 1)`, from −1 to 1.
 *
 * In any shape, out the same shape. As a layer's option it may be given by name: `activation: 'softsign'`.
 *
 * @throws KerasArgumentError if `x` is not made of numbers.
 * @example
 * assert.deepStrictEqual(activationSoftsign(tf.tensor1d([-1, 3])).arraySync(), [-0.5, 0.75])
 * @see R keras `activation_softsign`
 */
export const activationSoftsign = defineActivation('activationSoftsign', ['softsign']);
