import { argumentError, didYouMean, type Place } from '../base/checks';
import { isOptimizerFactory, type OptimizerFactory } from './define-optimizer';
import * as family from './index';
import type { Optimizer } from './optimizer';

export type { Optimizer } from './optimizer';

type Factory = (typeof family)[keyof typeof family];

/** The name of an optimizer, in any accepted spelling. */
export type OptimizerName = Factory['names'][number];

/** Each optimizer of the family under Keras's name for it. */
const byName: ReadonlyMap<string, OptimizerFactory> = new Map(
  Object.values(family).map((factory) => [factory.names[0] as string, factory]), // each has a name
);

/** Keras's names of optimizers, each with the other spellings that people type. */
export const optimizerNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...byName].map(([name, { names }]) => [name, names.slice(1)]),
);

/** Whether a value is an {@link Optimizer}. tfjs's own optimizers are not: they have other methods. */
export const isOptimizer = (value: unknown): value is Optimizer =>
  typeof value === 'object' &&
  value !== null &&
  'apply' in value &&
  typeof value.apply === 'function' &&
  'build' in value &&
  typeof value.build === 'function' &&
  'finalize' in value &&
  typeof value.finalize === 'function' &&
  'learningRate' in value &&
  typeof value.learningRate === 'number';

const findFactory = (value: unknown): OptimizerFactory | undefined =>
  typeof value === 'string'
    ? [...byName.values()].find(({ names }) => names.includes(value))
    : isOptimizerFactory(value)
      ? value
      : undefined;

/**
 * The optimizer that a user means: a name or one of the `optimizer…` functions (a fresh one with the
 * defaults), or an optimizer.
 *
 * @throws KerasArgumentError if it is none of these.
 */
export const resolveOptimizer = (value: unknown, place: Place): Optimizer => {
  if (isOptimizer(value)) return value;
  const factory = findFactory(value);
  if (factory !== undefined) return factory();
  throw argumentError(
    place,
    'the name of an optimizer, or an optimizer',
    value,
    typeof value === 'string'
      ? didYouMean(value, [...byName.keys()])
      : "Write optimizer: 'rmsprop', or optimizerRmsprop({ learningRate: 0.001 })",
  );
};
