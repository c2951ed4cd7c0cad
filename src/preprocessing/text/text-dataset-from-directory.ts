import { callable, type Always, type callForm, type CallForm } from '../../base/call-styles';
import { checkOptions, optional, positiveInteger, type OptionChecks } from '../../base/checks';
import { orNull } from '../../datasets/options';
import {
  datasetsIn,
  directoryChecks,
  type DirectoryOptions,
  type PartsOf,
  type Subset,
} from '../directory-options';
import { pathSubject } from '../files';
import { TextDataset, type TextBatch, type TextTensor } from './text-dataset';

/** Options of {@link textDatasetFromDirectory}; `null` switches an option off. */
export interface TextDatasetOptions extends DirectoryOptions {
  /** How many bytes of a text are taken at most. Default: all. */
  maxLength?: number | null | undefined;
}

const NAME = 'textDatasetFromDirectory';

const checks = {
  ...directoryChecks,
  maxLength: optional(orNull(positiveInteger), null),
} satisfies OptionChecks<TextDatasetOptions>;

/** The batches of a data set: of texts alone, where it is said that there are no labels. */
type BatchOf<Given> = Given extends { readonly labels: null } | { readonly labelMode: null }
  ? TextTensor
  : TextBatch;

/** Options of what gives one data set. */
type OfOnePart = TextDatasetOptions & { subset?: Subset | null | undefined };

/** A function of a folder that gives a promise of a data set, or of two with `subset: 'both'`. */
export interface TextDatasetTask {
  <const Given extends TextDatasetOptions>(
    directory: string,
    options?: Given & TextDatasetOptions,
  ): Promise<PartsOf<Given, TextDataset<BatchOf<Given>>>>;
  <const Given extends TextDatasetOptions>(
    options?: Given & TextDatasetOptions,
  ): (directory: string) => Promise<PartsOf<Given, TextDataset<BatchOf<Given>>>>;
  readonly [callForm]: CallForm<['task', [options?: OfOnePart], Always<TextDataset>, string]>;
}

/**
 * The texts in a folder that has a folder for each class: files `.txt` of UTF-8, as batches of a tensor of strings `[n]` and the labels,
 * which `for await` goes through. A promise of the {@link TextDataset}; the texts themselves are read batch by batch, and `map` makes of each
 * batch what a model takes.
 *
 * Files are in Keras's order: by their paths, and shuffled by NumPy's generator where there is a `seed`, so that both parts of
 * `validationSplit` are Keras's; `subset: 'both'` gives a list of both. The order within an epoch is another than TensorFlow's. With `maxLength` a character that would be cut in
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
  run: async (directory, _, options) =>
    datasetsIn(
      [NAME, directory],
      options,
      ['.txt'],
      (samples) =>
        new TextDataset({ ...samples, functionName: NAME, maxLength: options.maxLength ?? undefined }),
    ),
  givesPromise: true,
}) as unknown as TextDatasetTask; // the call styles are told apart by the arguments
