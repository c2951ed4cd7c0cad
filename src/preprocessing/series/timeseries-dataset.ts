import { dataFunction } from '../../arrays/call-styles';
import type { DataArray } from '../../arrays/tensors';
import type { OptionedDataFunction } from '../../base/call-styles';
import {
  anyNumber,
  argumentError,
  boolean,
  checkOptions,
  nonNegativeInteger,
  optional,
  positiveInteger,
  required,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { integersBelow, nextSeed, permutation, PlacedStream } from '../../base/random';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { rowsAt, seriesOf, WindowBatches, type Series } from './windows';

/** Options of {@link timeseriesDatasetFromArray}. */
export interface TimeseriesDatasetOptions {
  /** What is to be predicted: `targets[i]` belongs to the window that begins at `data[i]`. None by default, or null. */
  targets?: DataArray | null | undefined;
  /** Time steps of a window. */
  sequenceLength: number;
  /** Time steps from one window's beginning to the next one's; 1 by default. */
  sequenceStride?: number | undefined;
  /** Time steps from one of a window to the next; 1 by default. */
  samplingRate?: number | undefined;
  /** Windows in a batch; 128 by default. With null, each window comes by itself, without the batch's axis. */
  batchSize?: number | null | undefined;
  /** Whether windows come in a random order, another in each pass; false by default. */
  shuffle?: boolean | undefined;
  /** What random orders begin from; drawn by default. */
  seed?: number | null | undefined;
  /** The first time step that is used; 0 by default. */
  startIndex?: number | null | undefined;
  /** The time step before which it ends, below the length of the data; all are used by default. */
  endIndex?: number | null | undefined;
}

const NAME = 'timeseriesDatasetFromArray';

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

const CHECKS = {
  targets: optional((value: unknown) => value),
  sequenceLength: required(positiveInteger),
  sequenceStride: optional(positiveInteger, 1),
  samplingRate: optional(positiveInteger, 1),
  batchSize: optional(orNull(positiveInteger), 128),
  shuffle: optional(boolean, false),
  seed: optional(orNull(anyNumber)),
  startIndex: optional(orNull(nonNegativeInteger)),
  endIndex: optional(orNull(positiveInteger)),
} satisfies OptionChecks<TimeseriesDatasetOptions>;

type Checked = CheckedOptions<typeof CHECKS>;

/** A window, or a batch of them; with its target, if there are targets. */
export type TimeseriesBatch = Tensor | [x: Tensor, y: Tensor];

/**
 * Windows of a series, in batches: to be iterated over, and taken by `fit`, `evaluate` and `predict`.
 *
 * @example
 * const windows = timeseriesDatasetFromArray([1, 2, 3, 4], { sequenceLength: 2, batchSize: 2 })
 * assert.strictEqual(windows.size, 2)
 */
class TimeseriesDataset extends WindowBatches<TimeseriesBatch> {
  readonly size: number;
  private positions: Int32Array;
  private readonly stream: PlacedStream;

  /** @internal */
  constructor(
    private readonly data: Series,
    private readonly targets: Series | undefined,
    private readonly options: Checked,
  ) {
    super();
    const { sequenceLength, sequenceStride, samplingRate, batchSize, seed } = options;
    const start = options.startIndex ?? 0;
    const end = options.endIndex ?? data.rows;
    const windows = end - start - (sequenceLength - 1) * samplingRate;
    const count = Math.max(0, Math.min(windows, targets?.rows ?? windows));
    this.positions = integersBelow(Math.ceil(count / sequenceStride)).map((index) => index * sequenceStride);
    this.size = Math.ceil(this.positions.length / (batchSize ?? 1));
    this.stream = new PlacedStream(seed ?? nextSeed());
  }

  /** @internal Where the last window begins, from the first that can be. */
  get lastStart(): number {
    return this.positions.reduce((last, position) => Math.max(last, position), 0);
  }

  batch(index: number): TimeseriesBatch {
    const { data, targets, positions } = this;
    const { sequenceLength, samplingRate, batchSize, startIndex } = this.options;
    const size = batchSize ?? 1;
    const starts = positions.subarray(index * size, (index + 1) * size).map((at) => at + (startIndex ?? 0));
    const places = new Int32Array(starts.length * sequenceLength);
    starts.forEach((at, window) => {
      for (let step = 0; step < sequenceLength; step++) {
        places[window * sequenceLength + step] = at + step * samplingRate;
      }
    });
    const single = (tensor: Tensor): Tensor =>
      batchSize === null ? tf.tidy(() => tf.squeeze(tensor, [0])) : tensor;
    const alone = (tensor: Tensor): Tensor => {
      const result = single(tensor);
      if (result !== tensor) tensor.dispose();
      return result;
    };
    const x = alone(rowsAt(data, places, sequenceLength));
    return targets === undefined ? x : [x, alone(rowsAt(targets, starts))];
  }

  protected override begin(): void {
    if (!this.options.shuffle) return;
    const order = permutation(this.positions.length, this.stream.next);
    this.positions = order.map((index) => this.positions[index] ?? 0);
  }
}

const checkIndices = (rows: number, options: Checked): void => {
  const { startIndex, endIndex, samplingRate, sequenceStride } = options;
  const check = (
    argument: string,
    value: number | null | undefined,
    isRight: boolean,
    expected: string,
  ): void => {
    if (value === null || value === undefined || isRight) return;
    throw argumentError({ function: NAME, argument }, expected, value);
  };
  const below = `below the length of the data, ${rows}`;
  check('startIndex', startIndex, (startIndex ?? 0) < rows, below);
  check('endIndex', endIndex, (endIndex ?? 0) < rows, below);
  check(
    'endIndex',
    endIndex,
    (endIndex ?? 0) > (startIndex ?? 0),
    `above \`startIndex\`, ${startIndex ?? 0}`,
  );
  // Of a single time step there is one window, of itself.
  check('samplingRate', samplingRate, samplingRate < Math.max(2, rows), below);
  check('sequenceStride', sequenceStride, sequenceStride < Math.max(2, rows), below);
};

const make = (data: unknown, options: Checked): TimeseriesDataset => {
  const series = seriesOf(data, { function: NAME, argument: 'data' });
  checkIndices(series.rows, options);
  const { targets } = options;
  const end = options.endIndex ?? series.rows;
  const targetSeries =
    targets === undefined || targets === null
      ? undefined
      : seriesOf(targets, { function: NAME, argument: 'targets' });
  const dataset = new TimeseriesDataset(series, targetSeries, options);
  if (dataset.size === 0) {
    throw argumentError(
      { function: NAME, argument: 'sequenceLength' },
      `such that a window fits into the ${end - (options.startIndex ?? 0)} time steps`,
      options.sequenceLength,
      'Give shorter windows, or a smaller samplingRate',
    );
  }
  checkTargets(targetSeries, dataset.lastStart + (options.startIndex ?? 0));
  return dataset;
};

/** Each window's target is at its beginning: with a `startIndex` targets are needed up to there, however many windows there are. */
const checkTargets = (targets: Series | undefined, last: number): void => {
  if (targets === undefined || last < targets.rows) return;
  throw argumentError(
    { function: NAME, argument: 'targets' },
    `at least ${last + 1} long, as the last window begins at the time step ${last}`,
    targets.rows,
    'Give the target of each time step at which a window begins: data.slice(…), without startIndex, cuts both',
  );
};

/**
 * Windows of a series, with their targets, in batches: window `i` is `data[start + i], data[start + i + rate], …`, and its target
 * `targets[start + i]`.
 *
 * In `data` `[time, …]`, out batches `[batch, sequenceLength, …]`, and of targets `[batch, …]`: to be iterated over as often as one
 * likes, and taken by `fit`, `evaluate` and `predict`. The data is copied. Random orders are others than Keras's.
 *
 * @throws KerasArgumentError if no window fits into the data.
 * @example
 * const data = [0, 1, 2, 3, 4, 5]
 * const windows = timeseriesDatasetFromArray(data, { targets: data.slice(3), sequenceLength: 3 })
 * const [x, y] = [...windows].flat().map((tensor) => tensor.arraySync())
 * assert.deepStrictEqual([x, y], [[[0, 1, 2], [1, 2, 3], [2, 3, 4]], [3, 4, 5]])
 * @see R keras `timeseries_dataset_from_array`
 */
export const timeseriesDatasetFromArray: OptionedDataFunction<
  DataArray,
  TimeseriesDatasetOptions,
  TimeseriesDataset
> = dataFunction('data', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (data, _, options) => make(data, options),
});
export type { TimeseriesDataset };
