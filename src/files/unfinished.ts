/**
 * What is written beside its place before it takes it: a file or a folder whose name says which process writes it. What one that was
 * killed has left is removed when something is written in that folder the next time; what another is still writing stays.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PRIVATE } from './folders';
import { onInterrupt } from './interrupt';
import { ABANDONED_AFTER } from './lock';
import { beginningOf, isRunning, machine } from './processes';

/** The machine, the process, when it began, and by chance. */
const ENDING = /\.([\da-f]{8})-([\da-z]+)-([\da-z]+)-[\da-f]{8}\.part$/;

/** Names have 255 bytes at the most. */
const MAX_BYTES = 180;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const beginning = (basename: string): string =>
  `.${Buffer.byteLength(basename) > MAX_BYTES ? hashOf(basename) : basename}`;

const thisMachine = (): string => hashOf(machine()).slice(0, 8);

/** A name beside a place that no other writer has. */
export const unfinishedOf = (target: string): string => {
  const { pid } = process;
  const writer = [thisMachine(), pid.toString(36), beginningOf(pid).toString(36)].join('-');
  const name = `${beginning(path.basename(target))}.${writer}-${randomBytes(4).toString('hex')}.part`;
  return path.join(path.dirname(target), name);
};

/** Which of a folder's names are of what was, or is, to take the place of this one. */
export const unfinishedAmong = (basename: string, names: readonly string[]): string[] =>
  names.filter((name) => {
    const found = ENDING.exec(name);
    return found !== null && name.slice(0, found.index) === beginning(basename);
  });

/** When something was last changed in a file or folder, by the disk's clock. */
const changedAt = (place: string): number => {
  const status = lstatSync(place);
  const inside = status.isDirectory()
    ? readdirSync(place).map((name) => changedAt(path.join(place, name)))
    : [];
  return Math.max(status.mtimeMs, ...inside);
};

/** Whether nobody is writing this any more: of another machine's processes it is known by their silence only. */
const isLeft = (place: string): boolean => {
  const [, where, pid = '', began = ''] = ENDING.exec(place) ?? [];
  if (where === undefined) return false;
  const status = lstatSync(place);
  // Where all may write, what is in another's folder can change while it is removed.
  if (status.isDirectory() && process.getuid !== undefined && status.uid !== process.getuid()) return false;
  return where === thisMachine()
    ? !isRunning(Number.parseInt(pid, 36), Number.parseInt(began, 36))
    : Date.now() - changedAt(place) > ABANDONED_AFTER;
};

/** How many names are looked at for each writing, on average, at the most: thousands of pictures may be saved in one folder. */
const LOOKED_AT = 100;

/** In how many writings no one looks at a folder. */
const pauses = new Map<string, number>();

/** Removes what processes that were killed have left in a folder. */
export const removeLeft = (folder: string): void => {
  const pause = pauses.get(folder) ?? 0;
  if (pause > 1) {
    pauses.set(folder, pause - 1);
    return;
  }
  pauses.delete(folder);
  try {
    const names = readdirSync(folder);
    if (names.length > LOOKED_AT) pauses.set(folder, Math.ceil(names.length / LOOKED_AT));
    for (const name of names) if (ENDING.test(name)) removeIfLeft(path.join(folder, name));
  } catch {
    // What is wrong with the folder is said by who writes there.
  }
};

const removeIfLeft = (place: string): void => {
  try {
    if (isLeft(place)) rmSync(place, { recursive: true, force: true });
  } catch {
    // Another was quicker, or it is another's: that it cannot be tidied is no reason not to write.
  }
};

/** Works with a name beside a place, where a file or a folder can be made; what is there at the end is removed. */
export const withUnfinished = async <T>(target: string, work: (place: string) => Promise<T>): Promise<T> => {
  removeLeft(path.dirname(target));
  const place = unfinishedOf(target);
  const forget = onInterrupt(() => rmSync(place, { recursive: true, force: true }));
  try {
    return await work(place);
  } finally {
    await rm(place, { recursive: true, force: true, maxRetries: 3 });
    forget();
  }
};

/** Works with a folder that nobody else sees, among the system's for what is of use for a moment. */
export const withPrivateFolder = <T>(work: (folder: string) => Promise<T>): Promise<T> =>
  withUnfinished(path.join(tmpdir(), 'keras-pipe'), async (folder) => {
    await mkdir(folder, { mode: PRIVATE });
    await chmod(folder, PRIVATE);
    return work(folder);
  });
