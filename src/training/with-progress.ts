import { Progress, type Verbose } from './progress';

/**
 * Lets Ctrl-C do what it would have done, after leaving the line of a bar: without listeners of its own the program ends,
 * by the signal, as shells expect. Gives a function that undoes this.
 */
const leaveLineOnInterrupt = (progress: Progress): (() => void) => {
  const stop = (): void => {
    process.off('SIGINT', interrupted);
  };
  const interrupted = (): void => {
    progress.abandon();
    stop();
    if (process.listenerCount('SIGINT') === 0) process.kill(process.pid, 'SIGINT');
  };
  process.on('SIGINT', interrupted);
  return stop;
};

/** Runs something that shows its progress; an error or Ctrl-C leaves the terminal on a fresh line. */
export const withProgress = async <Result>(
  verbose: Verbose,
  run: (progress: Progress) => Promise<Result>,
): Promise<Result> => {
  const progress = new Progress({ verbose });
  const draws = progress.verbose === 1 && process.stdout.isTTY;
  const stop = draws ? leaveLineOnInterrupt(progress) : undefined;
  try {
    return await run(progress);
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    stop?.();
  }
};
