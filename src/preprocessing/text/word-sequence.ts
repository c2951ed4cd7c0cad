import type { DataFunction } from '../../base/call-styles';
import { checkOptions } from '../../base/checks';
import { textFunction } from './call-styles';
import { wordChecks } from './word-checks';
import { wordSplitter } from './word-splitter';

/** How a text is cut into words. */
export interface WordOptions {
  /** The characters that are no part of words. Default: punctuation but `'`, tabs and line ends. */
  filters?: string | undefined;
  /** Whether letters are made small; true by default. */
  lower?: boolean | undefined;
  /** What stands between words; a space by default. */
  split?: string | undefined;
}

/**
 * A text as the list of its words: letters made small, and `filters` left out.
 *
 * Characters are Unicode's code points, and letters are made small by Unicode's rules, as in Python.
 *
 * @throws KerasArgumentError if the text is no string, or `split` is empty.
 * @example
 * assert.deepStrictEqual(textToWordSequence("The cat's on the mat, again!"), ['the', "cat's", 'on', 'the', 'mat', 'again'])
 * assert.deepStrictEqual(pipe('A;B', textToWordSequence({ split: ';', lower: false })), ['A', 'B'])
 * @see R keras `text_to_word_sequence`
 */
export const textToWordSequence: DataFunction<string, WordOptions, string[]> = textFunction({
  name: 'textToWordSequence',
  optionNames: Object.keys(wordChecks),
  checkOptions: (options) => checkOptions('textToWordSequence', options, wordChecks),
  run: (text, _, options) => wordSplitter(options)(text),
});
