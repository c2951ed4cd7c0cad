import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

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
