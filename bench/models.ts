/** The models that are timed, for this library, for tfjs-node and for the peers in Python, on synthetic data. */
import type * as Tfjs from '@tensorflow/tfjs';
import {
  compile,
  fit,
  kerasModel,
  kerasModelSequential,
  layerInput,
  pipe,
  tf,
  type Engine,
  type KerasModel,
  type LossName,
  type Tensor,
} from '../src/index';
import { inputsOf, labelsOf, ONES, VOCABULARY, type DataPlan } from './data';
import {
  conv,
  dense,
  denseOfOnes,
  dropout,
  embedding,
  flatten,
  gru,
  lstm,
  mean,
  normalization,
  pool,
  relu,
  simpleRnn,
  transformer,
  sizeOf,
  type Input,
  type Layer,
} from './layers';

/** A model to time. */
export interface Benchmark extends DataPlan {
  readonly title: string;
  readonly layers: readonly Layer[];
  readonly loss: readonly [ours: LossName, tfjs: string];
  /** 'rmsprop' by default. */
  readonly optimizer?: 'rmsprop' | 'sgd' | 'adam';
  readonly batchSize: number;
  /** Epochs in a round: enough for the first 20 ms after a pause, when threads share a core, not to count. */
  readonly epochs: number;
  /** Epochs in a round of contenders that take very much longer: tfjs-node, and this library's eager engine. */
  readonly slowEpochs?: number;
  /** Whether this library gets the rows as a sparse matrix. */
  readonly sparse?: boolean;
  /** How this library's steps run where a round has too few of them for 'auto' to compile. */
  readonly engine?: Engine;
}

const imdb = {
  shape: [VOCABULARY],
  inputs: 'reviews',
  labels: 'flags',
  loss: ['binary_crossentropy', 'binaryCrossentropy'],
  rows: 10_240,
  batchSize: 512,
  epochs: 3,
} as const;
const imdbRest = [dense(16), dense(1, 'sigmoid')] as const;

const words = {
  shape: [500],
  inputs: { words: VOCABULARY },
  labels: 'flags',
  loss: ['binary_crossentropy', 'binaryCrossentropy'],
  rows: 256,
  batchSize: 128,
  epochs: 5,
  slowEpochs: 1,
  engine: 'compiled',
} as const;
const wordLayers = (layer: Layer): readonly Layer[] => [
  embedding(VOCABULARY, 32, 500),
  layer,
  dense(1, 'sigmoid'),
];

const IDS = 500_000;
const table = {
  shape: [50],
  inputs: { words: IDS },
  layers: [embedding(IDS, 64, 50), mean, dense(1, 'sigmoid')],
  labels: 'flags',
  loss: ['binary_crossentropy', 'binaryCrossentropy'],
  rows: 640,
  batchSize: 32,
  slowEpochs: 1,
} as const;

const images = {
  inputs: 'numbers',
  labels: 'classes',
  loss: ['categorical_crossentropy', 'categoricalCrossentropy'],
} as const;

/** Two convolutions with batch normalization, and a pooling. */
const block = (filters: number): readonly Layer[] => [
  ...[0, 1].flatMap(() => [conv(filters, 'linear', true), normalization, relu]),
  pool,
  dropout(0.25),
];

export const benchmarks = {
  boston: {
    title: 'Boston MLP 13-64-64-1, batch 1',
    shape: [13],
    inputs: 'numbers',
    layers: [dense(64), dense(64), dense(1, 'linear')],
    labels: 'numbers',
    loss: ['mse', 'meanSquaredError'],
    rows: 404,
    batchSize: 1,
    epochs: 100,
    slowEpochs: 1,
  },
  mnist: {
    title: 'MNIST MLP 784-512-10, batch 128',
    shape: [784],
    layers: [dense(512), dense(10, 'softmax')],
    ...images,
    rows: 12_800,
    batchSize: 128,
    epochs: 2,
    slowEpochs: 1,
  },
  'imdb-sparse': {
    title: 'IMDB MLP, batch 512, sparse',
    ...imdb,
    layers: [denseOfOnes(16), ...imdbRest],
    epochs: 10,
    slowEpochs: 2,
    sparse: true,
  },
  'imdb-dense': { title: 'IMDB MLP, batch 512, dense', ...imdb, layers: [dense(16), ...imdbRest] },
  convnet: {
    title: 'MNIST convnet, batch 64',
    shape: [28, 28, 1],
    layers: [conv(32), pool, conv(64), pool, flatten, dense(64), dense(10, 'softmax')],
    ...images,
    rows: 1280,
    batchSize: 64,
    epochs: 3,
    slowEpochs: 1,
  },
  'convnet-1m': {
    title: 'convnet of 1M weights, 32 × 32 × 3, batch 32',
    shape: [32, 32, 3],
    layers: [
      ...block(32),
      ...block(64),
      ...block(128),
      flatten,
      dense(340),
      dropout(0.5),
      dense(10, 'softmax'),
    ],
    ...images,
    rows: 640,
    batchSize: 32,
    epochs: 1,
    engine: 'compiled',
  },
  lstm: {
    title: 'LSTM 32 over 50 × 8, batch 32',
    shape: [50, 8],
    inputs: 'numbers',
    layers: [lstm(32), dense(1, 'sigmoid')],
    labels: 'flags',
    loss: ['binary_crossentropy', 'binaryCrossentropy'],
    rows: 512,
    batchSize: 32,
    epochs: 10,
    slowEpochs: 1,
  },
  'words-lstm': { title: 'LSTM 32 over 500 words, batch 128', ...words, layers: wordLayers(lstm(32)) },
  'words-gru': { title: 'GRU 32 over 500 words, batch 128', ...words, layers: wordLayers(gru(32)) },
  'words-rnn': { title: 'RNN 32 over 500 words, batch 128', ...words, layers: wordLayers(simpleRnn(32)) },
  transformer: {
    title: 'transformer block over 200 words, batch 32',
    shape: [200],
    inputs: { words: VOCABULARY },
    layers: [embedding(VOCABULARY, 32, 200), transformer(2, 32, 32), mean, dense(20), dense(1, 'sigmoid')],
    labels: 'flags',
    loss: ['binary_crossentropy', 'binaryCrossentropy'],
    optimizer: 'adam',
    rows: 640,
    batchSize: 32,
    epochs: 2,
    engine: 'compiled',
  },
  'embedding-sgd': { title: 'embedding 500 000 × 64, SGD', ...table, optimizer: 'sgd', epochs: 40 },
  'embedding-adam': { title: 'embedding 500 000 × 64, Adam', ...table, optimizer: 'adam', epochs: 2 },
} as const satisfies Record<string, Benchmark>;

export type Name = keyof typeof benchmarks;
export const names = Object.keys(benchmarks) as Name[]; // its own keys

/** Floats that an optimizer reads and writes for a weight: the weight, its gradient, its slots. */
const UPDATE_TRAFFIC = { rmsprop: 4 + 3, sgd: 2 + 1, adam: 4 + 3 } as const;

/** Floats read and written for weights in a step: their reads, the gradient written, the update. */
const weightTraffic = (
  { weights = { count: 0, reads: 0 }, touched }: ReturnType<Layer['work']>,
  { optimizer = 'rmsprop', batchSize }: Benchmark,
): number => {
  // Plain descent need not look at rows of a table that no id names; the others decay something in every row.
  const count =
    touched === undefined || optimizer !== 'sgd'
      ? weights.count
      : Math.min(weights.count, batchSize * touched);
  return count * (weights.reads + 1 + UPDATE_TRAFFIC[optimizer]);
};

/** What one training step must at least do: floating-point operations, and bytes read and written. */
export const leastOf = (benchmark: Benchmark): { flops: number; bytes: number } => {
  const { shape, layers, batchSize, sparse } = benchmark;
  let row = shape;
  let flops = 0;
  // The batch is gathered: read and written.
  let floats = batchSize * 2 * (sparse === true ? ONES : sizeOf(shape));
  for (const [index, layer] of layers.entries()) {
    const work = layer.work(row, index === 0);
    flops += batchSize * work.flops;
    floats += batchSize * work.floats + weightTraffic(work, benchmark);
    row = work.output;
  }
  return { flops, bytes: 4 * floats };
};

/** Trains one round; says how the steps ran. */
export type Train = () => Promise<string>;

const firstOnly = ({ shape }: Benchmark, index: number): Input =>
  index === 0 ? { inputShape: [...shape] } : {};

/** A benchmark's model in this library. */
export const kerasPipeModel = (benchmark: Benchmark): KerasModel => {
  const { layers, shape } = benchmark;
  if (layers.some(({ ours }) => 'block' in ours)) {
    const input = layerInput({ shape: [...shape] });
    return kerasModel(
      input,
      layers.reduce((x, { ours }) => ('block' in ours ? ours.block(x) : ours({})(x)), input),
    );
  }
  const model = kerasModelSequential();
  layers.forEach(({ ours }, index) => {
    if (!('block' in ours)) ours(firstOnly(benchmark, index))(model);
  });
  return model;
};

/** Whether tfjs has all of a benchmark's layers. */
export const isInTfjs = ({ layers }: Benchmark): boolean =>
  layers.every(({ theirs }) => theirs !== undefined);

/** The same in tfjs. */
export const tfjsModel = (benchmark: Benchmark): Tfjs.Sequential =>
  // Not `tf.layers.lstm` and its kin as this library repairs them: these are tfjs's own classes.
  tf.sequential({
    layers: benchmark.layers.flatMap(({ theirs }, index) => theirs?.(firstOnly(benchmark, index)) ?? []),
  });

/** This library's `fit`. */
export const kerasPipe = (benchmark: Benchmark, engine: Engine | 'auto', epochs: number): Train => {
  const { loss, batchSize, sparse, optimizer = 'rmsprop' } = benchmark;
  const [x, y] = [inputsOf(benchmark, sparse === true), labelsOf(benchmark)];
  const model = kerasPipeModel(benchmark);
  pipe(model, compile({ optimizer, loss: loss[0], metrics: ['accuracy'] }));
  return async () => {
    const { params } = await fit(model, x, y, { batchSize, epochs, engine, verbose: 0 });
    return params.sparseInputs === undefined ? params.engine : `${params.engine}, sparse rows`;
  };
};

/** tfjs-node's own `fit`. */
export const tfjsNode = (benchmark: Benchmark, epochs: number): Train => {
  const { loss, batchSize, optimizer = 'rmsprop' } = benchmark;
  const [x, y] = [inputsOf(benchmark, false) as Tensor, labelsOf(benchmark)]; // not sparse
  const model = tfjsModel(benchmark);
  model.compile({ optimizer, loss: loss[1], metrics: ['accuracy'] });
  return async () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- tfjs does not export the enum
    await model.fit(x, y, { batchSize, epochs, verbose: 0 });
    return 'tfjs';
  };
};

/** What a peer's program in Python is told, beside the folder with the data. */
export const pythonPlan = ({ layers, shape, loss, optimizer, batchSize, epochs, sparse }: Benchmark) => ({
  shape,
  layers: layers.map(({ python }) => python),
  loss: loss[0],
  optimizer: optimizer ?? 'rmsprop',
  batchSize,
  epochs,
  sparse: sparse ?? false,
});
