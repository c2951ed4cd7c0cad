import { argumentError, type Place } from './checks';
import { near, useOneOf } from './suggestions';

/**
 * One registry design for all that has names: activations, initializers, constraints, regularizers, losses, metrics,
 * optimizers. A definition carries its names itself, and a family's registry is made of what its `index.ts` exports, so
 * that a new member is one definition and nothing else:
 *
 * ```ts
 * // losses/hinges.ts: `defineLoss` puts `names` on the function that it returns, by `withNames`
 * export const lossHinge = defineLoss()('lossHinge', ['hinge'], {}, (yTrue, yPred) => …);
 * // losses/registry.ts
 * import * as family from './index';
 * const losses = registryOf('the name of a loss', family);
 * export type LossName = NameIn<typeof family>;
 * ```
 */

/** Something with names: the canonical one, Keras's in snake_case, and then all others that are accepted for it. */
export interface Named<Name extends string = string> {
  readonly names: readonly [Name, ...Name[]];
}

/** The canonical name, and others that are no mere spellings of it: tfjs's, R's short ones, those of Keras's classes. */
export type NameList = readonly [string, ...string[]];

type Camel<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;

/** A name's spellings: Keras's `glorot_uniform`, tfjs's `glorotUniform`, and that of Keras's classes, `GlorotUniform`. */
type Spelling<Name extends string> = Name | Camel<Name> | Capitalize<Camel<Name>>;

/** All names that a definition's list stands for. */
export type NamesOf<Names extends NameList> = Spelling<Names[0]> | Names[number];

/** `glorot_uniform` → `glorotUniform` */
export const camelCase = (name: string): string =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Gives a definition its names. The first is spelt in all three ways; the others are taken as they stand. */
export const withNames = <Value extends object, const Names extends NameList>(
  value: Value,
  [name, ...others]: Names,
): Value & Named<NamesOf<Names>> => {
  const camel = camelCase(name);
  const spellings = [name, camel, `${camel.charAt(0).toUpperCase()}${camel.slice(1)}`];
  const names = Object.freeze([...new Set([...spellings, ...others])]);
  // The names that the type lists: those of its first name, then the others.
  return Object.assign(value, { names: names as unknown as Named<NamesOf<Names>>['names'] });
};

/** What of a module's exports has names. */
export type MemberIn<Exports> = Extract<Exports[keyof Exports], Named>;

/** All names of what a module exports. */
export type NameIn<Exports> = MemberIn<Exports>['names'][number];

/** Finds the members of a family by their names. */
export interface Registry<Member extends Named> {
  /** All members, in the order of their canonical names. */
  readonly members: readonly Member[];
  /** The canonical names, in order. */
  readonly names: readonly string[];
  /** The member that a value stands for: one of its names, or the member itself. */
  readonly find: (value: unknown) => Member | undefined;
  /** What to do about a value that stands for no member. */
  readonly advice: (value: unknown) => string;
  /** The same member, or an error that names what is near. */
  readonly get: (value: unknown, place: Place) => Member;
}

/** What else is to be known of a family. */
export interface Surroundings {
  /** Names besides those of members, with which a name may be mixed up as well. */
  readonly others?: readonly string[];
  /** Keras's names of what this library has not: who means one of them is not to be sent to another that is spelt alike. */
  readonly missing?: readonly string[];
}

const isNamed = (value: unknown): value is Named =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  'names' in value &&
  Array.isArray(value.names);

const byName = <Member extends Named>(members: readonly Member[]): ReadonlyMap<string, Member> => {
  const found = new Map<string, Member>();
  for (const member of members) {
    for (const name of member.names) {
      if (found.has(name)) throw new Error(`The name '${name}' is given twice`);
      found.set(name, member);
    }
  }
  return found;
};

/** Advice for a name of no member: the near ones, nearest first and one for each member, or all, as `useListed` says. */
const adviceFor = (
  name: string,
  members: ReadonlyMap<string, Named>,
  { others = [], missing = [] }: Surroundings,
  useListed: string,
): string => {
  const candidates = near(name, [...new Set([...members.keys(), ...others])]);
  const [elsewhere] = near(name, missing);
  if (elsewhere !== undefined && elsewhere.difference <= (candidates[0]?.difference ?? Infinity)) {
    return `This library has no '${elsewhere.candidate}' yet. ${useListed}`;
  }
  const shown = new Map<unknown, string>();
  for (const { candidate } of candidates) {
    const meant = members.get(candidate) ?? candidate;
    if (!shown.has(meant)) shown.set(meant, `'${candidate}'`);
  }
  if (shown.size === 0) return useListed;
  return `Did you mean ${[...shown.values()].slice(0, 3).join(' or ')}?`;
};

/**
 * The registry of what a module exports with names; its other exports are left aside. `expected` says in errors what a
 * value must be: "the name of a loss".
 */
export const registryOf = <Exports extends object>(
  expected: string,
  exports: Exports,
  surroundings: Surroundings = {},
): Registry<MemberIn<Exports>> => {
  type Member = MemberIn<Exports>;
  const named = Object.values(exports).filter(isNamed) as Member[]; // those of its exports that have names
  const members = named.sort((a, b) => (a.names[0] < b.names[0] ? -1 : 1));
  const membersByName = byName(members);
  const all = new Set<unknown>(members);
  const names = members.map((member) => member.names[0]);
  const find = (value: unknown): Member | undefined =>
    typeof value === 'string'
      ? membersByName.get(value)
      : all.has(value)
        ? (value as Member) // a member, as the line above says
        : undefined;
  // Once each: a metric and the loss that is one have the same name.
  const useListed = useOneOf([...new Set([...(surroundings.others ?? []), ...names])].sort());
  const advice = (value: unknown): string =>
    typeof value === 'string' ? adviceFor(value, membersByName, surroundings, useListed) : useListed;
  const get = (value: unknown, place: Place): Member => {
    const member = find(value);
    if (member === undefined) throw argumentError(place, expected, value, advice(value));
    return member;
  };
  return { members, names, find, advice, get };
};
