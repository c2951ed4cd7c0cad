import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { boolean, checkOptions, nonEmptyString, optional, required, type OptionChecks } from '../base/checks';
import { KerasFileError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import type { Callback, CallbackState, Logs } from '../training/callback-list';
import { KeptState } from './kept-state';

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
  /** Whether what the file has is of another training. */
  #isOld = false;

  constructor(private readonly settings: ReturnType<typeof checkOptions<typeof checks>>) {}

  onTrainBegin(): void {
    const { filename, append } = this.settings;
    this.#close();
    try {
      if (append) this.#needsHeader = !existsSync(filename) || readFileSync(filename).length === 0;
      else this.#needsHeader = true;
      // What it has goes when the first epoch begins: a training that was broken off goes on with its rows.
      this.#file = openSync(filename, 'a');
      this.#isOld = !append;
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

  onEpochBegin(): void {
    this.#forgetOld();
  }

  saveState(): CallbackState {
    return {
      bytes: this.#file === undefined ? 0 : fstatSync(this.#file).size,
      names: this.#names ?? null,
      needsHeader: Number(this.#needsHeader),
    };
  }

  restoreState(state: CallbackState): void {
    const kept = new KeptState('callbackCsvLogger', state);
    const bytes = kept.number('bytes');
    // Of a file that has become shorter, or is gone, nothing can be gone on with.
    if (this.#file === undefined || fstatSync(this.#file).size < bytes) return;
    ftruncateSync(this.#file, bytes);
    this.#isOld = false;
    this.#names = kept.maybeTexts('names');
    this.#needsHeader = kept.flag('needsHeader');
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    this.#forgetOld();
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
    this.#forgetOld();
    this.#close();
    this.#names = undefined;
  }

  #forgetOld(): void {
    if (this.#isOld && this.#file !== undefined) ftruncateSync(this.#file);
    this.#isOld = false;
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
