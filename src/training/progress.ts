import { argumentError, type Check } from '../base/checks';

/**
 * How much is shown: nothing, a bar, a line for each epoch; 'auto' is a bar on a terminal and lines
 * elsewhere.
 */
export type Verbose = 0 | 1 | 2 | 'auto';

/** The check of the option `verbose`. */
export const verbosity: Check<Verbose> = (value, place) => {
  if (value === 0 || value === 1 || value === 2 || value === 'auto') return value;
  throw argumentError(place, "0 (silent), 1 (a bar), 2 (a line for each epoch) or 'auto'", value);
};

/** Where progress goes. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** The width of the terminal in characters. */
  readonly columns?: number;
}

/** Options of {@link Progress}. */
export interface ProgressOptions {
  readonly verbose: Verbose;
  /** Default: standard output. */
  readonly stream?: ProgressStream | undefined;
  /** Default: what the stream says. */
  readonly isTerminal?: boolean | undefined;
  /** The time in milliseconds. Default: a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

const BAR_WIDTH = 30;
const REDRAW_EVERY = 50;

/** A value as Keras prints it: four decimals, and scientific up to 0.001. */
export const formatValue = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Math.abs(value) > 1e-3) return value.toFixed(4);
  return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
};

/** A duration in seconds as Keras prints it: `2s/step`, `4ms/step`, `123us/step`. */
export const formatDuration = (seconds: number, unit: string): string => {
  if (seconds >= 1 || seconds === 0) return `${seconds.toFixed(0)}s/${unit}`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(0)}ms/${unit}`;
  return `${(seconds * 1e6).toFixed(0)}us/${unit}`;
};

/** The time that is left, in seconds, as Keras prints it: `9s`, `2:05`, `1:00:07`. */
export const formatRemaining = (seconds: number): string => {
  const whole = Math.floor(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (seconds > 3600)
    return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  if (seconds > 60) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return `${whole}s`;
};

/** The bar: `123/375 [========>.....................]`; Keras's `    123/Unknown` where nobody knows how many steps there will be. */
const bar = (step: number, target: number | undefined, width: number): string => {
  if (target === undefined) return `${String(step).padStart(7)}/Unknown`;
  const count = `${String(step).padStart(String(target).length)}/${target}`;
  const done = Math.floor((width * step) / target);
  const filled = done > 0 ? '='.repeat(done - 1) + (step < target ? '>' : '=') : '';
  return width > 0 ? `${count} [${filled}${'.'.repeat(width - done)}]` : count;
};

const listed = (logs: Readonly<Record<string, number>>): string[] =>
  Object.entries(logs).map(([name, value]) => `${name}: ${formatValue(value)}`);

/** Joins fields by ` - ` into lines of at most `columns` characters, broken between fields. */
const wrap = (fields: readonly string[], columns: number): string => {
  let lines: string[] = [];
  for (const field of fields) {
    const last = lines.at(-1);
    const longer = last === undefined ? field : `${last} - ${field}`;
    lines =
      last !== undefined && longer.length > columns ? [...lines, field] : [...lines.slice(0, -1), longer];
  }
  return lines.join('\n');
};

/**
 * The progress of one `fit`, `evaluate` or `predict`, in the form of Keras 2.13.
 *
 * For `fit`: `beginEpoch`, `update` after each step, `finish` at the end of the epoch. For the others:
 * `begin` in place of `beginEpoch`. Values are shown as given: the caller passes means over the steps so far.
 */
export class Progress {
  /** The verbosity in effect. */
  readonly verbose: 0 | 1 | 2;
  #stream: ProgressStream;
  readonly #isTerminal: boolean;
  readonly #now: () => number;
  #target: number | undefined = 1;
  #seen = 0;
  #started = 0;
  #afterFirst: number | undefined;
  #drawnAt = -Infinity;
  #drawnWidth = 0;

  constructor({ verbose, stream = process.stdout, isTerminal, now }: ProgressOptions) {
    this.#stream = stream;
    this.#isTerminal = isTerminal ?? stream.isTTY === true;
    this.#now = now ?? (() => performance.now());
    this.verbose = verbose === 'auto' ? (this.#isTerminal ? 1 : 2) : verbose;
  }

  /** Shows nothing from now on: something else does. */
  hide(): void {
    this.#stream = { write: () => true };
  }

  /** Begins a count of `steps`; Infinity where nobody knows how many there will be. */
  begin(steps: number): void {
    this.#target = steps === Infinity ? undefined : Math.max(1, steps);
    this.#seen = 0;
    this.#started = this.#now();
    this.#afterFirst = undefined;
    this.#drawnAt = -Infinity;
    this.#drawnWidth = 0;
  }

  /** Begins an epoch, counted from 0, with a line of its own if there are several. */
  beginEpoch(epoch: number, epochs: number, steps: number): void {
    this.begin(steps);
    if (this.verbose > 0 && epochs > 1) this.#stream.write(`Epoch ${epoch + 1}/${epochs}\n`);
  }

  /** Whether `update` would draw now: if not, the caller need not fetch the values. */
  isDue(): boolean {
    return this.verbose === 1 && this.#isTerminal && this.#now() - this.#drawnAt >= REDRAW_EVERY;
  }

  /** Reports that `step` steps (from 1) are done. Draws at most every 50 ms. */
  update(step: number, logs: Readonly<Record<string, number>> = {}): void {
    const now = this.#now();
    this.#seen = step;
    if (this.isDue()) {
      this.#draw(step, now, logs);
      this.#drawnAt = now;
    }
    // As in Keras, the first step, which warms up, does not count in the mean of the later ones.
    if (step === 1) this.#afterFirst = now;
  }

  /** Ends the count: the whole bar, or the line, with the values. */
  finish(logs: Readonly<Record<string, number>> = {}): void {
    if (this.verbose === 0) return;
    const seconds = (this.#now() - this.#started) / 1000;
    const steps = (this.#target ??= Math.max(1, this.#seen));
    if (this.verbose === 1) {
      const perStep = formatDuration(this.#secondsPerStep(steps, this.#now()), 'step');
      this.#write(steps, [`${seconds.toFixed(0)}s ${perStep}`, ...listed(logs)], '\n');
    } else {
      const times = [formatDuration(seconds, 'epoch'), formatDuration(seconds / steps, 'step')];
      const fields = [`${steps}/${steps}`, `${seconds.toFixed(0)}s`, ...listed(logs), ...times];
      this.#stream.write(`${fields.join(' - ')}\n`);
    }
    this.#drawnWidth = 0;
  }

  /**
   * Leaves the line of an unfinished bar, so that an error or a signal's message starts on one of its own.
   */
  abandon(): void {
    if (this.#drawnWidth > 0) this.#stream.write('\n');
    this.#drawnWidth = 0;
  }

  #draw(step: number, now: number, logs: Readonly<Record<string, number>>): void {
    const perStep = this.#secondsPerStep(step, now);
    const time =
      this.#target === undefined
        ? `${((now - this.#started) / 1000).toFixed(0)}s ${formatDuration(perStep, 'step')}`
        : `ETA: ${formatRemaining(perStep * (this.#target - step))}`;
    this.#write(step, [time, ...listed(logs)], '');
  }

  #write(step: number, fields: readonly string[], end: '' | '\n'): void {
    // The last column stays free: some terminals wrap as soon as it is written.
    const columns = this.#isTerminal ? Math.max(1, (this.#stream.columns ?? Infinity) - 1) : Infinity;
    const text = (width: number): string => [bar(step, this.#target, width), ...fields].join(' - ');
    const tooLong = text(BAR_WIDTH).length - columns;
    // A bar of fewer than three characters says nothing.
    const width = tooLong <= 0 ? BAR_WIDTH : BAR_WIDTH - tooLong < 3 ? 0 : BAR_WIDTH - tooLong;
    const line = text(width);
    const shown =
      line.length <= columns
        ? line
        : end === '\n'
          ? wrap([bar(step, this.#target, width), ...fields], columns)
          : line.slice(0, columns);
    const firstLine = shown.indexOf('\n') === -1 ? shown.length : shown.indexOf('\n');
    // What a longer line left behind is overwritten.
    const erase = ' '.repeat(Math.max(0, Math.min(this.#drawnWidth, columns) - firstLine));
    const padded = `${shown.slice(0, firstLine)}${erase}${shown.slice(firstLine)}`;
    this.#stream.write(`${this.#isTerminal && this.#drawnWidth > 0 ? '\r' : ''}${padded}${end}`);
    this.#drawnWidth = shown.length;
  }

  #secondsPerStep(step: number, now: number): number {
    if (step === 0) return 0;
    const milliseconds =
      this.#afterFirst !== undefined && step > 1
        ? (now - this.#afterFirst) / (step - 1)
        : (now - this.#started) / step;
    return milliseconds / 1000;
  }
}
