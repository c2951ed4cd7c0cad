import { inspect } from 'node:util';
import {
  anyNumber,
  argumentError,
  boolean,
  checkOptions,
  checkThat,
  isPlainObject,
  nonNegativeInteger,
  oneOf,
  optional,
  positiveInteger,
  required,
} from '../base/checks';

/** How a model was fitted. */
export interface HistoryParams {
  readonly verbose: number;
  /** The epoch to stop after, counted from 1. */
  readonly epochs: number;
  /** Batches in an epoch. */
  readonly steps: number;
  readonly samples: number;
  readonly validationSamples?: number;
  readonly batchSize: number;
  readonly doValidation: boolean;
  /** Names of the training metrics, `loss` first. */
  readonly metrics: readonly string[];
  /** How the steps ran. */
  readonly engine: 'eager' | 'compiled';
  /** What ran compiled steps: TensorFlow's operations, or the machine code that XLA made of them. */
  readonly compiler?: 'tensorflow' | 'xla';
  /** Inputs whose rows were nearly all zeros, and were trained on as sparse ones. */
  readonly sparseInputs?: readonly string[];
}

/** One value of one metric in one epoch. */
export interface HistoryRow {
  /** Counted from 1. */
  readonly epoch: number;
  /** NaN for epochs that were not run, after an early stop. */
  readonly value: number;
  /** The metric's name, without `val_`. */
  readonly metric: string;
  readonly data: 'training' | 'validation';
}

const VALIDATION = 'val_';

const listOf = (what: string, holds: (item: unknown) => boolean) =>
  checkThat(
    `an array of ${what}`,
    (value): value is readonly unknown[] => Array.isArray(value) && value.every(holds),
  );

const paramChecks = {
  verbose: required(anyNumber),
  epochs: required(nonNegativeInteger),
  steps: required(nonNegativeInteger),
  samples: required(nonNegativeInteger),
  validationSamples: optional(nonNegativeInteger),
  batchSize: required(positiveInteger),
  doValidation: required(boolean),
  metrics: required(listOf('names', (name) => typeof name === 'string')),
  engine: required(oneOf('eager', 'compiled')),
  compiler: optional(oneOf('tensorflow', 'xla')),
  sparseInputs: optional(listOf('names', (name) => typeof name === 'string')),
};

const values = listOf('numbers', (value) => typeof value === 'number');

/** Checks the values of metrics, each under its name. */
const checkMetrics = (metrics: unknown): void => {
  if (!isPlainObject(metrics)) {
    throw argumentError(
      { function: 'History', argument: 'metrics' },
      'an object of arrays of numbers, one for each metric',
      metrics,
      'Write new History(params, { loss: [0.5, 0.25] })',
    );
  }
  for (const [name, list] of Object.entries(metrics)) {
    values(list, { function: 'History', argument: `metrics.${name}` });
  }
};

const withSeparators = (digits: string): string => {
  const [whole = '', ...fraction] = digits.split('.');
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
};

/** A number as R prints it with four significant digits, never in scientific notation: 0.98, 1,235. */
const formatLikeR = (value: number | undefined): string => {
  if (value === undefined) return 'NA';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(3).split('e')[1]);
  const decimals = Math.min(100, Math.max(0, 3 - exponent));
  const digits = value.toFixed(decimals);
  return withSeparators(digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits);
};

/**
 * What `fit` returns: the loss and the metrics of each epoch, of training and of validation.
 *
 * `metrics` has R's order, `loss, accuracy, val_loss, val_accuracy`, under the names that the user gave.
 *
 * @throws KerasArgumentError if parameters are missing or of other types, or values are no numbers.
 * @example
 * const params = { verbose: 0, epochs: 2, steps: 3, samples: 96, batchSize: 32, doValidation: false } as const
 * const history = new History({ ...params, metrics: ['loss'], engine: 'eager' }, { loss: [0.5, 0.25] })
 * assert.strictEqual(history.rows().length, 2)
 * assert.ok(String(history).startsWith('Trained on 96 samples (batch_size=32, epochs=2)'))
 * @see R keras `keras_training_history`
 */
export class History {
  readonly params: HistoryParams;
  readonly metrics: { loss: number[]; [name: string]: number[] };

  constructor(params: HistoryParams, metrics: Readonly<Record<string, readonly number[]>> = {}) {
    checkOptions('History', params, paramChecks);
    checkMetrics(metrics);
    this.params = params;
    this.metrics = {
      loss: [],
      ...Object.fromEntries(Object.entries(metrics).map(([name, values]) => [name, [...values]])),
    };
  }

  /** Adds the values of one epoch. */
  add(logs: Readonly<Record<string, number>>): void {
    // A step of a model's own may tell no loss: the list that its type promises is then not among the metrics.
    if (!('loss' in logs) && this.metrics.loss.length === 0)
      Object.defineProperty(this.metrics, 'loss', { enumerable: false });
    for (const [name, value] of Object.entries(logs)) {
      // A metric may have the name of something that all objects have, as `constructor` or `__proto__`.
      const values = Object.hasOwn(this.metrics, name) ? this.metrics[name] : undefined;
      if (values !== undefined) values.push(value);
      else {
        const property = { value: [value], enumerable: true, configurable: true, writable: true };
        Object.defineProperty(this.metrics, name, property);
      }
    }
  }

  /** @internal The values of the last epoch that has some. */
  last(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.metrics).flatMap(([name, values]) => {
        const value = values.at(-1);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  }

  /**
   * One row for each epoch of each metric, those of training first. Every metric has `params.epochs` rows:
   * those of epochs that were not run have NaN, where R has NA.
   *
   * @see R keras `as.data.frame.keras_training_history`
   */
  rows(): HistoryRow[] {
    const names = Object.keys(this.metrics);
    const isValidation = (name: string): boolean => name.startsWith(VALIDATION);
    return [...names.filter((name) => !isValidation(name)), ...names.filter(isValidation)].flatMap((name) =>
      Array.from({ length: this.params.epochs }, (_, index) => ({
        epoch: index + 1,
        value: this.metrics[name]?.[index] ?? NaN,
        metric: isValidation(name) ? name.slice(VALIDATION.length) : name,
        data: isValidation(name) ? ('validation' as const) : ('training' as const),
      })),
    );
  }

  /** What R prints: the samples, batch size and epochs, and the values of the final epoch. */
  toString(): string {
    const { samples, validationSamples, batchSize, epochs } = this.params;
    const entries = Object.entries(this.metrics).filter(([, values]) => values.length > 0);
    const trained = Math.min(epochs, entries[0]?.[1].length ?? 0);
    const count = (n: number): string => withSeparators(String(n));
    const validation =
      validationSamples === undefined ? '' : `, validated on ${count(validationSamples)} samples`;
    const width = Math.max(0, ...entries.map(([name]) => name.length));
    return [
      `Trained on ${count(samples)} samples${validation} (batch_size=${count(batchSize)}, epochs=${count(trained)})`,
      'Final epoch (plot to see history):',
      ...entries.map(([name, values]) => `${name.padStart(width)}: ${formatLikeR(values[trained - 1])}`),
    ].join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
