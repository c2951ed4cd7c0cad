import { rm } from 'node:fs/promises';
import path from 'node:path';
import { StepFailure, writeFailure, type FolderAdvice } from './failure';
import {
  clearLeftovers,
  makeFolder,
  PRIVATE,
  removeLeftovers,
  replaceFolder,
  withTemporaryFolder,
} from '../files/folders';
import { megabytes, needSpace } from './files';
import { withLock } from '../files/lock';
import { versionFolder } from '../native/locate';
import { checkPackage, fetchPackage } from './npm';
import type { NativeRelease, PinnedPackage } from '../native/pinned';
import type { Surroundings } from './process';
import { describePlatform, samePlatform, type Platform } from '../native/platform';
import type { Report } from './report';
import { damagedFiles, unpackRelease } from './unpack';

/** What fetching needs to know. */
export interface Fetching {
  /** The per-user cache. */
  readonly cache: string;
  /** Where the user's npm and pip run. */
  readonly surroundings: Surroundings;
  readonly report: Report;
}

export const elsewhere: FolderAdvice = {
  full: 'Free space there, or name a folder on another disk with the environment variable KERAS_PIPE_CACHE.',
  closed: 'Name another folder with the environment variable KERAS_PIPE_CACHE.',
};

const LOCK_NAME = 'setup.lock';

/** Clears what killed runs left in the cache, if nobody works there. */
export const clearCache = (cache: string): Promise<void> => clearLeftovers(cache, LOCK_NAME);

/** Runs an action in the cache, alone: no other process fetches meanwhile, and what dead ones left is cleared. */
export const inCache = async <T>({ cache, report }: Fetching, action: () => Promise<T>): Promise<T> => {
  try {
    await makeFolder(cache, PRIVATE);
    return await withLock(
      path.join(cache, LOCK_NAME),
      async () => {
        await removeLeftovers(cache);
        return await action();
      },
      { onWait: (pid) => report.line(`  waiting for another keras-pipe setup, process ${pid}`) },
    );
  } catch (error) {
    throw writeFailure(error, cache, elsewhere);
  }
};

/** @throws StepFailure if what is for one system is not for another */
export const requirePlatform = (needed: Platform, platform: Platform): void => {
  if (samePlatform(needed, platform)) return;
  throw new StepFailure(
    `it is for ${describePlatform(needed)} only, and this is ${describePlatform(platform)}`,
  );
};

/** The folder of a release in the cache, complete and checked; fetched if need be. */
export const cachedRelease = async (
  release: NativeRelease,
  platform: Platform,
  fetching: Fetching,
): Promise<string> => {
  const { cache, surroundings, report } = fetching;
  requirePlatform(release.platform, platform);
  const { os, arch } = release.platform;
  const folder = path.join(cache, versionFolder(release.tensorflow, os, arch));
  const found = async (): Promise<boolean> => (await damagedFiles(folder, release)).length === 0;
  // A complete cache serves even where it cannot be written to, so it is looked at before it is locked.
  if (await found().catch(() => false)) {
    report.line(`  found in ${cache}`);
    await clearCache(cache);
    return folder;
  }
  await inCache(fetching, async () => {
    if (await found()) return;
    await needSpace(cache, release.package.bytes + release.bytes, elsewhere.full);
    await withTemporaryFolder(cache, async (temporary) => {
      const tarball = path.join(temporary, 'package.tgz');
      report.line(
        `  downloading ${megabytes(release.package.bytes)} with npm, once for all projects of this user`,
      );
      await fetchPackage(release.package, tarball, surroundings, report);
      report.line('  unpacking');
      await unpackRelease(tarball, release, temporary, report);
      await replaceFolder(path.join(temporary, 'tree'), folder, path.join(temporary, 'old'));
    });
    report.line(`  kept in ${cache}`);
  });
  return folder;
};

/** The tarball of a small package in the cache, checked; fetched if need be. */
export const cachedPackage = async (wanted: PinnedPackage, fetching: Fetching): Promise<string> => {
  const { cache, surroundings, report } = fetching;
  const file = path.join(cache, `${wanted.name.replace(/^@/, '').replace('/', '-')}-${wanted.version}.tgz`);
  const found = (): Promise<boolean> =>
    checkPackage(wanted, file).then(
      () => true,
      () => false,
    );
  if (await found()) return file;
  await inCache(fetching, async () => {
    if (await found()) return;
    await rm(file, { force: true });
    await fetchPackage(wanted, file, surroundings, report);
  });
  return file;
};
