import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashFile, replaceFolder, withTemporaryFolder } from '../files/folders';
import { CONTENTS } from '../native/library';
import { versionFolder } from '../native/locate';
import { megabytes, needSpace } from './files';
import { clearCache, elsewhere, inCache, requirePlatform, type Fetching } from './npm-package';
import { fetchWheel } from './pip';
import type { PinnedWheel } from '../native/pinned';
import type { Platform } from '../native/platform';
import { unpackWheel } from './wheel';

/** What is written down beside the files of a wheel: which wheel, and the hashes of what came of it. */
interface Contents {
  readonly wheel: string;
  readonly sha256: Readonly<Record<string, string>>;
}

/** The hashes of files of a folder, by name. */
export const hashesOf = async (folder: string, names: readonly string[]): Promise<Record<string, string>> => {
  const hashes: Record<string, string> = {};
  for (const name of names) hashes[name] = await hashFile(path.join(folder, name), 'sha256', 'hex');
  return hashes;
};

/** The hashes of all files of a folder that setup has made. */
export const hashesIn = async (folder: string): Promise<Record<string, string>> =>
  hashesOf(folder, (await readdir(folder)).filter((name) => name !== CONTENTS).sort());

/** Whether a folder holds what came of a wheel, each file as it was. */
const isWhole = async (folder: string, wheel: PinnedWheel): Promise<boolean> => {
  try {
    const text = await readFile(path.join(folder, CONTENTS), 'utf8');
    const contents = JSON.parse(text) as Contents;
    const hashes = await hashesIn(folder);
    const names = Object.keys(contents.sha256);
    return contents.wheel === wheel.sha256 && names.every((name) => hashes[name] === contents.sha256[name]);
  } catch {
    return false;
  }
};

/** The folder of a wheel's C library in the cache, complete and checked; fetched if need be. */
export const cachedWheel = async (
  wheel: PinnedWheel,
  platform: Platform,
  fetching: Fetching,
): Promise<string> => {
  requirePlatform(wheel.platform, platform);
  const { cache, surroundings, report } = fetching;
  const { os, arch } = platform;
  const folder = path.join(cache, versionFolder(wheel.version, os, arch));
  // A complete cache serves even where it cannot be written to, so it is looked at before it is locked.
  if (await isWhole(folder, wheel)) {
    report.line(`  found in ${cache}`);
    await clearCache(cache);
    return folder;
  }
  await inCache(fetching, async () => {
    if (await isWhole(folder, wheel)) return;
    await needSpace(cache, wheel.bytes.packed + wheel.bytes.unpacked, elsewhere.full);
    await withTemporaryFolder(cache, async (temporary) => {
      const file = path.join(temporary, 'wheel.whl');
      report.line(
        `  downloading ${megabytes(wheel.bytes.packed)} with pip, once for all projects of this user`,
      );
      await fetchWheel(wheel, file, surroundings, report);
      report.line('  unpacking');
      const tree = path.join(temporary, 'tree');
      await unpackWheel(file, os, tree);
      const contents: Contents = { wheel: wheel.sha256, sha256: await hashesIn(tree) };
      await writeFile(path.join(temporary, CONTENTS), JSON.stringify(contents));
      await rename(path.join(temporary, CONTENTS), path.join(tree, CONTENTS));
      await replaceFolder(tree, folder, path.join(temporary, 'old'));
    });
    report.line(`  kept in ${cache}`);
  });
  return folder;
};
