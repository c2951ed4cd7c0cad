/** Options of data sets that are folders with a folder for each class. */
import {
  argumentError,
  boolean,
  checkThat,
  oneOf,
  optional,
  positiveInteger,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { nextUniform } from '../base/random';
import { orNull, seed } from '../datasets/options';
import { listDirectory, partOf, type LabeledFiles, type ListedFiles } from './directory';
import type { LabelMode } from './labels';

/** Which part of the files is wanted. */
export type Subset = 'training' | 'validation';

/** Options that all such data sets have; `null` switches an option off. */
export interface DirectoryOptions {
  /** `'inferred'`, the default: by the folders. Or an integer for each file, in the order of their paths; or `null` for none. */
  labels?: 'inferred' | readonly number[] | null | undefined;
  /** What labels are: `'int'`, the default, int32 `[n]`; `'categorical'`, one-hot; `'binary'`, float32 `[n, 1]`; `null` for none. */
  labelMode?: LabelMode | undefined;
  /** The folders of the classes, in the order of their labels. Default: in alphabetical order. */
  classNames?: readonly string[] | null | undefined;
  /** How many samples a batch has. Default 32. */
  batchSize?: number | undefined;
  /** Whether the samples come in another order each time; true by default. */
  shuffle?: boolean | undefined;
  /** The seed of that order, and of which samples are for validation. */
  seed?: number | null | undefined;
  /** The fraction of the samples that are for validation; with `subset`. */
  validationSplit?: number | null | undefined;
  /** Which part is wanted, or `'both'`, which gives two data sets; with `validationSplit`. */
  subset?: Subset | 'both' | null | undefined;
  /** Whether folders are gone through to which links lead; false by default. */
  followLinks?: boolean | undefined;
}

const labels: Check<'inferred' | readonly number[]> = (value, place) => {
  if (value === 'inferred') return value;
  if (
    Array.isArray(value) &&
    value.every((label): label is number => Number.isInteger(label) && Number(label) >= 0)
  )
    return value;
  throw argumentError(place, "'inferred', null, or a list of whole numbers of 0 or more", value);
};

/** Names of folders. */
export const folderNames = checkThat(
  'a list of names of folders',
  (value): value is readonly string[] =>
    Array.isArray(value) && value.every((name) => typeof name === 'string'),
);

const openFraction = checkThat(
  'a fraction above 0 and below 1',
  (value): value is number => typeof value === 'number' && value > 0 && value < 1,
);

export const subset = oneOf('training', 'validation');

export const directoryChecks = {
  labels: optional(orNull(labels), 'inferred'),
  labelMode: optional(orNull(oneOf('int', 'categorical', 'binary')), 'int'),
  classNames: optional(orNull(folderNames), null),
  batchSize: optional(positiveInteger, 32),
  shuffle: optional(boolean, true),
  seed: optional(orNull(seed), null),
  validationSplit: optional(orNull(openFraction), null),
  subset: optional(orNull(oneOf('training', 'validation', 'both')), null),
  followLinks: optional(boolean, false),
} satisfies OptionChecks<DirectoryOptions>;

type Options = CheckedOptions<typeof directoryChecks>;

const wrong = (argument: string, expected: string, received: string, advice: string): KerasArgumentError =>
  new KerasArgumentError({ argument, expected, received, advice });

const checkTogether = (options: Options): void => {
  const { validationSplit, subset: part, shuffle, classNames, labels: given } = options;
  if ((validationSplit === null) !== (part === null)) {
    throw wrong(
      'subset',
      '`subset` and `validationSplit` go together',
      `subset: ${String(part)}, validationSplit: ${String(validationSplit)}`,
      "Write validationSplit: 0.2, subset: 'both', or 'training', and the same with 'validation'",
    );
  }
  if (validationSplit !== null && part !== 'both' && shuffle && options.seed === null) {
    throw wrong(
      'seed',
      '`seed` must be given with `validationSplit` where the samples are shuffled: both parts would overlap',
      'no seed',
      "Give the same seed for both parts, or ask for subset: 'both'",
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

/** The files of a folder as samples with labels. */
export interface DirectorySamples extends LabeledFiles {
  readonly classNames: readonly string[];
  readonly labelMode: LabelMode;
  readonly batchSize: number;
  /** The seed of the order of each epoch; undefined: that of the files. */
  readonly seed: number | undefined;
}

/** A data set of the wanted part, or two where both are. */
export type PartsOf<Given, Dataset> = Given extends { readonly subset: 'both' }
  ? [training: Dataset, validation: Dataset]
  : Dataset;

/**
 * A data set of the files of a folder, in Keras's order, or of the part of them that is wanted; of both, a list of two, of which the second
 * is not shuffled, as in Keras. `formats` are the endings of the files.
 */
export const datasetsIn = async <Dataset>(
  [functionName, directory]: readonly [string, string],
  options: Options,
  formats: readonly string[],
  make: (samples: DirectorySamples) => Dataset,
): Promise<Dataset | [Dataset, Dataset]> => {
  checkTogether(options);
  const { shuffle, batchSize, validationSplit, followLinks } = options;
  const hasLabels = options.labels !== null && options.labelMode !== null;
  const labelMode = hasLabels ? options.labelMode : null;
  // Keras draws such a one, too.
  const drawn = options.seed ?? Math.floor(nextUniform() * 1e6);
  const listed = await listDirectory({
    functionName,
    directory,
    labels: hasLabels ? options.labels : null,
    classNames: options.classNames ?? undefined,
    seed: shuffle ? drawn : undefined,
    followLinks,
    formats,
  });
  checkLabels(listed, labelMode);
  const part = (subset: Subset | undefined, seed: number | undefined): Dataset =>
    make({
      ...partOf(functionName, listed, validationSplit ?? undefined, subset),
      classNames: listed.classNames,
      labelMode,
      batchSize,
      seed,
    });
  const seed = shuffle ? drawn : undefined;
  return options.subset === 'both'
    ? [part('training', seed), part('validation', undefined)]
    : part(options.subset ?? undefined, seed);
};
