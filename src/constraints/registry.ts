import { type Check } from '../base/checks';
import { makerCheck, type Maker } from '../base/maker';
import { registryOf, type MemberIn, type NameIn } from '../base/registry';
import { FunctionConstraint, type ConstraintFunction } from './custom';
import type { Constraint } from './define-constraint';
import * as family from './index';

export type { Constraint };

/** The names that Keras gives its constraints. */
export type ConstraintName = NameIn<typeof family>;

/**
 * What a `…Constraint` option takes: a name, a constraint, a function that makes one, with its defaults, or one of the user's own
 * of the weights.
 */
export type ConstraintLike = ConstraintName | Constraint | MemberIn<typeof family> | ConstraintFunction;

const EXPECTED = "a constraint's name or a tfjs constraint";

/** All constraints. */
export const constraints = registryOf(EXPECTED, family);

const isConstraint = (value: unknown): value is Constraint =>
  typeof value === 'object' && value !== null && 'apply' in value && typeof value.apply === 'function';

/** Makes the constraint of a name with Keras's defaults; a constraint is taken as it is. */
export const constraint: Check<Maker<Constraint>> = makerCheck(
  constraints,
  EXPECTED,
  isConstraint,
  "Write 'max_norm', or constraintMaxnorm({ maxValue: 3 })",
  (constrain) => new FunctionConstraint(constrain),
);
