/** The models that are timed, for this library and for tfjs-node alike, on synthetic data of the right shapes. */
import type * as Tfjs from '@tensorflow/tfjs';
import {
  compile,
  fit,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerLstm,
  layerMaxPooling2d,
  pipe,
  tf,
  vectorizeSequences,
  type Engine,
  type LayerStep,
  type LossName,
  type SparseMatrix,
  type Tensor,
} from '../src/index';

/** One layer, in both libraries' terms. */
interface Layer {
  readonly ours: (input: Input) => LayerStep;
  readonly theirs: (input: Input) => Tfjs.layers.Layer;
}
type Input = { inputShape?: number[] };

const kernelInitializer = 'glorotUniform';

const dense = (units: number, activation: 'linear' | 'relu' | 'softmax' | 'sigmoid' = 'relu'): Layer => ({
  ours: (input) => layerDense({ units, activation, ...input }),
  theirs: (input) => tf.layers.dense({ units, activation, kernelInitializer, ...input }),
});
const conv = (filters: number): Layer => ({
  ours: (input) => layerConv2d({ filters, kernelSize: 3, activation: 'relu', ...input }),
  theirs: (input) =>
    tf.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', kernelInitializer, ...input }),
});
const pool: Layer = {
  ours: () => layerMaxPooling2d({ poolSize: 2 }),
  theirs: () => tf.layers.maxPooling2d({ poolSize: 2 }),
};
const flatten: Layer = { ours: () => layerFlatten(), theirs: () => tf.layers.flatten() };
const lstm = (units: number): Layer => ({
  ours: (input) => layerLstm({ units, ...input }),
  // tfjs's own orthogonal initializer takes seconds, and plays no part here.
  theirs: (input) =>
    tf.layers.lstm({
      units,
      recurrentActivation: 'sigmoid',
      recurrentInitializer: kernelInitializer,
      ...input,
    }),
});

/** A model to time. */
export interface Benchmark {
  readonly title: string;
  readonly shape: readonly number[];
  readonly layers: readonly Layer[];
  readonly labels: 'numbers' | 'classes' | 'flags';
  readonly loss: readonly [ours: LossName, tfjs: string];
  readonly rows: number;
  readonly batchSize: number;
  /** Epochs in a round. */
  readonly epochs: number;
  /** Whether this library gets the rows as a sparse matrix. */
  readonly sparse?: boolean;
}

const imdb = {
  shape: [10_000],
  layers: [dense(16), dense(16), dense(1, 'sigmoid')],
  labels: 'flags',
  loss: ['binary_crossentropy', 'binaryCrossentropy'],
  rows: 10_240,
  batchSize: 512,
  epochs: 3,
} as const;

export const benchmarks = {
  boston: {
    title: 'Boston MLP 13-64-64-1, batch 1',
    shape: [13],
    layers: [dense(64), dense(64), dense(1, 'linear')],
    labels: 'numbers',
    loss: ['mse', 'meanSquaredError'],
    rows: 404,
    batchSize: 1,
    epochs: 2,
  },
  mnist: {
    title: 'MNIST MLP 784-512-10, batch 128',
    shape: [784],
    layers: [dense(512), dense(10, 'softmax')],
    labels: 'classes',
    loss: ['categorical_crossentropy', 'categoricalCrossentropy'],
    rows: 12_800,
    batchSize: 128,
    epochs: 2,
  },
  'imdb-sparse': { title: 'IMDB MLP, batch 512, sparse', ...imdb, sparse: true },
  'imdb-dense': { title: 'IMDB MLP, batch 512, dense', ...imdb },
  convnet: {
    title: 'MNIST convnet, batch 64',
    shape: [28, 28, 1],
    layers: [conv(32), pool, conv(64), pool, flatten, dense(64), dense(10, 'softmax')],
    labels: 'classes',
    loss: ['categorical_crossentropy', 'categoricalCrossentropy'],
    rows: 1280,
    batchSize: 64,
    epochs: 3,
  },
  lstm: {
    title: 'LSTM 32 over 50 x 8, batch 32',
    shape: [50, 8],
    layers: [lstm(32), dense(1, 'sigmoid')],
    labels: 'flags',
    loss: ['binary_crossentropy', 'binaryCrossentropy'],
    rows: 512,
    batchSize: 32,
    epochs: 3,
  },
} as const satisfies Record<string, Benchmark>;

export type Name = keyof typeof benchmarks;
export const names = Object.keys(benchmarks) as Name[]; // its own keys

/** Trains one round; says how the steps ran. */
export type Train = () => Promise<string>;

const labelsOf = ({ labels, rows }: Benchmark): Tensor =>
  tf.tidy(() => {
    const noise = tf.randomUniform([rows, labels === 'classes' ? 10 : 1], 0, 1, 'float32', 2);
    if (labels === 'numbers') return noise;
    if (labels === 'flags') return tf.round(noise);
    return tf.cast(tf.oneHot(tf.argMax(noise, 1), 10), 'float32');
  });

/** About 130 ones a row, the smaller ids more often, as in reviews. */
const reviews = (rows: number, dimension: number): SparseMatrix => {
  let state = 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const sequences = Array.from({ length: rows }, () =>
    Array.from({ length: 170 }, () => Math.floor(dimension * next() ** 3)),
  );
  return vectorizeSequences(sequences, { dimension, sparse: true });
};

const inputsOf = (benchmark: Benchmark, sparse: boolean): Tensor | SparseMatrix => {
  const { shape, rows } = benchmark;
  if (shape[0] !== 10_000) return tf.randomUniform([rows, ...shape], 0, 1, 'float32', 1);
  const matrix = reviews(rows, 10_000);
  return sparse ? matrix : matrix.toTensor();
};

const firstOnly = ({ shape }: Benchmark, index: number): Input =>
  index === 0 ? { inputShape: [...shape] } : {};

/** This library's `fit`. */
export const kerasPipe = (benchmark: Benchmark, engine: Engine | 'auto'): Train => {
  const { layers, loss, batchSize, epochs, sparse } = benchmark;
  const [x, y] = [inputsOf(benchmark, sparse === true), labelsOf(benchmark)];
  const model = kerasModelSequential();
  layers.forEach((layer, index) => layer.ours(firstOnly(benchmark, index))(model));
  pipe(model, compile({ optimizer: (process.env.OPT ?? 'rmsprop') as 'sgd', loss: loss[0], metrics: ['accuracy'] }));
  return async () => (await fit(model, x, y, { batchSize, epochs, engine, verbose: 0 })).params.engine;
};

/** tfjs-node's own `fit`. */
export const tfjsNode = (benchmark: Benchmark): Train => {
  const { layers, loss, batchSize, epochs } = benchmark;
  const [x, y] = [inputsOf(benchmark, false) as Tensor, labelsOf(benchmark)]; // not sparse
  // Not `tf.layers.lstm` and its kin as this library repairs them: these are tfjs's own classes.
  const model = tf.sequential({
    layers: layers.map((layer, index) => layer.theirs(firstOnly(benchmark, index))),
  });
  model.compile({ optimizer: (process.env.OPT ?? 'rmsprop') as 'sgd', loss: loss[1], metrics: ['accuracy'] });
  return async () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- tfjs does not export the enum
    await model.fit(x, y, { batchSize, epochs, verbose: 0 });
    return 'tfjs';
  };
};
