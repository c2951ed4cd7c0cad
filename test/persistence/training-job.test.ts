/** Folders in which Python's Keras trains: what is in them. That it trains is tested by `npm run test:scale`. */
import fs from 'node:fs/promises';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { Readable } from 'node:stream';
import path from 'node:path';
import {
  compile,
  evaluate,
  exportTrainingJob,
  fit,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerInput,
  loadModel,
  optimizerOf,
  pipe,
  predict,
  saveModel,
  setRandomSeed,
  SparseMatrix,
  tf,
  type TrainingData,
} from '../../src/index';
import { Hdf5Reader } from '../../src/files/hdf5';
import { examplesOf, floatsOf } from './support/records';
import { compiled, exported, jobIn, place, useFolder, x, y, type Job } from './support/training-job';

useFolder();

const bytes = (name: string, shape: number[], dtype = 'float32'): object => ({
  name,
  kind: 'bytes',
  dtype,
  shape,
});

test('a folder has the model for both versions of Keras, the data, and the program', async () => {
  const job = await exported(compiled(), [x, y], { batchSize: 2, epochs: 4, shuffle: false });
  expect(readdirSync(place()).sort()).toEqual([
    'job.json',
    'model.h5',
    'model.keras',
    'train-00000.tfrecord',
    'train.py',
  ]);
  expect(job).toMatchObject({ keras: [2, 3], batch_size: 2, epochs: 4, shuffle: false, validation: null });
  expect(job.training.features).toEqual({ x: [bytes('x0', [3])], y: [bytes('y0', [2])], weights: [] });
  expect(job.training).toMatchObject({ files: ['train-00000.tfrecord'], rows: 3, shuffled_rows: 3 });
  const examples = examplesOf(place(), job.training.files);
  expect(examples.map(({ x0 }) => floatsOf(x0))).toEqual(x);
  expect(examples.map(({ y0 }) => floatsOf(y0))).toEqual(y);
  expect(readdirSync(place('.'))).toEqual(['job']);
});

test('the programs are those beside the source, as they are', async () => {
  const source = path.join(__dirname, '../../src/persistence/internal/training-job');
  const read = (at: string, name: string): string => readFileSync(path.join(at, name), 'utf8');
  await exported(compiled(), [x, y], { strategy: 'ray' });
  for (const name of ['train.py', 'train_ray.py']) expect(read(place(), name)).toBe(read(source, name));
  expect(read(place(), 'train_ray.py')).toContain('TensorflowTrainer');
  await exported(compiled(), [x, y], { overwrite: true, strategy: 'multi_worker_mirrored' });
  expect(existsSync(place('job/train_ray.py'))).toBe(false);
});

test('the models in it have the optimizer as it is', async () => {
  const model = compiled();
  await fit(model, x, y, { epochs: 3, verbose: 0 });
  await exported(model, [x, y]);
  const next = (await fit(model, x, y, { epochs: 2, verbose: 0, shuffle: false })).metrics['loss'];
  for (const name of ['model.h5', 'model.keras']) {
    const again = await loadModel(place(`job/${name}`));
    expect(optimizerOf(again).iterations).toBe(3);
    expect((await fit(again, x, y, { epochs: 2, verbose: 0, shuffle: false })).metrics['loss']).toEqual(next);
  }
});

test('metrics in it are those that general names stand for with these labels', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3], activation: 'softmax' }),
    compile({
      optimizer: 'sgd',
      loss: 'sparse_categorical_crossentropy',
      metrics: ['accuracy', 'sparse_categorical_crossentropy'],
    }),
  );
  await exported(model, [x, [0, 1, 1]]);
  for (const name of ['model.h5', 'model.keras']) {
    const again = await loadModel(place(`job/${name}`));
    const config = JSON.stringify(again.state.compilation?.options.metrics);
    expect([name, config]).toEqual([name, expect.stringContaining('accuracy')]);
    expect(await evaluate(again, x, [0, 1, 1], { verbose: 0 })).toEqual(
      await evaluate(model, x, [0, 1, 1], { verbose: 0 }),
    );
  }
  const reader = await Hdf5Reader.open(place('job/model.h5'));
  const training = JSON.parse(String((await reader.attributes('/'))['training_config'])) as {
    metrics: unknown;
  };
  await reader.close();
  expect(training.metrics).toEqual([
    { class_name: 'SparseCategoricalAccuracy', config: { dtype: 'float32', name: 'accuracy' } },
    'sparse_categorical_crossentropy',
  ]);
});

test('piped, with data by names, and weights of samples', async () => {
  const data = { x, y, sampleWeight: [1, 2, 3] };
  expect(await pipe(compiled(), exportTrainingJob(data, { folder: place() }))).toBe(place());
  const job = jobIn();
  expect(job.training.features.weights).toEqual([bytes('weight0', [])]);
  const weights = examplesOf(place(), job.training.files).map(({ weight0 }) => floatsOf(weight0));
  expect(weights).toEqual([[1], [2], [3]]);
});

test('a seed repeats what the program draws', async () => {
  const seedOf = async (seed: number): Promise<number> => {
    setRandomSeed(seed);
    return (await exported(compiled(), [x, y], { overwrite: true })).seed;
  };
  expect(await seedOf(3)).toBe(await seedOf(3));
  expect(await seedOf(3)).not.toBe(await seedOf(4));
});

test('many rows are in several files', async () => {
  const rows = 1000;
  const [many, labels] = [tf.range(0, rows * 3).reshape([rows, 3]), tf.range(0, rows * 2).reshape([rows, 2])];
  const job = await exported(compiled(), [many, labels], { shardBytes: 20_000 });
  const { files } = job.training;
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect(readFileSync(place(`job/${file}`)).length).toBeLessThanOrEqual(20_000);
  const examples = examplesOf(place(), files);
  expect(examples.flatMap(({ x0 }) => floatsOf(x0))).toEqual([...many.dataSync()]);
  expect(examples.flatMap(({ y0 }) => floatsOf(y0))).toEqual([...labels.dataSync()]);
  // The data are the caller's.
  expect(many.isDisposed).toBe(false);
});

test('streams of batches are written to their end, or as many as are asked for', async () => {
  const batches = function* (): Generator<number[][][]> {
    for (let row = 0; row < 5; row++) yield [[[row, 0, 1]], [[row, 2]]];
  };
  const all = await exported(compiled(), batches(), { batchSize: 4 });
  expect([all.training.rows, all.batch_size]).toEqual([5, 4]);
  const rows = examplesOf(place(), all.training.files).map(({ x0 }) => floatsOf(x0));
  expect(rows).toEqual([0, 1, 2, 3, 4].map((row) => [row, 0, 1]));
  const endless = function* (): Generator<number[][][]> {
    for (let row = 0; ; row++) yield [[[row, 0, 1]], [[row, 2]]];
  };
  const some = await exported(compiled(), endless(), { overwrite: true, stepsPerEpoch: 7 });
  expect(some.training.rows).toBe(7);
  await expect(
    exportTrainingJob(compiled(), batches(), { folder: place('other'), stepsPerEpoch: 6 }),
  ).rejects.toThrow(/`stepsPerEpoch` must be at most the 5 batches that `data` gives. Received: 6/);
  expect(existsSync(place('other'))).toBe(false);
});

test('streams of rows, of promises, and data sets of tf.data', async () => {
  const rows = Readable.from([
    [
      [1, 2, 3],
      [1, 0],
    ],
    [
      [4, 5, 6],
      [0, 1],
    ],
    [
      [7, 8, 9],
      [1, 1],
    ],
  ]);
  const read = (job: Job): number[][] =>
    examplesOf(place(), job.training.files).map(({ x0 }) => floatsOf(x0));
  expect(read(await exported(compiled(), rows, { batchSize: 2 }))).toEqual(x);
  const later = async function* (): AsyncGenerator<number[][][]> {
    await Promise.resolve();
    yield [x, y];
  };
  expect(read(await exported(compiled(), later(), { overwrite: true }))).toEqual(x);
  const dataset = tf.data.zip({ xs: tf.data.array(x), ys: tf.data.array(y) }).batch(2);
  expect(read(await exported(compiled(), dataset as TrainingData, { overwrite: true }))).toEqual(x);
});

test('an unbuilt model is built by the first rows', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 2 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  await exported(model, [x, y]);
  expect(getWeights(model)[0]?.shape).toEqual([3, 2]);
  expect(getWeights(await loadModel(place('job/model.h5')))[0]?.shape).toEqual([3, 2]);
});

test('rows of a sparse matrix stay sparse', async () => {
  const matrix = new SparseMatrix(Int32Array.of(0, 2, 2, 3), Int32Array.of(2, 0, 1), 3);
  const job = await exported(compiled(), [matrix, y]);
  expect(job.training.features.x).toEqual([{ name: 'x0', kind: 'columns', dtype: 'float32', shape: [3] }]);
  expect(examplesOf(place(), job.training.files).map(({ x0 }) => x0)).toEqual([[0, 2], [], [1]]);
});

test('whole numbers and several inputs and outputs by their names', async () => {
  const [a, b] = [
    layerInput({ shape: [2], name: 'a', dtype: 'int32' }),
    layerInput({ shape: [1], name: 'b' }),
  ];
  const outputs = [
    layerDense(b, { units: 1, name: 'p' }),
    pipe(
      a,
      layerEmbedding({ inputDim: 80_000, outputDim: 1 }),
      layerFlatten(),
      layerDense({ units: 2, name: 'q' }),
    ),
  ];
  const model = pipe(kerasModel([a, b], outputs), compile({ optimizer: 'sgd', loss: 'mse' }));
  const data = {
    x: {
      b: [[0.5], [1.5]],
      a: [
        [1, 2],
        [3, 70_000],
      ],
    },
    y: {
      q: [
        [1, 2],
        [3, 4],
      ],
      p: [[5], [6]],
    },
  };
  await exportTrainingJob(model, data, { folder: place() });
  const job = jobIn();
  expect(job.training.features).toEqual({
    x: [bytes('x0', [2], 'int32'), bytes('x1', [1])],
    y: [bytes('y0', [1]), bytes('y1', [2])],
    weights: [],
  });
  const [, second] = examplesOf(place(), job.training.files);
  const [ints] = (second?.['x0'] ?? []) as Buffer[]; // raw bytes
  expect([ints?.readInt32LE(0), ints?.readInt32LE(4)]).toEqual([3, 70_000]);
  expect(floatsOf(second?.['y1'])).toEqual([3, 4]);
});

test('data for validation are in files of their own', async () => {
  const job = await exported(compiled(), [x, y], { validationData: { x: [[1, 1, 1]], y: [[2, 2]] } });
  expect(job.validation).toMatchObject({ files: ['validation-00000.tfrecord'], rows: 1, shuffled_rows: 1 });
  const [only] = examplesOf(place(), job.validation?.files ?? []);
  expect(floatsOf(only?.['x0'])).toEqual([1, 1, 1]);
  const stream = function* (): Generator<number[][][]> {
    for (;;) yield [x, y];
  };
  const options = { overwrite: true, validationData: stream(), validationSteps: 2 };
  expect((await exported(compiled(), [x, y], options)).validation?.rows).toBe(6);
});

test('what came of it is loaded from the folder, once it is there', async () => {
  const model = compiled();
  await exported(model, [x, y]);
  await expect(loadModel(place())).rejects.toThrow(
    /it is a job that has not been run: run train\.py in it with Python/,
  );
  // As the program leaves it.
  await fit(model, x, y, { epochs: 2, verbose: 0 });
  mkdirSync(place('job/result'));
  await saveModel(model, place('job/result/model.h5'));
  const again = await loadModel(place());
  expect(await evaluate(again, x, y, { verbose: 0 })).toEqual(await evaluate(model, x, y, { verbose: 0 }));
  expect(optimizerOf(again).iterations).toBe(2);
  // What was written last counts.
  await fit(model, x, y, { epochs: 1, verbose: 0 });
  await saveModel(model, place('job/result/later.keras'));
  renameSync(place('job/result/later.keras'), place('job/result/model.keras'));
  const future = new Date(Date.now() + 5000);
  await fs.utimes(place('job/result/model.keras'), future, future);
  expect(optimizerOf(await loadModel(place())).iterations).toBe(3);
  expect((await predict(again, [[1, 2, 3]])).shape).toEqual([1, 2]);
});
