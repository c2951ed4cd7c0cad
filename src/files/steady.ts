/** Reading what other processes may be writing anew. */
import { stat } from 'node:fs/promises';
import { codeOf } from '../base/causes';

/** How often something is read again: each writing takes longer than a reading. */
const MAX_READINGS = 20;

/** What tells one version of a file from the next; undefined if the file is not there. */
const markOf = async (file: string): Promise<string | undefined> => {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs].join(' ');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const isDisposable = (found: object | undefined): found is { dispose(): unknown } =>
  found !== undefined && 'dispose' in found;

/**
 * Reads what is in several files, or in one that is opened several times, which another process may replace meanwhile: what was read
 * then may be of both versions, or gone, and is read again. `fileOf` gives the file that each version has a new one of, or the folder that
 * each version is. One that is not there may be between two versions.
 */
export const readSteadily = async <T extends object | undefined>(
  fileOf: () => string,
  read: () => Promise<T>,
): Promise<T> => {
  for (let left = MAX_READINGS; ; left--) {
    const before = await markOf(fileOf());
    const after = async (): Promise<string | undefined> => markOf(fileOf());
    let found: T;
    try {
      found = await read();
    } catch (error) {
      if (left === 0 || (before !== undefined && before === (await after()))) throw error;
      continue;
    }
    if (left === 0 || before === (await after())) return found;
    if (isDisposable(found)) found.dispose();
  }
};
