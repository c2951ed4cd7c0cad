import { defineMaker } from '../base/maker';

export type { Constraint } from '../tfjs/base-classes';

/**
 * Defines a constraint: the function that makes it, its names, the checks of its options, and what is made of them, whose
 * class tfjs knows, so that models come back with it.
 */
export const defineConstraint = defineMaker;
