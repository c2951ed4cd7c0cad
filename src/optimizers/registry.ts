import { argumentError, didYouMean, type Place } from '../base/checks';
import { canonicalName, type NameOf } from '../base/registry';
import { optimizerAdam } from './adam';
import { type Optimizer } from './optimizer';
import { optimizerRmsprop } from './rmsprop';
import { optimizerSgd } from './sgd';

export type { AdamOptions } from './adam';
export type { Optimizer } from './optimizer';
export type { RmspropOptions } from './rmsprop';
export type { SgdOptions } from './sgd';
export { optimizerAdam, optimizerRmsprop, optimizerSgd };

/** Keras's names of optimizers, each with the other spellings that people type. */
export const optimizerNames = {
  sgd: ['SGD'],
  rmsprop: ['RMSprop', 'RMSProp'],
  adam: ['Adam'],
} as const;

/** The name of an optimizer, in any accepted spelling. */
export type OptimizerName = NameOf<typeof optimizerNames>;

const factories: Readonly<Record<keyof typeof optimizerNames, () => Optimizer>> = {
  sgd: optimizerSgd,
  rmsprop: optimizerRmsprop,
  adam: optimizerAdam,
};

/** Whether a value is an {@link Optimizer}. tfjs's own optimizers are not: they have other methods. */
export const isOptimizer = (value: unknown): value is Optimizer =>
  typeof value === 'object' &&
  value !== null &&
  'apply' in value &&
  typeof value.apply === 'function' &&
  'build' in value &&
  typeof value.build === 'function' &&
  'learningRate' in value &&
  typeof value.learningRate === 'number';

const factoryOf = (value: unknown): (() => Optimizer) | undefined => {
  if (typeof value === 'string') {
    // canonicalName returns keys of the table that it was given.
    const canonical = canonicalName(optimizerNames, value) as keyof typeof optimizerNames | undefined;
    return canonical === undefined ? undefined : factories[canonical];
  }
  return Object.values(factories).find((factory) => factory === value);
};

/**
 * The optimizer that a user means: a name or one of the `optimizer…` functions (a fresh one with the
 * defaults), or an optimizer.
 *
 * @throws KerasArgumentError if it is none of these.
 */
export const resolveOptimizer = (value: unknown, place: Place): Optimizer => {
  if (isOptimizer(value)) return value;
  const factory = factoryOf(value);
  if (factory !== undefined) return factory();
  throw argumentError(
    place,
    'the name of an optimizer, or an optimizer',
    value,
    typeof value === 'string'
      ? didYouMean(value, Object.keys(optimizerNames))
      : "Write optimizer: 'rmsprop', or optimizerRmsprop({ learningRate: 0.001 })",
  );
};
