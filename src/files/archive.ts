/** Unpacks archives into a folder: tar, plain or by gzip, and zip. What is in them stays in that folder. */
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type ReadEntry } from 'tar';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { codeOf, messageOf } from '../base/causes';
import { makeFolder, READABLE, withTemporaryFolder } from './folders';
import { excerpt, MalformedError } from './malformed';
import { Checksum } from './zip';

/** The kinds of archives. */
export type ArchiveFormat = 'tar' | 'zip';

/** The first bytes of a tar's first header. */
const HEAD = 512;

const startOf = async (file: string): Promise<Buffer> => {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
};

/** What kind of archive a file begins as. */
const formatOf = (start: Buffer): ArchiveFormat | undefined => {
  const begins = (...bytes: readonly number[]): boolean =>
    bytes.every((byte, index) => start[index] === byte);
  if (begins(0x50, 0x4b, 3, 4) || begins(0x50, 0x4b, 5, 6)) return 'zip';
  if (begins(0x1f, 0x8b)) return 'tar';
  if (begins(0x42, 0x5a, 0x68)) throw new MalformedError('it is packed by bzip2, which Node.js cannot read');
  if (begins(0xfd, 0x37, 0x7a, 0x58))
    throw new MalformedError('it is packed by xz, which Node.js cannot read');
  return start.subarray(257, 262).toString('latin1') === 'ustar' ? 'tar' : undefined;
};

const isOfDisk = (error: unknown): boolean =>
  /\b(ENOSPC|EDQUOT|EROFS|EACCES|EPERM|EIO|ENAMETOOLONG)\b/.test(
    `${codeOf(error) ?? ''} ${messageOf(error)}`,
  );

/** How many times as many bytes as the archive its entries may have: texts and pictures do not come near. */
const MAX_PACKING = 200;
/** Bytes that they may have whatever its size: a disk has room for them. */
const FREE_BYTES = 2 ** 30;

/** Says for each entry whether all together still are what an honest archive may hold: others are made to fill a disk. */
const sizeCheck = async (file: string): Promise<(bytes: number) => boolean> => {
  const { size } = await stat(file);
  let left = MAX_PACKING * size + FREE_BYTES;
  return (bytes) => (left -= bytes) >= 0;
};

const tooLarge = (name: string): string =>
  `with its entry '${excerpt(name)}' it would unpack to more than ${MAX_PACKING} times its size`;

/** A tar's entries may be files and folders: a link could lead the next entry out of the folder. */
const unpackTar = async (file: string, folder: string): Promise<void> => {
  let refused: string | undefined;
  const fits = await sizeCheck(file);
  const isPlain = (name: string, entry: ReadEntry | object): boolean => {
    const { type, size = 0 } = entry as { readonly type?: unknown; readonly size?: number }; // those of an archive have them
    if (!fits(size)) refused ??= tooLarge(name);
    if (refused !== undefined) return false;
    if (type === 'File' || type === 'Directory' || type === 'OldFile' || type === 'GNUDumpDir') return true;
    refused = `its entry '${excerpt(name)}' is a link or a device`;
    return false;
  };
  try {
    await extract({ file, cwd: folder, strict: true, preserveOwner: false, filter: isPlain });
  } catch (error) {
    if (isOfDisk(error)) throw error;
    throw new MalformedError(refused ?? excerpt(messageOf(error)));
  }
  if (refused !== undefined) throw new MalformedError(refused);
};

/** The kind of a file in the upper half of a zip's attributes, where Unix made it. */
const FILE_KIND = 0o170000;
const ORDINARY = [0, 0o100000, 0o040000];

const unpackEntry = async (zip: ZipFile, entry: Entry, folder: string): Promise<void> => {
  const { fileName } = entry;
  if (!ORDINARY.includes((entry.externalFileAttributes >>> 16) & FILE_KIND)) {
    throw new MalformedError(`its entry '${excerpt(fileName)}' is a link or a device`);
  }
  if (entry.generalPurposeBitFlag & 1)
    throw new MalformedError(`its entry '${excerpt(fileName)}' is encrypted`);
  const target = path.join(folder, fileName);
  // yauzl refuses such names; what is written where is not left to another.
  if (!target.startsWith(`${folder}${path.sep}`)) {
    throw new MalformedError(`its entry '${excerpt(fileName)}' is outside`);
  }
  if (fileName.endsWith('/')) {
    await makeFolder(target, READABLE);
    return;
  }
  await makeFolder(path.dirname(target), READABLE);
  const content = await zip.openReadStreamPromise(entry);
  await pipeline(content, new Checksum(entry), createWriteStream(target, { flags: 'wx', mode: 0o644 }));
};

const unpackZip = async (file: string, folder: string): Promise<void> => {
  let zip: ZipFile | undefined;
  const fits = await sizeCheck(file);
  try {
    zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true });
    for await (const entry of zip.eachEntry()) {
      if (!fits(entry.uncompressedSize)) throw new MalformedError(tooLarge(entry.fileName));
      await unpackEntry(zip, entry, folder);
    }
  } catch (error) {
    if (error instanceof MalformedError || isOfDisk(error)) throw error;
    throw new MalformedError(excerpt(messageOf(error)));
  } finally {
    zip?.close();
  }
};

/** Moves all that is in a folder into another one, where files of the same names are replaced. */
const moveInto = async (from: string, to: string): Promise<void> => {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (!entry.isDirectory()) await rename(source, target);
    else {
      const there = await lstat(target).catch(() => undefined);
      if (there === undefined) await rename(source, target);
      // Into a link, files would go wherever it leads.
      else if (there.isDirectory()) await moveInto(source, target);
      else
        throw new MalformedError(
          `its folder '${excerpt(entry.name)}' is in the place of ${target}, which is no folder`,
        );
    }
  }
};

/**
 * Unpacks an archive into the folder in which it is; files of the same names are replaced. Nothing appears there before all of it is
 * unpacked well. Entries that lead out of the folder, links and devices are refused, and what would unpack to far more than it is.
 *
 * @throws MalformedError if it is no such archive, is damaged, or has such entries.
 */
export const unpackArchive = async (file: string, format: ArchiveFormat | 'auto'): Promise<void> => {
  const found = formatOf(await startOf(file));
  if (found === undefined) throw new MalformedError('it begins neither as a tar nor as a zip');
  if (format !== 'auto' && format !== found)
    throw new MalformedError(`it begins as a ${found}, not as a ${format}`);
  await withTemporaryFolder(path.dirname(file), async (temporary) => {
    const folder = path.join(temporary, 'unpacked');
    await mkdir(folder);
    await (found === 'tar' ? unpackTar : unpackZip)(file, folder);
    await moveInto(folder, path.dirname(file));
  });
};
