/**
 * What checked options are typed as. Nothing here runs: `tsc` checks it, and an `@ts-expect-error` above a line that
 * compiles is an error itself.
 */
import {
  boolean,
  checkOptions,
  integersOf,
  oneOf,
  optional,
  positiveInteger,
  required,
  type OptionChecks,
} from '../../src/base/checks';

/** Compiles if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const exactly = <A>(_value: A) => ({ is: <B>(_same: Same<A, B>): void => undefined });

interface PoolOptions {
  size: number;
  strides?: number | readonly number[] | undefined;
  padding?: 'valid' | 'same' | undefined;
  ceil?: boolean | undefined;
}

const checks = {
  size: required(positiveInteger),
  strides: optional(integersOf(2)),
  padding: optional(oneOf('valid', 'same'), 'valid'),
  ceil: optional(boolean),
} satisfies OptionChecks<PoolOptions>;
const { size, strides, padding, ceil } = checkOptions('pool', {}, checks);

// What is required or has a default is there; what is optional may be missing.
exactly(size).is<number>(true);
exactly(strides).is<number[] | undefined>(true);
exactly(padding).is<'valid' | 'same'>(true);
exactly(ceil).is<boolean | undefined>(true);

// What is missing is left out, so that spreading it over defaults keeps them.
const spread = { ceil: false, ...checkOptions('pool', {}, checks) };
exactly(spread.ceil).is<boolean>(true);

// @ts-expect-error -- no such option
export const unknownOption: unknown = checkOptions('pool', {}, checks).sizes;
// @ts-expect-error -- `ceil` is forgotten
({ size: checks.size, strides: checks.strides, padding: checks.padding }) satisfies OptionChecks<PoolOptions>;
// @ts-expect-error -- `size` must be required
({ ...checks, size: optional(positiveInteger) }) satisfies OptionChecks<PoolOptions>;
// @ts-expect-error -- `ceil` may be left out
({ ...checks, ceil: required(boolean) }) satisfies OptionChecks<PoolOptions>;
