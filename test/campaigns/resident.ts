import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** What a process holds in memory, in megabytes: from Linux's own file, elsewhere from `ps`; 0 where there is neither. */
export const megabytesOf = (pid: number | undefined): number => {
  if (pid === undefined) return 0;
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return (Number.parseInt(stdout, 10) || 0) / 1000;
  }
};

/** What this process holds in memory at the most since {@link forgetPeak}, in megabytes; 0 where the system does not say it. */
export const peakMegabytes = (): number => {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
};

/** Has the system count {@link peakMegabytes} from what this process holds now. */
export const forgetPeak = (): void => {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // It is counted from the beginning of the process.
  }
};
