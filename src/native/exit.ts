import { isMainThread } from 'node:worker_threads';
import type { Koffi } from './koffi';

/** Ends the process without waiting for its threads. */
type ExitAtOnce = (code: number) => void;

let exitAtOnce: ExitAtOnce | undefined;
let runs = 0;

const leave = (code: number): void => {
  if (runs === 0) return;
  // Those that came after this one would not be heard.
  const listeners = process.listeners('exit');
  for (const listener of listeners.slice(listeners.indexOf(leave) + 1)) listener.call(process, code);
  exitAtOnce?.(Number(process.exitCode ?? code));
};

/**
 * Says that a run begins on a thread of Node.js's pool, until the function that it gives is called.
 *
 * Node.js waits for the threads of its pool before a process ends, so that Ctrl-C in a step of ten seconds would take as long. With
 * runs under way the process ends at once, after what listens to its end.
 */
export const beginRunOnThread = (koffi: Koffi): (() => void) => {
  // A thread of JavaScript's must not end the process. On Windows output may not be written yet.
  if (!isMainThread || process.platform === 'win32') return () => undefined;
  exitAtOnce ??= koffi.load(null).func('_exit', 'void', ['int']) as unknown as ExitAtOnce; // by its declaration
  runs++;
  process.off('exit', leave);
  process.on('exit', leave);
  return () => {
    runs--;
    if (runs === 0) process.off('exit', leave);
  };
};
