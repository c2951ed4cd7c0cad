/** Models, and the data on which several processes of Python's train them. */
import {
  compile,
  kerasModel,
  kerasModelSequential,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerInput,
  layerRmsNormalization,
  optimizerAdam,
  optimizerSgd,
  pipe,
  tf,
  vectorizeSequences,
  type DataFor,
  type ExportTrainingJobOptions,
  type KerasModel,
  type Prediction,
  type SymbolicTensor,
  type TrainingData,
} from '../../src/index';

/** One job. */
export interface ScaleCase {
  readonly model: () => KerasModel<Prediction>;
  /** Arrays, for training here, and for the evaluation. */
  readonly x: () => DataFor;
  readonly y: () => DataFor;
  readonly sampleWeight?: () => DataFor;
  /** The data as the job is given it, if not as arrays. */
  readonly data?: () => TrainingData;
  readonly options: ExportTrainingJobOptions & { readonly batchSize: number; readonly epochs: number };
  readonly rows: number;
  /** The only version of Keras that knows the model. */
  readonly keras?: 2 | 3;
  /** The version of Keras that trains it where there is time for few. */
  readonly quick?: 2 | 3;
}

/** Numbers in [−1, 1) that are the same each time. */
const grid = (shape: readonly number[], seed: number): tf.Tensor => {
  const values = Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    (_, index) => {
      const mixed = Math.imul((index + 1 + 1009 * seed) ^ (index >>> 3), 2654435761) >>> 0;
      return (Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 16) / 2 ** 15 - 1;
    },
  );
  return tf.tensor(values, [...shape]);
};

/** Which of three sums of columns is the largest. */
const classesOf = (x: tf.Tensor): tf.Tensor =>
  tf.tidy(() => {
    const [rows = 0] = x.shape;
    return tf.argMax(tf.sum(tf.reshape(x, [rows, 3, -1]), -1), -1);
  });

const sparse = { dimension: 50, sparse: true } as const;
const words = (row: number): number[] => [row % 7, 7 + (row % 11), 20 + (row % 13), 40 + ((row * row) % 10)];

const twoInputs = (): KerasModel<Prediction> => {
  const numbers = layerInput({ shape: [4], name: 'numbers' });
  const ids = layerInput({ shape: [5], name: 'ids', dtype: 'int32' });
  const read = pipe(ids, layerEmbedding({ inputDim: 20, outputDim: 3 }), layerGlobalAveragePooling1d());
  const joined: SymbolicTensor = layerConcatenate([numbers, read]);
  const outputs = [
    layerDense(joined, { units: 1, name: 'amount' }),
    layerDense(joined, { units: 3, activation: 'softmax', name: 'kind' }),
  ];
  return pipe(
    kerasModel([numbers, ids], outputs),
    compile({
      optimizer: optimizerAdam({ learningRate: 0.02 }),
      loss: ['mse', 'sparse_categorical_crossentropy'],
      lossWeights: [0.5, 1],
    }),
  ) as KerasModel<Prediction>; // of two outputs
};

const ids = (): tf.Tensor =>
  tf.tidy(() => tf.cast(tf.floor(tf.mul(tf.add(grid([120, 5], 4), 1), 9.9)), 'int32'));

/** All jobs. Those that are not shuffled have the losses of `fit`. */
export const CASES: Readonly<Record<string, ScaleCase>> = {
  classes: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerDense({ units: 16, activation: 'relu', inputShape: [6], kernelRegularizer: 'l2' }),
        layerDense({ units: 3, activation: 'softmax' }),
        compile({
          optimizer: optimizerAdam({ learningRate: 0.01 }),
          loss: 'sparse_categorical_crossentropy',
          metrics: ['accuracy'],
        }),
      ),
    x: () => grid([300, 6], 1),
    y: () => classesOf(grid([300, 6], 1)),
    sampleWeight: () => tf.tidy(() => tf.add(tf.abs(grid([300], 2)), 0.5)),
    rows: 300,
    options: { batchSize: 20, epochs: 3, shuffle: false, shardBytes: 4000 },
    quick: 3,
  },
  twoInputs: {
    model: twoInputs,
    x: () => [grid([120, 4], 3), ids()],
    y: () => [tf.tidy(() => tf.sum(grid([120, 4], 3), -1, true)), classesOf(grid([120, 6], 5))],
    rows: 120,
    options: { batchSize: 24, epochs: 3, shuffle: false },
    quick: 2,
  },
  sparse: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerDense({ units: 8, activation: 'relu', inputShape: [50] }),
        layerDense({ units: 1, activation: 'sigmoid' }),
        compile({
          optimizer: optimizerSgd({ learningRate: 0.5, momentum: 0.9 }),
          loss: 'binary_crossentropy',
        }),
      ),
    x: () =>
      vectorizeSequences(
        Array.from({ length: 200 }, (_, row) => words(row)),
        sparse,
      ),
    y: () => tf.tensor1d(Array.from({ length: 200 }, (_, row) => Number(row % 7 < 3))),
    rows: 200,
    // 200 rows are 6 batches of 32, and 8 rows.
    options: { batchSize: 32, epochs: 4 },
  },
  stream: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerConv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
        layerFlatten(),
        layerDense({ units: 2 }),
        compile({ optimizer: optimizerAdam({ learningRate: 0.01 }), loss: 'mse' }),
      ),
    x: () => grid([160, 6, 6, 1], 7),
    y: () => tf.tidy(() => tf.mean(grid([160, 2, 18], 7), -1)),
    data: () =>
      function* () {
        const [x, y] = [grid([160, 6, 6, 1], 7), grid([160, 2, 18], 7)];
        for (let row = 0; row < 160; row += 10) {
          const labels = tf.tidy(() => tf.mean(tf.slice(y, [row, 0, 0], [10, 2, 18]), -1));
          yield [tf.slice(x, [row, 0, 0, 0], [10, 6, 6, 1]), labels];
        }
      },
    rows: 160,
    options: { batchSize: 16, epochs: 3, shuffle: false, shardBytes: 5000 },
  },
  keras3: {
    model: () =>
      pipe(
        kerasModelSequential(),
        layerDense({ units: 8, inputShape: [6] }),
        layerRmsNormalization(),
        layerDense({ units: 1 }),
        compile({ optimizer: 'adam', loss: 'mse' }),
      ),
    x: () => grid([64, 6], 8),
    y: () => tf.tidy(() => tf.sum(grid([64, 6], 8), -1, true)),
    rows: 64,
    options: { batchSize: 16, epochs: 2, shuffle: false },
    keras: 3,
  },
};
