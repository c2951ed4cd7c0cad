import { type Check } from '../base/checks';
import { makerCheck, type Maker } from '../base/maker';
import { registryOf, type MemberIn, type NameIn } from '../base/registry';
import { ConstraintBase } from '../tfjs/base-classes';
import {
  FunctionConstraint,
  ObjectConstraint,
  type ConstraintFunction,
  type ConstraintObject,
} from './custom';
import type { Constraint } from './define-constraint';
import * as family from './index';

export type { Constraint };

/** The names that Keras gives its constraints. */
export type ConstraintName = NameIn<typeof family>;

/**
 * What a `…Constraint` option takes: a name, a constraint, a function that makes one, with its defaults, or one of the user's own
 * of the weights, or an object of a class of the user's own with such a function as `apply`.
 */
export type ConstraintLike =
  ConstraintName | Constraint | MemberIn<typeof family> | ConstraintFunction | ConstraintObject;

const EXPECTED = "a constraint's name or a tfjs constraint";

/** All constraints. */
export const constraints = registryOf(EXPECTED, family);

const isConstraint = (value: unknown): value is Constraint => value instanceof ConstraintBase;

/** Makes the constraint of a name with Keras's defaults; a constraint is taken as it is. */
export const constraint: Check<Maker<Constraint>> = makerCheck(
  constraints,
  EXPECTED,
  isConstraint,
  "Write 'max_norm', or constraintMaxnorm({ maxValue: 3 })",
  (constrain) => new FunctionConstraint(constrain),
  (source) => new ObjectConstraint(source),
);
