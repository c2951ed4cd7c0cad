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

/**
 * Reads what is in several files, or in one that is opened several times, which another process may replace meanwhile: what was read
 * then may be of both versions, or gone, and is read again. `fileOf` gives the file that each version has a new one of.
 */
export const readSteadily = async <T extends { readonly dispose: () => unknown } | undefined>(
  fileOf: () => string,
  read: () => Promise<T>,
): Promise<T> => {
  for (let left = MAX_READINGS; ; left--) {
    const before = await markOf(fileOf());
    const isSteady = async (): Promise<boolean> => left === 0 || before === (await markOf(fileOf()));
    let found: T;
    try {
      found = await read();
    } catch (error) {
      if (await isSteady()) throw error;
      continue;
    }
    if (await isSteady()) return found;
    found?.dispose();
  }
};
