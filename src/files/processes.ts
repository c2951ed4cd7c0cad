/** Which processes still run, as names on the disk tell of them. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from '../base/causes';

/** What process ids are counted in: a machine, and on linux a namespace of it, since containers can share a host name. */
export const machine = (): string => {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
};

/** What linux says of a process: whether it has ended, and nobody has asked how, and when it began, counted since the machine did. */
const lookAt = (pid: number): { readonly hasEnded: boolean; readonly began: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name, in parentheses, may have any characters.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { hasEnded: /^[ZX]/i.test(fields[0] ?? ''), began: Number(fields[19]) };
  } catch {
    return undefined;
  }
};

/** When a process began, where the system says it; else 0. Process ids are given again. */
export const beginningOf = (pid: number): number => lookAt(pid)?.began ?? 0;

/** Whether a process of this machine runs: the one that began then, where that is known. */
export const isRunning = (pid: number, began = 0): boolean => {
  const found = lookAt(pid);
  if (found !== undefined) return !found.hasEnded && (began === 0 || began === found.began);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // No permission to signal it means that it is there.
    return codeOf(error) !== 'ESRCH';
  }
};
