import { isLeft, type Either } from 'fp-ts/Either';
import { callForm, type CallForm } from '../base/call-styles';
import type { KerasError } from '../base/errors';
import { either, taskEither } from './either';
import type { Lifted } from './forms';

type AnyFunction = (...args: unknown[]) => unknown;

/** What a step of `keras-pipe` becomes: its mistakes come when it is applied, as everything that a pipe gives. */
const liftStep = (step: Either<KerasError, unknown>, givesPromise: boolean): AnyFunction => {
  const apply = (object: unknown): unknown => {
    if (isLeft(step)) return givesPromise ? () => Promise.resolve(step) : step;
    const run = step.right as AnyFunction; // a function with both call styles gives a step
    return givesPromise ? taskEither(() => run(object) as Promise<unknown>) : either(() => run(object)); // as its form says
  };
  return Object.assign(apply, { step });
};

/** The rule for a function with both call styles. A step is made at once, so that an error's stack shows where it is written. */
const liftForm =
  (call: AnyFunction, { isPlain, givesPromise }: CallForm): AnyFunction =>
  (...args) => {
    if (!isPlain(args)) {
      return liftStep(
        either(() => call(...args)),
        givesPromise,
      );
    }
    return givesPromise
      ? taskEither(() => call(...args) as Promise<unknown>) // as the form says
      : either(() => call(...args));
  };

const isClass = (value: AnyFunction): boolean => /^class\b/.test(Function.prototype.toString.call(value));

const liftOne = (value: unknown, givesPromise: boolean): unknown => {
  if (typeof value !== 'function') return value;
  const call = value as AnyFunction & { readonly [callForm]?: CallForm };
  if (isClass(call)) return call;
  const form = call[callForm];
  if (form !== undefined) return liftForm(call, form);
  return (...args: unknown[]) =>
    givesPromise ? taskEither(() => call(...args) as Promise<unknown>) : either(() => call(...args)); // the caller says so
};

/**
 * The one rule: what a function of a family gives at once becomes an `Either`, a promise a `TaskEither`. `givesPromise` says
 * that functions without call styles, which cannot say it themselves, give promises.
 */
export const lift = <Family extends object>(family: Family, givesPromise = false): Lifted<Family> =>
  Object.fromEntries(
    Object.entries(family).map(([name, value]) => [name, liftOne(value, givesPromise)]),
  ) as Lifted<Family>; // which describes the same rule
