import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, messageOf } from '../base/causes';
import { StepFailure } from './failure';
import { linkOrCopyEntry } from '../files/folders';
import type { Platform } from './platform';
import { addonFolder, addonName } from '../native/runtime';

/** The environment variable with which the user names a folder. */
export const folderVariable = 'LIBTENSORFLOW_DIR';

const libraryNames: Readonly<Record<string, RegExp>> = {
  darwin: /^libtensorflow(_framework)?(\.\d+)*\.dylib$/,
  win32: /^tensorflow\.dll$/,
};
const linuxLibraryNames = /^libtensorflow(_framework)?\.so(\.\d+)*$/;

const advice = [
  `${folderVariable} must hold libtensorflow (in it, in lib/ or in deps/lib/) and the ${addonName} that belongs to it ` +
    `(in it, in lib/ or in lib/napi-v8/), as the folder node_modules/@tensorflow/tfjs-node of a machine where tfjs-node works.`,
  `Unset ${folderVariable} to have keras-pipe look elsewhere.`,
];

const list = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw new StepFailure(`${folder} cannot be read (${messageOf(error)})`, advice, error);
  }
};

/** The first of some folders below a folder that holds matching files, with these. */
const search = async (
  folder: string,
  below: readonly string[],
  matches: (name: string) => boolean,
): Promise<string[]> => {
  for (const part of below) {
    const names = (await list(path.join(folder, part))).filter(matches);
    if (names.length > 0) return names.map((name) => path.join(folder, part, name));
  }
  return [];
};

/** Puts the library and the addon of the folder that the user named into a folder laid out as tfjs-node's. */
export const useNamedFolder = async (
  folder: string,
  platform: Platform,
  destination: string,
): Promise<void> => {
  const versions = (await list(path.join(folder, 'lib'))).filter((name) => /^napi-v\d+$/.test(name));
  const addonFolders = ['.', 'lib', ...versions.map((name) => path.join('lib', name)), 'napi-v8'];
  const libraryFolders = [path.join('deps', 'lib'), 'lib', '.', ...addonFolders];
  const pattern = libraryNames[platform.os] ?? linuxLibraryNames;
  const libraries = await search(folder, libraryFolders, (name) => pattern.test(name));
  if (libraries.length === 0)
    throw new StepFailure(`${folder} has no libtensorflow for ${platform.os}`, advice);
  const [addon] = await search(folder, addonFolders, (name) => name === addonName);
  if (addon === undefined) throw new StepFailure(`${folder} has libtensorflow, but no ${addonName}`, advice);
  // Windows looks for a library next to the one that asks for it, the others where the addon says.
  const libraryFolder = platform.os === 'win32' ? addonFolder : path.join('deps', 'lib');
  for (const library of libraries) {
    await linkOrCopyEntry(library, path.join(destination, libraryFolder, path.basename(library)));
  }
  await linkOrCopyEntry(addon, path.join(destination, addonFolder, addonName));
};
