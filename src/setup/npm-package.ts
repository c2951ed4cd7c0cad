import { rm } from 'node:fs/promises';
import path from 'node:path';
import { StepFailure, writeFailure, type FolderAdvice } from './failure';
import {
  clearLeftovers,
  linkOrCopy,
  makeFolder,
  PRIVATE,
  removeLeftovers,
  replaceFolder,
  withTemporaryFolder,
} from '../files/folders';
import { megabytes, needSpace } from './files';
import { withLock } from '../files/lock';
import { checkPackage, fetchPackage, type Npm } from './npm';
import type { NativeRelease, PinnedPackage } from './pinned';
import { describePlatform, type Platform } from './platform';
import type { Report } from './report';
import { damagedFiles, unpackRelease } from './unpack';

/** What fetching from the npm registry needs to know. */
export interface Fetching {
  /** The per-user cache. */
  readonly cache: string;
  readonly npm: Npm;
  readonly report: Report;
}

const elsewhere: FolderAdvice = {
  full: 'Free space there, or name a folder on another disk with the environment variable KERAS_PIPE_CACHE.',
  closed: 'Name another folder with the environment variable KERAS_PIPE_CACHE.',
};

const LOCK_NAME = 'setup.lock';

/** Clears what killed runs left in the cache, if nobody works there. */
export const clearCache = (cache: string): Promise<void> => clearLeftovers(cache, LOCK_NAME);

/** Runs an action in the cache, alone: no other process fetches meanwhile, and what dead ones left is cleared. */
const inCache = async <T>({ cache, report }: Fetching, action: () => Promise<T>): Promise<T> => {
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

const fits = (release: NativeRelease, { os, arch, libc }: Platform): boolean =>
  release.platform.os === os && release.platform.arch === arch && release.platform.libc === libc;

/** The folder of a release in the cache, complete and checked; fetched if need be. */
export const cachedRelease = async (
  release: NativeRelease,
  platform: Platform,
  fetching: Fetching,
): Promise<string> => {
  const { cache, npm, report } = fetching;
  if (!fits(release, platform)) {
    throw new StepFailure(
      `it is for ${describePlatform(release.platform)} only, and this is ${describePlatform(platform)}`,
    );
  }
  const { os, arch } = release.platform;
  const folder = path.join(cache, `tensorflow-${release.tensorflow}-${os}-${arch}`);
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
      await fetchPackage(release.package, tarball, npm, report);
      report.line('  unpacking');
      await unpackRelease(tarball, release, temporary, report);
      await replaceFolder(path.join(temporary, 'tree'), folder, path.join(temporary, 'old'));
    });
    report.line(`  kept in ${cache}`);
  });
  return folder;
};

/** Puts a release from the npm registry, by way of the cache, into a folder laid out as tfjs-node's. */
export const useNpmPackage = async (
  release: NativeRelease,
  platform: Platform,
  destination: string,
  fetching: Fetching,
): Promise<void> => {
  const folder = await cachedRelease(release, platform, fetching);
  for (const { to } of release.files) await linkOrCopy(path.join(folder, to), path.join(destination, to));
};

/** The tarball of a small package in the cache, checked; fetched if need be. */
export const cachedPackage = async (wanted: PinnedPackage, fetching: Fetching): Promise<string> => {
  const { cache, npm, report } = fetching;
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
    await fetchPackage(wanted, file, npm, report);
  });
  return file;
};
