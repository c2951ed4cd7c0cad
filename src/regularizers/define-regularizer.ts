import { defineMaker } from '../base/maker';

export type { Regularizer } from '../tfjs/base-classes';

/**
 * Defines a regularizer: the function that makes it, its names, the checks of its options, and what is made of them, whose
 * class tfjs knows, so that models come back with it.
 */
export const defineRegularizer = defineMaker;
