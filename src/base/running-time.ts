/** Limits that count the time in which this process runs: a terminal stops it, a computer sleeps, and what it waits for stops with it. */
import { clearTimeout, setTimeout } from 'node:timers';

const PARTS = 10;

/**
 * Calls back after so many milliseconds, unless what it returns is called before. A time in which the process is stopped, or its event loop
 * kept busy, counts a tenth of the limit at the most: an answer that has come meanwhile is taken first.
 */
export const afterRunning = (milliseconds: number, action: () => void): (() => void) => {
  const part = Math.max(1, milliseconds / PARTS);
  let left = milliseconds;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    if (left <= 0) {
      action();
      return;
    }
    timer = setTimeout(next, Math.min(part, left));
    left -= part;
  };
  next();
  return () => clearTimeout(timer);
};
