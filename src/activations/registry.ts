import { argumentError, refuseClass, type Check } from '../base/checks';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { Maker } from '../base/maker';
import { classNameOfFunction } from '../base/user-function';
import { registryOf, type NameIn, type Registry } from '../base/registry';
import { ActivationBase, type TfjsActivation } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { insteadOf, type Activation, type ActivationFunction } from './define-activation';
import * as family from './index';

/** The names that Keras gives its activations; tfjs's camelCase spellings count too. */
export type ActivationName = NameIn<typeof family>;

/** What an `activation` option takes: a name, or a function of a tensor, of this library or your own. */
export type ActivationLike = ActivationName | ActivationFunction;

const registry = registryOf("an activation's name or a function of a tensor", family, {
  missing: ['crelu'],
});

/** All activations: each may be called without options. */
export const activations: Registry<Activation<ActivationName>> = registry;

class UserActivation extends ActivationBase {
  static readonly className: string = 'custom';
  constructor(private readonly call: ActivationFunction) {
    super();
  }
  override getClassName(): string {
    return classNameOfFunction(this.call, 'Activation', () => new UserActivation(this.call));
  }
  override apply(x: Tensor): Tensor {
    const output: unknown = this.call(x); // of the user's own, it may give anything
    if (output instanceof tf.Tensor) {
      const tensor = output as Tensor; // of any rank, which `instanceof` leaves untyped
      if (tf.util.arraysEqual(tensor.shape, x.shape)) return tensor;
    }
    throw new KerasArgumentError({
      function: 'activation',
      argument: 'activation',
      expected: `a function used as an activation must give a tensor of the shape ${describeShape(x.shape)} that it got`,
      received: describe(output),
      advice:
        output === undefined ? 'Write return before what it computes' : 'Write (x) => tf.sin(x), for example',
    });
  }
  override getConfig(): Record<string, never> {
    return {};
  }
}

const isFunction = (value: unknown): value is ActivationFunction => typeof value === 'function';

/** Makes tfjs's name of an activation, or an activation object of a function of the user's own. */
export const activation: Check<Maker<string | TfjsActivation>> = (value, place) => {
  const member = activations.find(value);
  if (member !== undefined) return new Maker(() => member.className);
  const write = insteadOf(value);
  if (write !== undefined)
    throw argumentError(place, 'an activation that a layer takes as it is', value, write);
  if (isFunction(value)) {
    refuseClass(value, place);
    return new Maker(() => new UserActivation(value));
  }
  if (value === null) throw argumentError(place, 'an activation', value, "Leave it out, or write 'linear'");
  const { className } = activations.get(value, place);
  return new Maker(() => className);
};
