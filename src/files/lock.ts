/**
 * Locks between processes: a file that names its holder, who touches it every few seconds.
 *
 * The lock of a process that was killed is taken over: at once on the same machine, elsewhere (a cache that containers or
 * machines share) when its signs of life stop, timed by the clock of the one that waits.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../base/causes';
import { onInterrupt } from './interrupt';
import { isRunning, machine } from './processes';

/** How a lock behaves, in milliseconds; the tests make it quick. */
export interface LockTimes {
  /** Between two looks at another's lock. */
  readonly poll: number;
  /** Between two signs of life of a lock's holder. */
  readonly heartbeat: number;
  /** Without a sign of life after which a lock counts as stale. */
  readonly stale: number;
  /** As {@link stale}, of a file that names nobody: its maker was killed between making and writing it. */
  readonly empty: number;
}

const USUAL_TIMES: LockTimes = { poll: 100, heartbeat: 3000, stale: 30_000, empty: 500 };

/** What another's process has not touched for so long, by the disk's clock, is stale at first sight. Milliseconds. */
export const ABANDONED_AFTER = 3_600_000;

/** What a lock file looked like: who holds it, and the last sign of life. */
interface Observation {
  readonly holder: string;
  readonly beat: number;
}

/** How a lock names its holder. */
export const holderName = (pid: number): string => `${pid}@${machine()}`;

const observe = async (file: string): Promise<Observation | undefined> => {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { holder, beat: mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Makes a file that was not there; false if it was. */
const create = async (file: string, content: string): Promise<boolean> => {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(content);
    } catch (error) {
      // On a full disk a lock without content would stay behind.
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  // While it was still empty another may have taken it for left behind.
  return (await observe(file))?.holder === content;
};

/** Whether the holder is known to be gone: a process of this machine that no longer runs. */
const isDead = (holder: string): boolean => {
  const [name = ''] = holder.split('\n');
  const at = name.indexOf('@');
  const pid = name.slice(0, Math.max(0, at));
  return name.slice(at + 1) === machine() && /^\d+$/.test(pid) && !isRunning(Number(pid));
};

/** Whether a lock is stale at first sight. */
const isLeftBehind = ({ holder, beat }: Observation, { empty }: LockTimes): boolean =>
  isDead(holder) || Date.now() - beat > (holder === '' ? empty : ABANDONED_AFTER);

const breaking = (file: string): string => `${file}.breaking`;

/**
 * Removes a lock that was left behind. Only one process may do so at a time, and only if the lock is still the one that was
 * judged: else two that wait could each remove the other's fresh lock.
 */
export const breakLock = async (file: string, judged: Observation, times: LockTimes): Promise<void> => {
  const mark = breaking(file);
  if (!(await create(mark, holderName(process.pid)))) {
    // It lives for a moment only, unless its maker was killed in that moment.
    const other = await observe(mark);
    const left =
      other !== undefined && (isLeftBehind(other, times) || Date.now() - other.beat > 10 * times.stale);
    if (left) await rm(mark, { force: true });
    return;
  }
  try {
    const current = await observe(file);
    if (current?.holder === judged.holder && current.beat === judged.beat) await rm(file, { force: true });
  } finally {
    await rm(mark, { force: true });
  }
};

/** Waits for another's lock to go, and takes it. */
const acquire = async (
  file: string,
  content: string,
  times: LockTimes,
  onWait: (pid: string) => void,
): Promise<void> => {
  // Looks are counted, not time: where a terminal or a sleeping computer stops this process, it stops the holder, too.
  let seen: (Observation & { looks: number }) | undefined;
  let isReported = false;
  while (!(await create(file, content))) {
    const current = await observe(file);
    if (current === undefined) continue;
    const isNew = seen?.holder !== current.holder || seen.beat !== current.beat;
    if (isNew || seen === undefined) seen = { ...current, looks: 0 };
    else seen.looks++;
    const isSilent = seen.looks * times.poll > (current.holder === '' ? times.empty : times.stale);
    if (isSilent || (isNew ? isLeftBehind(current, times) : isDead(current.holder))) {
      await breakLock(file, current, times);
      await sleep(1);
      continue;
    }
    if (!isReported && current.holder !== '') {
      isReported = true;
      onWait(current.holder.split('@')[0] ?? '');
    }
    await sleep(times.poll);
  }
};

/** Runs an action under a lock that was taken, and lets the lock go. */
const holding = async <T>(
  file: string,
  content: string,
  times: LockTimes,
  action: () => Promise<T>,
): Promise<T> => {
  const heart = setInterval(() => {
    const now = new Date();
    // A lock that another took for stale is no longer ours to renew; the actions' own moves are atomic.
    utimes(file, now, now).catch(() => undefined);
  }, times.heartbeat);
  heart.unref();
  const forget = onInterrupt(() => {
    if (readFileSync(file, 'utf8') === content) rmSync(file);
  });
  try {
    const mark = await observe(breaking(file));
    // Its maker was killed when it had removed the lock before this one.
    if (mark !== undefined && isLeftBehind(mark, times)) await rm(breaking(file), { force: true });
    return await action();
  } finally {
    clearInterval(heart);
    forget();
    if ((await observe(file))?.holder === content) await rm(file, { force: true });
  }
};

/** What a lock says of its holder: the process, and one of its calls. */
const newContent = (): string => `${holderName(process.pid)}\n${randomUUID()}`;

/**
 * Runs an action while no other call, in this process or another, runs one under the same lock file. Others wait. The
 * file's folder must be there.
 *
 * @param options.onWait is told the process id of the other when there is one
 */
export const withLock = async <T>(
  file: string,
  action: () => Promise<T>,
  options: { readonly onWait?: (pid: string) => void; readonly times?: LockTimes } = {},
): Promise<T> => {
  const { onWait = () => undefined, times = USUAL_TIMES } = options;
  const content = newContent();
  await acquire(file, content, times, onWait);
  return holding(file, content, times, action);
};

/** As {@link withLock}, where nobody holds the lock; else `undefined`, without waiting. */
export const tryLock = async <T>(
  file: string,
  action: () => Promise<T>,
  times: LockTimes = USUAL_TIMES,
): Promise<T | undefined> => {
  const content = newContent();
  const left = await observe(file);
  if (left !== undefined) {
    if (!isLeftBehind(left, times)) return undefined;
    await breakLock(file, left, times);
  }
  return (await create(file, content)) ? holding(file, content, times, action) : undefined;
};

/** The files that a lock may leave beside it when its holder is killed. */
export const lockFiles = (file: string): readonly string[] => [file, breaking(file)];
