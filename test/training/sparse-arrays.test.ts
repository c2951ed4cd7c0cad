/** Dense data that is nearly all zeros: where it is worth it, models train on its rows as sparse ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callbackBackupAndRestore,
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerBatchNormalization,
  layerConcatenate,
  layerDense,
  layerDropout,
  layerInput,
  optimizerSgd,
  pipe,
  setRandomSeed,
  setWeights,
  tf,
  vectorizeSequences,
  type FitOptions,
  type History,
  type KerasModel,
  type SequentialModel,
  type Tensor,
} from 'keras-pipe';
import { Tensors } from '../../src/native/tensors';
import { EventLoopYielder } from '../../src/step/event-loop';
import { tensorCount } from '../support/tensors';

const ROWS = 400;
const COLUMNS = 8192;
const UNITS = 4;
/** Columns that each row has a one in, by their remainder: none has any in column 1. */
const sequences = Array.from({ length: ROWS }, (_, row) => [
  2,
  3 + (row % 40),
  100 + ((row * row * 31) % 5000),
  COLUMNS - 1 - (row % 3) * 100,
]);
const manyHot = (): Tensor => vectorizeSequences(sequences, { dimension: COLUMNS });
const labels = (rows = ROWS): Tensor => tf.tensor2d(Array.from({ length: rows }, (_, row) => [row % 2]));

const build = (options: { useBias?: boolean } = {}): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: UNITS, activation: 'tanh', inputShape: [COLUMNS], name: 'first', ...options }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'rmsprop', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );

const quiet = { batchSize: 64, epochs: 12, verbose: 0 } as const;

/** A model's weights as numbers. */
const weightsOf = (model: KerasModel): number[][] => {
  const weights = getWeights(model);
  const values = weights.map((weight) => [...weight.dataSync()]);
  tf.dispose(weights);
  return values;
};

/** What a fit gives: with the engine that is chosen, and with dense rows. */
const trained = async (
  options: FitOptions,
  make: () => KerasModel = build,
  data: () => unknown = manyHot,
): Promise<{ history: History; weights: number[][] }> => {
  setRandomSeed(3);
  const model = make();
  const [x, y] = [data(), labels()];
  const history = await fit(model, x as Tensor, y, { ...quiet, ...options });
  const weights = weightsOf(model);
  tf.dispose([x, y] as Tensor[]);
  model.dispose();
  return { history, weights };
};

const expectClose = (one: readonly number[], other: readonly number[]): void => {
  expect(one).toHaveLength(other.length);
  const difference = Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? NaN))));
  expect(difference).toBeLessThan(1e-5);
};

/** Whether a fit is on sparse rows; it then gives the numbers of dense ones, one operation after the other. */
const expectSparse = async (options: FitOptions, data: () => Tensor = manyHot): Promise<void> => {
  const auto = await trained(options, build, data);
  expect(auto.history.params.sparseInputs).toHaveLength(1);
  expect(auto.history.params.engine).toBe('compiled');
  const dense = await trained({ ...options, engine: 'eager' }, build, data);
  expect(dense.history.params.sparseInputs).toBeUndefined();
  auto.weights.forEach((values, index) => expectClose(values, dense.weights[index] ?? []));
  expect(Object.keys(auto.history.metrics)).toEqual(Object.keys(dense.history.metrics));
  for (const [name, values] of Object.entries(auto.history.metrics))
    expectClose(values, dense.history.metrics[name] ?? []);
};

const rest = (from: number): readonly [Tensor, Tensor] => [
  vectorizeSequences(sequences.slice(from), { dimension: COLUMNS }),
  labels().slice([from, 0]),
];

test.each<[string, FitOptions]>([
  ['plainly', {}],
  ['in their order', { shuffle: false }],
  ['with a last part that validates', { validationSplit: 0.2 }],
  ['with data that validates', { validationData: rest(200) }],
  ['with weights of rows', { sampleWeight: Array.from({ length: ROWS }, (_, row) => row % 4) }],
  ['with weights of classes', { classWeight: { 0: 0.5, 1: 2 } }],
  ['with fewer steps an epoch', { stepsPerEpoch: 3, epochs: 20 }],
  ['from a later epoch', { initialEpoch: 2, epochs: 14 }],
  ['with a hook of batches', { callbacks: { onTrainBatchEnd: () => undefined } }],
  ['with numbers looked at', { checkNumerics: true }],
])('rows that are nearly all zeros are trained on as sparse ones, %s', (_, options) => expectSparse(options));

test('numbers need not be ones', () =>
  expectSparse({ validationSplit: 0.2 }, () =>
    tf.tidy(() => tf.mul(manyHot(), tf.randomUniform([ROWS, COLUMNS], -2, 2, 'float32', 9))),
  ));

test('so they are in a functional model, and say which input it is', async () => {
  const functional = (): KerasModel => {
    const [a, b] = [layerInput({ shape: [COLUMNS], name: 'a' }), layerInput({ shape: [2], name: 'b' })];
    const joined = layerConcatenate([layerDense(a, { units: 3 }), layerDense(b, { units: 3 })]);
    return pipe(
      kerasModel([b, a], layerDense(joined, { units: 1 })),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
  };
  const data = (): unknown => [tf.ones([ROWS, 2]), manyHot()];
  const auto = await trained({}, functional, data);
  expect(auto.history.params.sparseInputs).toEqual(['a']);
  const dense = await trained({ engine: 'eager' }, functional, data);
  auto.weights.forEach((values, index) => expectClose(values, dense.weights[index] ?? []));
});

/** The data, with the first numbers of some rows filled. */
const withRows = (rows: readonly number[], columns: number): Tensor =>
  tf.tidy(() => {
    const buffer = tf.buffer([ROWS, COLUMNS]);
    for (const row of rows) for (let column = 0; column < columns; column++) buffer.set(0.5, row, column);
    return tf.add(manyHot(), buffer.toTensor());
  });

const sequential =
  (...layers: ((model: SequentialModel) => SequentialModel)[]): (() => KerasModel) =>
  () => {
    const model = layers.reduce((whole, layer) => layer(whole), kerasModelSequential());
    return pipe(model, layerDense({ units: 1 }), compile({ optimizer: 'sgd', loss: 'mse' }));
  };
const inputShape = [COLUMNS];

test.each<[string, FitOptions, (() => KerasModel)?, (() => Tensor)?]>([
  ['where few steps are to come', { epochs: 1 }],
  ["where the user asks for compiled steps, which says 'as they are'", { engine: 'compiled' }],
  ['where the user asks for eager steps', { engine: 'eager' }],
  [
    'where the first layer is dropout',
    {},
    sequential(layerDropout({ rate: 0.5, inputShape }), layerDense({ units: 4 })),
  ],
  [
    'where the first layer normalizes',
    {},
    sequential(layerBatchNormalization({ inputShape }), layerDense({ units: 4 })),
  ],
  [
    'where two layers take the rows',
    {},
    () => {
      const x = layerInput({ shape: inputShape });
      const joined = layerConcatenate([layerDense(x, { units: 3 }), layerDense(x, { units: 3 })]);
      return pipe(
        kerasModel(x, layerDense(joined, { units: 1 })),
        compile({ optimizer: 'sgd', loss: 'mse' }),
      );
    },
  ],
  [
    'where there are too many numbers',
    {},
    build,
    () =>
      withRows(
        Array.from({ length: ROWS }, (_, row) => row),
        200,
      ),
  ],
  [
    'where there are in rows that no sample shows',
    {},
    build,
    () => withRows([1, 2, 3, 4, 5, 6, 7, 8, 9], COLUMNS),
  ],
])('they are not %s', async (_, options, make = build, data = manyHot) => {
  const { history } = await trained(options, make, data);
  expect(history.params.sparseInputs).toBeUndefined();
});

test('typed arrays become sparse rows anew in each call: what is written into them between calls counts', async () => {
  const values = new Float32Array(ROWS * COLUMNS);
  const x = { data: values, shape: [ROWS, COLUMNS] };
  const write = (shift: number): void => {
    values.fill(0);
    sequences.forEach((columns, row) =>
      columns.forEach((column) => (values[row * COLUMNS + ((column + shift) % COLUMNS)] = 1)),
    );
  };
  const weightsAfter = async (engine: 'auto' | 'eager'): Promise<number[][]> => {
    setRandomSeed(3);
    const [model, y] = [build(), labels()];
    for (const shift of [0, 500]) {
      write(shift);
      const { params } = await fit(model, x as never, y, { ...quiet, engine });
      expect(params.sparseInputs !== undefined).toBe(engine === 'auto');
    }
    const weights = weightsOf(model);
    y.dispose();
    model.dispose();
    return weights;
  };
  const dense = await weightsAfter('eager');
  (await weightsAfter('auto')).forEach((weights, index) => expectClose(weights, dense[index] ?? []));
});

describe('of a tensor', () => {
  let looks: jest.SpyInstance;
  beforeEach(() => {
    looks = jest.spyOn(Tensors.prototype, 'readPart');
  });
  afterEach(() => jest.restoreAllMocks());

  test('the numbers are looked at once, by fits and evaluations of any model', async () => {
    const [x, y] = [manyHot(), labels()];
    const one = build();
    const { params } = await fit(one, x, y, { ...quiet, validationData: [x, y] });
    expect(params.sparseInputs).toEqual([one.tf.inputNames[0]]);
    const before = looks.mock.calls.length;
    expect(before).toBeGreaterThan(0);
    await fit(one, x, y, quiet);
    await evaluate(one, x, y, { batchSize: 40, verbose: 0 });
    const other = build();
    await fit(other, x, y, quiet);
    expect(looks).toHaveBeenCalledTimes(before);
    tf.dispose([x, y]);
    one.dispose();
    other.dispose();
  });

  test('short calls of a model add up', async () => {
    const [x, y, model] = [manyHot(), labels(), build()];
    const options = { ...quiet, batchSize: 40, epochs: 1 };
    const sparse: boolean[] = [];
    for (let call = 0; call < 8; call++)
      sparse.push((await fit(model, x, y, options)).params.sparseInputs !== undefined);
    expect(sparse[0]).toBe(false);
    expect(sparse.at(-1)).toBe(true);
    // Once they are sparse, they stay so.
    expect(sparse).toEqual([...sparse].sort());
    tf.dispose([x, y]);
    model.dispose();
  });

  test('others run meanwhile, and who disposes it ends the fit, and nothing is left', async () => {
    jest.spyOn(EventLoopYielder.prototype, 'isDue').mockReturnValue(true);
    const count = tensorCount();
    const [x, y, model] = [manyHot(), labels(), build()];
    const running = fit(model, x, y, quiet);
    const wait = (): void => {
      // A sample has 32 rows: then all rows are looked at.
      if (looks.mock.calls.length > 34) x.dispose();
      else setImmediate(wait);
    };
    wait();
    await expect(running).rejects.toThrow('dispose');
    y.dispose();
    model.dispose();
    expect(tensorCount()).toBe(count);
  });
});

test('nothing is left after a fit', async () => {
  const count = tensorCount();
  await trained({ validationSplit: 0.2 });
  expect(tensorCount()).toBe(count);
});

test.each([NaN, Infinity])(
  'a weight of %p spoils the loss, though it is of a column without ones',
  async (value) => {
    const [x, y, model] = [manyHot(), labels(), build()];
    const [kernel, ...others] = getWeights(model) as [Tensor, ...Tensor[]];
    const spoilt = tf.tidy(() => {
      const buffer = tf.buffer([COLUMNS, UNITS]);
      buffer.set(value, 1, 0);
      return tf.add(kernel, buffer.toTensor());
    });
    setWeights(model, [spoilt, ...others]);
    const { metrics, params } = await fit(model, x, y, { ...quiet, validationData: [x, y] });
    expect(params.sparseInputs).toHaveLength(1);
    expect(metrics.loss[0]).toBeNaN();
    expect(metrics['val_loss']?.[0]).toBeNaN();
    tf.dispose([x, y, spoilt]);
    model.dispose();
  },
);

test('weights that overflow spoil the loss in the same epoch as those of dense rows', async () => {
  const make = (): KerasModel =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: UNITS, inputShape }),
      layerDense({ units: 1 }),
      compile({ optimizer: optimizerSgd({ learningRate: 30 }), loss: 'mse' }),
    );
  const firstNaN = async (engine: 'auto' | 'eager'): Promise<number> => {
    const { history } = await trained({ engine, epochs: 30, shuffle: false }, make);
    expect(history.params.sparseInputs !== undefined).toBe(engine === 'auto');
    return history.metrics.loss.findIndex((loss) => Number.isNaN(loss));
  };
  const dense = await firstNaN('eager');
  expect(dense).toBeGreaterThanOrEqual(0);
  expect(await firstNaN('auto')).toBe(dense);
});

test('a fit that was kept goes on with sparse rows', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-'));
  try {
    const [x, y] = [manyHot(), labels()];
    const whole = await trained({}, build);
    setRandomSeed(3);
    const model = build();
    const backup = () => callbackBackupAndRestore({ backupDir: folder });
    const stop = {
      onEpochEnd: (epoch: number) => {
        if (epoch === 9) throw new Error('broken off');
      },
    };
    await expect(fit(model, x, y, { ...quiet, callbacks: [backup(), stop] })).rejects.toThrow('broken off');
    const other = build();
    const { params } = await fit(other, x, y, { ...quiet, callbacks: backup() });
    expect(params.sparseInputs).toHaveLength(1);
    expect(weightsOf(other)).toEqual(whole.weights);
    tf.dispose([x, y]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
