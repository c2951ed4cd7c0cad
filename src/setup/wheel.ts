import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { findLibrary } from '../native/library';
import { StepFailure } from './failure';
import { unpackFailure } from './unpack';

/** Where the libraries are in a wheel. */
const FOLDER = 'tensorflow/';

/** Under which terms it may be kept: beside the libraries in newer wheels, with the wheel's own files in older ones. */
const LICENSES = /^tensorflow\/THIRD_PARTY_NOTICES\.txt$|\.dist-info\/(licenses\/)?(LICENSE|THIRD_PARTY\w*)$/;

/** Names of the files in a wheel that are of the C library, given all its members' names, for a system. */
export const libraryMembers = (names: readonly string[], os: string): string[] => {
  const inFolder = names
    .filter((name) => name.startsWith(FOLDER) && !name.slice(FOLDER.length).includes('/'))
    .map((name) => name.slice(FOLDER.length));
  const files = findLibrary(inFolder, os);
  const licenses = names.filter((name) => LICENSES.test(name));
  return files === undefined
    ? []
    : [...[...files.dependencies, files.main].map((name) => FOLDER + name), ...licenses];
};

/** Unpacks the C library of a wheel into a folder, and nothing else of it: the rest is Python. */
export const unpackWheel = async (wheel: string, os: string, folder: string): Promise<void> => {
  try {
    const zip = await openPromise(wheel, { autoClose: false });
    try {
      const entries = [];
      for await (const entry of zip.eachEntry()) entries.push(entry);
      const wanted = libraryMembers(
        entries.map(({ fileName }) => fileName),
        os,
      );
      if (wanted.length === 0)
        throw new StepFailure(`${path.basename(wheel)} has no C library for ${os} in it`);
      await mkdir(folder, { recursive: true });
      for (const entry of entries.filter(({ fileName }) => wanted.includes(fileName))) {
        const file = path.join(folder, path.posix.basename(entry.fileName));
        // Ends with an error if the member's length is not what the archive says.
        await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file, { mode: 0o644 }));
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    throw unpackFailure(error, "TensorFlow's wheel");
  }
};
