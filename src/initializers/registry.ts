import { type Check } from '../base/checks';
import { makerCheck, type Maker } from '../base/maker';
import { registryOf, type MemberIn, type NameIn } from '../base/registry';
import { InitializerBase, type Initializer } from '../tfjs/base-classes';
import {
  FunctionInitializer,
  ObjectInitializer,
  type InitializerFunction,
  type InitializerObject,
} from './custom';
import * as family from './index';

export type { Initializer };

/** The names that Keras gives its initializers; tfjs's camelCase and the names of Keras's classes count too. */
export type InitializerName = NameIn<typeof family>;

/**
 * What an `…Initializer` option takes: a name, an initializer, a function that makes one, with its defaults, or one of the user's
 * own of the shape, or an object of a class of the user's own with such a function as `apply`.
 */
export type InitializerLike =
  InitializerName | Initializer | MemberIn<typeof family> | InitializerFunction | InitializerObject;

const EXPECTED = "an initializer's name or a tfjs initializer";

/** All initializers. */
export const initializers = registryOf(EXPECTED, family, { missing: ['stft'] });

const isInitializer = (value: unknown): value is Initializer => value instanceof InitializerBase;

/** Makes a fresh initializer of a name, with a seed of its own; an initializer is taken as it is. */
export const initializer: Check<Maker<Initializer>> = makerCheck(
  initializers,
  EXPECTED,
  isInitializer,
  "Write 'glorot_uniform', or initializerRandomNormal({ stddev: 0.01 })",
  (draw) => new FunctionInitializer(draw),
  (source) => new ObjectInitializer(source),
);
