import { type Check } from '../base/checks';
import { makerCheck, type Maker } from '../base/maker';
import { registryOf, type MemberIn, type NameIn } from '../base/registry';
import { RegularizerBase } from '../tfjs/base-classes';
import {
  FunctionRegularizer,
  ObjectRegularizer,
  type RegularizerFunction,
  type RegularizerObject,
} from './custom';
import type { Regularizer } from './define-regularizer';
import * as family from './index';

export type { Regularizer };

/** The names that Keras gives its regularizers. */
export type RegularizerName = NameIn<typeof family>;

/**
 * What a `…Regularizer` option takes: a name, a regularizer, a function that makes one, with its defaults, or one of the user's own
 * of the weights, or an object of a class of the user's own with such a function as `apply`.
 */
export type RegularizerLike =
  RegularizerName | Regularizer | MemberIn<typeof family> | RegularizerFunction | RegularizerObject;

const EXPECTED = "a regularizer's name or a regularizer";

/** All regularizers. */
export const regularizers = registryOf(EXPECTED, family);

const isRegularizer = (value: unknown): value is Regularizer => value instanceof RegularizerBase;

/** Makes the regularizer of a name with Keras's default factor 0.01; a regularizer is taken as it is. */
export const regularizer: Check<Maker<Regularizer>> = makerCheck(
  regularizers,
  EXPECTED,
  isRegularizer,
  'Write regularizerL2(0.01)',
  (penalty) => new FunctionRegularizer(penalty),
  (source) => new ObjectRegularizer(source),
);
