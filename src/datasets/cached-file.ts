import { existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { codeOf, messageOf } from '../base/causes';
import { KerasError, KerasFileError } from '../base/errors';
import { byteProgress } from '../base/progress-bar';
import { unpackArchive, type ArchiveFormat } from '../files/archive';
import { download, DownloadError, type Checksum } from '../files/download';
import { hashFile, makeFolder, READABLE } from '../files/folders';
import { withLock } from '../files/lock';
import { MalformedError } from '../files/malformed';
import { clearLeftovers, keepOld, lockOf, partOf, type CacheEnvironment } from './cache';

const NAME = 'getFile';

/** A file for the cache. */
export interface WantedFile {
  readonly address: URL;
  /** Where it is to be, from the cache's folder on; may be absolute. */
  readonly place: readonly string[];
  readonly hash: Checksum | undefined;
  /** How it is unpacked; undefined: not at all. */
  readonly archive: ArchiveFormat | 'auto' | undefined;
  /** What is there once it is unpacked, beside it; then it is not unpacked again. */
  readonly unpacked: string | undefined;
}

const isThere = async (path: string): Promise<boolean> => {
  try {
    const status = await stat(path);
    if (status.isFile()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
  throw new KerasFileError({
    function: NAME,
    argument: 'fname',
    expected: `${path} must be a file, or free for one`,
    received: 'a folder or a device',
    advice: 'Give another fname or cacheSubdir',
  });
};

const isRight = async (path: string, hash: Checksum | undefined): Promise<boolean> =>
  hash === undefined || (await hashFile(path, hash.algorithm, 'hex')) === hash.hex;

/** Downloads a file to its place. An older one there is kept under another name. */
const fetchTo = async (path: string, file: WantedFile, environment: CacheEnvironment): Promise<void> => {
  const part = partOf(path);
  const progress = byteProgress(`Downloading ${basename(path)}`, undefined, environment.output);
  try {
    await download({ address: file.address, hash: file.hash }, part, progress, environment.timeouts);
  } finally {
    progress.end();
  }
  if (await isThere(path)) {
    const kept = await keepOld(path);
    environment.warn(`${path} had another checksum and was downloaded anew. The old one is now ${kept}.`);
  }
  await rename(part, path);
};

const unpack = async (path: string, { archive, unpacked }: WantedFile): Promise<void> => {
  if (archive === undefined || (unpacked !== undefined && existsSync(unpacked))) return;
  try {
    await unpackArchive(path, archive);
  } catch (error) {
    const isMalformed = error instanceof MalformedError;
    throw new KerasFileError({
      function: NAME,
      argument: 'extract',
      expected: `${path} must be an archive, tar or zip, that can be unpacked beside it`,
      received: isMalformed ? `a file of which ${error.message}` : messageOf(error),
      advice: isMalformed
        ? 'Move the file away to have it downloaded again, or leave extract out and unpack it by another program'
        : 'Make room there, or give another cacheDir',
      cause: error,
    });
  }
};

const unavailable = (path: string, { address, hash }: WantedFile, error: unknown): KerasFileError => {
  const { host, pathname } = address;
  const reason =
    error instanceof DownloadError ? error.message : `the cache cannot be written (${messageOf(error)})`;
  return new KerasFileError({
    function: NAME,
    argument: 'origin',
    expected: `${host}${pathname} must be there for download${hash === undefined ? '' : `, with the ${hash.algorithm} hash ${hash.hex}`}`,
    received: `no file ${path}, and no download: ${reason}`,
    advice: 'Correct origin or fileHash, or put the file there by hand',
    cause: error,
  });
};

/** The path of a file in Keras's cache, where it is downloaded to unless it is there, and unpacked if that is wanted. */
export const cachedFile = async (file: WantedFile, environment: CacheEnvironment): Promise<string> => {
  const path = resolve(environment.home, ...file.place);
  const there = (await isThere(path)) && (await isRight(path, file.hash));
  if (there && file.archive === undefined) {
    await clearLeftovers(path);
    return path;
  }
  try {
    await makeFolder(dirname(path), READABLE);
    await withLock(
      lockOf(path),
      async () => {
        // Another process may have brought it meanwhile.
        if (!(await isThere(path)) || !(await isRight(path, file.hash)))
          await fetchTo(path, file, environment);
        await unpack(path, file);
      },
      {
        onWait: () => {
          environment.output.write(`Waiting for another process that downloads ${basename(path)}\n`);
        },
      },
    );
  } catch (error) {
    throw error instanceof KerasError ? error : unavailable(path, file, error);
  }
  return file.unpacked ?? path;
};
