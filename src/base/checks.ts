import { distance } from 'fastest-levenshtein';
import { describe, KerasArgumentError } from './errors';

/** Where a checked value comes from: the function called and the argument's name. */
export interface Place {
  readonly function: string;
  readonly argument: string;
}

/** Returns the value in the form used inside, or throws a {@link KerasArgumentError} that names the place. */
export type Check<T> = (value: unknown, place: Place) => T;

/** A check and whether the option must be given. */
export interface OptionCheck<T> {
  readonly check: Check<T>;
  readonly required: boolean;
}

/** One {@link OptionCheck} for each option of `Options`: the compiler sees that none is forgotten. */
export type OptionChecks<Options> = { readonly [Key in keyof Required<Options>]: OptionCheck<unknown> };

export const required = <T>(check: Check<T>): OptionCheck<T> => ({ check, required: true });
export const optional = <T>(check: Check<T>): OptionCheck<T> => ({ check, required: false });

/** An argument error in the library's one form. */
export const argumentError = (
  place: Place,
  expected: string,
  value: unknown,
  advice = `Give \`${place.argument}\` such a value`,
): KerasArgumentError =>
  new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `\`${place.argument}\` must be ${expected}`,
    received: describe(value),
    advice,
  });

/** The candidates near to a misspelt name, nearest first; at most three. */
export const nearest = (name: string, candidates: readonly string[]): string[] => {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[_\- ]/g, '');
  const limit = Math.max(2, Math.floor(name.length / 3));
  return candidates
    .map((candidate) => {
      const [a, b] = [plain(name), plain(candidate)];
      const begins = a.length > 2 && (b.startsWith(a) || a.startsWith(b));
      return { candidate, far: begins ? 1 : distance(a, b) };
    })
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
};

/** Advice for a name that is not among the candidates: the near ones, or all of them. */
export const didYouMean = (name: string, candidates: readonly string[]): string => {
  const near = nearest(name, candidates);
  return near.length > 0
    ? `Did you mean ${near.map((candidate) => `'${candidate}'`).join(' or ')}?`
    : `Use one of: ${candidates.map((candidate) => `'${candidate}'`).join(', ')}`;
};

/**
 * Checks an options object: no unknown name, every required one there, each value valid. Returns the checked values;
 * options that were not given are left out.
 */
export const checkOptions = <Options extends object>(
  name: string,
  options: unknown,
  checks: OptionChecks<Options>,
): Record<string, unknown> => {
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    throw new KerasArgumentError({
      function: name,
      argument: 'options',
      expected: 'the options must be an object',
      received: describe(options),
      advice: `Write ${name}({ ${Object.keys(checks).slice(0, 2).join(': …, ')}: … })`,
    });
  }
  const given = (options ?? {}) as Record<string, unknown>;
  const known = Object.keys(checks);
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(checks, key)) {
      throw new KerasArgumentError({
        function: name,
        argument: key,
        expected: 'the options must be known ones',
        received: `the unknown option \`${key}\``,
        advice: didYouMean(key, known),
      });
    }
  }
  const checked: Record<string, unknown> = {};
  for (const key of known) {
    const value = given[key];
    const { check, required: mustBeThere } = checks[key as keyof Options];
    if (value !== undefined) checked[key] = check(value, { function: name, argument: key });
    else if (mustBeThere) {
      throw new KerasArgumentError({
        function: name,
        argument: key,
        expected: `the option \`${key}\` is required`,
        received: describe(given),
        advice: `Write ${name}({ ${key}: … })`,
      });
    }
  }
  return checked;
};

/** Whether a value is an object as `{ … }` makes it, and of no class. */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A check that a predicate decides. */
export const checkThat =
  <T>(expected: string, holds: (value: unknown) => value is T): Check<T> =>
  (value, place) => {
    if (!holds(value)) throw argumentError(place, expected, value);
    return value;
  };

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

export const anyNumber = checkThat('a finite number', isNumber);
export const positiveNumber = checkThat(
  'a positive number',
  (value): value is number => isNumber(value) && value > 0,
);
export const nonNegativeNumber = checkThat(
  'a number of 0 or more',
  (value): value is number => isNumber(value) && value >= 0,
);
export const integer = checkThat('an integer', isInteger);
export const positiveInteger = checkThat(
  'a positive integer',
  (value): value is number => isInteger(value) && value > 0,
);
export const nonNegativeInteger = checkThat(
  'an integer of 0 or more',
  (value): value is number => isInteger(value) && value >= 0,
);
export const boolean = checkThat('true or false', (value): value is boolean => typeof value === 'boolean');
export const nonEmptyString = checkThat(
  'a non-empty string',
  (value): value is string => typeof value === 'string' && value !== '',
);
/** A fraction of units to drop: 0 to 1, 1 itself excluded, since nothing would be left. */
export const dropRate: Check<number> = (value, place) => {
  if (isNumber(value) && value >= 0 && value < 1) return value;
  const expected = 'a fraction of the units, at least 0 and below 1';
  throw argumentError(place, expected, value, `Write ${place.argument}: 0.5 to drop half of them`);
};
/** A fraction between 0 and 1, both included. */
export const fraction = checkThat(
  'a number from 0 to 1',
  (value): value is number => isNumber(value) && value >= 0 && value <= 1,
);

/** One of a fixed list of strings. */
export const oneOf =
  <T extends string>(...values: readonly T[]): Check<T> =>
  (value, place) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw argumentError(
      place,
      `one of ${values.map((item) => `'${item}'`).join(', ')}`,
      value,
      typeof value === 'string' ? didYouMean(value, values) : undefined,
    );
  };

const isDimension = (value: unknown): value is number | null =>
  value === null || (isInteger(value) && value > 0);

/** A shape without the batch axis; `null` is an unknown dimension. A single number is a shape of one dimension. */
export const shape: Check<(number | null)[]> = (value, place) => {
  const list: unknown = typeof value === 'number' ? [value] : value;
  if (!Array.isArray(list) || !list.every(isDimension)) {
    throw argumentError(
      place,
      'a shape: an array of positive integers, null where a dimension is unknown',
      value,
      `Write ${place.argument}: [28, 28], without the batch axis`,
    );
  }
  return [...list];
};

/** `n` positive integers; one number stands for all of them. */
export const integersOf =
  (n: number, check: Check<number> = positiveInteger): Check<number[]> =>
  (value, place) => {
    const list: unknown[] = Array.isArray(value) ? value : Array.from({ length: n }, () => value);
    if (list.length !== n) throw argumentError(place, `an integer or ${n} of them`, value);
    return list.map((item) => check(item, place));
  };
