import { refuseSurplus } from './function-name';
import {
  argumentError,
  checkBareOptions,
  isPlainObject,
  refuseClass,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from './checks';
import { noteMaker } from './made-by';
import type { UserObject } from './user-function';
import { withNames, type Named, type NameList, type NamesOf, type Registry } from './registry';

/**
 * What a check returns for an option that stands for an object with a state of its own: an initializer with its seed, an
 * activation of tfjs. The check stays pure; `make` draws the seed and makes the object, a new one each time.
 */
export class Maker<T> {
  constructor(readonly make: () => T) {}
}

/** Checked options with what their makers make in the makers' place. */
export type Made<Options> = {
  [Key in keyof Options]: Options[Key] extends Maker<infer T> ? T : Options[Key];
};

const makeOne = (value: unknown): unknown => {
  if (value instanceof Maker) return value.make();
  return Array.isArray(value) ? [...(value as unknown[])] : value;
};

/**
 * Makes what the options' makers stand for, in the order of the options. Arrays are copied, since classes of tfjs change
 * those that they are given.
 */
export const makeAll = <Options extends object>(options: Options): Made<Options> =>
  // Each maker is replaced by what it makes.
  Object.fromEntries(Object.entries(options).map(([key, value]) => [key, makeOne(value)])) as Made<Options>;

/** The options of a function that has none. */
export type NoOptions = Readonly<Record<string, never>>;

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never;

/** The value of the only option, where there is exactly one: it may be given bare. */
export type BareOption<Options> = [keyof Options] extends [never]
  ? never
  : IsUnion<keyof Options> extends true
    ? never
    : Options[keyof Options];

/** A function that makes something out of one object of options; the only option of all may be given bare. */
export interface MakerFunction<Options, Made, Name extends string = string> extends Named<Name> {
  (options?: Options | BareOption<Options>): Made;
}

/**
 * Defines a function that makes something, and that has names: `regularizerL2({ l: 0.01 })`, or, as it has one option,
 * `regularizerL2(0.01)`. `Options` is written out, since it has the options' docs; the rest is inferred:
 *
 * ```ts
 * export const regularizerL2 = defineMaker<L2Options>()('regularizerL2', ['l2'], { l: optional(nonNegativeNumber, 0.01) },
 *   ({ l }) => tf.regularizers.l2({ l2: l }));
 * ```
 */
export const defineMaker =
  <Options extends object>() =>
  <const Names extends NameList, const Checks extends OptionChecks<Options> & OptionChecks, Made>(
    functionName: string,
    names: Names,
    checks: Checks,
    make: (options: CheckedOptions<Checks>) => Made,
  ): MakerFunction<Options, Made, NamesOf<Names>> => {
    const call = (options?: Options | BareOption<Options>, ...surplus: []): Made => {
      refuseSurplus(functionName, ['options'], surplus);
      const checked = checkBareOptions(functionName, options, checks);
      return noteMaker(make(checked), functionName, checked);
    };
    Object.defineProperty(call, 'name', { value: functionName });
    return withNames(call, names);
  };

const isUserObject = (value: unknown): value is UserObject<unknown, never> =>
  typeof value === 'object' && value !== null && 'apply' in value && typeof value.apply === 'function';

/**
 * The check of an option that takes a name of a family's member, the member, which makes the object with its defaults, or
 * an object that is there already; with `ofFunction`, a function of the user's own, too, and with `ofObject` an object of the user's own
 * with such a function as `apply`. `example` is advice for what is none of these.
 */
export const makerCheck =
  <Made extends object>(
    family: Registry<Named & (() => Made)>,
    expected: string,
    isMade: (value: unknown) => value is Made,
    example: string,
    ofFunction?: (call: (...args: never) => unknown) => Made,
    ofObject?: (object: UserObject<unknown, never>) => Made,
  ): Check<Maker<Made>> =>
  (value, place) => {
    const member = family.find(value);
    if (member !== undefined) return new Maker(() => member());
    if (isMade(value)) return new Maker(() => value);
    if (ofFunction !== undefined && typeof value === 'function') {
      const call = value as (...args: never) => unknown; // what it gives is checked when it is called
      refuseClass(call, place);
      return new Maker(() => ofFunction(call));
    }
    if (ofObject !== undefined && ofFunction !== undefined && isUserObject(value)) {
      // One of no class is as good as its function.
      return isPlainObject(value)
        ? new Maker(() => ofFunction(value.apply.bind(value)))
        : new Maker(() => ofObject(value));
    }
    throw argumentError(place, expected, value, typeof value === 'string' ? family.advice(value) : example);
  };
