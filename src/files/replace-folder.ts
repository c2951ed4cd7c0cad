import { existsSync, renameSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../base/causes';
import { makeFolders } from './folders';
import { withLock } from './lock';
import { syncFolder } from './replace-file';
import { withUnfinished } from './unfinished';

/** Where the folder before is while the new one takes its place. */
const asideOf = (folder: string): string => {
  const target = path.resolve(folder);
  return path.join(path.dirname(target), `.${path.basename(target)}.previous`);
};

/**
 * Where a folder is that {@link replaceFolder} writes: a process that was killed between the two moves leaves the old one
 * beside its place.
 */
export const currentFolder = (folder: string): string => {
  const aside = asideOf(folder);
  return !existsSync(folder) && existsSync(aside) ? aside : folder;
};

const namesIn = async (folder: string): Promise<string[] | undefined> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, syscall: 'rename' });

/** How a folder is replaced. */
export interface ReplaceFolderOptions {
  readonly overwrite: boolean;
  /** A file that is in all folders of its kind: no other folder is replaced. */
  readonly mark: string;
}

/**
 * Writes a folder so that there is the old one or the new one, whole, whatever happens: beside it first, then moved to its place, from
 * which the old one has been moved away. Folders that are missing are made. A folder of something else is an error of the code
 * ENOTEMPTY, and without `overwrite` any that is there one of the code EEXIST.
 */
export const replaceFolder = async (
  folder: string,
  write: (temporary: string) => Promise<void>,
  { overwrite, mark }: ReplaceFolderOptions,
): Promise<void> => {
  const target = path.resolve(folder);
  const parent = path.dirname(target);
  const aside = asideOf(target);
  makeFolders(parent);
  const check = async (place: string): Promise<boolean> => {
    const names = await namesIn(place);
    if (names === undefined || names.length === 0) return names !== undefined;
    if (!overwrite) throw failure('EEXIST', `${target} is there already`);
    if (!names.includes(mark)) throw failure('ENOTEMPTY', `${target} has other files, and no ${mark}`);
    return true;
  };
  await check(currentFolder(target));
  await withUnfinished(target, async (temporary) => {
    await mkdir(temporary);
    await write(temporary);
    await syncFolder(temporary);
    await withLock(path.join(parent, `.${path.basename(target)}.lock`), async () => {
      // Where one that was killed between its two moves has left it.
      if (currentFolder(target) === aside) await rename(aside, target);
      if (await check(target)) await rm(aside, { recursive: true, force: true });
      swap(temporary, target, aside);
      await syncFolder(parent);
      await rm(aside, { recursive: true, force: true });
    });
  });
};

/** Both moves, one directly after the other. */
const swap = (from: string, target: string, aside: string): void => {
  const isThere = existsSync(target);
  if (isThere) renameSync(target, aside);
  try {
    renameSync(from, target);
  } catch (error) {
    if (isThere) renameSync(aside, target);
    throw error;
  }
};

/** Writes a file that is not there yet, to the disk: as a part of a folder that takes the place of another. */
export const writeNew = async (file: string, content: string | Uint8Array): Promise<void> => {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
};
