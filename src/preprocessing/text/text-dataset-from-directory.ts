import { callable, type Always, type callForm, type CallForm } from '../../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  checkThat,
  oneOf,
  optional,
  positiveInteger,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { nextUniform } from '../../base/random';
import { orNull, seed } from '../../datasets/options';
import { listDirectory, partOf, type ListedFiles } from '../directory';
import { pathSubject } from '../files';
import { TextDataset, type LabelMode, type TextBatch, type TextTensor } from './text-dataset';

/** Options of {@link textDatasetFromDirectory}; `null` switches an option off. */
export interface TextDatasetOptions {
  /** `'inferred'`, the default: by the folders. Or an integer for each file, in the order of their paths; or `null` for none. */
  labels?: 'inferred' | readonly number[] | null | undefined;
  /** What labels are: `'int'`, the default, int32 `[n]`; `'categorical'`, one-hot; `'binary'`, float32 `[n, 1]`; `null` for none. */
  labelMode?: LabelMode | undefined;
  /** The folders of the classes, in the order of their labels. Default: in alphabetical order. */
  classNames?: readonly string[] | null | undefined;
  /** How many texts a batch has. Default 32. */
  batchSize?: number | undefined;
  /** How many bytes of a text are taken at most. Default: all. */
  maxLength?: number | null | undefined;
  /** Whether the texts come in another order each time; true by default. */
  shuffle?: boolean | undefined;
  /** The seed of that order, and of which texts are for validation. */
  seed?: number | null | undefined;
  /** The fraction of the texts that are for validation; with `subset`. */
  validationSplit?: number | null | undefined;
  /** Which of both parts is wanted; with `validationSplit`. */
  subset?: 'training' | 'validation' | null | undefined;
  /** Whether folders are gone through to which links lead; false by default. */
  followLinks?: boolean | undefined;
}

const NAME = 'textDatasetFromDirectory';

const labels: Check<'inferred' | readonly number[]> = (value, place) => {
  if (value === 'inferred') return value;
  if (
    Array.isArray(value) &&
    value.every((label): label is number => Number.isInteger(label) && Number(label) >= 0)
  )
    return value;
  throw argumentError(place, "'inferred', null, or a list of whole numbers of 0 or more", value);
};

const names = checkThat(
  'a list of names of folders',
  (value): value is readonly string[] =>
    Array.isArray(value) && value.every((name) => typeof name === 'string'),
);

const openFraction = checkThat(
  'a fraction above 0 and below 1',
  (value): value is number => typeof value === 'number' && value > 0 && value < 1,
);

const checks = {
  labels: optional(orNull(labels), 'inferred'),
  labelMode: optional(orNull(oneOf('int', 'categorical', 'binary')), 'int'),
  classNames: optional(orNull(names), null),
  batchSize: optional(positiveInteger, 32),
  maxLength: optional(orNull(positiveInteger), null),
  shuffle: optional(boolean, true),
  seed: optional(orNull(seed), null),
  validationSplit: optional(orNull(openFraction), null),
  subset: optional(orNull(oneOf('training', 'validation')), null),
  followLinks: optional(boolean, false),
} satisfies OptionChecks<TextDatasetOptions>;

type Options = CheckedOptions<typeof checks>;

const wrong = (argument: string, expected: string, received: string, advice: string): KerasArgumentError =>
  new KerasArgumentError({ function: NAME, argument, expected, received, advice });

const checkTogether = (options: Options): void => {
  const { validationSplit, subset, shuffle, classNames, labels: given } = options;
  if ((validationSplit === null) !== (subset === null)) {
    throw wrong(
      'subset',
      '`subset` and `validationSplit` go together',
      `subset: ${String(subset)}, validationSplit: ${String(validationSplit)}`,
      "Write validationSplit: 0.2, subset: 'training', and the same with 'validation'",
    );
  }
  if (validationSplit !== null && shuffle && options.seed === null) {
    throw wrong(
      'seed',
      '`seed` must be given with `validationSplit` where texts are shuffled: both parts would overlap',
      'no seed',
      'Give the same seed for both parts',
    );
  }
  if (classNames !== null && given !== 'inferred') {
    throw wrong(
      'classNames',
      '`classNames` goes with the labels of folders',
      `labels: ${given === null ? 'null' : 'a list'}`,
      "Leave one of both out, or write labels: 'inferred'",
    );
  }
};

/** Labels that become a place, or 0 and 1, must be such: TensorFlow would make rows of zeros of others. */
const checkLabels = ({ classNames, labels: found }: ListedFiles, mode: LabelMode): void => {
  const classes = classNames.length;
  if (mode === 'binary' && classes !== 2) {
    throw wrong(
      'labelMode',
      "`labelMode: 'binary'` needs two classes",
      `${classes}: ${classNames.slice(0, 6).join(', ')}`,
      "Give labelMode: 'int'",
    );
  }
  const outside = mode === 'int' || mode === null ? undefined : found.find((label) => label >= classes);
  if (outside === undefined) return;
  throw wrong(
    'labels',
    `\`labels\` must be from 0 to ${classes - 1}, as there are ${classes} classes`,
    String(outside),
    "Number the classes from 0 without gaps, or give labelMode: 'int'",
  );
};

const datasetOf = async (directory: string, options: Options): Promise<TextDataset> => {
  checkTogether(options);
  const { shuffle, batchSize, maxLength, validationSplit, subset, followLinks } = options;
  const hasLabels = options.labels !== null && options.labelMode !== null;
  const labelMode = hasLabels ? options.labelMode : null;
  // Keras draws such a one, too.
  const drawn = options.seed ?? Math.floor(nextUniform() * 1e6);
  const listed = await listDirectory({
    functionName: NAME,
    directory,
    labels: hasLabels ? options.labels : null,
    classNames: options.classNames ?? undefined,
    seed: shuffle ? drawn : undefined,
    followLinks,
    formats: ['.txt'],
  });
  checkLabels(listed, labelMode);
  return new TextDataset({
    ...partOf(NAME, listed, validationSplit ?? undefined, subset ?? undefined),
    functionName: NAME,
    classNames: listed.classNames,
    labelMode,
    batchSize,
    maxLength: maxLength ?? undefined,
    seed: shuffle ? drawn : undefined,
  });
};

/** The batches of a data set: of texts alone, where it is said that there are no labels. */
type BatchOf<Given> = Given extends { readonly labels: null } | { readonly labelMode: null }
  ? TextTensor
  : TextBatch;

/** A function of a folder that gives a promise of a data set. */
export interface TextDatasetTask {
  <const Given extends TextDatasetOptions>(
    directory: string,
    options?: Given & TextDatasetOptions,
  ): Promise<TextDataset<BatchOf<Given>>>;
  <const Given extends TextDatasetOptions>(
    options?: Given & TextDatasetOptions,
  ): (directory: string) => Promise<TextDataset<BatchOf<Given>>>;
  readonly [callForm]: CallForm<['task', [options?: TextDatasetOptions], Always<TextDataset>, string]>;
}

/**
 * The texts in a folder that has a folder for each class: files `.txt` of UTF-8, as batches of a tensor of strings `[n]` and the labels,
 * which `for await` goes through. A promise of the {@link TextDataset}; the texts themselves are read batch by batch, and `map` makes of each
 * batch what a model takes.
 *
 * Files are in Keras's order: by their paths, and shuffled by NumPy's generator where there is a `seed`, so that both parts of
 * `validationSplit` are Keras's. The order within an epoch is another than TensorFlow's. With `maxLength` a character that would be cut in
 * two is left out.
 *
 * @throws KerasArgumentError if options do not go together, or there are not as many labels as files.
 * @throws KerasFileError if the folder cannot be read, or has no folders, or no texts; while reading, if a text cannot be read: it is named.
 * @example
 * const { mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs')
 * for (const name of ['neg', 'pos']) mkdirSync(`reviews/${name}`, { recursive: true })
 * writeFileSync('reviews/neg/1.txt', 'a bad film')
 * writeFileSync('reviews/pos/1.txt', 'a good film')
 * const reviews = await textDatasetFromDirectory('reviews', { labelMode: 'binary', seed: 1 })
 * assert.strictEqual(String(reviews), 'TextDataset: 2 texts of 2 classes in 1 batches')
 * for await (const [texts, labels] of reviews) assert.deepStrictEqual([texts.shape, labels.shape], [[2], [2, 1]])
 *
 * const tokenizer = fitTextTokenizer(textTokenizer(), ['a bad film', 'a good film'])
 * const rows = reviews.map(([texts, labels]) => [textsToMatrix(tokenizer, texts.arraySync()), labels] as const)
 * for await (const [x] of rows) assert.deepStrictEqual(x.shape, [2, 5])
 * @see R keras `text_dataset_from_directory`
 */
export const textDatasetFromDirectory: TextDatasetTask = callable({
  name: NAME,
  subject: pathSubject('directory'),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (directory, _, options) => datasetOf(directory, options),
  givesPromise: true,
}) as unknown as TextDatasetTask; // the call styles are told apart by the arguments
