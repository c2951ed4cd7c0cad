import { defineMaker } from '../base/maker';
import type { tf } from '../tfjs/tensorflow';

/** A tfjs constraint: anything with `apply(weight)`, applied to the weight after each update. */
export type Constraint = ReturnType<typeof tf.constraints.nonNeg>;

/**
 * Defines a constraint: the function that makes it, its names, the checks of its options, and what is made of them, whose
 * class tfjs knows, so that models come back with it.
 */
export const defineConstraint = defineMaker;
