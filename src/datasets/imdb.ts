import type { Tensor1D } from '../tfjs/tensorflow';
import type { Dataset } from './dataset';
import { defineDataset } from './define-dataset';
import { datasetChecks, type DatasetOptions } from './options';
import { makeTextDataset, readTextArrays, textChecks, type TextOptions } from './text-arrays';
import { readWordIndex, type WordIndex } from './word-index';

/** Options of {@link datasetImdb}; `null` switches an option off. */
export type ImdbOptions = TextOptions;

/** Film reviews: `x` lists of word ids; `y` int32 `[n]`, 1 positive and 0 negative. */
export type ImdbDataset = Dataset<number[][], Tensor1D>;

/** Words and their ranks by frequency, 1 the most frequent. */
export type ImdbWordIndex = WordIndex;

/**
 * IMDB: 50,000 film reviews as lists of word ids, half to train and half to test, in Keras's order, half of each positive.
 *
 * `x` is a list of lists: an id is the word's rank by frequency in the training reviews plus `indexFrom` (3); 0 is free
 * for padding, 1 begins each review, 2 stands for a word left out. `y` is an int32 tensor `[n]`, 1 positive and 0
 * negative, yours to dispose (or call `dispose()` of the result). {@link datasetImdbWordIndex} has the words.
 *
 * As in Keras: with `numWords` the ids from it on are left out; `maxlen` leaves out reviews that are as long or longer;
 * without `numWords` the very largest id is left out.
 *
 * The file is taken from Keras's cache, `datasets/imdb.npz` in `KERAS_HOME` or `.keras` of the home folder; if it is not
 * there it is downloaded (17.5 MB) and checked. With `embedded: 'fallback'` a small set of generated reviews in this
 * package stands in when neither works: they are no real reviews. `source` says which it was.
 *
 * @throws KerasDatasetError if the data is neither in the cache nor to be downloaded, or no review is short enough.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const imdb = await datasetImdb({ numWords: 500, embedded: true })
 * assert.strictEqual(imdb.train.x.length, imdb.train.y.shape[0])
 * assert.ok(imdb.train.x.every((ids) => ids[0] === 1 && ids.every((id) => id < 500)))
 * imdb.dispose()
 * @see R keras `dataset_imdb`; Maas et al. 2011
 */
export const datasetImdb: (options?: ImdbOptions) => Promise<ImdbDataset> = defineDataset({
  name: 'datasetImdb',
  files: [
    {
      name: 'imdb.npz',
      bytes: 17_464_789,
      sha256: '69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f',
      // The same reviews in the same order, pickled again by Python 3 and a newer NumPy.
      sameContent: ['2157f3d2afcb8a8ce95445b5e185c0f7c68fe1eb45adab50cd7f904f79a99b80'],
      unpacked: { bytes: 28_660_993, lists: 25_000 },
      read: readTextArrays(2),
    },
  ],
  sample: ['reviews.npz'],
  options: textChecks,
  build: ([reviews], options, origin) => makeTextDataset('datasetImdb', reviews, options, origin),
});

/**
 * The words of {@link datasetImdb}: each with its rank by frequency, from 1. In the reviews `indexFrom` (3) is added.
 *
 * A `Map`, since words such as `constructor` are no safe keys of an object. For the embedded reviews ask for the embedded
 * words: `datasetImdbWordIndex({ embedded: imdb.source === 'embedded' })`.
 *
 * @throws KerasDatasetError if the words are neither in the cache nor to be downloaded.
 * @throws KerasFileError if the cached file is damaged and cannot be replaced.
 * @example
 * const imdb = await datasetImdb({ embedded: true })
 * const words = new Map<number, string>()
 * for (const [word, rank] of await datasetImdbWordIndex({ embedded: true })) words.set(rank + 3, word)
 * const review = imdb.train.x[0]?.map((id) => words.get(id) ?? '?').join(' ')
 * assert.match(String(review), /^\? \w+/)
 * imdb.dispose()
 * @see R keras `dataset_imdb_word_index`
 */
export const datasetImdbWordIndex: (options?: DatasetOptions) => Promise<ImdbWordIndex> = defineDataset({
  name: 'datasetImdbWordIndex',
  files: [
    {
      name: 'imdb_word_index.json',
      bytes: 1_641_221,
      // Keras pins the MD5 of this file, bfafd718b763782e994055a2d397834f; this is the SHA-256 of the file that has it.
      sha256: '027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6',
      unpacked: { bytes: 1_641_221, lists: 0 },
      read: readWordIndex,
    },
  ],
  sample: ['reviews_word_index.json'],
  options: datasetChecks,
  build: ([words]) => words,
});
