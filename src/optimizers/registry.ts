import { argumentError, type Place } from '../base/checks';
import { registryOf, type NameIn } from '../base/registry';
import { isOptimizerFactory, type OptimizerFactory } from './define-optimizer';
import * as family from './index';
import type { Optimizer } from './optimizer';

export type { Optimizer } from './optimizer';

/** The name of an optimizer, in any accepted spelling. */
export type OptimizerName = NameIn<typeof family>;

/** All optimizers. */
export const optimizers = registryOf('the name of an optimizer, or an optimizer', family, {
  missing: ['loss_scale'],
});

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
  optimizers.find(value) ?? (isOptimizerFactory(value) ? value : undefined);

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
      ? optimizers.advice(value)
      : "Write optimizer: 'rmsprop', or optimizerRmsprop({ learningRate: 0.001 })",
  );
};
