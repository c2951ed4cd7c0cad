/** Data sets of texts as lists of word ids, as Keras's IMDB and Reuters are. */
import { nonNegativeInteger, optional, positiveInteger, type OptionChecks } from '../base/checks';
import { KerasDatasetError } from '../base/errors';
import { integersBelow } from '../base/random';
import { MalformedError, type ReadLimits } from '../files/malformed';
import { labelsOf, readNpz, type NpzMember } from '../files/npz';
import { tf, type Tensor1D } from '../tfjs/tensorflow';
import type { Origin } from './cache';
import { makeDataset, type Dataset } from './dataset';
import { datasetChecks, orNull, seed, type DatasetOptions } from './options';
import { RandomState } from './random-state';

/** Options of a data set of texts; `null` switches an option off. */
export interface TextOptions extends DatasetOptions {
  /** Ids from this on become `oovChar`. Default `null`: only the largest id does, as in Keras. */
  numWords?: number | null | undefined;
  /** Ids below this become `oovChar`: leaves out the most frequent words. Counted after `indexFrom`. Default 0. */
  skipTop?: number | undefined;
  /** Texts of this length or more, `startChar` included, are left out. Default `null`: none are. */
  maxlen?: number | null | undefined;
  /** The seed of NumPy's generator that shuffles the texts. Default 113. */
  seed?: number | undefined;
  /** The id that begins each review. Default 1; `null` for none. */
  startChar?: number | null | undefined;
  /** The id in place of words left out. Default 2; `null` drops them. */
  oovChar?: number | null | undefined;
  /** Is added to the rank of each word, so that lower ids have other meanings. Default 3. */
  indexFrom?: number | undefined;
}

/** The checks of {@link TextOptions}. */
export const textChecks = {
  ...datasetChecks,
  numWords: optional(orNull(positiveInteger), null),
  skipTop: optional(nonNegativeInteger, 0),
  maxlen: optional(orNull(positiveInteger), null),
  seed: optional(seed, 113),
  startChar: optional(orNull(nonNegativeInteger), 1),
  oovChar: optional(orNull(nonNegativeInteger), 2),
  indexFrom: optional(nonNegativeInteger, 3),
} satisfies OptionChecks<TextOptions>;

interface DatasetEncoding extends Encoding {
  readonly seed: number;
  readonly numWords: number | null;
}

type Split = readonly [texts: number[][], labels: Int32Array];

/** A training set and a test set of texts. */
export interface TextSplits {
  readonly train: Split;
  readonly test: Split;
}

interface Encoding {
  readonly skipTop: number;
  readonly maxlen: number | null;
  readonly startChar: number | null;
  readonly oovChar: number | null;
  readonly indexFrom: number;
}

/** Shuffles, marks the starts, shifts the ids, and leaves out what is too long. */
const arrange = ([texts, labels]: Split, random: RandomState, encoding: Encoding): Split => {
  const { startChar, indexFrom, maxlen } = encoding;
  const order = random.shuffle(integersBelow(texts.length));
  const starts = startChar === null ? [] : [startChar];
  const chosen: number[][] = [];
  const chosenLabels: number[] = [];
  for (const row of order) {
    const ranks = texts[row] ?? [];
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
  for (const [texts] of splits) for (const ids of texts) for (const id of ids) if (id > largest) largest = id;
  return largest;
};

/** Replaces or drops the ids below `skipTop` and from `numWords` on, in place. */
const leaveOut = (texts: number[][], numWords: number, { skipTop, oovChar }: Encoding): void => {
  for (const ids of texts) {
    let kept = 0;
    for (const id of ids) {
      if (id >= skipTop && id < numWords) ids[kept++] = id;
      else if (oovChar !== null) ids[kept++] = oovChar;
    }
    ids.length = kept;
  }
};

/** The lists of an array, and the labels of another. */
const splitOf = (x: string, lists: NpzMember, y: string, labels: NpzMember, classes: number): Split => {
  if (lists.kind !== 'lists') throw new MalformedError(`its array \`${x}\` holds no lists`);
  if (lists.lists.length === 0) throw new MalformedError(`its array \`${x}\` is empty`);
  return [lists.lists, labelsOf(y, labels, lists.lists.length, classes)];
};

/**
 * A reader of an `.npz` file with lists of word ranks in `x_train` and `x_test`, and labels `y_train` and `y_test`, 0 to
 * `classes − 1`.
 */
export const readTextArrays =
  (classes: number) =>
  async (content: Buffer, limits: ReadLimits): Promise<TextSplits> => {
    const members = await readNpz(content, ['x_train', 'y_train', 'x_test', 'y_test'], limits);
    return {
      train: splitOf('x_train', members.x_train, 'y_train', members.y_train, classes),
      test: splitOf('x_test', members.x_test, 'y_test', members.y_test, classes),
    };
  };

/** A reader of an `.npz` file with all texts in `x` and their labels in `y`. */
export const readTexts =
  (classes: number) =>
  async (content: Buffer, limits: ReadLimits): Promise<Split> => {
    const { x, y } = await readNpz(content, ['x', 'y'], limits);
    return splitOf('x', x, 'y', y, classes);
  };

const noneLeft = (functionName: string, maxlen: number | null): KerasDatasetError =>
  new KerasDatasetError({
    function: functionName,
    argument: 'maxlen',
    expected: '`maxlen` must leave texts that are shorter',
    received: String(maxlen),
    advice: 'Give a larger `maxlen`, or cut the texts with padSequences instead',
  });

/** Leaves words out, and makes tensors of the labels. */
const encoded = (
  { train, test }: TextSplits,
  options: DatasetEncoding,
  origin: Origin,
): Dataset<number[][], Tensor1D> => {
  const numWords = options.numWords ?? largestId([train, test]);
  leaveOut(train[0], numWords, options);
  leaveOut(test[0], numWords, options);
  return makeDataset(
    [train[0], tf.tensor1d(train[1], 'int32')],
    [test[0], tf.tensor1d(test[1], 'int32')],
    origin,
  );
};

/**
 * What the user gets: lists of word ids, shuffled and encoded, and labels int32 `[n]`.
 *
 * @throws KerasDatasetError if no text is short enough.
 */
export const makeTextDataset = (
  functionName: string,
  texts: TextSplits,
  options: DatasetEncoding,
  origin: Origin,
): Dataset<number[][], Tensor1D> => {
  // One generator for both, as in Keras: the order of the test set goes on where that of the training set ended.
  const random = new RandomState(options.seed);
  const train = arrange(texts.train, random, options);
  const test = arrange(texts.test, random, options);
  if (train[0].length === 0 || test[0].length === 0) throw noneLeft(functionName, options.maxlen);
  return encoded({ train, test }, options, origin);
};

/**
 * The same of texts that come in one list: they are cut in two at `trunc(n · (1 − testSplit))` once they are shuffled and those too long
 * left out.
 *
 * @throws KerasDatasetError if no text is short enough.
 */
export const splitTextDataset = (
  functionName: string,
  texts: Split,
  options: DatasetEncoding & { readonly testSplit: number },
  origin: Origin,
): Dataset<number[][], Tensor1D> => {
  const [all, labels] = arrange(texts, new RandomState(options.seed), options);
  if (all.length === 0) throw noneLeft(functionName, options.maxlen);
  const cut = Math.trunc(all.length * (1 - options.testSplit));
  const train: Split = [all.slice(0, cut), labels.subarray(0, cut)];
  const test: Split = [all.slice(cut), labels.subarray(cut)];
  return encoded({ train, test }, options, origin);
};
