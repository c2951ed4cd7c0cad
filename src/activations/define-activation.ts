import { asFunction, refuseSurplus } from '../base/function-name';
import { toTensor, type ArrayLike } from '../arrays/tensors';
import { checkBareOptions, type CheckedOptions, type OptionChecks } from '../base/checks';
import type { BareOption } from '../base/maker';
import { camelCase, withNames, type Named, type NameList, type NamesOf } from '../base/registry';
import { ActivationBase, activationOfClass, register, type TfjsActivation } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** An activation of your own: a function of tfjs operations, same shape in and out. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** One of this library's activations; as a layer's option it has its options' defaults. */
export interface Activation<Name extends string = string, Options = never> extends Named<Name> {
  (x: ArrayLike, ...options: [Options] extends [never] ? [] : [options?: Options]): Tensor;
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

/** A function of numbers, with the checks of how it is called. */
const callOf = (
  functionName: string,
  parameters: readonly string[],
  formulaOf: (options: unknown) => ActivationFunction,
): ((x: ArrayLike, ...rest: unknown[]) => Tensor) => {
  const call = (x: ArrayLike, ...rest: unknown[]): Tensor =>
    asFunction(functionName, () => {
      refuseSurplus(functionName, parameters, rest.slice(parameters.length - 1));
      return tf.tidy(() => {
        const { tensor } = toTensor(x, { function: functionName, argument: 'x' }, 'float32');
        const output = formulaOf(rest[0])(tensor);
        return output === tensor ? tensor.clone() : output; // never the user's own tensor, which may be disposed
      });
    });
  Object.defineProperty(call, 'name', { value: functionName });
  return call;
};

/** What activations have in common: how they are called, and what they are for tfjs. */
const define = <const Names extends NameList>(
  functionName: string,
  names: Names,
  className: string,
  parameters: readonly string[],
  formulaOf: (options: unknown) => ActivationFunction,
): Activation<NamesOf<Names>, unknown> =>
  withNames(Object.assign(callOf(functionName, parameters, formulaOf), { className }), names);

/** The activation object of a class, made when it is first asked for. */
const objectOf = (className: string): (() => TfjsActivation) => {
  let object: TfjsActivation | undefined;
  return () => (object ??= activationOfClass(className));
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
  const object = objectOf(className);
  return define(functionName, names, className, ['x'], () => (x) => object().apply(x));
};

/**
 * Defines an activation that has options, which its formula gets checked. As a layer's option it has their defaults. `className`
 * is that of tfjs's own class, where that has the formula with the defaults.
 */
export const defineOptionedActivation =
  <Options extends object>() =>
  <const Names extends NameList, const Checks extends OptionChecks<Options> & OptionChecks>(
    functionName: string,
    names: Names,
    checks: Checks,
    formula: (x: Tensor, options: CheckedOptions<Checks>) => Tensor,
    className?: string,
  ): Activation<NamesOf<Names>, Options | BareOption<Options>> => {
    const checked = (options: unknown): CheckedOptions<Checks> =>
      checkBareOptions(functionName, options, checks);
    if (className === undefined) registerFormula(names[0], (x) => formula(x, checked(undefined)));
    const object = objectOf(className ?? names[0]);
    return define(functionName, names, className ?? names[0], ['x', 'options'], (options) =>
      options === undefined ? (x) => object().apply(x) : (x) => formula(x, checked(options)),
    );
  };

/** Functions of this library that no layer takes as they are, by themselves and by Keras's names, and what to write instead. */
const instead = new Map<unknown, string>();

/** What to write in the place of a function, or of the name of one, that no layer takes as it is. */
export const insteadOf = (value: unknown): string | undefined => instead.get(value);

/**
 * Defines a function that no layer takes as it is, since it needs options, or has another shape as its output. `write` is what to
 * write instead.
 */
export const defineActivationFunction = <const Checks extends OptionChecks, Call>(
  functionName: string,
  name: string,
  checks: Checks,
  formula: (x: Tensor, options: CheckedOptions<Checks>) => Tensor,
  write: string,
): Call => {
  const call = callOf(functionName, ['x', 'options'], (options) => {
    const checked = checkBareOptions(functionName, options, checks);
    return (x) => formula(x, checked);
  });
  [call, name, camelCase(name)].forEach((known) => instead.set(known, write));
  return call as Call; // its options are what the checks let pass
};
