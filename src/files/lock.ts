import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../base/causes';

/** The holder shows this often that it is alive … */
const HEARTBEAT = 5_000;
/** … and after this long without a sign its lock is void, whoever it was. Milliseconds. */
const VOID_AFTER = 60_000;
const POLL = 100;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  Number.isInteger(value.pid) &&
  'host' in value &&
  'token' in value;

const readHolder = async (path: string): Promise<Holder | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch {
    // Gone, or not yet written.
    return undefined;
  }
};

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // No permission to signal it means that it is there.
    return codeOf(error) === 'EPERM';
  }
};

const silentFor = async (path: string): Promise<number> => {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
};

/** A lock is void if its holder was a process of this machine that has ended, or has given no sign for long. */
const isVoid = async (path: string): Promise<boolean> => {
  const holder = await readHolder(path);
  if (holder !== undefined && holder.host === hostname() && !runs(holder.pid)) return true;
  return (await silentFor(path)) > VOID_AFTER;
};

/** Makes a file that was not there; false if it was. */
const create = async (path: string, content: string): Promise<boolean> => {
  try {
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile(content);
    } catch (error) {
      // On a full disk a lock without content would stay behind.
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Removes a void lock. Of several processes that see it void, one at a time looks again and removes it, so that none
 * removes the lock that another has just taken.
 */
const removeVoid = async (path: string): Promise<void> => {
  const guard = `${path}.check`;
  if (!(await create(guard, ''))) {
    if ((await silentFor(guard)) > VOID_AFTER) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isVoid(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
};

/**
 * Runs `action` while holding the lock file `path`; other calls, in this process or another, wait. The lock of a process
 * that was killed is taken over.
 *
 * @param onWait called once if somebody else holds the lock.
 */
export const withLock = async <T>(
  path: string,
  action: () => Promise<T>,
  onWait?: () => void,
): Promise<T> => {
  const token = randomUUID();
  const holder: Holder = { pid: process.pid, host: hostname(), token };
  let waited = false;
  while (!(await create(path, JSON.stringify(holder)))) {
    if (await isVoid(path)) {
      await removeVoid(path);
    } else {
      if (!waited) onWait?.();
      waited = true;
    }
    await sleep(POLL);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // If it cannot be touched, others may take the lock over, and the check of the downloaded file still holds.
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT);
  heartbeat.unref();
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    if ((await readHolder(path))?.token === token) await rm(path, { force: true });
  }
};
