import { boolean, nonEmptyString, optional, positiveInteger, type OptionChecks } from '../../base/checks';
import { orNull } from '../../datasets/options';
import type { TextTokenizerOptions } from './tokenizer';
import { wordChecks } from './word-checks';

/** The checks of {@link TextTokenizerOptions}. */
export const tokenizerChecks = {
  numWords: optional(orNull(positiveInteger), null),
  ...wordChecks,
  charLevel: optional(boolean, false),
  oovToken: optional(orNull(nonEmptyString), null),
} as const satisfies OptionChecks<TextTokenizerOptions>;

/** Counts of a tokenizer that has read nothing. */
export const noCounts = () => ({
  documentCount: 0,
  wordCounts: new Map<string, number>(),
  wordDocs: new Map<string, number>(),
  indexDocs: new Map<number, number>(),
  wordIndex: new Map<string, number>(),
});
