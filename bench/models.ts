/** The models that are timed, for this library and for tfjs-node alike, on synthetic data of the right shapes. */
import type * as Tfjs from '@tensorflow/tfjs';
import {
  compile,
  fit,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGru,
  layerLstm,
  layerMaxPooling2d,
  layerSimpleRnn,
  pipe,
  tf,
  vectorizeSequences,
  type Engine,
  type KerasModel,
  type LayerStep,
  type LossName,
  type SparseMatrix,
  type Tensor,
} from '../src/index';

/** What a layer must at least do in a training step. */
interface Work {
  /** The shape of a row that comes out. */
  readonly output: readonly number[];
  /** Floating-point operations of products and convolutions, for a row. */
  readonly flops: number;
  /** Floats read and written for a row. */
  readonly floats: number;
  /** Floats read and written once a step, whatever the batch: {@link weightTraffic}. */
  readonly once: number;
}

/** One layer, in both libraries' terms. */
interface Layer {
  readonly ours: (input: Input) => LayerStep;
  readonly theirs: (input: Input) => Tfjs.layers.Layer;
  /** For rows of a shape; the first layer of a model has no gradient of its input. */
  readonly work: (shape: readonly number[], isFirst: boolean) => Work;
}
type Input = { inputShape?: number[] };

const kernelInitializer = 'glorotUniform';

const VOCABULARY = 10_000;
/** The different words that a review has on average. */
const ONES = 132;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** A multiplication and an addition for each: forward, for the gradient of weights and for that of the input. */
const productFlops = (multiplications: number, isFirst: boolean): number =>
  2 * multiplications * (isFirst ? 2 : 3);

/** Input read forward and for the gradient of weights, its gradient written; output written, its gradient read. */
const rowTraffic = (input: number, output: number, isFirst: boolean): number =>
  input * (isFirst ? 2 : 3) + output * 2;

/**
 * The reads of weights; the gradient written; RMSprop reads weight, gradient and two slots, and writes weight and two
 * slots.
 */
const weightTraffic = (weights: number, reads: number): number => weights * (reads + 1 + 4 + 3);

type Activation = 'linear' | 'relu' | 'softmax' | 'sigmoid';
const dense = (units: number, activation: Activation = 'relu'): Layer => ({
  ours: (input) => layerDense({ units, activation, ...input }),
  theirs: (input) => tf.layers.dense({ units, activation, kernelInitializer, ...input }),
  work: (shape, isFirst) => {
    const inputs = sizeOf(shape);
    return {
      output: [units],
      flops: productFlops(inputs * units, isFirst),
      floats: rowTraffic(inputs, units, isFirst),
      once: weightTraffic((inputs + 1) * units, isFirst ? 1 : 2),
    };
  },
});
/** A first dense layer on rows of zeros and ones, which need not be multiplied. */
const denseOfOnes = (units: number): Layer => ({
  ...dense(units),
  // For each of the ones: an addition forward and one backward, a row of weights read, and one of their gradient
  // added to; its id is read in both.
  work: ([inputs = 0]) => ({
    output: [units],
    flops: 2 * ONES * units,
    floats: 2 * ONES * (units + 1) + 2 * units,
    once: weightTraffic((inputs + 1) * units, 0),
  }),
});
const conv = (filters: number): Layer => ({
  ours: (input) => layerConv2d({ filters, kernelSize: 3, activation: 'relu', ...input }),
  theirs: (input) =>
    tf.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', kernelInitializer, ...input }),
  // The rows of the input are not unfolded.
  work: ([height = 0, width = 0, channels = 0], isFirst) => {
    const output = [height - 2, width - 2, filters];
    const patch = 3 * 3 * channels;
    return {
      output,
      flops: productFlops(sizeOf(output) * patch, isFirst),
      floats: rowTraffic(height * width * channels, sizeOf(output), isFirst),
      once: weightTraffic((patch + 1) * filters, isFirst ? 1 : 2),
    };
  },
});
const pool: Layer = {
  ours: () => layerMaxPooling2d({ poolSize: 2 }),
  theirs: () => tf.layers.maxPooling2d({ poolSize: 2 }),
  // The input is read again for where the largest were.
  work: ([height = 0, width = 0, channels = 0], isFirst) => {
    const output = [Math.floor(height / 2), Math.floor(width / 2), channels];
    const floats = rowTraffic(height * width * channels, sizeOf(output), isFirst);
    return { output, flops: 0, floats, once: 0 };
  },
};
const flatten: Layer = {
  ours: () => layerFlatten(),
  theirs: () => tf.layers.flatten(),
  // Nothing moves.
  work: (shape) => ({ output: [sizeOf(shape)], flops: 0, floats: 0, once: 0 }),
};
const embedding = (outputDim: number, inputLength: number): Layer => ({
  ours: () => layerEmbedding({ inputDim: VOCABULARY, outputDim, inputLength }),
  theirs: () => tf.layers.embedding({ inputDim: VOCABULARY, outputDim, inputLength }),
  // Vectors read and written forward, their gradients read and added to the table's backward; ids read in both.
  work: ([steps = 0]) => ({
    output: [steps, outputDim],
    flops: 0,
    floats: steps * (4 * outputDim + 2),
    once: weightTraffic(VOCABULARY * outputDim, 0),
  }),
});

/** What a recurrent layer consists of, in units. */
interface Recurrence {
  /** Products with the input, and as many with the state. */
  readonly products: number;
  /** What a step must keep for the way back: gates, candidate and states. */
  readonly kept: number;
}
/** What both libraries are given for a recurrent layer. */
type Units = Input & { units: number };
const recurrent =
  (
    { products, kept }: Recurrence,
    ours: (options: Units) => LayerStep,
    theirs: (options: Units & { recurrentInitializer: 'glorotUniform' }) => Tfjs.layers.Layer,
  ) =>
  (units: number): Layer => ({
    ours: (input) => ours({ units, ...input }),
    // tfjs's own orthogonal initializer takes seconds, and plays no part here.
    theirs: (input) => theirs({ units, recurrentInitializer: kernelInitializer, ...input }),
    // The first state is zero. What is kept is written forward and read backward; weights are read once in each, as
    // they stay in the cache from step to step.
    work: ([steps = 0, features = 0], isFirst) => ({
      output: [units],
      flops:
        productFlops(steps * features * products * units, isFirst) +
        productFlops((steps - 1) * units * products * units, false),
      floats: rowTraffic(steps * features, steps * kept * units, isFirst),
      once: weightTraffic(products * units * (features + units + 1), 2),
    }),
  });
const lstm = recurrent({ products: 4, kept: 6 }, layerLstm, (options) =>
  tf.layers.lstm({ recurrentActivation: 'sigmoid', ...options }),
);
const gru = recurrent({ products: 3, kept: 4 }, layerGru, (options) =>
  tf.layers.gru({ recurrentActivation: 'sigmoid', ...options }),
);
const simpleRnn = recurrent({ products: 1, kept: 1 }, layerSimpleRnn, (options) =>
  tf.layers.simpleRNN(options),
);

/** A model to time. */
export interface Benchmark {
  readonly title: string;
  readonly shape: readonly number[];
  /** Uniform numbers, reviews as rows of zeros and ones, or ids of words. */
  readonly inputs: 'numbers' | 'reviews' | 'words';
  readonly layers: readonly Layer[];
  readonly labels: 'numbers' | 'classes' | 'flags';
  readonly loss: readonly [ours: LossName, tfjs: string];
  readonly rows: number;
  readonly batchSize: number;
  /** Epochs in a round: enough for the first 20 ms after a pause, when threads share a core, not to count. */
  readonly epochs: number;
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
  inputs: 'words',
  labels: 'flags',
  loss: ['binary_crossentropy', 'binaryCrossentropy'],
  rows: 256,
  batchSize: 128,
  epochs: 1,
  engine: 'compiled',
} as const;
const wordLayers = (layer: Layer): readonly Layer[] => [embedding(32, 500), layer, dense(1, 'sigmoid')];

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
    epochs: 5,
  },
  mnist: {
    title: 'MNIST MLP 784-512-10, batch 128',
    shape: [784],
    inputs: 'numbers',
    layers: [dense(512), dense(10, 'softmax')],
    labels: 'classes',
    loss: ['categorical_crossentropy', 'categoricalCrossentropy'],
    rows: 12_800,
    batchSize: 128,
    epochs: 2,
  },
  'imdb-sparse': {
    title: 'IMDB MLP, batch 512, sparse',
    ...imdb,
    layers: [denseOfOnes(16), ...imdbRest],
    epochs: 10,
    sparse: true,
  },
  'imdb-dense': { title: 'IMDB MLP, batch 512, dense', ...imdb, layers: [dense(16), ...imdbRest] },
  convnet: {
    title: 'MNIST convnet, batch 64',
    shape: [28, 28, 1],
    inputs: 'numbers',
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
    inputs: 'numbers',
    layers: [lstm(32), dense(1, 'sigmoid')],
    labels: 'flags',
    loss: ['binary_crossentropy', 'binaryCrossentropy'],
    rows: 512,
    batchSize: 32,
    epochs: 5,
  },
  'words-lstm': { title: 'LSTM 32 over 500 words, batch 128', ...words, layers: wordLayers(lstm(32)) },
  'words-gru': { title: 'GRU 32 over 500 words, batch 128', ...words, layers: wordLayers(gru(32)) },
  'words-rnn': { title: 'RNN 32 over 500 words, batch 128', ...words, layers: wordLayers(simpleRnn(32)) },
} as const satisfies Record<string, Benchmark>;

export type Name = keyof typeof benchmarks;
export const names = Object.keys(benchmarks) as Name[]; // its own keys

/** What one training step must at least do: floating-point operations, and bytes read and written. */
export const leastOf = ({
  shape,
  layers,
  batchSize,
  sparse,
}: Benchmark): { flops: number; bytes: number } => {
  let row = shape;
  let flops = 0;
  // The batch is gathered: read and written.
  let floats = batchSize * 2 * (sparse === true ? ONES : sizeOf(shape));
  for (const [index, layer] of layers.entries()) {
    const work = layer.work(row, index === 0);
    flops += batchSize * work.flops;
    floats += batchSize * work.floats + work.once;
    row = work.output;
  }
  return { flops, bytes: 4 * floats };
};

/** Trains one round; says how the steps ran. */
export type Train = () => Promise<string>;

export const labelsOf = ({ labels, rows }: Benchmark): Tensor =>
  tf.tidy(() => {
    const noise = tf.randomUniform([rows, labels === 'classes' ? 10 : 1], 0, 1, 'float32', 2);
    if (labels === 'numbers') return noise;
    if (labels === 'flags') return tf.round(noise);
    return tf.cast(tf.oneHot(tf.argMax(noise, 1), 10), 'float32');
  });

/** So many words make about {@link ONES} different ones. */
const WORDS = 209;

/**
 * Rows of ones as the real reviews have them: words by Zipf's law, p(rank) ~ 1 / (rank + 1)^1.1, which gives the most
 * frequent columns about the same shares of the ones (see README.md).
 */
const reviews = (rows: number, dimension: number): SparseMatrix => {
  let state = 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const upTo = new Float64Array(dimension);
  let sum = 0;
  for (let word = 0; word < dimension; word++) upTo[word] = sum += (word + 2) ** -1.1;
  const word = (): number => {
    const wanted = sum * next();
    let [first, last] = [0, dimension - 1];
    while (first < last) {
      const middle = (first + last) >> 1;
      if ((upTo[middle] ?? 0) < wanted) first = middle + 1;
      else last = middle;
    }
    return first;
  };
  const sequences = Array.from({ length: rows }, () => Array.from({ length: WORDS }, word));
  return vectorizeSequences(sequences, { dimension, sparse: true });
};

/** Rows for a model: a tensor, or a sparse matrix where that is wanted and the rows are reviews. */
export const inputsOf = ({ inputs, shape, rows }: Benchmark, sparse: boolean): Tensor | SparseMatrix => {
  if (inputs === 'numbers') return tf.randomUniform([rows, ...shape], 0, 1, 'float32', 1);
  if (inputs === 'words')
    return tf.tidy(() => tf.floor(tf.randomUniform([rows, ...shape], 0, VOCABULARY, 'float32', 1)));
  const matrix = reviews(rows, VOCABULARY);
  return sparse ? matrix : matrix.toTensor();
};

const firstOnly = ({ shape }: Benchmark, index: number): Input =>
  index === 0 ? { inputShape: [...shape] } : {};

/** A benchmark's model in this library. */
export const kerasPipeModel = (benchmark: Benchmark): KerasModel => {
  const model = kerasModelSequential();
  benchmark.layers.forEach((layer, index) => layer.ours(firstOnly(benchmark, index))(model));
  return model;
};

/** The same in tfjs. */
export const tfjsModel = (benchmark: Benchmark): Tfjs.Sequential =>
  // Not `tf.layers.lstm` and its kin as this library repairs them: these are tfjs's own classes.
  tf.sequential({
    layers: benchmark.layers.map((layer, index) => layer.theirs(firstOnly(benchmark, index))),
  });

/** This library's `fit`. */
export const kerasPipe = (benchmark: Benchmark, engine: Engine | 'auto'): Train => {
  const { loss, batchSize, epochs, sparse } = benchmark;
  const [x, y] = [inputsOf(benchmark, sparse === true), labelsOf(benchmark)];
  const model = kerasPipeModel(benchmark);
  pipe(model, compile({ optimizer: 'rmsprop', loss: loss[0], metrics: ['accuracy'] }));
  return async () => (await fit(model, x, y, { batchSize, epochs, engine, verbose: 0 })).params.engine;
};

/** tfjs-node's own `fit`. */
export const tfjsNode = (benchmark: Benchmark): Train => {
  const { loss, batchSize, epochs } = benchmark;
  const [x, y] = [inputsOf(benchmark, false) as Tensor, labelsOf(benchmark)]; // not sparse
  const model = tfjsModel(benchmark);
  model.compile({ optimizer: 'rmsprop', loss: loss[1], metrics: ['accuracy'] });
  return async () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- tfjs does not export the enum
    await model.fit(x, y, { batchSize, epochs, verbose: 0 });
    return 'tfjs';
  };
};
