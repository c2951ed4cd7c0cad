import { defineMaker } from '../base/maker';
import type { tf } from '../tfjs/tensorflow';

/** A tfjs regularizer: anything with `apply(weight)`, a penalty that is added to the loss. */
export type Regularizer = ReturnType<typeof tf.regularizers.l1>;

/**
 * Defines a regularizer: the function that makes it, its names, the checks of its options, and what is made of them, whose
 * class tfjs knows, so that models come back with it.
 */
export const defineRegularizer = defineMaker;
