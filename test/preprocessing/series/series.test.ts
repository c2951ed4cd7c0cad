/** Windows of series as Keras 2.13 cuts them: test/reference/series.py. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerFlatten,
  pipe,
  predict,
  tf,
  timeseriesDatasetFromArray,
  timeseriesGenerator,
  type Tensor,
} from 'keras-pipe';
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Windows {
  readonly options: {
    readonly sequence_length: number;
    readonly sequence_stride: number;
    readonly sampling_rate: number;
    readonly batch_size: number | null;
    readonly start_index: number | null;
    readonly end_index: number | null;
  };
  readonly targets: boolean;
  readonly batches: unknown[];
}

interface Generated {
  readonly options: {
    readonly length: number;
    readonly sampling_rate: number;
    readonly stride: number;
    readonly start_index: number;
    readonly end_index: number | null;
    readonly reverse: boolean;
    readonly batch_size: number;
  };
  readonly batches: unknown[];
}

const { windows, generators } = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/series.json'), 'utf8'),
) as { readonly windows: Windows[]; readonly generators: Generated[] }; // as series.py prints it

const data = Array.from({ length: 20 }, (_, row) => [2 * row, 2 * row + 1]);
const targets = Array.from({ length: 20 }, (_, row) => 100 + row);

const numbers = (batch: Tensor | Tensor[]): unknown =>
  Array.isArray(batch) ? batch.map((tensor) => tensor.arraySync()) : batch.arraySync();

test('timeseriesDatasetFromArray', () => {
  expect(windows.length).toBeGreaterThan(60);
  for (const { options, targets: hasTargets, batches } of windows) {
    const dataset = timeseriesDatasetFromArray(data, {
      targets: hasTargets ? targets : null,
      sequenceLength: options.sequence_length,
      sequenceStride: options.sequence_stride,
      samplingRate: options.sampling_rate,
      batchSize: options.batch_size,
      startIndex: options.start_index,
      endIndex: options.end_index,
    });
    expect([...dataset].map(numbers)).toEqual(batches);
    expect(dataset.size).toBe(batches.length);
  }
});

test('timeseriesGenerator', () => {
  expect(generators.length).toBeGreaterThan(60);
  for (const { options, batches } of generators) {
    const generator = timeseriesGenerator(data, {
      targets,
      length: options.length,
      samplingRate: options.sampling_rate,
      stride: options.stride,
      startIndex: options.start_index,
      endIndex: options.end_index,
      reverse: options.reverse,
      batchSize: options.batch_size,
    });
    expect([...generator].map(numbers)).toEqual(batches);
    expect(generator.size).toBe(batches.length);
  }
});

test('random orders have all windows, others in each pass, and the same for a seed', () => {
  const options = { targets, sequenceLength: 3, batchSize: 4, shuffle: true, seed: 7 };
  const pass = (dataset: Iterable<Tensor | Tensor[]>): unknown[] =>
    [...dataset].flatMap((batch) => (batch as Tensor[])[1]?.arraySync() as number[]);
  const dataset = timeseriesDatasetFromArray(data, options);
  const [first, second] = [pass(dataset), pass(dataset)];
  expect(first).not.toEqual(second);
  expect(new Set(first)).toEqual(new Set(targets.slice(0, 18)));
  expect(pass(timeseriesDatasetFromArray(data, options))).toEqual(first);
  const drawn = timeseriesGenerator(data, { targets, length: 3, batchSize: 1000, shuffle: true });
  const [[x, y]] = [...drawn] as [[Tensor, Tensor]];
  const ends = y.arraySync() as number[];
  expect(new Set(ends)).toEqual(new Set(targets.slice(3)));
  // The window of each target ends right before it.
  const lasts = (x.arraySync() as number[][][]).map((window) => window[2]?.[0]);
  expect(lasts).toEqual(ends.map((target) => 2 * (target - 101)));
});

test.each<[string, () => unknown, string]>([
  [
    'no window',
    () => timeseriesDatasetFromArray([1, 2, 3], { sequenceLength: 4 }),
    'a window fits into the 3 time steps',
  ],
  [
    'an end beyond',
    () => timeseriesDatasetFromArray([1, 2], { sequenceLength: 1, endIndex: 2 }),
    '`endIndex` must be below',
  ],
  [
    'a start beyond',
    () => timeseriesDatasetFromArray([1, 2], { sequenceLength: 1, startIndex: 2 }),
    '`startIndex` must be below',
  ],
  [
    'a rate beyond',
    () => timeseriesDatasetFromArray([1, 2], { sequenceLength: 1, samplingRate: 2 }),
    '`samplingRate` must be below',
  ],
  [
    'too long',
    () => timeseriesGenerator([1, 2], { targets: [1, 2], length: 2 }),
    '`length` must be such that a window',
  ],
  [
    'lengths',
    () => timeseriesGenerator([1, 2, 3], { targets: [1, 2], length: 1 }),
    '`targets` must have a row for each',
  ],
  [
    'no data',
    () => timeseriesDatasetFromArray([], { sequenceLength: 1 }),
    '`data` must be a series of one time step',
  ],
  [
    'no data',
    () => timeseriesGenerator([], { targets: [], length: 1 }),
    '`data` must be a series of one time step',
  ],
  [
    'no targets',
    () => timeseriesDatasetFromArray([1, 2, 3], { targets: [], sequenceLength: 1 }),
    '`targets` must be a series of one time step',
  ],
  [
    'targets that end before the windows do',
    () =>
      timeseriesDatasetFromArray(data, { targets: targets.slice(0, 8), sequenceLength: 2, startIndex: 4 }),
    '`targets` must be at least 12 long, as the last window begins at the time step 11. Received: 8',
  ],
  ['a scalar', () => timeseriesGenerator(tf.scalar(1), { targets: [1], length: 1 }), 'an axis of time'],
])('%s', (_, run, message) => {
  expect(run).toThrow(message);
});

test('a single time step is a window of one', () => {
  expect([...timeseriesDatasetFromArray([7], { sequenceLength: 1 })].map(numbers)).toEqual([[[7]]]);
});

test('fit, evaluate and predict take them', async () => {
  const series = Array.from({ length: 200 }, (_, step) => [Math.sin(step / 5)]);
  const next = series.flat();
  const model = pipe(
    kerasModelSequential(),
    layerFlatten({ inputShape: [5, 1] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'adam', loss: 'mse' }),
  );
  const generator = timeseriesGenerator(series, { targets: next, length: 5, batchSize: 16 });
  const dataset = timeseriesDatasetFromArray(series, {
    targets: next.slice(5),
    sequenceLength: 5,
    batchSize: 16,
  });
  const history = await fit(model, generator, { epochs: 3, verbose: 0, validationData: dataset });
  expect(history.params).toMatchObject({ steps: 13, samples: 195, validationSamples: 195 });
  const { loss } = await evaluate(model, dataset, { verbose: 0 });
  expect(loss).toBeCloseTo(history.metrics['val_loss']?.[2] ?? NaN, 5);
  const predicted = await predict(model, timeseriesDatasetFromArray(series, { sequenceLength: 5 }));
  expect(predicted.shape).toEqual([196, 1]);
});
