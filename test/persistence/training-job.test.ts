/** Folders in which Python's Keras trains: what is in them. That it trains is tested by `npm run test:scale`. */
import fs from 'node:fs/promises';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as all from '../../src/index';
import {
  compile,
  createLayerWrapper,
  customMetric,
  evaluate,
  exportTrainingJob,
  fit,
  getWeights,
  KerasArgumentError,
  KerasFileError,
  kerasModel,
  kerasModelSequential,
  KerasShapeError,
  KerasStateError,
  layerActivationThresholdedRelu,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerInput,
  layerLambda,
  layerRmsNormalization,
  loadModel,
  newModelClass,
  optimizerAdam,
  optimizerOf,
  pipe,
  predict,
  saveModel,
  setRandomSeed,
  SparseMatrix,
  tf,
  type ExportTrainingJobOptions,
  type KerasModel,
  type Tensor,
  type TrainingData,
} from '../../src/index';
import { Hdf5Reader } from '../../src/files/hdf5';
import { kerasVersionsOf } from '../../src/persistence/internal/training-job/keras-versions';
import { Scaled } from './own-classes';
import { examplesOf, floatsOf } from './support/records';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-job-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const place = (name = 'job'): string => path.join(folder, name);

const compiled = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 2, inputShape: [3] }),
    compile({ optimizer: optimizerAdam(), loss: 'mse' }),
  );

const x = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];
const y = [
  [1, 0],
  [0, 1],
  [1, 1],
];

interface Job {
  readonly keras: readonly number[];
  readonly batch_size: number;
  readonly epochs: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly training: {
    readonly features: Readonly<Record<'x' | 'y' | 'weights', readonly object[]>>;
    readonly files: string[];
    readonly rows: number;
    readonly shuffled_rows: number;
  };
  readonly validation: Job['training'] | null;
}

const jobIn = (at = place()): Job => JSON.parse(readFileSync(path.join(at, 'job.json'), 'utf8')) as Job;

const exported = async (
  model: KerasModel,
  data: TrainingData,
  options: ExportTrainingJobOptions = {},
): Promise<Job> => {
  expect(await exportTrainingJob(model, data, { folder: place(), ...options })).toBe(place());
  return jobIn();
};

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
  expect(readdirSync(folder)).toEqual(['job']);
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
    compile({ optimizer: 'sgd', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy', 'mae'] }),
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
    'mae',
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

describe('the folder', () => {
  test('a job that is there is replaced only if that is asked for', async () => {
    await exported(compiled(), [x, y]);
    mkdirSync(place('job/result'));
    await expect(exportTrainingJob(compiled(), [x, y], { folder: place() })).rejects.toThrow(
      /job is there already.*overwrite: true/s,
    );
    expect(existsSync(place('job/result'))).toBe(true);
    await exported(compiled(), [x, y], { overwrite: true });
    expect(existsSync(place('job/result'))).toBe(false);
  });

  test('a folder of something else is never replaced, an empty one is', async () => {
    mkdirSync(place());
    writeFileSync(place('job/mine.txt'), 'mine');
    const refused = exportTrainingJob(compiled(), [x, y], { folder: place(), overwrite: true });
    await expect(refused).rejects.toThrow(KerasFileError);
    await expect(refused).rejects.toThrow(/has other files, and no job\.json/);
    expect(readdirSync(place())).toEqual(['mine.txt']);
    rmSync(place('job/mine.txt'));
    await exported(compiled(), [x, y]);
  });

  test('where nothing can be made there is an error of the folder', async () => {
    writeFileSync(place('file'), '');
    await expect(exportTrainingJob(compiled(), [x, y], { folder: place('file/job') })).rejects.toThrow(
      KerasFileError,
    );
  });

  test('a full disk leaves nothing, and the job before as it was', async () => {
    await exported(compiled(), [x, y], { epochs: 2 });
    const { open } = fs;
    jest.spyOn(fs, 'open').mockImplementation(async (file, ...others) => {
      const handle = await open(file, ...others);
      if (!String(file).endsWith('.tfrecord')) return handle;
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      });
      jest.spyOn(handle, 'writeFile').mockRejectedValue(full);
      return handle;
    });
    const refused = exportTrainingJob(compiled(), [x, y], { folder: place(), overwrite: true, epochs: 3 });
    await expect(refused).rejects.toThrow(KerasFileError);
    await expect(refused).rejects.toThrow(/no space left on device.*Make room on the disk/s);
    expect(readdirSync(folder)).toEqual(['job']);
    expect(jobIn().epochs).toBe(2);
  });
});

describe('data that are refused', () => {
  const refused = async (
    data: unknown,
    kind: new (...args: never[]) => Error,
    message: RegExp,
  ): Promise<void> => {
    const promise = exportTrainingJob(compiled(), data as TrainingData, { folder: place() });
    await expect(promise).rejects.toThrow(kind);
    await expect(promise).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  };

  test('no rows', async () => {
    await refused([[], []], KerasArgumentError, /`data\[0\]`/);
    await refused((function* () {})(), KerasArgumentError, /`data` must have rows. Received: none/);
  });

  test('what is no data', async () => {
    await refused({ xs: x }, KerasArgumentError, /`data` must be \[x, y\], \[x, y, sampleWeight\]/);
    await refused([x], KerasArgumentError, /`data` must be \[x, y\]/);
  });

  test('shapes that do not fit the model, or each other', async () => {
    await refused([[[1, 2]], [[1, 0]]], KerasShapeError, /`data\[0\]` must have the shape \[null, 3\]/);
    await refused([x, y.slice(1)], KerasShapeError, /must have the same number of rows/);
    await refused({ x, y: [[NaN, 0], ...y.slice(1)] }, KerasArgumentError, /`data\.y`/);
  });

  test('batches whose rows differ', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [null, 3] as unknown as number[] }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const ragged = function* (): Generator<number[][][][]> {
      yield [[[[1, 2, 3]]][0] as never, [[[1, 2]]][0] as never].map((one) => [one]) as never;
      yield [
        [
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
        ][0] as never,
        [
          [
            [1, 2],
            [1, 2],
          ],
        ][0] as never,
      ].map((one) => [one]) as never;
    };
    const promise = exportTrainingJob(model, ragged(), { folder: place() });
    await expect(promise).rejects.toThrow(
      /all rows must have the same arrays.*\[1, 3\]. Received: .*\[2, 3\]/s,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('what goes wrong in a source comes out as it is, and the source is closed', async () => {
    let isClosed = false;
    const failure = Object.assign(new Error('ENOENT: of the source'), { code: 'ENOENT', syscall: 'open' });
    const source = function* (): Generator<number[][][]> {
      try {
        yield [x, y];
        throw failure;
      } finally {
        isClosed = true;
      }
    };
    await expect(exportTrainingJob(compiled(), source(), { folder: place() })).rejects.toBe(failure);
    expect(isClosed).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what Python does not know', () => {
  const layerScaled = createLayerWrapper(Scaled);
  const dense = () => layerDense({ units: 2, inputShape: [3] });
  const models: Readonly<Record<string, readonly [() => KerasModel, RegExp]>> = {
    'a layer of a class of its own': [
      () => pipe(kerasModelSequential(), dense(), layerScaled({ by: 2 }), compile({ loss: 'mse' })),
      /the class Scaled of the layer 'scaled'/,
    ],
    'a layer of a function': [
      () =>
        pipe(
          kerasModelSequential(),
          dense(),
          layerLambda({ f: (one: Tensor) => tf.neg(one) }),
          compile({ loss: 'mse' }),
        ),
      /Received: /,
    ],
    'an activation of its own': [
      () => {
        const wave = (one: Tensor): Tensor => tf.sin(one);
        return pipe(
          kerasModelSequential(),
          layerDense({ units: 2, inputShape: [3], activation: wave, name: 'waves' }),
          compile({ loss: 'mse' }),
        );
      },
      /the function wave of the layer 'waves'/,
    ],
    'a loss of its own': [
      () => {
        const cubic = (a: Tensor, b: Tensor): Tensor => tf.mean(tf.pow(tf.abs(tf.sub(a, b)), 3), -1);
        return pipe(kerasModelSequential(), dense(), compile({ loss: cubic }));
      },
      /the function cubic of what compile\(\) was given/,
    ],
    'a loss without a name': [
      () => {
        const [nameless] = [(a: Tensor, b: Tensor) => tf.abs(tf.sub(a, b))];
        return pipe(kerasModelSequential(), dense(), compile({ loss: nameless as () => Tensor }));
      },
      /Python’s Keras must know all that the model is made of.*a function without a name as the loss/,
    ],
    'a metric of its own': [
      () =>
        pipe(
          kerasModelSequential(),
          dense(),
          compile({
            loss: 'mse',
            metrics: [customMetric('largest', (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b)), -1))],
          }),
        ),
      /the function largest of what compile\(\) was given/,
    ],
    'a learning rate that is a function of its own': [
      () => {
        const slower = (step: number): number => 0.1 / (1 + step);
        return pipe(
          kerasModelSequential(),
          dense(),
          compile({ optimizer: optimizerAdam({ learningRate: slower }), loss: 'mse' }),
        );
      },
      /the function slower of what compile\(\) was given/,
    ],
    'a model of a class of its own': [
      () => {
        const Doubled = newModelClass({
          classname: 'Doubled',
          initialize() {
            return { dense: this.addLayer(layerDense({ units: 2 })) };
          },
          call(one: Tensor) {
            return tf.mul(this.dense(one), 2);
          },
        });
        return pipe(Doubled(), compile({ loss: 'mse' }));
      },
      /the class Doubled/,
    ],
    'what no version of Keras has both of': [
      () =>
        pipe(
          kerasModelSequential(),
          dense(),
          layerRmsNormalization(),
          layerActivationThresholdedRelu(),
          compile({ loss: 'mse' }),
        ),
      /RMSNormalization, which Keras 2 does not know, beside ThresholdedReLU, which Keras 3 does not know/,
    ],
  };

  test.each(Object.entries(models))('%s is refused with the reason', async (_, [make, message]) => {
    const promise = exportTrainingJob(make(), [x, y], { folder: place() });
    await expect(promise).rejects.toThrow(KerasArgumentError);
    await expect(promise).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a model that is not compiled, or has an output without a loss', async () => {
    const plain = pipe(kerasModelSequential(), dense());
    await expect(exportTrainingJob(plain, [x, y], { folder: place() })).rejects.toThrow(KerasStateError);
    const input = layerInput({ shape: [3] });
    const two = pipe(
      kerasModel(input, [
        layerDense(input, { units: 2, name: 'p' }),
        layerDense(input, { units: 2, name: 'q' }),
      ]),
      compile({ optimizer: 'sgd', loss: ['mse', null] }),
    );
    await expect(exportTrainingJob(two, { x, y: { p: y } } as never, { folder: place() })).rejects.toThrow(
      /each output must have a loss. Received: the output 'q'/,
    );
  });

  test('what Keras 3 alone knows has a file for Keras 3 alone', async () => {
    const model = pipe(kerasModelSequential(), dense(), layerRmsNormalization(), compile({ loss: 'mse' }));
    expect((await exported(model, [x, y])).keras).toEqual([3]);
    expect(readdirSync(place())).not.toContain('model.h5');
    const late = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [3], activation: 'squareplus' }),
      compile({ loss: 'mse' }),
    );
    expect((await exported(late, [x, y], { overwrite: true })).keras).toEqual([3]);
  });

  test('unknown strategies and options', async () => {
    await expect(
      exportTrainingJob(compiled(), [x, y], { strategy: 'multi_worker_mirored' as 'ray' }),
    ).rejects.toThrow(/`strategy` must be one of 'multi_worker_mirrored', 'ray'.*Did you mean/s);
    await expect(exportTrainingJob(compiled(), [x, y], { epoch: 3 } as never)).rejects.toThrow(
      KerasArgumentError,
    );
  });
});

describe('which version of Keras knows what', () => {
  type Names = Readonly<Record<string, readonly string[]>>;
  const namesIn = (file: string): Set<string> => {
    const names = JSON.parse(readFileSync(path.join(__dirname, '../reference', file), 'utf8')) as Names;
    return new Set(Object.values(names).flat());
  };
  const [old, late] = [namesIn('names.json'), namesIn('keras3/names.json')];
  const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');
  const FAMILY =
    /^(?:layer|layerActivation|loss|metric|optimizer|learningRateSchedule|initializer|constraint|regularizer|activation)([A-Z]\w*)$/;
  const here = new Set(
    Object.keys(all).flatMap((name) => {
      const found = FAMILY.exec(name)?.[1];
      return found === undefined
        ? []
        : [plain(found), `${plain(found)}constraint`, `${plain(found)}regularizer`];
    }),
  );
  const names = [...new Set([...old, ...late])].filter((name) => here.has(plain(name)));

  test('the names that this library has, too', () => {
    expect(names.length).toBeGreaterThan(250);
  });

  test.each(names.map((name) => [name]))('%s', (name) => {
    const versions = [...(old.has(name) ? [2] : []), ...(late.has(name) ? [3] : [])];
    expect([name, kerasVersionsOf(name)]).toEqual([name, versions]);
  });
});
