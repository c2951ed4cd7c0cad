import { Progress, type Verbose } from './progress';

/** The exit code of programs that Ctrl-C ends: 128 and the number of the signal. */
const INTERRUPTED = 130;

/**
 * What happens on Ctrl-C: the line of a bar is left, and what is going on puts its state in order, so that the program's own
 * listeners, and those of its end, see it. Without listeners of its own the program then ends.
 */
export class Interruption {
  private settle: (() => void) | undefined;

  constructor(private readonly progress: Progress) {}

  /** Waits for it, and then first runs `settle`. */
  listen(settle?: () => void): void {
    this.settle = settle;
    process.off('SIGINT', this.interrupted);
    process.prependListener('SIGINT', this.interrupted);
  }

  stop(): void {
    process.off('SIGINT', this.interrupted);
    this.settle = undefined;
  }

  private readonly interrupted = (): void => {
    const { settle } = this;
    this.stop();
    this.progress.abandon();
    settle?.();
    if (process.listenerCount('SIGINT') === 0) process.exit(INTERRUPTED);
  };
}

/** Runs something that shows its progress; an error or Ctrl-C leaves the terminal on a fresh line. */
export const withProgress = async <Result>(
  verbose: Verbose,
  run: (progress: Progress, interruption: Interruption) => Promise<Result>,
): Promise<Result> => {
  const progress = new Progress({ verbose });
  const interruption = new Interruption(progress);
  if (progress.verbose === 1 && process.stdout.isTTY) interruption.listen();
  try {
    return await run(progress, interruption);
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    interruption.stop();
  }
};
