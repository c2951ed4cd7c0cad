/** Cuts a text into words. */
export type WordSplitter = (text: string) => string[];

const isNotEmpty = (word: string): boolean => word !== '';

/**
 * What cuts texts into words as Keras does: the letters are made small, each of the filtered characters becomes what stands
 * between words, and what is left between those are the words.
 */
export const wordSplitter = ({
  filters,
  lower,
  split,
}: {
  readonly filters: string;
  readonly lower: boolean;
  readonly split: string;
}): WordSplitter => {
  // By code points, as Python's strings are; without any there is nothing to look for.
  const characters = Array.from(new Set(filters), (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
  const filtered = characters.length === 0 ? undefined : new RegExp(`[${characters.join('')}]`, 'gu');
  const replacement = split.replaceAll('$', '$$$$');
  return (text) => {
    const cased = lower ? text.toLowerCase() : text;
    const separated = filtered === undefined ? cased : cased.replace(filtered, replacement);
    return separated.split(split).filter(isNotEmpty);
  };
};
