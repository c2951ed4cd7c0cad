import { createReadStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { extract, Parser } from 'tar';
import { codeOf, messageOf } from '../base/causes';
import { StepFailure } from './failure';
import { hashFile, sizeBelow } from '../files/folders';
import type { NativeRelease, PinnedPackage } from '../native/pinned';
import { watched, type Report } from './report';

const diskCodes = /\b(ENOSPC|EDQUOT|EROFS|EACCES|EPERM|EIO)\b/;

export const unpackFailure = (error: unknown, name: string): unknown => {
  if (error instanceof StepFailure) return error;
  // The disk's troubles come through the archive reader, some of them wrapped into its own errors.
  const disk = diskCodes.exec(`${codeOf(error) ?? ''} ${messageOf(error)}`);
  if (disk !== null) return Object.assign(new Error(messageOf(error), { cause: error }), { code: disk[1] });
  return new StepFailure(`${name} cannot be unpacked: ${messageOf(error)}`, [], error);
};

/** Root, too, becomes the owner of what it unpacks: the archive's user could change it otherwise. */
const AS_OWN_FILES = { strict: true, preserveOwner: false } as const;

/** Writes the wanted files of the archive inside a package's tarball into a folder, under their paths in the archive. */
const unpackInner = async (tarball: string, release: NativeRelease, folder: string): Promise<void> => {
  const wanted = new Set(release.files.map(({ from }) => from));
  let inner: Promise<void> | undefined;
  const outer = new Parser({
    strict: true,
    filter: (entry) => entry === release.archive,
    onReadEntry: (entry) => {
      inner = pipeline(
        Readable.from(entry),
        createBrotliDecompress(),
        extract({ ...AS_OWN_FILES, cwd: folder, filter: (file) => wanted.has(file) }),
      );
      // The error is taken up below; until then it must not count as unhandled.
      inner.catch((error: unknown) => outer.abort(new Error(messageOf(error), { cause: error })));
    },
  });
  let outerError: unknown;
  await pipeline(createReadStream(tarball), outer).catch((error: unknown) => (outerError = error));
  await inner;
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- thrown on as it came
  if (outerError !== undefined) throw outerError;
  if (inner === undefined) throw new StepFailure(`${release.package.name} has no ${release.archive}`);
};

/** Unpacks a native release into `tree` in a folder, each file under its name in the release, and checks it against its pinned hash. */
export const unpackRelease = async (
  tarball: string,
  release: NativeRelease,
  folder: string,
  report: Report,
): Promise<void> => {
  const raw = path.join(folder, 'raw');
  const tree = path.join(folder, 'tree');
  await mkdir(raw);
  try {
    await watched(unpackInner(tarball, release, raw), report, 'unpacking', release.bytes, () =>
      sizeBelow(raw),
    );
  } catch (error) {
    throw unpackFailure(error, release.package.name);
  }
  for (const { from, to } of release.files) {
    await mkdir(path.dirname(path.join(tree, to)), { recursive: true });
    await rename(path.join(raw, from), path.join(tree, to)).catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT' ? new StepFailure(`${release.archive} has no ${from}`) : error;
    });
  }
  const damaged = await damagedFiles(tree, release);
  if (damaged.length > 0) {
    throw new StepFailure(
      `${release.package.name} has unexpected contents: ${damaged.join(', ')} differ from their hashes`,
    );
  }
};

/** The files of a release that are missing in a folder or differ from their pinned hashes. */
export const damagedFiles = async (folder: string, release: NativeRelease): Promise<string[]> => {
  const damaged: string[] = [];
  for (const { to, sha256 } of release.files) {
    const found = await hashFile(path.join(folder, to), 'sha256', 'hex').catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return '';
      throw error;
    });
    if (found !== sha256) damaged.push(to);
  }
  return damaged;
};

/** Unpacks what runs of a package: its manifest, its license and `dist/`. */
export const unpackJavaScript = async (
  tarball: string,
  wanted: PinnedPackage,
  folder: string,
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  try {
    await extract({
      ...AS_OWN_FILES,
      file: tarball,
      cwd: folder,
      strip: 1,
      filter: (file) => /^package\/(package\.json$|LICENSE|dist\/)/.test(file) && !file.includes('_test.'),
    });
  } catch (error) {
    throw unpackFailure(error, wanted.name);
  }
};
