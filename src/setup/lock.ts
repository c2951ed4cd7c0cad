import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onInterrupt } from './cleanup';
import { errorCode } from '../native/failure';
import { makeFolder } from './files';

/** How a lock behaves; the tests make it quick. */
export interface LockTimes {
  /** Milliseconds between two looks at another's lock. */
  readonly poll: number;
  /** Milliseconds between two signs of life of a lock's holder. */
  readonly heartbeat: number;
  /** Milliseconds without a sign of life after which a lock counts as left behind. */
  readonly stale: number;
}

const usualTimes: LockTimes = { poll: 200, heartbeat: 3000, stale: 30_000 };

/** What a lock file looked like: who holds it, and the last sign of life. */
interface Observation {
  readonly holder: string;
  readonly beat: number;
}

/** What process ids are counted in: a machine, and on linux a namespace of it, since containers can share a host name. */
const machine = (): string => {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
};

/** How a lock names its holder. */
export const holderName = (pid: number): string => `${pid}@${machine()}`;

const me = (): string => holderName(process.pid);

const observe = async (file: string): Promise<Observation | undefined> => {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { holder, beat: mtimeMs };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const create = async (file: string): Promise<boolean> => {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(me());
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
};

/** Whether the holder is known to be gone: a process of this machine that no longer runs. */
const isDead = (holder: string): boolean => {
  const [pid = '', host = ''] = holder.split('@');
  if (host !== machine() || !/^\d+$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
};

/**
 * Removes a lock that was left behind. Only one process may do so at a time, and only if the lock is still the one that was
 * judged: else two that wait could each remove the other's fresh lock.
 */
export const breakLock = async (file: string, judged: Observation, stale: number): Promise<void> => {
  const breaking = `${file}.breaking`;
  if (!(await create(breaking))) {
    // It lives for a moment only, unless its maker was killed in that moment.
    const other = await observe(breaking);
    const left = other !== undefined && (isDead(other.holder) || Date.now() - other.beat > 10 * stale);
    if (left) await rm(breaking, { force: true });
    return;
  }
  try {
    const current = await observe(file);
    if (current?.holder === judged.holder && current.beat === judged.beat) await rm(file, { force: true });
  } finally {
    await rm(breaking, { force: true });
  }
};

/**
 * Waits for another's lock to go. A holder that died is noticed at once on its own machine; elsewhere (a cache shared by
 * containers or machines) by the signs of life that stop, timed by this process's own clock.
 */
const waitForLock = async (
  file: string,
  times: LockTimes,
  onWait: (holder: string) => void,
): Promise<void> => {
  let seen: (Observation & { readonly at: number }) | undefined;
  while (!(await create(file))) {
    const current = await observe(file);
    if (current === undefined) continue;
    if (seen === undefined && !isDead(current.holder)) onWait(current.holder.split('@')[0] ?? '');
    if (seen?.holder !== current.holder || seen.beat !== current.beat) {
      seen = { ...current, at: performance.now() };
    }
    if (isDead(current.holder) || performance.now() - seen.at > times.stale) {
      await breakLock(file, current, times.stale);
    }
    await sleep(isDead(current.holder) ? 1 : times.poll);
  }
};

/**
 * Runs an action while no other process runs one under the same lock file.
 *
 * @param onWait is told the process id of the other when there is one
 */
export const withLock = async <T>(
  file: string,
  onWait: (holder: string) => void,
  action: () => Promise<T>,
  times: LockTimes = usualTimes,
): Promise<T> => {
  await makeFolder(path.dirname(file));
  await waitForLock(file, times, onWait);
  const heart = setInterval(() => {
    const now = new Date();
    // A lock that another took for dead is no longer ours to renew; the action's own moves are atomic.
    utimes(file, now, now).catch(() => undefined);
  }, times.heartbeat);
  heart.unref();
  const forget = onInterrupt(() => {
    if (readFileSync(file, 'utf8') === me()) rmSync(file);
  });
  try {
    return await action();
  } finally {
    clearInterval(heart);
    forget();
    if ((await observe(file))?.holder === me()) await rm(file, { force: true });
  }
};
