/**
 * Training on streams of batches beside training on the same rows in memory: `npm run bench:streams`, or `npm run bench:streams -- --rounds 9`.
 * `-- --gigabytes 20` trains once on so many gigabytes of rows, made on the fly, and says what memory the process takes meanwhile. README.md.
 */
import { parseArgs } from 'node:util';
import {
  compile,
  fit,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerMaxPooling2d,
  pipe,
  tf,
  type KerasModel,
  type StreamItem,
} from '../src/index';
import { megabytesOf } from '../test/campaigns/resident';
import { median } from './limits';
import { markdown, roundsOf } from './table';

/** A model, and how many rows it trains on. */
interface Streamed {
  readonly title: string;
  readonly shape: readonly number[];
  readonly classes: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly make: () => KerasModel;
}

const compiled = (model: KerasModel): KerasModel =>
  pipe(model, compile({ optimizer: 'rmsprop', loss: 'sparse_categorical_crossentropy' }));

const CASES: readonly Streamed[] = [
  {
    title: 'MNIST MLP',
    shape: [784],
    classes: 10,
    batchSize: 128,
    steps: 150,
    make: () =>
      compiled(
        pipe(
          kerasModelSequential({ inputShape: [784] }),
          layerDense({ units: 512, activation: 'relu' }),
          layerDense({ units: 10, activation: 'softmax' }),
        ),
      ),
  },
  {
    title: 'table of 21 columns',
    shape: [21],
    classes: 2,
    batchSize: 256,
    steps: 800,
    make: () =>
      compiled(
        pipe(
          kerasModelSequential({ inputShape: [21] }),
          layerDense({ units: 64, activation: 'relu' }),
          layerDense({ units: 64, activation: 'relu' }),
          layerDense({ units: 2, activation: 'softmax' }),
        ),
      ),
  },
  {
    title: 'convnet, 28 × 28',
    shape: [28, 28, 1],
    classes: 10,
    batchSize: 64,
    steps: 40,
    make: () =>
      compiled(
        pipe(
          kerasModelSequential({ inputShape: [28, 28, 1] }),
          layerConv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
          layerMaxPooling2d({ poolSize: 2 }),
          layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
          layerFlatten(),
          layerDense({ units: 10, activation: 'softmax' }),
        ),
      ),
  },
];

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** A batch's arrays with their shapes. */
interface Batch {
  readonly x: { readonly data: Float32Array; readonly shape: number[] };
  readonly y: Int32Array;
}

const batchesOf = ({ shape, classes, batchSize, steps }: Streamed): Batch[] =>
  Array.from({ length: steps }, (_, step) => ({
    x: {
      data: Float32Array.from({ length: batchSize * sizeOf(shape) }, (_unused, index) =>
        Math.sin(index + step),
      ),
      shape: [batchSize, ...shape],
    },
    y: Int32Array.from({ length: batchSize }, (_unused, index) => (index * 7 + step) % classes),
  }));

/** The forms in which a stream gives its batches. */
const FORMS: Readonly<Record<string, (batch: Batch) => StreamItem>> = {
  'typed arrays': ({ x, y }) => [x, y],
  tensors: ({ x, y }) => [tf.tensor(x.data, x.shape), tf.tensor1d(y, 'int32')],
};

/** Milliseconds of a step, by the clock and of processors. */
interface Times {
  readonly clock: number[];
  readonly processors: number[];
}

const newTimes = (): Times => ({ clock: [], processors: [] });

const timed = async (times: Times, steps: number, run: () => Promise<unknown>): Promise<void> => {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  times.clock.push((performance.now() - begun) / steps);
  times.processors.push((user + system) / 1000 / steps);
};

const EPOCHS = 2;

const compare = async (one: Streamed, rounds: number): Promise<string[][]> => {
  const batches = batchesOf(one);
  const x = tf.concat(batches.map((batch) => tf.tensor(batch.x.data, batch.x.shape))); // rows one below the other
  const y = tf.concat(batches.map((batch) => tf.tensor1d(batch.y, 'int32')));
  const model = one.make();
  const options = { epochs: EPOCHS, verbose: 0, engine: 'compiled' } as const;
  const ways = Object.entries(FORMS)
    .map(([form, give]) => ({
      form,
      times: newTimes(),
      items: batches.map(give),
    }))
    .map((way) => ({
      ...way,
      run: (): Promise<unknown> => fit(model, () => way.items.values(), options),
    }));
  const memory = newTimes();
  const inMemory = (): Promise<unknown> =>
    fit(model, x, y, { ...options, batchSize: one.batchSize, shuffle: false });
  await inMemory();
  for (const { run } of ways) await run();
  for (let round = 0; round < rounds; round++) {
    await timed(memory, EPOCHS * one.steps, inMemory);
    for (const { run, times } of ways) await timed(times, EPOCHS * one.steps, run);
  }
  tf.dispose([x, y]);
  return ways.map(({ form, times }) => [
    one.title,
    form,
    median(memory.clock).toFixed(3),
    median(times.clock).toFixed(3),
    median(memory.clock.map((value, round) => value / (times.clock[round] ?? NaN))).toFixed(2),
    median(times.processors.map((value, round) => value / (memory.processors[round] ?? NaN))).toFixed(2),
  ]);
};

/** Trains on so many gigabytes, and looks at memory all the while. */
const large = async (gigabytes: number): Promise<void> => {
  const one = CASES[0] as Streamed; // there is one
  const size = one.batchSize * 784;
  const steps = Math.ceil((gigabytes * 1e9) / (4 * size));
  const model = one.make();
  const seen: { readonly step: number; readonly megabytes: number }[] = [];
  let last = performance.now();
  const note = (step: number): void => {
    if (performance.now() - last < 2000 && step !== steps - 1) return;
    last = performance.now();
    seen.push({ step, megabytes: megabytesOf(process.pid) });
  };
  const rows = function* rows(): Generator<StreamItem> {
    for (let step = 0; step < steps; step++) {
      const data = new Float32Array(size);
      for (let index = 0; index < size; index++) data[index] = ((index * 31 + step * 17) % 256) / 256;
      note(step);
      yield [
        { data, shape: [one.batchSize, 784] },
        Int32Array.from({ length: one.batchSize }, (_, row) => (row + step) % 10),
      ];
    }
  };
  const begun = performance.now();
  const trained: Promise<unknown> = fit(model, rows, { epochs: 1, verbose: 0, engine: 'compiled' });
  await trained;
  const seconds = (performance.now() - begun) / 1000;
  // Of the second half, in which all that grows at the beginning has grown.
  const late = seen.slice(Math.floor(seen.length / 2));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanStep, meanSize] = [
    mean(late.map(({ step }) => step)),
    mean(late.map(({ megabytes }) => megabytes)),
  ];
  const slope =
    late.reduce((sum, { step, megabytes }) => sum + (step - meanStep) * (megabytes - meanSize), 0) /
    late.reduce((sum, { step }) => sum + (step - meanStep) ** 2, 0);
  const read = (4 * size) / 1e9;
  console.log(
    `${(steps * read).toFixed(1)} GB in ${steps} steps, ${seconds.toFixed(0)} s; memory ${late
      .reduce((least, { megabytes }) => Math.min(least, megabytes), Infinity)
      .toFixed(
        0,
      )} to ${Math.max(...late.map(({ megabytes }) => megabytes)).toFixed(0)} MB, slope ${(slope / read).toFixed(2)} MB per GB`,
  );
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '7' }, gigabytes: { type: 'string' } },
  });
  if (values.gigabytes !== undefined) {
    await large(Number(values.gigabytes));
    return;
  }
  const rows: string[][] = [];
  for (const one of CASES) rows.push(...(await compare(one, roundsOf(values.rounds))));
  markdown(
    ['model', 'the stream gives', 'ms a step in memory', 'ms a step streamed', 'speed', '× processors’ time'],
    rows,
  );
};

void main();
