import { checkAllocation } from '../../arrays/allocate';
import { dataFunction } from '../../arrays/call-styles';
import type { NumberSequence } from '../../arrays/sequences';
import type { OptionedDataFunction } from '../../base/call-styles';
import {
  anyNumber,
  argumentError,
  boolean,
  checkOptions,
  nonNegativeNumber,
  optional,
  positiveInteger,
  required,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { nextSeed, permutation, PlacedStream, type RandomStream } from '../../base/random';

/** Options of {@link skipgrams}. */
export interface SkipgramsOptions {
  /** One more than the largest number of a word. */
  vocabularySize: number;
  /** How far the two words of a couple are apart, at most; 4 by default. */
  windowSize?: number | undefined;
  /** How many couples with a random word there are for each true one; 1 by default, 0 for none. */
  negativeSamples?: number | undefined;
  /** Whether the couples come in a random order; true by default. */
  shuffle?: boolean | undefined;
  /** Whether labels are `[0, 1]` and `[1, 0]` instead of 1 and 0; false by default. */
  categorical?: boolean | undefined;
  /** The probability with which each word is taken, by its number, as {@link makeSamplingTable} gives it; all are by default. */
  samplingTable?: readonly number[] | Float32Array | Float64Array | null | undefined;
  /** What all that is random begins from; drawn by default. */
  seed?: number | null | undefined;
}

/** Couples of words, and whether they are true ones. */
export interface Skipgrams {
  readonly couples: [word: number, other: number][];
  /** 1 for words that stand near each other, 0 where the other is a random one; or `[0, 1]` and `[1, 0]`. */
  readonly labels: number[] | [number, number][];
}

const NAME = 'skipgrams';

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

const table: Check<ArrayLike<number>> = (value, place) => {
  const isFraction = (one: unknown): boolean => typeof one === 'number' && one >= 0 && one <= 1;
  const list: unknown[] = Array.isArray(value) || ArrayBuffer.isView(value) ? [...(value as number[])] : [];
  if (list.length > 0 && list.every(isFraction)) return list as number[]; // as just seen
  throw argumentError(
    place,
    'a list of probabilities, one for each word',
    value,
    'Write makeSamplingTable(vocabularySize)',
  );
};

const CHECKS = {
  vocabularySize: required(positiveInteger),
  windowSize: optional(positiveInteger, 4),
  negativeSamples: optional(nonNegativeNumber, 1),
  shuffle: optional(boolean, true),
  categorical: optional(boolean, false),
  samplingTable: optional(orNull(table)),
  seed: optional(orNull(anyNumber)),
} satisfies OptionChecks<SkipgramsOptions>;

type Checked = CheckedOptions<typeof CHECKS>;

const adviceFor = (word: unknown, size: number, vocabularySize: number): string => {
  if (typeof word !== 'number' || !(word >= size))
    return 'Give the numbers of words, as textsToSequences makes them';
  return size < vocabularySize ? 'Give a samplingTable for all words' : 'Give a larger vocabularySize';
};

/** The words of a sequence, each a number of the vocabulary. */
const wordsOf = (sequence: unknown, { vocabularySize, samplingTable }: Checked): number[] => {
  const place = { function: NAME, argument: 'sequence' };
  if (!Array.isArray(sequence) && !ArrayBuffer.isView(sequence)) {
    throw argumentError(
      place,
      'a list of words, by their numbers',
      sequence,
      'Write skipgrams([1, 2, 3], …)',
    );
  }
  const size = Math.min(vocabularySize, samplingTable?.length ?? Infinity);
  return Array.from(sequence as unknown as ArrayLike<unknown>, (word, index) => {
    if (typeof word === 'number' && Number.isInteger(word) && word >= 0 && word < size) return word;
    throw argumentError(
      { function: NAME, argument: `sequence[${index}]` },
      `a whole number from 0 to ${size - 1}`,
      word,
      adviceFor(word, size, vocabularySize),
    );
  });
};

/** The couples of words that stand near each other; 0 is no word. */
const trueCouples = (
  words: readonly number[],
  { windowSize, samplingTable }: Checked,
  random: RandomStream,
) =>
  words.flatMap((word, at) => {
    if (word === 0) return [];
    const probability = samplingTable?.[word];
    if (probability !== undefined && probability < random()) return [];
    const near = words.slice(Math.max(0, at - windowSize), at + windowSize + 1);
    const itself = Math.min(at, windowSize);
    return near.flatMap((other, index): [number, number][] =>
      index === itself || other === 0 ? [] : [[word, other]],
    );
  });

const make = (sequence: unknown, options: Checked): Skipgrams => {
  const { vocabularySize, negativeSamples, shuffle, categorical, seed } = options;
  const random = new PlacedStream(seed ?? nextSeed()).next;
  const positive = trueCouples(wordsOf(sequence, options), options, random);
  const count = Math.floor(positive.length * negativeSamples);
  checkAllocation(
    { function: NAME, argument: 'negativeSamples' },
    2 * count,
    `${count} couples of words`,
    'Give a smaller number: so many false couples come to each true one',
  );
  if (count > 0 && vocabularySize < 2) {
    throw argumentError(
      { function: NAME, argument: 'vocabularySize' },
      '2 or more where there are negative samples',
      vocabularySize,
      'Give negativeSamples: 0, or a larger vocabulary',
    );
  }
  const shuffled = permutation(positive.length, random);
  const negative = Array.from({ length: count }, (_, index): [number, number] => {
    const [word] = positive[shuffled[index % positive.length] ?? 0] ?? [0];
    return [word, 1 + Math.floor(random() * (vocabularySize - 1))];
  });
  const couples = [...positive, ...negative];
  const order = shuffle ? [...permutation(couples.length, random)] : couples.map((_, index) => index);
  const isTrue = order.map((index) => index < positive.length);
  return {
    couples: order.map((index) => couples[index] as [number, number]), // of this list
    labels: categorical
      ? isTrue.map((near): [number, number] => (near ? [0, 1] : [1, 0]))
      : isTrue.map((near) => (near ? 1 : 0)),
  };
};

/**
 * Couples of words as word2vec learns from them: each word of a sequence with each that stands at most `windowSize` from it, labelled 1,
 * and `negativeSamples` times as many with random words, labelled 0.
 *
 * Words are their numbers by frequency, as the tokenizer gives them; 0 is no word and is left out. What is random is drawn from `seed`;
 * other numbers than Python's.
 *
 * @throws KerasArgumentError if a word is not below `vocabularySize`.
 * @example
 * const { couples, labels } = skipgrams([1, 2, 3], { vocabularySize: 4, windowSize: 1, negativeSamples: 0, shuffle: false })
 * assert.deepStrictEqual(couples, [[1, 2], [2, 1], [2, 3], [3, 2]])
 * assert.deepStrictEqual(labels, [1, 1, 1, 1])
 * @see R keras `skipgrams`; Mikolov et al. 2013
 */
export const skipgrams: OptionedDataFunction<NumberSequence, SkipgramsOptions, Skipgrams> = dataFunction(
  'sequence',
  {
    name: NAME,
    optionNames: Object.keys(CHECKS),
    checkOptions: (options) => checkOptions(NAME, options, CHECKS),
    run: (sequence, _, options) => make(sequence, options),
  },
);
