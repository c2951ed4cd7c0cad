import type { NoOptions } from '../base/maker';
import { tf } from '../tfjs/tensorflow';
import { defineConstraint } from './define-constraint';

/**
 * Keeps weights from being negative: `max(w, 0)`.
 *
 * @throws KerasArgumentError if options are given: there are none.
 * @example
 * assert.deepStrictEqual(constraintNonneg().apply(tf.tensor1d([-1, 2])).arraySync(), [0, 2])
 * @see R keras `constraint_nonneg`
 */
export const constraintNonneg = defineConstraint<NoOptions>()(
  'constraintNonneg',
  ['non_neg', 'nonneg'],
  {},
  () => tf.constraints.nonNeg(),
);
