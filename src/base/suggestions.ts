import { distance } from 'fastest-levenshtein';

/** Names as they are compared: without case, `_`, `-` and spaces, which spellings differ in. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[_\- ]/g, '');

/** How many letters may differ: two in five, at least one and at most three. */
const tolerance = (name: string): number => Math.max(1, Math.min(3, Math.floor(plain(name).length * 0.4)));

/** How many letters two names differ in; the beginning of a name (`kernel`), or a name with something after it, is near. */
const difference = (name: string, candidate: string): number => {
  const [a, b] = [plain(name), plain(candidate)];
  const begins = a.length > 2 && b.startsWith(a);
  const goesOn = a.startsWith(b) && 2 * b.length >= a.length && b.length > 2;
  return a !== b && (begins || goesOn) ? 1 : distance(a, b);
};

/** A candidate that is near to a misspelt name. */
export interface Near {
  readonly candidate: string;
  readonly difference: number;
}

/** All candidates that are near to a misspelt name, nearest first. */
export const near = (name: string, candidates: readonly string[]): Near[] =>
  candidates
    .map((candidate) => ({ candidate, difference: difference(name, candidate) }))
    .filter((one) => one.difference <= tolerance(name))
    .sort((a, b) => a.difference - b.difference);

/** The candidates near to a misspelt name, nearest first; at most three. */
export const nearest = (name: string, candidates: readonly string[]): string[] =>
  near(name, candidates)
    .slice(0, 3)
    .map(({ candidate }) => candidate);

const quoted = (names: readonly string[]): string[] => names.map((name) => `'${name}'`);

/** Advice that lists all candidates. */
export const useOneOf = (candidates: readonly string[]): string =>
  `Use one of: ${quoted(candidates).join(', ')}`;

/** Advice for a name that is not among the candidates: the near ones, or all of them. */
export const didYouMean = (name: string, candidates: readonly string[]): string => {
  const found = nearest(name, candidates);
  return found.length > 0 ? `Did you mean ${quoted(found).join(' or ')}?` : useOneOf(candidates);
};
