import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { boolean, checkOptions, nonEmptyString, optional, required, type OptionChecks } from '../base/checks';
import { KerasFileError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import type { Callback, Logs } from '../training/callback-list';

/** Options of {@link callbackCsvLogger}. */
export interface CsvLoggerOptions {
  /** The file. */
  readonly filename: string;
  /** What stands between two values. Default `','`. */
  readonly separator?: string | undefined;
  /** Whether rows are added to what the file has. Default false: it is written anew. */
  readonly append?: boolean | undefined;
}

const checks = {
  filename: required(nonEmptyString),
  separator: optional(nonEmptyString, ','),
  append: optional(boolean, false),
} satisfies OptionChecks<CsvLoggerOptions>;

/** A number as Python writes it, so that files go on that Keras began. */
const likePython = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
};

class CsvLogger implements Callback<KerasModel> {
  #file: number | undefined;
  #names: readonly string[] | undefined;
  #needsHeader = true;

  constructor(private readonly settings: ReturnType<typeof checkOptions<typeof checks>>) {}

  onTrainBegin(): void {
    const { filename, append } = this.settings;
    this.#close();
    try {
      if (append) this.#needsHeader = !existsSync(filename) || readFileSync(filename).length === 0;
      else this.#needsHeader = true;
      this.#file = openSync(filename, append ? 'a' : 'w');
    } catch (cause) {
      throw new KerasFileError({
        function: 'callbackCsvLogger',
        argument: 'filename',
        expected: `${filename} must be a file that can be written`,
        received: cause instanceof Error ? cause.message : String(cause),
        advice: 'Make its folder first, or choose another place',
        cause,
      });
    }
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const names = (this.#names ??= namesOf(logs));
    if (this.#needsHeader) this.#write(['epoch', ...names]);
    this.#needsHeader = false;
    this.#write([
      String(epoch),
      ...names.map((name) => {
        const value = logs[name];
        return value === undefined ? 'NA' : likePython(value);
      }),
    ]);
  }

  onTrainEnd(): void {
    this.#close();
    this.#names = undefined;
  }

  #write(values: readonly string[]): void {
    const { separator } = this.settings;
    const quoted = values.map((value) =>
      value.includes(separator) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
    );
    if (this.#file !== undefined) writeSync(this.#file, `${quoted.join(separator)}\r\n`);
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** The columns: in alphabetical order; those of validation, which may come in later epochs only, are there in any case. */
const namesOf = (logs: Logs): string[] => {
  const names = Object.keys(logs).sort();
  return names.some((name) => name.startsWith('val_'))
    ? names
    : [...names, ...names.map((name) => `val_${name}`)];
};

/**
 * Writes a row of the logs into a CSV file after each epoch: the epoch, counted from 0, and the values in alphabetical order, `NA`
 * for those of validation in epochs without. The file is complete after each epoch.
 *
 * @throws KerasArgumentError if an option is missing, unknown or of another type.
 * @throws KerasFileError when training begins, if the file cannot be written.
 * @example
 * const log = callbackCsvLogger({ filename: 'training.csv', append: true })
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const train = () => fit(model, [[0]], [[1]], { epochs: 5, callbacks: log })
 * assert.strictEqual(typeof log.onEpochEnd, 'function')
 * @see R keras `callback_csv_logger`
 */
export const callbackCsvLogger = (options: CsvLoggerOptions, ...surplus: []): Callback<KerasModel> => {
  refuseSurplus('callbackCsvLogger', ['options'], surplus);
  return new CsvLogger(checkOptions('callbackCsvLogger', options, checks));
};
