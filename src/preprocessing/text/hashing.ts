import { createHash } from 'node:crypto';
import type { OptionedDataFunction } from '../../base/call-styles';
import {
  argumentError,
  checkOptions,
  checkThat,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../../base/checks';
import { textFunction } from './call-styles';
import { wordChecks } from './word-checks';
import type { WordOptions } from './word-sequence';
import { wordSplitter } from './word-splitter';

/** A hash of words: any whole number. */
export type WordHash = (word: string) => number | bigint;

/** Options of {@link textOneHot}. */
export interface TextOneHotOptions extends WordOptions {
  /** One more than the largest number that a word may get; 2 or more. */
  n: number;
}

/** Options of {@link textHashingTrick}. */
export interface TextHashingTrickOptions extends TextOneHotOptions {
  /** `'md5'`, the default, or a function that gives a whole number for a word. */
  hashFunction?: 'md5' | WordHash | null | undefined;
}

const buckets = checkThat(
  'an integer of 2 or more',
  (value): value is number => Number.isSafeInteger(value) && Number(value) >= 2,
);

const hashFunction: Check<'md5' | WordHash> = (value, place) => {
  if (value === 'md5' || value === null) return 'md5';
  if (typeof value === 'function') return value as WordHash; // what it gives is checked at each word
  const advice = "Write hashFunction: 'md5', which is the same in Keras";
  throw argumentError(place, "'md5' or a function", value, advice);
};

const oneHotChecks = { n: required(buckets), ...wordChecks } satisfies OptionChecks<TextOneHotOptions>;
const hashingChecks = {
  ...oneHotChecks,
  hashFunction: optional(hashFunction),
} satisfies OptionChecks<TextHashingTrickOptions>;

/** The rest of a division that has the divisor's sign, as Python's. */
const modulo = (value: bigint, divisor: bigint): number => Number(((value % divisor) + divisor) % divisor);

/** The number that a word's MD5 is, high byte first. */
const md5: WordHash = (word) => BigInt(`0x${createHash('md5').update(word, 'utf8').digest('hex')}`);

const checkedHash = (functionName: string, hash: WordHash, word: string): bigint => {
  const value: unknown = hash(word);
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(value as number); // as just seen
  throw argumentError(
    { function: functionName, argument: 'hashFunction' },
    'a function that gives a whole number for each word',
    value,
    `Correct what it gives for '${word}'`,
  );
};

const bucketsOf = (
  functionName: string,
  text: string,
  options: {
    readonly n: number;
    readonly filters: string;
    readonly lower: boolean;
    readonly split: string;
  },
  hash: WordHash,
): number[] => {
  const divisor = BigInt(options.n - 1);
  return wordSplitter(options)(text).map(
    (word) => modulo(checkedHash(functionName, hash, word), divisor) + 1,
  );
};

/**
 * The words of a text as numbers from 1 to `n − 1`, without a list of words: `md5(word) mod (n − 1) + 1`, or another hash. Several words
 * may have one number.
 *
 * With `'md5'` the numbers are Keras's. R's default is Python's own hash, which is another in each process, so that no saved model could
 * use it; here `'md5'` is the default. A word's MD5 is of its UTF-8, read as a number with the high byte first.
 *
 * @throws KerasArgumentError if `n` is below 2, or a hash function gives something else than whole numbers.
 * @example
 * assert.deepStrictEqual(textHashingTrick('The cat, the cat', { n: 100 }), [51, 3, 51, 3])
 * assert.deepStrictEqual(textHashingTrick('a bc', { n: 10, hashFunction: (word) => word.length }), [2, 3])
 * @see R keras `text_hashing_trick`
 */
export const textHashingTrick: OptionedDataFunction<string, TextHashingTrickOptions, number[]> = textFunction(
  {
    name: 'textHashingTrick',
    optionNames: Object.keys(hashingChecks),
    checkOptions: (options) => checkOptions('textHashingTrick', options, hashingChecks),
    run: (text, _, { hashFunction: hash = 'md5', ...options }) =>
      bucketsOf('textHashingTrick', text, options, hash === 'md5' ? md5 : hash),
  },
);

/**
 * The words of a text as numbers from 1 to `n − 1`: {@link textHashingTrick} with `'md5'`. They are numbers of words; {@link toCategorical}
 * makes rows of zeros and a one of them.
 *
 * R's numbers are of Python's own hash, which is another in each process; these stay.
 *
 * @throws KerasArgumentError if `n` is below 2.
 * @example
 * assert.deepStrictEqual(textOneHot('The cat, the cat', { n: 100 }), [51, 3, 51, 3])
 * @see R keras `text_one_hot`
 */
export const textOneHot: OptionedDataFunction<string, TextOneHotOptions, number[]> = textFunction({
  name: 'textOneHot',
  optionNames: Object.keys(oneHotChecks),
  checkOptions: (options) => checkOptions('textOneHot', options, oneHotChecks),
  run: (text, _, options) => bucketsOf('textOneHot', text, options, md5),
});
