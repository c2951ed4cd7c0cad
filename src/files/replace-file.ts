import { realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { link, open, realpath, rename } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../base/causes';
import { makeFolders } from './folders';
import { removeLeft, unfinishedOf, withUnfinished } from './unfinished';

/** Makes what was written to a file, or in a folder, last over a loss of power. */
const sync = async (place: string, flags: 'r' | 'r+'): Promise<void> => {
  const handle = await open(place, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The same of the names in a folder. Not all systems let folders be opened; the files are safe then, too. */
export const syncFolder = async (folder: string): Promise<void> => {
  try {
    await sync(folder, 'r');
  } catch {
    // As far as this system goes.
  }
};

/** Where a file really is, behind links to it. */
const behindLinks = async (file: string): Promise<string> => {
  try {
    return await realpath(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return file;
    throw error;
  }
};

/**
 * Writes a file so that there is the old one or the new one, whole, whatever happens: beside it first, then moved to its place. Folders
 * that are missing are made. Without `overwrite`, one that is there already is an error of the code EEXIST.
 */
export const replaceFile = async (
  file: string,
  write: (temporary: string) => Promise<void>,
  { overwrite = true }: { readonly overwrite?: boolean } = {},
): Promise<void> => {
  makeFolders(path.dirname(path.resolve(file)));
  const target = await behindLinks(path.resolve(file));
  await withUnfinished(target, async (temporary) => {
    await write(temporary);
    await sync(temporary, 'r+');
    // A link fails where something is, at once.
    await (overwrite ? rename(temporary, target) : link(temporary, target));
    await syncFolder(path.dirname(target));
  });
};

/** Writes a small file at once so that there is the old one or the new one, whole. Folders that are missing are made. */
export const replaceFileSync = (file: string, content: string | Uint8Array): void => {
  let target = path.resolve(file);
  makeFolders(path.dirname(target));
  try {
    target = realpathSync(target);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  removeLeft(path.dirname(target));
  const temporary = unfinishedOf(target);
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};
