import { checkOptions, nonNegativeInteger, optional, positiveInteger, type Check } from '../base/checks';
import { KerasDatasetError } from '../base/errors';
import { integersBelow } from '../base/random';
import { tf, type Tensor1D } from '../tfjs/tensorflow';
import { cacheEnvironment, loadData, type CacheEnvironment } from './cache';
import { messageOf } from '../base/causes';
import { makeDataset, type Dataset } from './dataset';
import { KERAS_FILES } from './keras-files';
import { MalformedError } from '../files/malformed';
import { labelsOf, readNpz } from '../files/npz';
import { datasetChecks, seed, type DatasetOptions } from './options';
import { RandomState } from './random-state';

/** Options of {@link datasetImdb}; `null` switches an option off. */
export interface ImdbOptions extends DatasetOptions {
  /** Ids from this on become `oovChar`. Default `null`: only the largest id does, as in Keras. */
  numWords?: number | null;
  /** Ids below this become `oovChar`: leaves out the most frequent words. Counted after `indexFrom`. Default 0. */
  skipTop?: number;
  /** Reviews of this length or more, `startChar` included, are left out. Default `null`: none are. */
  maxlen?: number | null;
  /** The seed of NumPy's generator that shuffles the reviews. Default 113. */
  seed?: number;
  /** The id that begins each review. Default 1; `null` for none. */
  startChar?: number | null;
  /** The id in place of words left out. Default 2; `null` drops them. */
  oovChar?: number | null;
  /** Is added to the rank of each word, so that lower ids have other meanings. Default 3. */
  indexFrom?: number;
}

/** Film reviews: `x` lists of word ids; `y` int32 `[n]`, 1 for praise and 0 for blame. */
export type ImdbDataset = Dataset<number[][], Tensor1D>;

type Split = readonly [reviews: number[][], labels: Int32Array];

const readReviews = async (content: Buffer): Promise<{ train: Split; test: Split }> => {
  const members = await readNpz(content, ['x_train', 'y_train', 'x_test', 'y_test']);
  const part = (x: 'x_train' | 'x_test', y: 'y_train' | 'y_test'): Split => {
    const member = members[x];
    if (member.kind !== 'lists') throw new MalformedError(`its array \`${x}\` holds no lists`);
    if (member.lists.length === 0) throw new MalformedError(`its array \`${x}\` is empty`);
    return [member.lists, labelsOf(y, members[y], member.lists.length, 2)];
  };
  return { train: part('x_train', 'y_train'), test: part('x_test', 'y_test') };
};

interface Encoding {
  readonly skipTop: number;
  readonly maxlen: number | null;
  readonly startChar: number | null;
  readonly oovChar: number | null;
  readonly indexFrom: number;
}

/** Shuffles, marks the starts, shifts the ids, and leaves out what is too long. */
const arrange = ([reviews, labels]: Split, random: RandomState, encoding: Encoding): Split => {
  const { startChar, indexFrom, maxlen } = encoding;
  const order = random.shuffle(integersBelow(reviews.length));
  const starts = startChar === null ? [] : [startChar];
  const chosen: number[][] = [];
  const chosenLabels: number[] = [];
  for (const row of order) {
    const ranks = reviews[row] ?? [];
    if (maxlen !== null && ranks.length + starts.length >= maxlen) continue;
    const ids = starts.slice();
    for (const rank of ranks) ids.push(rank + indexFrom);
    chosen.push(ids);
    chosenLabels.push(labels[row] ?? 0);
  }
  return [chosen, Int32Array.from(chosenLabels)];
};

const largestId = (splits: readonly Split[]): number => {
  let largest = 0;
  for (const [reviews] of splits)
    for (const ids of reviews) for (const id of ids) if (id > largest) largest = id;
  return largest;
};

/** Replaces or drops the ids below `skipTop` and from `numWords` on, in place. */
const leaveOut = (reviews: number[][], numWords: number, { skipTop, oovChar }: Encoding): void => {
  for (const ids of reviews) {
    let kept = 0;
    for (const id of ids) {
      if (id >= skipTop && id < numWords) ids[kept++] = id;
      else if (oovChar !== null) ids[kept++] = oovChar;
    }
    ids.length = kept;
  }
};

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

/** {@link datasetImdb} in a given environment. */
export const loadImdb = async (
  options: ImdbOptions | undefined,
  environment: CacheEnvironment,
): Promise<ImdbDataset> => {
  const name = 'datasetImdb';
  const checked: ImdbOptions = checkOptions<ImdbOptions>(name, options, {
    ...datasetChecks,
    numWords: optional(orNull(positiveInteger)),
    skipTop: optional(nonNegativeInteger),
    maxlen: optional(orNull(positiveInteger)),
    seed: optional(seed),
    startChar: optional(orNull(nonNegativeInteger)),
    oovChar: optional(orNull(nonNegativeInteger)),
    indexFrom: optional(nonNegativeInteger),
  });
  const file = KERAS_FILES.imdb;
  const { content, ...origin } = await loadData(
    {
      function: name,
      file,
      path: checked.path ?? file.name,
      embedded: checked.embedded ?? false,
      sample: 'reviews.npz',
      read: readReviews,
    },
    environment,
  );
  const { startChar = 1, oovChar = 2, indexFrom = 3, skipTop = 0, maxlen = null } = checked;
  const encoding: Encoding = { startChar, oovChar, indexFrom, skipTop, maxlen };
  // One generator for both, as in Keras: the order of the test set goes on where that of the training set ended.
  const random = new RandomState(checked.seed ?? 113);
  const train = arrange(content.train, random, encoding);
  const test = arrange(content.test, random, encoding);
  if (train[0].length === 0 || test[0].length === 0) {
    throw new KerasDatasetError({
      function: name,
      argument: 'maxlen',
      expected: `\`maxlen\` must leave reviews that are shorter`,
      received: String(maxlen),
      advice: 'Give a larger `maxlen`, or cut the reviews with padSequences instead',
    });
  }
  const numWords = checked.numWords ?? largestId([train, test]);
  leaveOut(train[0], numWords, encoding);
  leaveOut(test[0], numWords, encoding);
  return makeDataset(
    [train[0], tf.tensor1d(train[1], 'int32')],
    [test[0], tf.tensor1d(test[1], 'int32')],
    origin,
  );
};

/**
 * IMDB: 50,000 film reviews as lists of word ids, half to train and half to test, in Keras's order, half of each praise.
 *
 * `x` is a list of lists: an id is the word's rank by frequency in the training reviews plus `indexFrom` (3); 0 is free
 * for padding, 1 begins each review, 2 stands for a word left out. `y` is an int32 tensor `[n]`, 1 for praise and 0 for
 * blame, yours to dispose (or call `dispose()` of the result). {@link datasetImdbWordIndex} has the words.
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
export const datasetImdb = (options?: ImdbOptions): Promise<ImdbDataset> =>
  loadImdb(options, cacheEnvironment());

/** Words and their ranks by frequency, 1 the most frequent. */
export type ImdbWordIndex = ReadonlyMap<string, number>;

const readWordIndex = (content: Buffer): Promise<Map<string, number>> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw new MalformedError(`the text is no JSON (${messageOf(error)})`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedError('the text is no JSON object of words');
  }
  const words = Object.entries(parsed as Record<string, unknown>);
  if (words.length === 0) throw new MalformedError('the word list is empty');
  const index = new Map<string, number>();
  for (const [word, rank] of words) {
    if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1) {
      throw new MalformedError(`the word ${JSON.stringify(word)} has no rank`);
    }
    index.set(word, rank);
  }
  return Promise.resolve(index);
};

/** {@link datasetImdbWordIndex} in a given environment. */
export const loadImdbWordIndex = async (
  options: DatasetOptions | undefined,
  environment: CacheEnvironment,
): Promise<ImdbWordIndex> => {
  const name = 'datasetImdbWordIndex';
  const checked: DatasetOptions = checkOptions<DatasetOptions>(name, options, datasetChecks);
  const file = KERAS_FILES.imdbWordIndex;
  const { content } = await loadData(
    {
      function: name,
      file,
      path: checked.path ?? file.name,
      embedded: checked.embedded ?? false,
      sample: 'reviews_word_index.json',
      read: readWordIndex,
    },
    environment,
  );
  return content;
};

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
export const datasetImdbWordIndex = (options?: DatasetOptions): Promise<ImdbWordIndex> =>
  loadImdbWordIndex(options, cacheEnvironment());
