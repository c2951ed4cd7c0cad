import { dataFunction } from '../../arrays/call-styles';
import type { DataArray } from '../../arrays/tensors';
import type { OptionedDataFunction } from '../../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  nonNegativeInteger,
  optional,
  positiveInteger,
  required,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { nextSeed, PlacedStream } from '../../base/random';
import type { Tensor } from '../../tfjs/tensorflow';
import { rowsAt, seriesOf, WindowBatches, type Series } from './windows';

/** Options of {@link timeseriesGenerator}. */
export interface TimeseriesGeneratorOptions {
  /** What is to be predicted, as long as the data: `targets[i]` belongs to the window that ends before `data[i]`. */
  targets: DataArray;
  /** How many time steps a window spans. */
  length: number;
  /** Time steps from one of a window to the next; 1 by default. */
  samplingRate?: number | undefined;
  /** Time steps from one window to the next; 1 by default. */
  stride?: number | undefined;
  /** The first time step that is used; 0 by default. */
  startIndex?: number | undefined;
  /** The last one that is a target; the data's last by default. */
  endIndex?: number | null | undefined;
  /** Whether windows are drawn at random, with replacement; false by default. */
  shuffle?: boolean | undefined;
  /** Whether the time in windows runs backwards; false by default. */
  reverse?: boolean | undefined;
  /** Windows in a batch; 128 by default. */
  batchSize?: number | undefined;
}

const NAME = 'timeseriesGenerator';

const CHECKS = {
  targets: required((value: unknown) => value),
  length: required(positiveInteger),
  samplingRate: optional(positiveInteger, 1),
  stride: optional(positiveInteger, 1),
  startIndex: optional(nonNegativeInteger, 0),
  endIndex: optional((value: unknown, place) => (value === null ? null : nonNegativeInteger(value, place))),
  shuffle: optional(boolean, false),
  reverse: optional(boolean, false),
  batchSize: optional(positiveInteger, 128),
} satisfies OptionChecks<TimeseriesGeneratorOptions>;

type Checked = CheckedOptions<typeof CHECKS>;

/**
 * Windows of a series with their targets, in batches: to be iterated over, and taken by `fit`, `evaluate` and `predict`.
 *
 * @example
 * const windows = timeseriesGenerator([1, 2, 3, 4], { targets: [1, 2, 3, 4], length: 2 })
 * assert.strictEqual(windows.size, 1)
 */
class TimeseriesGenerator extends WindowBatches<[x: Tensor, y: Tensor]> {
  readonly size: number;
  /** The first row that is a target, and the last. */
  private readonly first: number;
  private readonly last: number;
  private readonly stream = new PlacedStream(nextSeed());

  /** @internal */
  constructor(
    private readonly data: Series,
    private readonly targets: Series,
    private readonly options: Checked,
  ) {
    super();
    const { length, stride, batchSize, startIndex, endIndex } = options;
    this.first = startIndex + length;
    this.last = endIndex ?? data.rows - 1;
    if (this.first > this.last) {
      throw argumentError(
        { function: NAME, argument: 'length' },
        `such that a window of it and its target fit between the time steps ${startIndex} and ${this.last}`,
        length,
        'Give shorter windows, or more data',
      );
    }
    this.size = Math.floor((this.last - this.first + batchSize * stride) / (batchSize * stride));
  }

  batch(index: number): [x: Tensor, y: Tensor] {
    const { data, targets } = this;
    const { length, samplingRate, reverse } = this.options;
    const rows = this.rowsOf(index);
    const steps = Math.ceil(length / samplingRate);
    const places = new Int32Array(rows.length * steps);
    rows.forEach((row, window) => {
      for (let step = 0; step < steps; step++) {
        const at = reverse ? steps - 1 - step : step;
        places[window * steps + at] = row - length + step * samplingRate;
      }
    });
    return [rowsAt(data, places, steps), rowsAt(targets, rows)];
  }

  /** The rows that are the targets of a batch. */
  private rowsOf(index: number): number[] {
    const { first, last, stream } = this;
    const { stride, batchSize, shuffle } = this.options;
    if (shuffle) {
      return Array.from({ length: batchSize }, () => first + Math.floor(stream.next() * (last + 1 - first)));
    }
    const from = first + batchSize * stride * index;
    const to = Math.min(from + batchSize * stride, last + 1);
    return Array.from(
      { length: Math.max(0, Math.ceil((to - from) / stride)) },
      (_, at) => from + at * stride,
    );
  }
}

const make = (data: unknown, options: Checked): TimeseriesGenerator => {
  const series = seriesOf(data, { function: NAME, argument: 'data' });
  const targets = seriesOf(options.targets, { function: NAME, argument: 'targets' });
  if (series.rows !== targets.rows) {
    throw new KerasShapeError({
      function: NAME,
      argument: 'targets',
      expected: '`targets` must have a row for each of the data',
      received: `${describeShape([series.rows])} and ${describeShape([targets.rows])} rows`,
      advice: 'Pad the targets, or cut the data',
    });
  }
  if (options.endIndex !== null && options.endIndex !== undefined && options.endIndex >= series.rows) {
    throw argumentError(
      { function: NAME, argument: 'endIndex' },
      `below the length of the data, ${series.rows}`,
      options.endIndex,
    );
  }
  return new TimeseriesGenerator(series, targets, options);
};

/**
 * Windows of a series, with what comes after each, in batches: the window of row `i` is `data[i − length], …`, every `samplingRate`-th,
 * to `data[i − 1]`, and its target `targets[i]`.
 *
 * In `data` `[time, …]`, out batches `[batch, ceil(length / samplingRate), …]` and of targets `[batch, …]`: to be iterated over as
 * often as one likes, and taken by `fit`, `evaluate` and `predict`. The data is copied.
 *
 * @throws KerasArgumentError if no window fits into the data.
 * @throws KerasShapeError if data and targets differ in length.
 * @example
 * const data = [0, 1, 2, 3, 4]
 * const windows = timeseriesGenerator(data, { targets: data, length: 2, batchSize: 2 })
 * const batches = [...windows].map(([x, y]) => [x.arraySync(), y.arraySync()])
 * assert.deepStrictEqual(batches, [[[[0, 1], [1, 2]], [2, 3]], [[[2, 3]], [4]]])
 * @see R keras `timeseries_generator`
 */
export const timeseriesGenerator: OptionedDataFunction<
  DataArray,
  TimeseriesGeneratorOptions,
  TimeseriesGenerator
> = dataFunction('data', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (data, _, options) => make(data, options),
});
export type { TimeseriesGenerator };
