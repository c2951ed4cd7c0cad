import { createHash } from 'node:crypto';
import { constants, createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import {
  chmod,
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
  symlink,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '../base/causes';
import { onInterrupt } from './interrupt';
import { lockFiles, tryLock } from './lock';

const temporaryPrefix = '.keras-pipe-';

/** The hash of a file's bytes. */
export const hashFile = async (
  file: string,
  algorithm: 'md5' | 'sha256' | 'sha512',
  encoding: 'hex' | 'base64',
): Promise<string> => {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest(encoding);
};

/** Who may use a folder, whatever the umask: its owner alone, or its owner while others may read it. */
export const PRIVATE = 0o700;
export const READABLE = 0o755;

/**
 * Makes a folder and those above it that are missing, all with a mode that no umask changes: in one that others may write
 * to, they could plant code and data, and in one of mode 0 its owner could do nothing. One that is there stays as it is.
 */
export const makeFolder = async (folder: string, mode: number): Promise<void> => {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    await makeFolder(path.dirname(folder), mode);
    // Once: where a folder is there and nothing can be made in it, as in /proc, this says that it is missing again and again.
    await mkdir(folder, { mode }).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw again;
    });
  }
  await chmod(folder, mode);
};

/**
 * Makes a folder, and those above it that are missing. Node's own way tries without end where a folder is there and nothing can be made
 * in it, as in /proc.
 */
export const makeFolders = (folder: string): void => {
  if (existsSync(folder)) return;
  if (path.dirname(folder) !== folder) makeFolders(path.dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another program was quicker.
    if (codeOf(error) !== 'EEXIST') throw error;
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
  await chmod(folder, PRIVATE);
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

/**
 * Clears what killed runs left in a folder: temporary folders and a stale lock. Nothing happens while somebody works
 * there, nor where the folder cannot be written to.
 */
export const clearLeftovers = async (folder: string, lockName: string): Promise<void> => {
  try {
    const locks = lockFiles(lockName);
    const names = await readdir(folder);
    if (!names.some((name) => name.startsWith(temporaryPrefix) || locks.includes(name))) return;
    await tryLock(path.join(folder, lockName), () => removeLeftovers(folder));
  } catch {
    // What is needed is there: that the rest cannot be tidied is no reason to complain.
  }
};

/**
 * Puts a file at a second place: as a hard link, which takes no space and outlives the first; else as a copy, which
 * shares its blocks where the file system can. Never as a symbolic link: a cleared cache or a container that gets a copy
 * of `node_modules` would break it.
 */
export const linkOrCopy = async (from: string, to: string): Promise<void> => {
  await makeFolder(path.dirname(to), READABLE);
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'ENOSPC') throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
};

/** As {@link linkOrCopy}; a link to a neighbor (`libtensorflow.so` to `libtensorflow.so.2`) stays one. */
export const linkOrCopyEntry = async (from: string, to: string): Promise<void> => {
  const status = await lstat(from);
  const target = status.isSymbolicLink() ? await readlink(from) : undefined;
  if (target !== undefined && path.basename(target) === target) {
    await makeFolder(path.dirname(to), READABLE);
    await symlink(target, to);
  } else {
    // A hard link to a symbolic link would be another symbolic link.
    await linkOrCopy(await realpath(from), to);
  }
};

/** Moves a folder to a place where an older one may be; the older one goes to `aside`. */
export const replaceFolder = async (from: string, to: string, aside: string): Promise<void> => {
  await makeFolder(path.dirname(to), READABLE);
  try {
    await rename(to, aside);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
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
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return total;
};
