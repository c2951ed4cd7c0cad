import { createHash } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Progress } from '../base/progress-bar';
import { messageOf } from '../base/causes';
import { hashFile } from './folders';
import { withResponse, type HttpResponse, type Timeouts } from './http';

/** The hash of a content. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'md5';
  readonly hex: string;
}

/** What to download and how to recognize it. */
export interface Download {
  readonly address: URL;
  /** Its length, where that is known. */
  readonly bytes?: number | undefined;
  /** Its hash. Without one, whatever comes is taken, and nothing is continued that may be of another file. */
  readonly hash?: Checksum | undefined;
}

/** A download did not work; the message is a clause that says why. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** The disk failed rather than the network. */
class DiskError extends Error {}

/** The server cannot continue where we are: from the start then. */
class RestartError extends Error {}

export const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const nameOf = ({ address }: Download): string => basename(address.pathname);

const lengthOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
};

/** True if the response continues at the byte asked for. */
const continuesAt = (response: HttpResponse, start: number): boolean =>
  response.status === 206 && response.header('content-range')?.startsWith(`bytes ${start}-`) === true;

const onDisk = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    throw new DiskError(messageOf(error), { cause: error });
  }
};

/** Writes an answer to `part`, from the byte asked for or from the first. */
const receive = async (
  file: Download,
  part: string,
  start: number,
  response: HttpResponse,
  progress: Progress,
): Promise<void> => {
  const { host } = file.address;
  const resumed = start > 0 && continuesAt(response, start);
  if (!resumed && response.status !== 200) {
    if (start > 0 && (response.status === 416 || response.status === 206)) throw new RestartError();
    throw new DownloadError(`${host} answered ${response.status}`);
  }
  let done = resumed ? start : 0;
  const length = Number(response.header('content-length') ?? NaN);
  const total = file.bytes ?? (Number.isFinite(length) ? done + length : undefined);
  const handle = await onDisk(open(part, resumed ? 'a' : 'w', 0o644));
  try {
    for await (const chunk of response.body) {
      done += chunk.length;
      if (file.bytes !== undefined && done > file.bytes) {
        await onDisk(handle.truncate(0));
        throw new DownloadError(`${host} sent more than the ${file.bytes} bytes of ${nameOf(file)}`);
      }
      await onDisk(handle.appendFile(chunk));
      progress.update(done, total);
    }
    await onDisk(handle.sync());
  } finally {
    await handle.close();
  }
};

/** One request: goes on where `part` ends, or starts over if the server does. */
const transfer = async (
  file: Download,
  part: string,
  progress: Progress,
  timeouts: Timeouts,
): Promise<void> => {
  const start = await lengthOf(part);
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  await withResponse(file.address, { timeouts, headers }, (response) =>
    receive(file, part, start, response, progress),
  );
};

/** Whether a whole file has the right content. */
const isRight = async (part: string, { hash }: Download): Promise<boolean> =>
  hash === undefined || (await hashFile(part, hash.algorithm, 'hex')) === hash.hex;

/**
 * Downloads into `part` until it is whole and has the right checksum. What an earlier try left there is continued; a
 * connection that breaks off is taken up again as long as data keeps coming. On failure `part` stays for the next
 * try, unless its content is wrong or the disk is full.
 *
 * @throws DownloadError if the file cannot be downloaded.
 */
export const download = async (
  file: Download,
  part: string,
  progress: Progress,
  timeouts: Timeouts,
): Promise<void> => {
  const { host } = file.address;
  // Of a file without a hash it cannot be known whether the rest would fit what is there.
  if (file.hash === undefined) await rm(part, { force: true });
  // What an earlier try left may itself be wrong, and is then worth one more try from the start.
  let inherited = (await lengthOf(part)) > 0;
  if (inherited && file.bytes === undefined && (await isRight(part, file))) return;
  for (;;) {
    const before = await lengthOf(part);
    let failure: unknown;
    try {
      if (file.bytes === undefined || before < file.bytes) await transfer(file, part, progress, timeouts);
    } catch (error) {
      failure = error;
    }
    const after = await lengthOf(part);
    if (failure === undefined || after === file.bytes) {
      if ((file.bytes === undefined || after === file.bytes) && (await isRight(part, file))) return;
      await rm(part, { force: true });
      if (!inherited) {
        throw new DownloadError(
          `the ${after} bytes that ${host} sent do not have the checksum of ${nameOf(file)}`,
        );
      }
      inherited = false;
    } else if (failure instanceof RestartError) {
      await rm(part, { force: true });
      inherited = false;
    } else if (failure instanceof DownloadError) {
      throw failure;
    } else if (failure instanceof DiskError) {
      // Most likely it is full, and half a file would only keep it so.
      await rm(part, { force: true }).catch(() => undefined);
      throw new DownloadError(`${part} could not be written (${failure.message})`, { cause: failure });
    } else if (after <= before || file.hash === undefined) {
      throw new DownloadError(`${host} could not be read (${messageOf(failure)})`, { cause: failure });
    }
  }
};
