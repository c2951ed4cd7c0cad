import { createHash } from 'node:crypto';
import { constants, createReadStream, rmSync } from 'node:fs';
import {
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  symlink,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { onInterrupt } from './cleanup';
import { errorCode, StepFailure } from '../native/failure';

const temporaryPrefix = '.keras-pipe-';

/** The hash of a file's bytes. */
export const hashFile = async (
  file: string,
  algorithm: 'sha256' | 'sha512',
  encoding: 'hex' | 'base64',
): Promise<string> => {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest(encoding);
};

/** Makes a folder and those above it. */
export const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    // On a read-only disk this is how Node.js reports it; asked for one folder alone, it names the reason.
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(folder);
  }
};

/**
 * Runs an action with a fresh temporary folder inside `parent` and removes the folder afterwards, whatever happens.
 * What is to stay is moved out of it by the action: both are on one disk, so that a move is atomic.
 */
export const withTemporaryFolder = async <T>(
  parent: string,
  action: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(path.join(parent, temporaryPrefix));
  const forget = onInterrupt(() => rmSync(folder, { recursive: true, force: true }));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    forget();
  }
};

/** Removes the temporary folders of runs that were killed. To be called by the holder of the parent's lock only. */
export const removeLeftovers = async (parent: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    if (name.startsWith(temporaryPrefix)) {
      await rm(path.join(parent, name), { recursive: true, force: true, maxRetries: 3 });
    }
  }
};

/** Stops before a disk is filled in vain. */
export const needSpace = async (folder: string, bytes: number, advice: string): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new StepFailure(
    `the disk of ${folder} is full: ${megabytes(bytes)} are needed, ${megabytes(free)} are free`,
    [advice],
    undefined,
    true,
  );
};

/**
 * Puts a file at a second place: as a hard link, which takes no space and outlives the first; else as a copy, which
 * shares its blocks where the file system can. Never as a symbolic link: a cleared cache or a container that gets a copy
 * of `node_modules` would break it.
 */
export const linkOrCopy = async (from: string, to: string): Promise<void> => {
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (errorCode(error) === 'ENOSPC') throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
};

/** As {@link linkOrCopy}; a link to a neighbour (`libtensorflow.so` to `libtensorflow.so.2`) stays one. */
export const linkOrCopyEntry = async (from: string, to: string): Promise<void> => {
  const status = await lstat(from);
  const target = status.isSymbolicLink() ? await readlink(from) : undefined;
  if (target !== undefined && path.basename(target) === target) {
    await mkdir(path.dirname(to), { recursive: true });
    await symlink(target, to);
  } else {
    // A hard link to a symbolic link would be another symbolic link.
    await linkOrCopy(await realpath(from), to);
  }
};

/** Moves a folder to a place where an older one may be; the older one goes to `aside`. */
export const replaceFolder = async (from: string, to: string, aside: string): Promise<void> => {
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await rename(to, aside);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  await rename(from, to);
};

/** The size of all files below a folder, and 0 if there is none. */
export const sizeBelow = async (folder: string, since = 0): Promise<number> => {
  let total = 0;
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        total += await sizeBelow(file, since);
      } else if (entry.isFile()) {
        const { size, mtimeMs } = await stat(file);
        if (mtimeMs >= since) total += size;
      }
    }
  } catch (error) {
    // Files come and go while they are counted.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return total;
};

/** A number of bytes as people read it: `195 MB`. */
export const megabytes = (bytes: number): string => {
  const size = bytes / 1e6;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} MB`;
};
