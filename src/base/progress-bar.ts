/** Shows how far something long has come. */
export interface Progress {
  /** `done` are done; may go back. `total`, if the total was not known at first. */
  update(done: number, total?: number): void;
  /** Ends the display. */
  end(): void;
}

/** Where progress is shown: `process.stderr`, or something that gathers it. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const WIDTH = 30;
/** Redrawing more often than this, in milliseconds, only costs time. */
const REDRAW = 80;

/**
 * Bytes in the unit a person reads easily.
 *
 * @example
 * assert.strictEqual(formatBytes(11_490_434), '11.5 MB')
 */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
};

/** How much of the total is done, 0 to 1. */
export const fractionOf = (done: number, total: number): number => Math.min(1, done / Math.max(1, total));

/**
 * A bar of text that is full to a fraction.
 *
 * @example
 * assert.strictEqual(drawBar(0.5), '[===============               ]')
 */
export const drawBar = (fraction: number): string => {
  const filled = Math.round(fraction * WIDTH);
  return `[${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}]`;
};

/**
 * Progress over `total` bytes: a bar that redraws itself on a terminal, else a line at the start and one at the end, so
 * that a log stays readable. Nothing is shown before the first bytes have come. Without a total, the bytes are counted.
 */
export const byteProgress = (
  label: string,
  total: number | undefined,
  output: ProgressOutput = process.stderr,
  now: () => number = () => performance.now(),
): Progress => {
  let started: number | undefined;
  let drawn = -Infinity;
  let latest = 0;
  let whole = total;

  const draw = (): void => {
    const fraction = whole === undefined ? undefined : fractionOf(latest, whole);
    const bar =
      fraction === undefined ? '' : ` ${drawBar(fraction)} ${`${Math.floor(fraction * 100)}%`.padStart(4)}`;
    const text = `${label}${bar} ${formatBytes(latest)}${whole === undefined ? '' : ` of ${formatBytes(whole)}`}`;
    // Carriage return, then erase to the end of the line; a line that wraps could not be redrawn.
    output.write(`\r${text.slice(0, Math.max(20, (output.columns ?? 80) - 1))}\x1b[K`);
    drawn = now();
  };

  return {
    update: (done, known) => {
      latest = done;
      whole ??= known;
      if (output.isTTY !== true && started === undefined)
        output.write(whole === undefined ? `${label}\n` : `${label} (${formatBytes(whole)})\n`);
      started ??= now();
      if (output.isTTY === true && now() - drawn >= REDRAW) draw();
    },
    end: () => {
      if (started === undefined) return;
      if (output.isTTY === true) {
        draw();
        output.write('\n');
        return;
      }
      const state =
        whole === undefined
          ? formatBytes(latest)
          : latest >= whole
            ? 'done'
            : `stopped at ${formatBytes(latest)}`;
      output.write(`${label}: ${state} after ${((now() - started) / 1000).toFixed(1)} s\n`);
    },
  };
};
