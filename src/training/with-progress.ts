import { Progress, type Verbose } from './progress';

/** The signals that ask a program to end, and the exit codes of programs that they end: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Milliseconds that a signal waits for sources of data to be closed. */
const MAX_CLOSING_MILLISECONDS = 2000;

type EndingSignal = keyof typeof EXIT_CODES;

const SIGNALS = Object.keys(EXIT_CODES) as EndingSignal[]; // its own keys

/**
 * What happens on Ctrl-C and on SIGTERM, by which containers are stopped: the line of a bar is left, and the program's own
 * listeners run. Without such listeners the program then ends as it does by itself, but those of its end run: they see the
 * weights after the steps that are done.
 */
export class Interruption {
  private readonly listeners = SIGNALS.map((signal) => ({
    signal,
    listener: () => this.interrupted(signal),
  }));

  /** What is to be done before the program ends. */
  private last: (() => Promise<void>) | undefined;

  constructor(private readonly progress: Progress) {}

  /** Has something done before the program ends by a signal, which waits for it, though not for ever. */
  closeBeforeExit(last: () => Promise<void>): void {
    this.last = last;
  }

  listen(): void {
    this.stop();
    for (const { signal, listener } of this.listeners) process.prependListener(signal, listener);
  }

  stop(): void {
    for (const { signal, listener } of this.listeners) process.off(signal, listener);
  }

  private interrupted(signal: EndingSignal): void {
    this.stop();
    this.progress.abandon();
    if (process.listenerCount(signal) > 0) return;
    const exit = (): void => process.exit(EXIT_CODES[signal]);
    if (this.last === undefined) {
      exit();
      return;
    }
    setTimeout(exit, MAX_CLOSING_MILLISECONDS);
    this.last().then(exit, exit);
  }
}

/** Runs something that shows its progress; an error or a signal leaves the terminal on a fresh line. */
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
