/** Folders of files as data: a folder for each class, in Keras's order. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { KerasArgumentError, KerasFileError } from '../base/errors';
import { didYouMean } from '../base/suggestions';
import { RandomState } from '../datasets/random-state';
import { compareByCodePoints } from './compare';
import { fileError } from './files';

/** What of a folder is listed. */
export interface DirectoryListing {
  readonly functionName: string;
  readonly directory: string;
  /** By folders, given for each file in the order of their paths, or none. */
  readonly labels: 'inferred' | null | readonly number[];
  readonly classNames: readonly string[] | undefined;
  /** The seed of the files' order; undefined: that of their paths. */
  readonly seed: number | undefined;
  readonly followLinks: boolean;
  /** The endings of files that count, small: `.txt`. */
  readonly formats: readonly string[];
}

/** Files with their labels. */
export interface LabeledFiles {
  readonly files: readonly string[];
  readonly labels: Int32Array;
}

/** The files of a folder, and the names of their classes. */
export interface ListedFiles extends LabeledFiles {
  readonly classNames: readonly string[];
}

interface Folder {
  readonly path: string;
  readonly files: readonly string[];
}

const entriesOf = async ({ functionName }: DirectoryListing, folder: string) => {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const place = { function: functionName, argument: 'directory' };
    throw fileError(place, 'the folder must be read', folder, error, 'Give the path of a folder');
  }
};

const isFolder = async (file: string): Promise<boolean> => {
  try {
    return (await stat(file)).isDirectory();
  } catch {
    return false; // a link that leads nowhere
  }
};

/** All folders below one, itself included. `seen` are those on the way, which a link must not lead back to. */
const walk = async (
  listing: DirectoryListing,
  folder: string,
  seen: ReadonlySet<string>,
): Promise<Folder[]> => {
  const real = await realpath(folder);
  if (seen.has(real)) return [];
  const files: string[] = [];
  const folders: Folder[] = [];
  for (const entry of await entriesOf(listing, folder)) {
    const place = path.join(folder, entry.name);
    const isLink = entry.isSymbolicLink();
    if (entry.isDirectory() || (isLink && (await isFolder(place)))) {
      if (!isLink || listing.followLinks)
        folders.push(...(await walk(listing, place, new Set([...seen, real]))));
    } else if (listing.formats.some((format) => entry.name.toLowerCase().endsWith(format)))
      files.push(entry.name);
  }
  return [{ path: folder, files }, ...folders];
};

/** The files below a folder: folders in the order of their paths, and in each the files in the order of their names. */
export const filesBelow = async (listing: DirectoryListing, folder: string): Promise<string[]> => {
  const folders = await walk(listing, folder, new Set());
  return folders
    .sort((left, right) => compareByCodePoints(left.path, right.path))
    .flatMap(({ path: place, files }) =>
      [...files].sort(compareByCodePoints).map((file) => path.join(place, file)),
    );
};

/** The folders of classes, in the order of their names. */
export const classFolders = async (listing: DirectoryListing): Promise<string[]> => {
  const { directory, functionName } = listing;
  const folders: string[] = [];
  for (const entry of await entriesOf(listing, directory)) {
    const isClass =
      entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path.join(directory, entry.name))));
    if (isClass) folders.push(entry.name);
  }
  if (folders.length > 0) return folders.sort(compareByCodePoints);
  throw new KerasFileError({
    function: functionName,
    argument: 'directory',
    expected: 'the folder must have a folder for each class',
    received: `${directory}, in which there is none`,
    advice: 'Give the folder above those of the classes, or labels: null for files without labels',
  });
};

const checkNames = (functionName: string, names: readonly string[], folders: readonly string[]): void => {
  const wrong = names.find((name) => !folders.includes(name));
  const missing = folders.find((folder) => !names.includes(folder));
  if (wrong === undefined && missing === undefined && names.length === folders.length) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'classNames',
    expected: '`classNames` must be the names of the folders, each once',
    received: wrong === undefined ? `no '${missing ?? ''}', or one twice` : `'${wrong}'`,
    advice: wrong === undefined ? `Name all of them: ${folders.join(', ')}` : didYouMean(wrong, folders),
  });
};

const inferred = async (listing: DirectoryListing): Promise<ListedFiles> => {
  const folders = await classFolders(listing);
  const classNames = listing.classNames ?? folders;
  checkNames(listing.functionName, classNames, folders);
  const files: string[] = [];
  const labels: number[] = [];
  // In the order of the folders' names, whatever that of the classes is.
  for (const folder of folders) {
    const found = await filesBelow(listing, path.join(listing.directory, folder));
    const label = classNames.indexOf(folder);
    for (const file of found) {
      files.push(file);
      labels.push(label);
    }
  }
  return { files, labels: Int32Array.from(labels), classNames };
};

const given = async (listing: DirectoryListing, labels: readonly number[] | null): Promise<ListedFiles> => {
  const files = await filesBelow(listing, listing.directory);
  if (labels === null) return { files, labels: new Int32Array(files.length), classNames: [] };
  if (labels.length !== files.length) {
    throw new KerasArgumentError({
      function: listing.functionName,
      argument: 'labels',
      expected: '`labels` must have one for each file, in the order of their paths',
      received: `${labels.length} labels for ${files.length} files in ${listing.directory}`,
      advice: "Give as many, or labels: 'inferred' for those that the folders say",
    });
  }
  const classes = [...new Set(labels)].sort((left, right) => left - right);
  return { files, labels: Int32Array.from(labels), classNames: classes.map(String) };
};

/**
 * The files of a folder with their labels, in Keras's order: by their paths, or shuffled as NumPy does.
 *
 * @throws KerasFileError if the folder cannot be read, has no folders of classes where labels are of these, or no file that counts.
 */
export const listDirectory = async (listing: DirectoryListing): Promise<ListedFiles> => {
  const { functionName, directory, labels, seed, formats } = listing;
  const listed = labels === 'inferred' ? await inferred(listing) : await given(listing, labels);
  if (listed.files.length === 0) {
    throw new KerasFileError({
      function: functionName,
      argument: 'directory',
      expected: `the folder must have files of ${formats.join(', ')}`,
      received: `${directory}, in which there are none`,
      advice: 'Give the folder in which they are',
    });
  }
  if (seed === undefined) return listed;
  const { classNames } = listed;
  // Each by a generator of its own, so that both are shuffled alike, as in Keras.
  const files = new RandomState(seed).shuffle([...listed.files]);
  return { files, labels: new RandomState(seed).shuffle(Int32Array.from(listed.labels)), classNames };
};

/** The part of the files that is for training, the first ones, or for validation. */
export const partOf = (
  functionName: string,
  { files, labels }: LabeledFiles,
  validationSplit: number | undefined,
  subset: 'training' | 'validation' | undefined,
): LabeledFiles => {
  if (validationSplit === undefined || subset === undefined) return { files, labels };
  const training = files.length - Math.trunc(validationSplit * files.length);
  if (training === files.length || training === 0) {
    throw new KerasArgumentError({
      function: functionName,
      argument: 'validationSplit',
      expected: '`validationSplit` must leave files for both parts',
      received: `${validationSplit} of ${files.length} files`,
      advice: 'Give another fraction',
    });
  }
  const [from, to] = subset === 'training' ? [0, training] : [training, files.length];
  return { files: files.slice(from, to), labels: labels.slice(from, to) };
};
