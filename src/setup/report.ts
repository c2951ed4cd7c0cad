import { drawBar, fractionOf, type ProgressOutput } from '../base/progress-bar';
import { megabytes } from './files';

/** How setup tells what it does. */
export interface Report {
  /** One line. */
  line(text: string): void;
  /** How far a long action has come, in bytes; `undefined` if that cannot be known. */
  progress(label: string, done: number | undefined, total: number): void;
  /** Ends a progress display. */
  end(): void;
}

/** Where the lines go: standard output, in the tests a list. */
export type Output = Pick<ProgressOutput, 'isTTY' | 'write'>;

const secondsBetweenLines = 10;

const amount = (done: number | undefined, total: number, seconds: number): string =>
  done === undefined
    ? `${Math.round(seconds)} s`
    : `${megabytes(Math.min(done, total))} of ${megabytes(total)}`;

const bar = (done: number | undefined, total: number, seconds: number): string => {
  const drawn = done === undefined ? '' : `${drawBar(fractionOf(done, total))} `;
  return `${drawn}${amount(done, total, seconds)}`;
};

/** A bar that moves on a terminal, a line now and then elsewhere (logs, CI). */
export const createReport = (output: Output, now = (): number => performance.now()): Report => {
  let shown: { readonly label: string; readonly since: number; last: number } | undefined;
  const end = (): void => {
    if (shown !== undefined && output.isTTY === true) output.write('\r\x1b[K');
    shown = undefined;
  };
  return {
    line: (text) => {
      end();
      output.write(`${text}\n`);
    },
    progress: (label, done, total) => {
      if (shown?.label !== label) {
        end();
        shown = { label, since: now(), last: now() };
      }
      const seconds = (now() - shown.since) / 1000;
      if (output.isTTY === true) {
        output.write(`\r\x1b[K  ${label}: ${bar(done, total, seconds)}`);
      } else if (now() - shown.last >= secondsBetweenLines * 1000) {
        shown.last = now();
        output.write(`  ${label}: ${amount(done, total, seconds)}\n`);
      }
    },
    end,
  };
};

const millisecondsBetweenLooks = 500;

/** Shows how far an action has come, by a size that grows, until it ends. */
export const watched = async <T>(
  action: Promise<T>,
  report: Report,
  label: string,
  total: number,
  size: () => Promise<number | undefined>,
): Promise<T> => {
  let running = true;
  const look = async (): Promise<void> => {
    const done = await size().catch(() => undefined);
    if (running) report.progress(label, done, total);
  };
  const timer = setInterval(() => void look(), millisecondsBetweenLooks);
  try {
    return await action;
  } finally {
    running = false;
    clearInterval(timer);
    report.end();
  }
};
