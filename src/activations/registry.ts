import type { Tensor } from '../tfjs/tensorflow';
import { tf } from '../tfjs/tensorflow';
import { argumentError, type Check } from '../base/checks';
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

/** The object that tfjs-layers keeps as a layer's activation. */
interface TfjsActivation {
  apply(x: Tensor, axis?: number): Tensor;
  getConfig(): Record<string, never>;
}

const probe = tf.layers.activation({ activation: 'relu' }) as unknown as { activation: TfjsActivation };
// tfjs does not export the base class of its activations; it is the class that `relu` extends.
const Base = Object.getPrototypeOf(probe.activation.constructor) as abstract new () => TfjsActivation;

class Exponential extends Base {
  static readonly className: string = 'exponential';
  override apply(x: Tensor): Tensor {
    return tf.exp(x);
  }
  override getConfig(): Record<string, never> {
    return {};
  }
}
// tfjs's registry is keyed by class name; its types want tfjs's own base class, which is not exported.
tf.serialization.registerClass(
  Exponential as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);

class UserActivation extends Base {
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

/** A name becomes tfjs's name of it, a function an activation object. */
export const activation: Check<string | TfjsActivation> = (value, place) => {
  if (typeof value === 'function') return new UserActivation(value as ActivationFunction);
  if (value === null) throw argumentError(place, 'an activation', value, "Leave it out, or write 'linear'");
  const name = checkName(value, place);
  return name === 'exponential' ? new Exponential() : (TFJS_NAMES[name] ?? name);
};
