import { tf } from '../tfjs/tensorflow';
import { argumentError, type Check } from '../base/checks';
import { Maker } from '../base/maker';
import { nameIn, type NameOf } from '../base/registry';

/** A tfjs constraint: anything with `apply(weight)`, applied to the weight after each update. */
export type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

const NAMES = {
  max_norm: ['maxNorm', 'MaxNorm'],
  min_max_norm: ['minMaxNorm', 'MinMaxNorm'],
  non_neg: ['nonNeg', 'NonNeg', 'nonneg'],
  unit_norm: ['unitNorm', 'UnitNorm'],
} as const;

/** The names that Keras gives its constraints. */
export type ConstraintName = NameOf<typeof NAMES>;

const checkName = nameIn("a constraint's name or a tfjs constraint", NAMES);
const MAKERS: Readonly<Record<keyof typeof NAMES, () => Constraint>> = {
  max_norm: () => tf.constraints.maxNorm({ maxValue: 2, axis: 0 }),
  min_max_norm: () => tf.constraints.minMaxNorm({ minValue: 0, maxValue: 1, rate: 1, axis: 0 }),
  non_neg: () => tf.constraints.nonNeg(),
  unit_norm: () => tf.constraints.unitNorm({ axis: 0 }),
};

/** Makes the constraint of a name with Keras's defaults. */
export const constraint: Check<Maker<Constraint>> = (value, place) => {
  if (typeof value === 'object' && value !== null) {
    if ('apply' in value && typeof value.apply === 'function') return new Maker(() => value as Constraint);
    throw argumentError(place, "a constraint's name or a tfjs constraint", value);
  }
  return new Maker(MAKERS[checkName(value, place)]);
};
