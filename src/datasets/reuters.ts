import { optional, type OptionChecks } from '../base/checks';
import type { Tensor1D } from '../tfjs/tensorflow';
import type { Dataset } from './dataset';
import { defineDataset } from './define-dataset';
import { datasetChecks, testFraction, type DatasetOptions } from './options';
import { readTexts, splitTextDataset, textChecks, type TextOptions } from './text-arrays';
import { readWordIndex, type WordIndex } from './word-index';

/** Options of {@link datasetReuters}; `null` switches an option off. */
export interface ReutersOptions extends TextOptions {
  /** The fraction of the texts that go into the test set, at least 0 and below 1. Default 0.2. */
  testSplit?: number | undefined;
}

/** News: `x` lists of word ids; `y` int32 `[n]`, the topic 0 to 45. */
export type ReutersDataset = Dataset<number[][], Tensor1D>;

const TOPICS = 46;

/**
 * Reuters: 11,228 short news of 1987 as lists of word ids, each of one of 46 topics, in Keras's order, a fifth of them to test.
 *
 * `x` is a list of lists: an id is the word's rank by frequency plus `indexFrom` (3); 0 is free for padding, 1 begins each text, 2 stands
 * for a word left out. `y` is an int32 tensor `[n]`, the topic 0 to 45, yours to dispose (or call `dispose()` of the result).
 * {@link datasetReutersWordIndex} has the words.
 *
 * As in Keras: with `numWords` the ids from it on are left out; `maxlen` leaves out texts that are as long or longer; without `numWords`
 * the very largest id is left out. The texts are shuffled, and cut at `trunc(n · (1 − testSplit))`.
 *
 * The file is taken from Keras's cache, `datasets/reuters.npz` in `KERAS_HOME` or `.keras` of the home folder; if it is not there it is
 * downloaded (2.1 MB) and checked.
 *
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded, or no text is short enough.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const show = async () => {
 *   const { train, test } = await datasetReuters({ numWords: 10_000 })
 *   console.log(train.x.length, test.x.length) // 8982 2246
 * }
 * @see R keras `dataset_reuters`
 */
export const datasetReuters: (options?: ReutersOptions) => Promise<ReutersDataset> = defineDataset({
  name: 'datasetReuters',
  files: [
    {
      name: 'reuters.npz',
      sha256: 'd6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916',
      unpacked: { bytes: 6_000_000, lists: 11_228 },
      read: readTexts(TOPICS),
    },
  ],
  options: {
    ...textChecks,
    testSplit: optional(testFraction, 0.2),
  } satisfies OptionChecks<ReutersOptions>,
  build: ([news], options, origin) => splitTextDataset('datasetReuters', news, options, origin),
});

/**
 * The words of {@link datasetReuters}: each with its rank by frequency, from 1. In the texts `indexFrom` (3) is added.
 *
 * A `Map`, since words such as `constructor` are no safe keys of an object.
 *
 * @throws KerasDatasetError if the words are neither in the cache nor to be downloaded.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const show = async () => {
 *   const { train } = await datasetReuters()
 *   const words = new Map<number, string>()
 *   for (const [word, rank] of await datasetReutersWordIndex()) words.set(rank + 3, word)
 *   console.log(train.x[0]?.map((id) => words.get(id) ?? '?').join(' '))
 * }
 * @see R keras `dataset_reuters_word_index`
 */
export const datasetReutersWordIndex: (options?: DatasetOptions) => Promise<WordIndex> = defineDataset({
  name: 'datasetReutersWordIndex',
  files: [
    {
      name: 'reuters_word_index.json',
      // What Keras pins.
      md5: '4d44cc38712099c9e383dc6e5f11a921',
      unpacked: { bytes: 1_000_000, lists: 0 },
      read: readWordIndex,
    },
  ],
  options: datasetChecks,
  build: ([words]) => words,
});
