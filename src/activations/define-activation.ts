import { asFunction, refuseSurplus } from '../base/function-name';
import { toTensor, type ArrayLike } from '../arrays/tensors';
import { camelCase, withNames, type Named, type NameList, type NamesOf } from '../base/registry';
import { ActivationBase, activationOfClass, register, type TfjsActivation } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** An activation of your own: a function of tfjs operations, same shape in and out. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** One of this library's activations. */
export interface Activation<Name extends string = string> extends Named<Name> {
  (x: ArrayLike): Tensor;
  /** What tfjs calls it: the name under which layers that it saves have it. */
  readonly className: string;
}

/** Makes a formula a class of tfjs's, and known to tfjs under its name, so that models come back with it. */
const registerFormula = (name: string, formula: ActivationFunction): void => {
  class Formula extends ActivationBase {
    static readonly className: string = name;
    override apply(x: Tensor): Tensor {
      return formula(x);
    }
    override getConfig(): Record<string, never> {
      return {};
    }
  }
  register(Formula);
};

/**
 * Defines an activation: the function, its names, and its formula in operations of tfjs, elementwise or along the last axis.
 * Without a formula it is tfjs's own of that name.
 */
export const defineActivation = <const Names extends NameList>(
  functionName: string,
  names: Names,
  formula?: ActivationFunction,
): Activation<NamesOf<Names>> => {
  const className = formula === undefined ? camelCase(names[0]) : names[0];
  if (formula !== undefined) registerFormula(className, formula);
  let object: TfjsActivation | undefined;
  const call = (x: ArrayLike, ...surplus: []): Tensor =>
    asFunction(functionName, () => {
      refuseSurplus(functionName, ['x'], surplus);
      return tf.tidy(() => {
        const { tensor } = toTensor(x, { function: functionName, argument: 'x' }, 'float32');
        object ??= activationOfClass(className);
        const output = object.apply(tensor);
        return output === tensor ? tensor.clone() : output; // never the user's own tensor, which may be disposed
      });
    });
  Object.defineProperty(call, 'name', { value: functionName });
  return withNames(Object.assign(call, { className }), names);
};
