import { basename, join } from 'node:path';
import { refuseSurplus } from '../base/function-name';
import { argumentError, checkOptions, type CheckedOptions, type OptionChecks } from '../base/checks';
import { cacheEnvironment, loadData, type CacheEnvironment, type Origin } from './cache';
import type { DatasetFile } from './dataset-file';
import type { datasetChecks } from './options';

type Checks = OptionChecks & typeof datasetChecks;
type FilesOf<Contents extends readonly unknown[]> = {
  readonly [Index in keyof Contents]: DatasetFile<Contents[Index]>;
};

/** A data set: all that is to be known of it, in one place. */
export interface DatasetDefinition<Contents extends readonly unknown[], C extends Checks, Result> {
  /** The function, as the user writes it: `datasetMnist`. */
  readonly name: string;
  /** The files that are published. The option `path` is the place of the only one, or the folder of several. */
  readonly files: FilesOf<Contents>;
  /** The files of the small sample in the package, one for each of `files`, if there is one. */
  readonly sample?: readonly string[];
  /** The checks of the options: {@link datasetChecks} and more. */
  readonly options: C;
  /** Makes what the user gets of the contents. */
  build(contents: Contents, options: CheckedOptions<C>, origin: Origin): Result;
}

/** Loads a data set; its type says which options the data set has. */
export type DatasetFunction<Result> = (options?: unknown) => Promise<Result>;

type Load = (options: unknown, environment: CacheEnvironment) => Promise<unknown>;

const loaders = new Map<unknown, Load>();

/** Where a file of a data set is: the option `path` says where its only file is, or in which folder all of them. */
const placeOf = ({ name }: DatasetFile<unknown>, path: string | undefined, files: number): string => {
  if (path === undefined) return name;
  return files === 1 ? path : join(path, basename(name));
};

/** The function of a data set that is defined in one place: from Keras's cache, the network, or the sample in the package. */
export const defineDataset = <Contents extends readonly unknown[], const C extends Checks, Result>(
  definition: DatasetDefinition<Contents, C, Result>,
): DatasetFunction<Result> => {
  const { name, files, sample } = definition;
  const load = async (options: unknown, environment: CacheEnvironment): Promise<Result> => {
    const checked = checkOptions(name, options, definition.options);
    // Every data set has these checks.
    const { path, embedded } = checked as unknown as CheckedOptions<typeof datasetChecks>;
    if (sample === undefined && embedded !== false) {
      throw argumentError(
        { function: name, argument: 'embedded' },
        'false: there is no sample of this data',
        embedded,
      );
    }
    const requests = files.map((file, index) => ({
      function: name,
      file,
      path: placeOf(file, path, files.length),
      sample: sample?.[index],
    }));
    const { contents, ...origin } = await loadData(requests, embedded, environment);
    // Each file's own reader has read it.
    return definition.build(contents as unknown as Contents, checked, origin);
  };
  const dataset = async (options?: unknown, ...surplus: []): Promise<Result> => {
    refuseSurplus(name, ['options'], surplus);
    return load(options, cacheEnvironment());
  };
  loaders.set(dataset, load);
  return dataset;
};

/** Loads a data set in a given environment, which the tests set up. */
export const loadIn = <Result>(
  dataset: (options?: never) => Promise<Result>,
  options: unknown,
  environment: CacheEnvironment,
): Promise<Result> => {
  const load = loaders.get(dataset);
  if (load === undefined) throw new TypeError('not a function that defineDataset has made');
  // The loader of this very function.
  return load(options, environment) as Promise<Result>;
};

/** Whether a function was made by {@link defineDataset}. */
export const isDataset = (value: unknown): boolean => loaders.has(value);
