import { checkOptions } from '../../base/checks';
import { refuseSurplus } from '../../base/function-name';
import { tokenizerFunction, type TokenizerFunction } from './call-styles';
import { sequencesIn, startSequences } from './text-sequences';
import { noCounts, tokenizerChecks } from './tokenizer-checks';
import { areTexts, TextTokenizer, textsIn, type Texts } from './tokenizer-state';
import type { WordOptions } from './word-sequence';

/** Options of {@link textTokenizer}; `null` switches an option off. */
export interface TextTokenizerOptions extends WordOptions {
  /** Only words of ids below it are used: the most frequent ones, less one. Default `null`: all. */
  numWords?: number | null | undefined;
  /** Whether each character is a token, in place of words; false by default. `filters` and `split` do not count then. */
  charLevel?: boolean | undefined;
  /** What stands for words that are not known, with an id of its own; by default they are left out. */
  oovToken?: string | null | undefined;
}

/**
 * A tokenizer: gives words their ids, from 1, by how often they come in texts, and makes lists of ids, or rows of a matrix, of
 * texts. Id 0 is free, for padding.
 *
 * {@link fitTextTokenizer} has it read texts; then `wordIndex` has the ids, `wordCounts` and `wordDocs` how often each word came,
 * and in how many texts. Characters are Unicode's code points, and letters are made small by Unicode's rules, as in Python.
 *
 * @throws KerasArgumentError for an unknown option, or one of a wrong kind.
 * @example
 * const tokenizer = pipe(textTokenizer({ numWords: 4 }), fitTextTokenizer(['The cat sat.', 'The cat!', 'The dog']))
 * assert.deepStrictEqual([...tokenizer.wordIndex], [['the', 1], ['cat', 2], ['sat', 3], ['dog', 4]])
 * assert.deepStrictEqual(textsToSequences(tokenizer, ['the dog and the cat']), [[1, 1, 2]])
 * @see R keras `text_tokenizer`
 */
export const textTokenizer = (options?: TextTokenizerOptions, ...surplus: []): TextTokenizer => {
  refuseSurplus('textTokenizer', ['options'], surplus);
  return new TextTokenizer(checkOptions('textTokenizer', options, tokenizerChecks), noCounts());
};

/**
 * Has a tokenizer read texts and gives their words ids, **in place**, and gives the tokenizer. Texts that it reads later are counted
 * with those before.
 *
 * Texts are a list of strings, or of lists of words; a generator of them is read one text at a time.
 *
 * @throws KerasArgumentError if something among the texts is no text; the tokenizer is as before then.
 * @example
 * const tokenizer = fitTextTokenizer(textTokenizer({ charLevel: true }), ['ÄÖ', 'ä'])
 * assert.deepStrictEqual([...tokenizer.wordCounts], [['ä', 2], ['ö', 1]])
 * assert.strictEqual(tokenizer.documentCount, 2)
 * @see R keras `fit_text_tokenizer`
 */
export const fitTextTokenizer: TokenizerFunction<[texts: Texts], TextTokenizer> = tokenizerFunction({
  name: 'fitTextTokenizer',
  data: ['texts'],
  isData: areTexts,
  checkOptions: (options) => checkOptions('fitTextTokenizer', options, {}),
  run: (tokenizer, [texts]: readonly [unknown]) => {
    const place = { function: 'fitTextTokenizer', argument: 'texts' };
    tokenizer.fit(textsIn(texts, place), place);
    return tokenizer;
  },
});

/**
 * Texts as lists of the ids of their words. Words that are not known, or of ids from `numWords` on, are left out, or are the id of
 * `oovToken` if there is one. {@link padSequences} makes the lists one tensor.
 *
 * @throws KerasStateError if the tokenizer has read nothing.
 * @throws KerasArgumentError if something among the texts is no text.
 * @example
 * const tokenizer = fitTextTokenizer(textTokenizer({ oovToken: '?' }), ['the cat sat'])
 * assert.deepStrictEqual(textsToSequences(tokenizer, ['The dog sat', '']), [[2, 1, 4], []])
 * @see R keras `texts_to_sequences`
 */
export const textsToSequences: TokenizerFunction<[texts: Texts], number[][]> = tokenizerFunction({
  name: 'textsToSequences',
  data: ['texts'],
  isData: areTexts,
  checkOptions: (options) => checkOptions('textsToSequences', options, {}),
  run: (tokenizer, [texts]: readonly [unknown]) => sequencesIn('textsToSequences', tokenizer, texts),
});

/**
 * The same as {@link textsToSequences}, one list at a time: a generator, which reads a text when its list is asked for.
 *
 * @throws KerasStateError if the tokenizer has read nothing.
 * @throws KerasArgumentError if something among the texts is no text, when it is that one's turn.
 * @example
 * const tokenizer = fitTextTokenizer(textTokenizer(), ['the cat sat'])
 * const sequences = textsToSequencesGenerator(tokenizer, ['the cat', 'sat'])
 * assert.deepStrictEqual(sequences.next().value, [1, 2])
 * assert.deepStrictEqual([...sequences], [[3]])
 * @see R keras `texts_to_sequences_generator`
 */
export const textsToSequencesGenerator: TokenizerFunction<
  [texts: Texts],
  Generator<number[], void, void>
> = tokenizerFunction({
  name: 'textsToSequencesGenerator',
  data: ['texts'],
  isData: areTexts,
  checkOptions: (options) => checkOptions('textsToSequencesGenerator', options, {}),
  run: (tokenizer, [texts]: readonly [unknown]) =>
    startSequences('textsToSequencesGenerator', tokenizer, texts),
});
