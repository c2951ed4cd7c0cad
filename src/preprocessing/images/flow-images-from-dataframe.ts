import { stat } from 'node:fs/promises';
import path from 'node:path';
import { callable, type Always, type callForm, type CallForm } from '../../base/call-styles';
import {
  argumentError,
  checkOptions,
  isPlainObject,
  nonEmptyString,
  oneOf,
  optional,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { describe, KerasArgumentError, KerasFileError } from '../../base/errors';
import { orNull } from '../../datasets/options';
import { isArrayLike, toTensor } from '../../arrays/tensors';
import { tf, type Tensor, type Tensor4D } from '../../tfjs/tensorflow';
import type { TableLike } from '../tables';
import { compareByCodePoints } from '../compare';
import { classTargets, type ClassMode } from './class-targets';
import { columnsOf } from './data-frame';
import {
  fileFlowChecks,
  fileSource,
  FLOW_ENDINGS,
  partOfList,
  splitOf,
  type FileFlowOptions,
} from './flow-options';
import { ImageFlow, type FlowBatch } from './image-flow';

/** Options of {@link flowImagesFromDataframe}; `null` switches an option off. */
export interface FlowImagesFromDataframeOptions extends FileFlowOptions {
  /** The folder to which the paths are relative; by default they are as they are. */
  directory?: string | null | undefined;
  /** The column of the files' paths; `'filename'` by default. */
  xCol?: string | undefined;
  /** The column of what is to be predicted, or several; `'class'` by default. */
  yCol?: string | readonly string[] | undefined;
  /**
   * What labels are: `'categorical'`, the default, one-hot, of classes or lists of them; `'binary'` and `'sparse'`, float32 numbers `[n]`, of
   * classes; `'raw'`, the numbers of the column, or of several, `[n, columns]`; `'multi_output'`, those of each column by itself;
   * `'input'`, the images themselves; null for none.
   */
  classMode?: ClassMode | 'raw' | 'multi_output' | undefined;
}

const NAME = 'flowImagesFromDataframe';

const columns: Check<string | readonly string[]> = (value, place) => {
  if (!Array.isArray(value)) return nonEmptyString(value, place);
  if (value.length === 0) throw argumentError(place, 'the name of a column, or a list of some', value);
  return value.map((one) => nonEmptyString(one, place));
};

const checks = {
  ...fileFlowChecks,
  directory: optional(orNull(nonEmptyString), null),
  xCol: optional(nonEmptyString, 'filename'),
  yCol: optional(columns, 'class'),
  classMode: optional(
    orNull(oneOf('categorical', 'binary', 'sparse', 'raw', 'multi_output', 'input')),
    'categorical',
  ),
} satisfies OptionChecks<FlowImagesFromDataframeOptions>;

type Options = CheckedOptions<typeof checks>;
type Column = (name: string) => readonly unknown[];

const wrong = (argument: string, expected: string, received: string, advice: string): KerasArgumentError =>
  new KerasArgumentError({ function: NAME, argument, expected, received, advice });

/** What a column says of each image: one class, or several. */
const labelsOf = (values: readonly unknown[], column: string, isCategorical: boolean): string[][] =>
  values.map((value, row) => {
    if (typeof value === 'string') return [value];
    if (isCategorical && Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    const expected = isCategorical ? 'names of classes, or lists of them' : 'names of classes';
    const advice = "Make strings of them, or give classMode: 'raw' for numbers";
    throw wrong(
      'yCol',
      `the column '${column}' must have ${expected}`,
      `${describe(value)} in row ${row}`,
      advice,
    );
  });

const onlyColumn = ({ yCol, classMode }: Options): string => {
  if (typeof yCol === 'string') return yCol;
  const advice = "Name one column, or give classMode: 'multi_output' or 'raw'";
  throw wrong('yCol', `one column goes with classMode: '${String(classMode)}'`, describe(yCol), advice);
};

/** Numbers of columns as tensors of some rows. */
const numbersOf = (column: Column, names: readonly string[], rows: readonly number[]): Tensor[] =>
  names.map((name) => {
    const all = column(name);
    const place = { function: NAME, argument: `dataframe.${name}` };
    return toTensor(
      rows.map((row) => all[row]),
      place,
      'float32',
    ).tensor;
  });

/** The rows whose file is there and has the ending of an image. */
const validRows = async (files: readonly string[], { unreadableFiles, xCol }: Options): Promise<number[]> => {
  const checked = await Promise.all(
    files.map(async (file) => {
      if (!FLOW_ENDINGS.some((ending) => file.toLowerCase().endsWith(ending)))
        return 'has the ending of no image';
      const found = await stat(file).catch(() => undefined);
      return found?.isFile() === true ? undefined : 'is not there';
    }),
  );
  const bad = checked.flatMap((reason, row) => (reason === undefined ? [] : [row]));
  const first = bad[0];
  if (first === undefined) return files.map((_, row) => row);
  const received = `${files[first] ?? ''}, which ${checked[first] ?? ''}${bad.length === 1 ? '' : `, and ${bad.length - 1} more`}`;
  const error = new KerasFileError({
    function: NAME,
    argument: 'dataframe',
    expected: `the files in the column '${xCol}' must be images that are there`,
    received,
    advice:
      "Give the folder that they are in as `directory`, or leave such rows out with unreadableFiles: 'skip'",
  });
  if (unreadableFiles === 'error') throw error;
  // eslint-disable-next-line no-console -- a warning is for standard error
  console.warn(`${error.message} They are left out.`);
  return files.flatMap((_, row) => (checked[row] === undefined ? [row] : []));
};

const pathsIn = (column: Column, { xCol, directory }: Options): string[] =>
  column(xCol).map((value, row) => {
    if (typeof value === 'string') return directory === null ? value : path.resolve(directory, value);
    const advice = 'Name the column of the paths as `xCol`';
    throw wrong('xCol', `the column '${xCol}' must have paths`, `${describe(value)} in row ${row}`, advice);
  });

/** Labels by classes: which rows have some, and the numbers of these. */
const classesOf = (column: Column, rows: readonly number[], options: Options) => {
  const { classMode, classes: given } = options;
  const name = onlyColumn(options);
  const values = column(name);
  const labels = labelsOf(
    rows.map((row) => values[row]),
    name,
    classMode === 'categorical',
  );
  const classNames =
    given !== null && given.length > 0
      ? [...new Set(given)]
      : [...new Set(labels.flat())].sort(compareByCodePoints);
  if (classMode === 'binary' && classNames.length !== 2) {
    const advice = "Give classMode: 'categorical' or 'sparse'";
    throw wrong('classMode', "`classMode: 'binary'` needs two classes", `${classNames.length}`, advice);
  }
  const numbers = labels.map((some) =>
    some.map((label) => classNames.indexOf(label)).filter((number) => number >= 0),
  );
  const kept = rows.flatMap((row, at) =>
    numbers[at]?.length === 0 ? [] : [{ row, labels: numbers[at] ?? [] }],
  );
  return { classNames, kept };
};

/** Rows with a one at each of their labels. */
const multiHot = (labels: readonly (readonly number[])[], rows: Int32Array, classes: number): Tensor => {
  const data = new Float32Array(rows.length * classes);
  rows.forEach((row, at) => {
    for (const label of labels[row] ?? []) data[at * classes + label] = 1;
  });
  return tf.tensor2d(data, [rows.length, classes]);
};

const flowOfClasses = (
  column: Column,
  files: readonly string[],
  rows: readonly number[],
  options: Options,
) => {
  const { classNames, kept } = classesOf(column, rows, options);
  const part = partOfList<typeof kept>(kept, splitOf(options));
  const mode = options.classMode as ClassMode; // the others are told apart before
  const labels = part.map((one) => one.labels);
  const first = labels.map(([label = 0]) => label);
  return {
    ...fileSource(
      NAME,
      options,
      part.map(({ row }) => files[row] ?? ''),
    ),
    classNames,
    classes: first,
    targets: (some: Int32Array, images: Tensor4D) =>
      mode === 'categorical'
        ? [multiHot(labels, some, classNames.length)]
        : classTargets(mode, first, some, images, classNames.length),
  };
};

const flowOfNumbers = (
  column: Column,
  files: readonly string[],
  rows: readonly number[],
  options: Options,
) => {
  const { classMode, yCol } = options;
  const part = partOfList<readonly number[]>(rows, splitOf(options));
  const names = [yCol].flat();
  if (classMode === 'multi_output' && typeof yCol === 'string') {
    throw wrong(
      'yCol',
      "a list of columns goes with classMode: 'multi_output'",
      describe(yCol),
      `Write yCol: ['${yCol}']`,
    );
  }
  const hasNumbers = classMode === 'raw' || classMode === 'multi_output';
  const tensors = hasNumbers ? numbersOf(column, names, part) : [];
  const pick = (tensor: Tensor, some: Int32Array): Tensor =>
    tf.tidy(() => tf.gather(tensor, tf.tensor1d(some, 'int32')));
  return {
    ...fileSource(
      NAME,
      options,
      part.map((row) => files[row] ?? ''),
    ),
    targets: (some: Int32Array, images: Tensor4D): (Tensor | Tensor[])[] => {
      if (classMode === 'multi_output') return [tensors.map((tensor) => pick(tensor, some))];
      if (classMode !== 'raw')
        return classTargets(classMode === 'input' ? 'input' : null, [], some, images, 0);
      const picked = tensors.map((tensor) => pick(tensor, some));
      if (typeof yCol === 'string') return picked;
      try {
        return [tf.stack(picked, 1)];
      } finally {
        tf.dispose(picked);
      }
    },
  };
};

const flowOf = async (dataframe: unknown, options: Options): Promise<ImageFlow<unknown>> => {
  const column = columnsOf(NAME, dataframe);
  const files = pathsIn(column, options);
  const rows = await validRows(files, options);
  const { classMode } = options;
  const byClass = classMode === 'categorical' || classMode === 'binary' || classMode === 'sparse';
  const source = (byClass ? flowOfClasses : flowOfNumbers)(column, files, rows, options);
  if (source.count === 0) {
    const received = `${files.length} rows, none of which is left`;
    throw wrong(
      'dataframe',
      '`dataframe` must have images',
      received,
      'Look at `classes`, `subset` and the paths',
    );
  }
  return new ImageFlow(source);
};

/** The batches of a flow: of images alone, where it is said that there are no labels. */
type BatchOf<Given> = Given extends { readonly classMode: null }
  ? Tensor4D
  : Given extends { readonly classMode: 'multi_output' }
    ? [images: Tensor4D, outputs: Tensor[]]
    : FlowBatch;

/** What stands for a table of files: one of numbers and texts, or rows and columns with lists in them. */
export type ImageTable =
  TableLike | readonly Readonly<Record<string, unknown>>[] | Readonly<Record<string, readonly unknown[]>>;

/** A function of a table that gives a promise of a flow. */
export interface DataframeFlowTask {
  <const Given extends FlowImagesFromDataframeOptions>(
    dataframe: ImageTable,
    options?: Given & FlowImagesFromDataframeOptions,
  ): Promise<ImageFlow<BatchOf<Given>>>;
  <const Given extends FlowImagesFromDataframeOptions>(
    options?: Given & FlowImagesFromDataframeOptions,
  ): (dataframe: ImageTable) => Promise<ImageFlow<BatchOf<Given>>>;
  readonly [callForm]: CallForm<
    ['task', [options?: FlowImagesFromDataframeOptions], Always<ImageFlow>, ImageTable]
  >;
}

/**
 * Images whose files a table names, with what is to be predicted in its columns, as batches, each changed at random by `generator`. A
 * promise of an {@link ImageFlow}, as {@link flowImagesFromDirectory} gives it.
 *
 * The table is rows of objects, columns, or one of {@link asTable}'s shapes. Rows whose file is not there, or has the ending of no image,
 * are an error; with `unreadableFiles: 'skip'` they are left out with a warning, as Keras does. Of the parts that the generator's
 * `validationSplit` makes, the first rows are those for validation.
 *
 * @throws KerasArgumentError if a column is missing, or has something else.
 * @throws KerasFileError if a file is not there; while reading, if it cannot be read.
 * @example
 * await imageArraySave([[0]], 'night.png', { scale: false })
 * await imageArraySave([[255]], 'day.png', { scale: false })
 * const table = [{ filename: 'night.png', hour: 2 }, { filename: 'day.png', hour: 13 }]
 * const flow = await flowImagesFromDataframe(table, { yCol: 'hour', classMode: 'raw', targetSize: 1, colorMode: 'grayscale', shuffle: false })
 * for await (const [images, hours] of flow)
 *   assert.deepStrictEqual([images.flatten().arraySync(), hours.arraySync()], [[0, 255], [2, 13]])
 * @see R keras `flow_images_from_dataframe`
 */
export const flowImagesFromDataframe: DataframeFlowTask = callable({
  name: NAME,
  subject: {
    argument: 'dataframe',
    is: (value) =>
      Array.isArray(value) ||
      (typeof value === 'object' && value !== null && !isPlainObject(value)) ||
      // Columns, of which one has a name that no option has.
      (isPlainObject(value) &&
        Object.entries(value).some(
          ([name, column]) => !(name in checks) && isArrayLike(column) && typeof column !== 'number',
        )),
    check: (_, value) => value,
  },
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (dataframe, _, options) => flowOf(dataframe, options),
  givesPromise: true,
}) as unknown as DataframeFlowTask; // the call styles are told apart by the arguments
