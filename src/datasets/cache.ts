import { existsSync } from 'node:fs';
import { copyFile, constants, link, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { KerasDatasetError, KerasError, KerasFileError } from '../base/errors';
import { byteProgress, type ProgressOutput } from '../base/progress-bar';
import { codeOf, messageOf } from '../base/causes';
import type { DatasetSource } from './dataset';
import { download, DownloadError } from '../files/download';
import { embeddedPath } from './embedded';
import type { Timeouts } from '../files/http';
import {
  addressOf,
  checksumOf,
  isContentOf,
  KERAS_ADDRESS,
  limitsOf,
  type DatasetFile,
} from './dataset-file';
import { makeFolder, READABLE } from '../files/folders';
import { lockFiles, tryLock, withLock } from '../files/lock';
import { MalformedError } from '../files/malformed';

/** Everything outside the program that loading a data set depends on. */
export interface CacheEnvironment {
  /** Keras's folder; data sets are in its `datasets`. */
  readonly home: string;
  /** The folder of Keras's files on the network, ending in `/`. */
  readonly address: string;
  readonly timeouts: Timeouts;
  readonly output: ProgressOutput;
  readonly warn: (message: string) => void;
}

/** The environment as the user has set it: `KERAS_HOME`, or `.keras` in the home folder. */
export const cacheEnvironment = (): CacheEnvironment => ({
  home: resolve(process.env['KERAS_HOME'] || join(homedir(), '.keras')),
  address: KERAS_ADDRESS,
  timeouts: { connect: 5_000, idle: 20_000 },
  output: process.stderr,
  warn: (message) => process.emitWarning(message, 'KerasDatasetWarning'),
});

/** A file of a data set to load. */
export interface Request<T> {
  /** The function that the user called. */
  readonly function: string;
  readonly file: DatasetFile<T>;
  /** Where it is, from the cache's `datasets` folder; may be absolute. */
  readonly path: string;
  /** The name of the file in the package that stands in for it, if there is one. */
  readonly sample: string | undefined;
}

/** Where a data set was found. */
export interface Origin {
  readonly source: DatasetSource;
  /** Its first file. */
  readonly path: string;
}

/** A file that was found, and where. */
interface Loaded<T> extends Origin {
  readonly content: T;
}

const fileError = <T>(request: Request<T>, path: string, received: string, cause: unknown): KerasFileError =>
  new KerasFileError({
    function: request.function,
    expected: `${path} must be a readable ${request.file.name} of Keras`,
    received,
    advice:
      'Move the file away to have it downloaded again, or put a good one in its place. It was left as it is',
    cause,
  });

/** The content of a file that may not exist. */
const readIfThere = async <T>(request: Request<T>, path: string): Promise<Buffer | undefined> => {
  try {
    const status = await stat(path);
    // A pipe or a device can have data without end; of a folder the system says what it is.
    if (!status.isFile() && !status.isDirectory())
      throw new MalformedError('it is a pipe, a socket or a device');
    if (status.size > limitsOf(request.file).bytes)
      throw new MalformedError(`its ${status.size} bytes are too many`);
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    const because = error instanceof MalformedError ? 'a file of another kind' : 'a file that cannot be read';
    throw fileError(request, path, `${because}: ${messageOf(error)}`, error);
  }
};

/** Gives the file `path` a second name that was free, so that replacing it loses nothing. Returns that name. */
export const keepOld = async (path: string): Promise<string> => {
  for (let number = 1; ; number++) {
    const kept = number === 1 ? `${path}.bak` : `${path}.${number}.bak`;
    try {
      await link(path, kept);
      return kept;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      if (codeOf(error) === 'ENOENT') throw error;
    }
    // Not every file system has hard links.
    try {
      await copyFile(path, kept, constants.COPYFILE_EXCL);
      return kept;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
};

/** Puts the verified download in its place, whole. A file that was there is kept under another name. */
const install = async (part: string, path: string, warn: (message: string) => void): Promise<void> => {
  try {
    const kept = await keepOld(path);
    warn(`${path} had an unknown checksum and was replaced by Keras's file. The old one is now ${kept}.`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await rename(part, path);
};

export const lockOf = (path: string): string => `${path}.lock`;
export const partOf = (path: string): string => `${path}.part`;

/** Clears what a process left beside a complete file that was killed when it had it, if nobody works on it. */
export const clearLeftovers = async (path: string): Promise<void> => {
  if (![partOf(path), ...lockFiles(lockOf(path))].some((file) => existsSync(file))) return;
  // The file is there: that the rest cannot be tidied is no reason to complain.
  await tryLock(lockOf(path), () => rm(partOf(path), { force: true })).catch(() => undefined);
};

/** Downloads to `path`, unless another process does so meanwhile. Returns the content. */
const fetchFile = async <T>(
  request: Request<T>,
  path: string,
  environment: CacheEnvironment,
): Promise<Buffer> => {
  const { file } = request;
  await makeFolder(dirname(path), READABLE);
  const fetch = async (): Promise<Buffer> => {
    const meanwhile = await readIfThere(request, path);
    if (meanwhile !== undefined && isContentOf(file, meanwhile)) return meanwhile;
    const part = partOf(path);
    const address = addressOf(file, environment.address);
    const progress = byteProgress(`Downloading ${basename(file.name)}`, file.bytes, environment.output);
    try {
      await download(
        { address, bytes: file.bytes, hash: checksumOf(file) },
        part,
        progress,
        environment.timeouts,
      );
    } finally {
      progress.end();
    }
    const content = await readFile(part);
    await install(part, path, environment.warn);
    return content;
  };
  return withLock(lockOf(path), fetch, {
    onWait: () => {
      environment.output.write(`Waiting for another process that downloads ${file.name}\n`);
    },
  });
};

const read = <T>({ file }: Request<T>, content: Buffer): Promise<T> => file.read(content, limitsOf(file));

/** Reads content that should be good. */
const readContent = async <T>(request: Request<T>, path: string, content: Buffer): Promise<T> => {
  try {
    return await read(request, content);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw fileError(request, path, `a file of which ${error.message}`, error);
  }
};

const loadSample = async <T>(request: Request<T>): Promise<Loaded<T>> => {
  const path = embeddedPath(request.sample ?? request.file.name);
  const content = await readIfThere(request, path);
  if (content === undefined) {
    throw new KerasDatasetError({
      function: request.function,
      expected: 'the sample data must be in the package',
      received: `no file ${path}`,
      advice: 'Install keras-pipe again',
    });
  }
  return { content: await readContent(request, path, content), source: 'embedded', path };
};

const loadFull = async <T>(request: Request<T>, environment: CacheEnvironment): Promise<Loaded<T>> => {
  const path = resolve(environment.home, 'datasets', request.path);
  const cached = await readIfThere(request, path);
  if (cached !== undefined && isContentOf(request.file, cached)) {
    await clearLeftovers(path);
    return { content: await readContent(request, path, cached), source: 'cache', path };
  }
  let fetched: Buffer;
  try {
    fetched = await fetchFile(request, path, environment);
  } catch (error) {
    if (error instanceof KerasError) throw error;
    const reason =
      error instanceof DownloadError ? error.message : `the cache cannot be written (${messageOf(error)})`;
    if (cached === undefined) throw unavailable(request, path, reason, error);
    return useUnknown(request, path, cached, reason, environment);
  }
  return { content: await readContent(request, path, fetched), source: 'download', path };
};

/** A cached file that is not Keras's, when Keras's cannot be had: it may be as good. */
const useUnknown = async <T>(
  request: Request<T>,
  path: string,
  cached: Buffer,
  reason: string,
  environment: CacheEnvironment,
): Promise<Loaded<T>> => {
  let content: T;
  try {
    content = await read(request, cached);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw fileError(
      request,
      path,
      `a file of which ${error.message}; and Keras's file could not be downloaded instead: ${reason}`,
      error,
    );
  }
  environment.warn(
    `${request.function}: ${path} has not the checksum of Keras's file, which could not be downloaded instead ` +
      `(${reason}). It reads well and is used.`,
  );
  return { content, source: 'cache', path };
};

const unavailable = <T>(
  request: Request<T>,
  path: string,
  reason: string,
  cause: unknown,
): KerasDatasetError =>
  new KerasDatasetError({
    function: request.function,
    expected: `${request.file.name} must be in Keras's cache or on the network`,
    received: `no file ${path}, and no download: ${reason}`,
    advice:
      `Put ${basename(request.file.name)} there, or set KERAS_HOME to the folder whose \`datasets\` has it` +
      (request.sample === undefined
        ? ''
        : ", or pass { embedded: 'fallback' } to use the small sample of this package instead"),
    cause,
  });

/** Loads all files of a data set by one way. */
const loadAll = async <T>(
  requests: readonly Request<T>[],
  load: (request: Request<T>) => Promise<Loaded<T>>,
): Promise<Origin & { readonly contents: T[] }> => {
  const loaded: Loaded<T>[] = [];
  for (const request of requests) loaded.push(await load(request));
  const downloaded = loaded.some(({ source }) => source === 'download');
  const [first] = loaded;
  if (first === undefined) throw new TypeError('a data set has one file or more');
  return {
    contents: loaded.map(({ content }) => content),
    source: downloaded ? 'download' : first.source,
    path: first.path,
  };
};

/**
 * Loads a data set of one file or several: from Keras's cache; else by download into the cache; else, if the user asked for
 * it, from the sample in the package.
 *
 * A cached file that is not known is tried again from the network. If that fails it is used, with a warning, if it reads
 * well. No file of the user's is ever deleted.
 *
 * @param embedded the sample in the package: never, only, or if nothing else works
 * @throws KerasDatasetError if there is no file and no download.
 * @throws KerasFileError if there is a file that cannot be read.
 */
export const loadData = async <T>(
  requests: readonly Request<T>[],
  embedded: boolean | 'fallback',
  environment: CacheEnvironment,
): Promise<Origin & { readonly contents: T[] }> => {
  if (embedded === true) return loadAll(requests, loadSample);
  const full = loadAll(requests, (request) => loadFull(request, environment));
  if (embedded === false) return full;
  try {
    return await full;
  } catch (error) {
    if (!(error instanceof KerasDatasetError || error instanceof KerasFileError)) throw error;
    // That there is no file is what the option is for; a bad one should not go unnoticed.
    if (error instanceof KerasFileError)
      environment.warn(`${error.message} The sample of this package is used.`);
    return loadAll(requests, loadSample);
  }
};
