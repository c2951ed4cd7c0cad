/** Names as they are compared: without case, `_`, `-` and spaces, which spellings differ in. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[_\- ]/g, '');

/** How many letters may differ: two in five, at least one and at most three. */
const tolerance = (name: string): number => Math.max(1, Math.min(3, Math.floor(plain(name).length * 0.4)));

/**
 * How many letters must be put in, left out, changed, or swapped with the one beside them, to make one text of the other: the
 * restricted Damerau-Levenshtein distance.
 */
export const editDistance = (a: string, b: string): number => {
  const at = (row: readonly number[] | undefined, index: number): number => row?.[index] ?? Infinity;
  let beforeLast: number[] | undefined;
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = [at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1)];
      row.push(Math.min(...edits, isSwapped ? at(beforeLast, j - 2) + 1 : Infinity));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
};

/**
 * How many letters two names differ in; the beginning of a name (`kernel`), its first word (`f1`), or a name with something after
 * it, is near.
 */
const difference = (name: string, candidate: string): number => {
  const [a, b] = [plain(name), plain(candidate)];
  const begins = (a.length > 2 || candidate.startsWith(`${name}_`)) && b.startsWith(a);
  const goesOn = a.startsWith(b) && 2 * b.length >= a.length && b.length > 2;
  return a !== b && (begins || goesOn) ? 1 : editDistance(a, b);
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
