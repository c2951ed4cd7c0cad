import { type Check } from '../base/checks';
import { makerCheck, type Maker } from '../base/maker';
import { registryOf, type MemberIn, type NameIn } from '../base/registry';
import { FunctionRegularizer, type RegularizerFunction } from './custom';
import type { Regularizer } from './define-regularizer';
import * as family from './index';

export type { Regularizer };

/** The names that Keras gives its regularizers. */
export type RegularizerName = NameIn<typeof family>;

/**
 * What a `…Regularizer` option takes: a name, a regularizer, a function that makes one, with its defaults, or one of the user's own
 * of the weights.
 */
export type RegularizerLike = RegularizerName | Regularizer | MemberIn<typeof family> | RegularizerFunction;

const EXPECTED = "a regularizer's name or a regularizer";

/** All regularizers. */
export const regularizers = registryOf(EXPECTED, family);

const isRegularizer = (value: unknown): value is Regularizer =>
  typeof value === 'object' && value !== null && 'apply' in value && typeof value.apply === 'function';

/** Makes the regularizer of a name with Keras's default factor 0.01; a regularizer is taken as it is. */
export const regularizer: Check<Maker<Regularizer>> = makerCheck(
  regularizers,
  EXPECTED,
  isRegularizer,
  'Write regularizerL2(0.01)',
  (penalty) => new FunctionRegularizer(penalty),
);
