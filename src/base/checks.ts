import { describe, KerasArgumentError } from './errors';
import { adviceForOption } from './option-synonyms';
import { didYouMean } from './suggestions';

/** Where a checked value comes from: the function called and the argument's name. */
export interface Place {
  /** Left out inside, where the name is filled in later: see `asFunction`. */
  readonly function?: string | undefined;
  readonly argument: string;
}

/** Returns the value in the form used inside, or throws a {@link KerasArgumentError} that names the place. */
export type Check<T> = (value: unknown, place: Place) => T;

/** A check of an option's value, and whether the option must be given. */
export interface OptionCheck<T, Required extends boolean = boolean> {
  readonly check: Check<T>;
  readonly required: Required;
  /** What counts when the option is not given; it is checked as if the user had given it. */
  readonly default?: unknown;
}

/** An option that has a value in any case: the user's, or the default. */
export interface DefaultedCheck<T> extends OptionCheck<T, false> {
  readonly default: unknown;
}

/** The checks of all options of a function, by the options' names. */
export type OptionChecks<Options = Record<string, unknown>> = {
  // An option that a user may leave out is declared with `?`, and its type then includes undefined.
  readonly [Key in keyof Required<Options>]: OptionCheck<
    unknown,
    string extends keyof Options ? boolean : undefined extends Options[Key] ? false : true
  >;
};

type ValueOf<Option> = Option extends OptionCheck<infer T> ? T : never;
type IsAlwaysThere<Option> = Option extends { readonly required: true } | { readonly default: unknown }
  ? true
  : false;

/**
 * What {@link checkOptions} returns: what each check returns, under the option's name. What is optional and has no
 * default may be missing.
 */
export type CheckedOptions<Checks> = {
  -readonly [Key in keyof Checks as IsAlwaysThere<Checks[Key]> extends true ? Key : never]: ValueOf<
    Checks[Key]
  >;
} & {
  -readonly [Key in keyof Checks as IsAlwaysThere<Checks[Key]> extends true ? never : Key]?: ValueOf<
    Checks[Key]
  >;
};

/** An option that must be given. */
export const required = <T>(check: Check<T>): OptionCheck<T, true> => ({ check, required: true });

interface Optional {
  <T>(check: Check<T>): OptionCheck<T, false>;
  <T>(check: Check<T>, byDefault: unknown): DefaultedCheck<T>;
}

/** An option that may be left out; with a default, it has that value then. */
export const optional: Optional = <T>(check: Check<T>, ...[byDefault]: unknown[]) =>
  // The overloads say which of the two it is.
  (byDefault === undefined
    ? { check, required: false }
    : { check, required: false, default: byDefault }) as DefaultedCheck<T>;

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

const refuseNonObject = (functionName: string, options: unknown, known: readonly string[]): void => {
  if (options === undefined) return;
  // A tensor, a model or a promise has properties, too, of which none would be an option.
  if (isPlainObject(options)) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'options',
    expected: 'the options must be an object',
    received: describe(options),
    advice:
      known.length === 0
        ? `Write ${functionName}(), without options`
        : `Write ${functionName}({ ${known
            .slice(0, 2)
            .map((option) => `${option}: …`)
            .join(', ')} })`,
  });
};

const refuseUnknown = (functionName: string, options: object, known: readonly string[]): void => {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: unknown,
    expected: 'the options must be known ones',
    received: `the unknown option \`${unknown}\``,
    advice:
      known.length === 0
        ? 'There are none to give'
        : (adviceForOption(unknown, known) ?? didYouMean(unknown, known)),
  });
};

/**
 * Checks an options object: no unknown name, every required one there, each value valid. Returns the checked values,
 * typed by the checks; options that were not given, or given as undefined, have their default or are left out.
 *
 * Checks are pure: they draw no random number and make no object of tfjs. What has to be made is returned as a
 * `Maker` (base/maker.ts) by the check, and made by whoever uses it.
 *
 * That no option is forgotten is seen by the compiler: `checkOptions(name, options, { … } satisfies OptionChecks<Options>)`.
 */
export const checkOptions = <const Checks extends OptionChecks>(
  functionName: string,
  options: unknown,
  checks: Checks,
): CheckedOptions<Checks> => {
  const known = Object.keys(checks);
  refuseNonObject(functionName, options, known);
  const values = (options ?? {}) as Readonly<Record<string, unknown>>; // an object, as checked
  refuseUnknown(functionName, values, known);
  const checked: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(checks)) {
    const value = values[key] === undefined ? option.default : values[key];
    if (value !== undefined) checked[key] = option.check(value, { function: functionName, argument: key });
    else if (option.required) {
      throw new KerasArgumentError({
        function: functionName,
        argument: key,
        expected: `the option \`${key}\` is required`,
        received: options === undefined ? 'no options' : describe(values),
        advice: `Write ${functionName}({ ${key}: … })`,
      });
    }
  }
  return checked as CheckedOptions<Checks>; // each value is what its check returned
};

/** Whether a value is an object as `{ … }` makes it, in whatever realm, and of no class. */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** Throws for a class where one of its objects, or a function, is wanted. */
export const refuseClass = (value: (...args: never) => unknown, place: Place): void => {
  if (!/^class\b/.test(Function.prototype.toString.call(value))) return;
  const advice = `Write ${place.argument}: new ${value.name}(), with the options of the class`;
  throw argumentError(place, 'a function or an object', `the class ${value.name}`, advice);
};

/** What an object has under a name itself: under `constructor` or `toString` all objects have something. */
export const ownValue = (record: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** The options in an object: a bare value is the option of the name `bare`, where one may be bare. */
export const optionsObject = (options: unknown, bare: string | undefined): unknown =>
  options === undefined || bare === undefined || isPlainObject(options) ? options : { [bare]: options };

/** Checks options as {@link checkOptions} does; where there is exactly one, it may be given bare. */
export const checkBareOptions = <const Checks extends OptionChecks>(
  functionName: string,
  options: unknown,
  checks: Checks,
): CheckedOptions<Checks> => {
  const [name, ...others] = Object.keys(checks);
  return checkOptions(functionName, optionsObject(options, others.length === 0 ? name : undefined), checks);
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
/** The name of a layer or a model: what Keras takes for one and tfjs's weights may be called by. */
export const layerName: Check<string> = (value, place) => {
  if (typeof value === 'string' && value in Object.prototype && /^[a-z]/.test(value)) {
    // tfjs keeps layers under their names in plain objects.
    const advice = `Write ${place.argument}: '${value}_1'`;
    throw argumentError(
      place,
      'none of the names that all JavaScript objects have something under',
      value,
      advice,
    );
  }
  if (typeof value === 'string' && /^[A-Za-z0-9][-\w./]*$/.test(value)) return value;
  const plain =
    typeof value === 'string' ? value.replaceAll(/[^-\w./]+/g, '_').replace(/^[^A-Za-z0-9]+/, '') : '';
  throw argumentError(
    place,
    'a name: letters from a to z, digits, `_`, `-`, `.` and `/`, a letter or digit first',
    value,
    plain === '' ? undefined : `Write ${place.argument}: '${plain}'`,
  );
};
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

/** How many axes an array may have: TensorFlow's operations take no more, and end the process from 255 on. */
export const MAX_RANK = 8;

/** A shape without the batch axis; `null` is an unknown dimension. A single number is a shape of one dimension. */
export const shape: Check<(number | null)[]> = (value, place) => {
  // Spread, since `every` would pass over what was left out: [28, , 1].
  const list: unknown =
    typeof value === 'number' ? [value] : Array.isArray(value) ? [...(value as unknown[])] : value;
  if (!Array.isArray(list) || !list.every(isDimension)) {
    throw argumentError(
      place,
      'a shape: an array of positive integers, null where a dimension is unknown',
      value,
      `Write ${place.argument}: [28, 28], without the batch axis`,
    );
  }
  if (list.length > MAX_RANK) throw argumentError(place, `a shape of at most ${MAX_RANK} axes`, value);
  return list;
};

/** `n` positive integers; one number stands for all of them. */
export const integersOf =
  (n: number, check: Check<number> = positiveInteger): Check<number[]> =>
  (value, place) => {
    const list: unknown[] = Array.isArray(value) ? value : Array.from({ length: n }, () => value);
    if (list.length !== n) throw argumentError(place, `an integer or ${n} of them`, value);
    return list.map((item) => check(item, place));
  };
