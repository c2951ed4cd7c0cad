import type { Tensor } from '../tfjs/tensorflow';
import { ActivationBase, register, type TfjsActivation } from '../tfjs/base-classes';
import { tf } from '../tfjs/tensorflow';
import { argumentError, type Check } from '../base/checks';
import { Maker } from '../base/maker';
import { nameIn, type NameOf } from '../base/registry';

const NAMES = {
  elu: [],
  exponential: [],
  gelu: [],
  hard_sigmoid: ['hardSigmoid'],
  linear: [],
  log_softmax: ['logSoftmax'],
  mish: [],
  relu: [],
  relu6: [],
  selu: [],
  sigmoid: [],
  softmax: [],
  softplus: [],
  softsign: [],
  swish: ['silu'],
  tanh: [],
} as const;

/** The names that Keras gives its activations; tfjs's camelCase spellings count too. */
export type ActivationName = NameOf<typeof NAMES>;

/** An activation of your own: a function of tfjs operations, same shape in and out. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** What an `activation` option takes. */
export type ActivationLike = ActivationName | ActivationFunction;

class Exponential extends ActivationBase {
  static readonly className: string = 'exponential';
  override apply(x: Tensor): Tensor {
    return tf.exp(x);
  }
  override getConfig(): Record<string, never> {
    return {};
  }
}
register(Exponential);

class UserActivation extends ActivationBase {
  static readonly className: string = 'custom';
  constructor(private readonly call: ActivationFunction) {
    super();
  }
  override apply(x: Tensor): Tensor {
    return this.call(x);
  }
  override getConfig(): Record<string, never> {
    return {};
  }
}

const TFJS_NAMES: Readonly<Record<string, string>> = {
  hard_sigmoid: 'hardSigmoid',
  log_softmax: 'logSoftmax',
};
const checkName = nameIn("an activation's name or a function of a tensor", NAMES);

/** Makes tfjs's name of an activation, or an activation object of a function. */
export const activation: Check<Maker<string | TfjsActivation>> = (value, place) => {
  if (typeof value === 'function') return new Maker(() => new UserActivation(value as ActivationFunction));
  if (value === null) throw argumentError(place, 'an activation', value, "Leave it out, or write 'linear'");
  const name = checkName(value, place);
  return new Maker(() => (name === 'exponential' ? new Exponential() : (TFJS_NAMES[name] ?? name)));
};
