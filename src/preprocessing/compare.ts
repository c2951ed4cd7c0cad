/**
 * Orders texts as Python's `sorted`: by their code points. JavaScript's own order is by UTF-16's units, in which characters beyond
 * U+FFFF come before some of those below.
 */
export const compareByCodePoints = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [left.codePointAt(index) ?? 0, right.codePointAt(index) ?? 0];
    if (one !== other) return one - other;
  }
  return left.length - right.length;
};
