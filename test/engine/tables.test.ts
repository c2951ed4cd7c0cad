/**
 * Embeddings of large tables: what a compiled step computes of some rows only is what a step computes of the whole table. Numbers
 * that are worked by hand, and the eager engine's.
 */
import {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  optimizerAdagrad,
  optimizerAdam,
  optimizerAdamax,
  optimizerOf,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type KerasModel,
  type Optimizer,
} from '../../src/index';
import { binding, idOf } from '../../src/tfjs/binding';
import { record } from '../../src/engine/trace/record';
import { rewrite } from '../../src/engine/trace/rewrite';
import { findTables } from '../../src/engine/trace/tables';
import { hasXla } from '../../src/engine/xla';
import {
  MAX_PART_ELEMENTS,
  MAX_PARTS,
  MIN_ELEMENTS_BY_ROWS,
  MIN_TABLE_ELEMENTS,
} from '../../src/engine/tuning';
import { weightArrays } from '../support/weights';

const ROWS = MIN_TABLE_ELEMENTS + 5;
const engines = ['eager', 'compiled'] as const;

const tableOf = (model: KerasModel): number[] => (weightArrays(model)[0] as number[][]).flat();

describe.each(engines)('a step by hand, %s', (engine) => {
  /** Means of two rows of zeros, for the labels 1 and 2: the gradient of row 3, which three ids name, is −2, that of row 7 −1. */
  const trained = async (optimizer: Optimizer): Promise<number[]> => {
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: ROWS, outputDim: 1, inputLength: 2, embeddingsInitializer: 'zeros' }),
      layerGlobalAveragePooling1d(),
      compile({ optimizer, loss: 'mse' }),
    );
    const x = [
      [3, 3],
      [3, 7],
    ];
    const y = [[1], [2]];
    await fit(model, x, y, { epochs: 1, batchSize: 2, shuffle: false, engine, verbose: 0 });
    const table = tableOf(model);
    model.dispose();
    return table;
  };

  test.each<[string, () => Optimizer, number, number]>([
    ['SGD', () => optimizerSgd({ learningRate: 0.5 }), 1, 0.5],
    // An id that is named three times counts with its sum, not with each part: 0.1 + (−2)².
    ['Adagrad', () => optimizerAdagrad({ learningRate: 0.5 }), 1 / Math.sqrt(4.1), 0.5 / Math.sqrt(1.1)],
    // The first step of each is about the learning rate, whatever the gradient.
    ['Adam', () => optimizerAdam({ learningRate: 0.5 }), 0.5, 0.5],
    [
      'clipped to a norm of 1',
      () => optimizerSgd({ learningRate: 1, clipnorm: 1 }),
      2 / Math.sqrt(5),
      1 / Math.sqrt(5),
    ],
  ])('%s', async (_name, make, third, seventh) => {
    const table = await trained(make());
    expect(table[3]).toBeCloseTo(third, 5);
    expect(table[7]).toBeCloseTo(seventh, 5);
    expect(table.filter((value) => value !== 0)).toHaveLength(2);
  });
});

describe('eager and compiled steps', () => {
  const x = tf.tidy(() => tf.cast(tf.randomUniform([20, 3], 0, 9, 'int32', 3), 'int32'));
  const y = tf.randomUniform([20, 1], 0, 1, 'float32', 4);

  const run = async (
    optimizer: Optimizer,
    engine: 'eager' | 'compiled',
    tied: boolean,
  ): Promise<number[]> => {
    setRandomSeed(5);
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({
        inputDim: ROWS,
        outputDim: 2,
        inputLength: 3,
        ...(tied ? { embeddingsRegularizer: 'l2' as const } : {}),
      }),
      layerFlatten(),
      layerDense({ units: 1 }),
      compile({ optimizer, loss: 'mse' }),
    );
    // The last batch is smaller; a second fit goes on with the slots; evaluation and prediction see what training made.
    const options = { epochs: 2, batchSize: 8, engine, verbose: 0 } as const;
    const history = await fit(model, x, y, { ...options, validationSplit: 0.2 });
    expect(history.params.engine).toBe(engine);
    await fit(model, x, y, options);
    const { loss } = await evaluate(model, x, y, { batchSize: 8, engine, verbose: 0 });
    const predicted = await predict(model, x);
    const [table, kernel] = weightArrays(model) as [number[][], number[][]];
    const numbers = [
      loss,
      ...predicted.dataSync(),
      ...table.slice(0, 12).flat(),
      ...table.slice(-2).flat(),
      ...kernel.flat(),
    ];
    predicted.dispose();
    optimizerOf(model).dispose();
    model.dispose();
    return numbers;
  };

  test.each<[string, () => Optimizer, boolean]>([
    ['SGD', () => optimizerSgd({ learningRate: 0.3 }), false],
    ['SGD with momentum', () => optimizerSgd({ learningRate: 0.1, momentum: 0.9 }), false],
    ['Adagrad', () => optimizerAdagrad({ learningRate: 0.3 }), false],
    ['Adam', () => optimizerAdam({ learningRate: 0.05 }), false],
    ['RMSprop', () => optimizerRmsprop({ learningRate: 0.01 }), false],
    ['SGD with weight decay', () => optimizerSgd({ learningRate: 0.3, weightDecay: 0.1 }), false],
    ['SGD with a moving average', () => optimizerSgd({ learningRate: 0.3, useEma: true }), false],
    ['a global norm', () => optimizerSgd({ learningRate: 0.3, globalClipnorm: 0.05 }), false],
    ['SGD with a penalty on the table', () => optimizerSgd({ learningRate: 0.3 }), true],
  ])('%s: the same losses, predictions and weights', async (_name, make, tied) => {
    const eager = await run(make(), 'eager', tied);
    const compiled = await run(make(), 'compiled', tied);
    compiled.forEach((value, index) => expect(value).toBeCloseTo(eager[index] ?? NaN, 5));
  });
});

describe('rows that are cut into parts', () => {
  const [COLUMNS, BATCH] = [16, 32];
  /** Some more than fit into so many parts. */
  const positionsOf = (parts: number): number =>
    Math.ceil((parts * MAX_PART_ELEMENTS) / (COLUMNS * BATCH)) + 1;

  const trained = async (
    engine: 'eager' | 'compiled',
    {
      optimizer,
      parts,
      names,
      pooled,
    }: { optimizer: Optimizer; parts: number; names: number; pooled: boolean },
  ): Promise<number[]> => {
    setRandomSeed(5);
    const positions = positionsOf(parts);
    const inputDim = 2 * BATCH * positions;
    const x = tf.randomUniform([BATCH, positions], 0, names, 'int32', 3);
    const y = tf.randomUniform([BATCH, 1], 0, 1, 'float32', 4);
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim, outputDim: COLUMNS, inputLength: positions }),
      pooled ? layerGlobalAveragePooling1d() : layerFlatten(),
      layerDense({ units: 1 }),
      compile({ optimizer, loss: 'mse' }),
    );
    const { params } = await fit(model, x, y, { epochs: 3, batchSize: BATCH, engine, verbose: 0 });
    expect(params.engine).toBe(engine);
    const [table] = getWeights(model);
    const numbers = [...(table?.slice([0, 0], [names, COLUMNS]).dataSync() ?? [])];
    tf.dispose([x, y]);
    model.dispose();
    return numbers;
  };

  test.each<[string, () => Optimizer, number, number, boolean]>([
    ['SGD, two parts', () => optimizerSgd({ learningRate: 5 }), 1, 4000, true],
    ['SGD, three parts, no mean', () => optimizerSgd({ learningRate: 0.05 }), 2, 4000, false],
    ['Adagrad, two parts', () => optimizerAdagrad({ learningRate: 0.3 }), 1, 4000, true],
    ['fewer rows than parts', () => optimizerSgd({ learningRate: 0.05 }), 2, 1, true],
    ['an odd number of rows', () => optimizerAdagrad({ learningRate: 0.3 }), 1, 3, false],
    ['more than the parts that are made', () => optimizerSgd({ learningRate: 5 }), MAX_PARTS, 900, true],
  ])('%s', async (_name, make, parts, names, pooled) => {
    const eager = await trained('eager', { optimizer: make(), parts, names, pooled });
    const compiled = await trained('compiled', { optimizer: make(), parts, names, pooled });
    expect(compiled).toHaveLength(names * COLUMNS);
    const worst = compiled.reduce((most, value, i) => Math.max(most, Math.abs(value - (eager[i] ?? NaN))), 0);
    expect(worst).toBeLessThan(1e-5);
  });
});

describe('a table all rows of which change in each step', () => {
  const COLUMNS = 64;
  const rows = MIN_ELEMENTS_BY_ROWS / COLUMNS + 5;
  const x = tf.tidy(() => tf.cast(tf.randomUniform([20, 3], 0, 9, 'int32', 3), 'int32'));
  const y = tf.randomUniform([20, 1], 0, 1, 'float32', 4);

  /** What a fit makes of rows, named and not, and of the loss; and whether XLA had those to compute that are not. */
  const run = async (
    optimizer: Optimizer,
    engine: 'eager' | 'compiled',
  ): Promise<{ numbers: number[]; isByRows: boolean }> => {
    setRandomSeed(5);
    const sessions = jest.spyOn(binding(), 'createSessionOnThread');
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: rows, outputDim: COLUMNS, inputLength: 3 }),
      layerGlobalAveragePooling1d(),
      layerDense({ units: 1 }),
      compile({ optimizer, loss: 'mse' }),
    );
    const options = { batchSize: 8, engine, verbose: 0 } as const;
    // Once no row has been named, it stays; afterwards it goes on with what its slots have. The second fit names others.
    await fit(model, x, y, { ...options, epochs: 2 });
    const { metrics } = await fit(model, tf.add(x, 4), y, options);
    const [table] = model.tf.weights;
    const [first, last] = tf.tidy(() => {
      const all = table?.read() as tf.Tensor2D;
      return [all.slice([0, 0], [14, COLUMNS]).dataSync(), all.slice([rows - 2, 0], [2, COLUMNS]).dataSync()];
    });
    const isByRows = sessions.mock.calls.some(
      ([source]) => 'functions' in source && source.functions.length > 0,
    );
    sessions.mockRestore();
    optimizerOf(model).dispose();
    model.dispose();
    return { numbers: [...metrics.loss, ...first, ...last], isByRows };
  };

  test.each<[string, () => Optimizer, boolean]>([
    ['Adam', () => optimizerAdam({ learningRate: 0.05 }), true],
    ['Adam with the largest mean square', () => optimizerAdam({ learningRate: 0.05, amsgrad: true }), true],
    ['AdaMax', () => optimizerAdamax({ learningRate: 0.05 }), true],
    ['RMSprop', () => optimizerRmsprop({ learningRate: 0.01 }), true],
    [
      'centered RMSprop with momentum',
      () => optimizerRmsprop({ learningRate: 0.01, centered: true, momentum: 0.5 }),
      true,
    ],
    ['SGD with momentum', () => optimizerSgd({ learningRate: 0.1, momentum: 0.9 }), true],
    ['SGD, which leaves the other rows', () => optimizerSgd({ learningRate: 0.1 }), false],
    ['Adam with clipped gradients', () => optimizerAdam({ learningRate: 0.05, clipnorm: 1 }), false],
  ])('%s: the same losses and rows', async (_name, make, isByRows) => {
    const eager = await run(make(), 'eager');
    const compiled = await run(make(), 'compiled');
    expect(compiled.isByRows).toBe(isByRows && hasXla());
    compiled.numbers.forEach((value, index) => expect(value).toBeCloseTo(eager.numbers[index] ?? NaN, 5));
  });
});

test('rows that are named thousands of times get the same sums each time', async () => {
  // Sums that several threads add up in any order differ in the last digit, on TensorFlow 2.21 in one of a few runs.
  const x = tf.randomUniform([128, 100], 0, 6, 'int32', 3);
  const y = tf.randomUniform([128, 1], 0, 1, 'float32', 4);
  const results = new Set<string>();
  for (let run = 0; run < 6; run++) {
    setRandomSeed(5);
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: 20_000, outputDim: 64, inputLength: 100 }),
      layerGlobalAveragePooling1d(),
      layerDense({ units: 1 }),
      compile({ optimizer: 'adam', loss: 'mse' }),
    );
    await fit(model, x, y, { epochs: 3, batchSize: 64, engine: 'compiled', verbose: 0 });
    results.add((weightArrays(model)[0] as number[][]).slice(0, 6).join());
    optimizerOf(model).dispose();
    model.dispose();
  }
  expect(results.size).toBe(1);
});

describe('findTables', () => {
  const found = (rows: number, ids: number, use: (table: tf.Tensor, ids: tf.Tensor) => tf.Tensor) =>
    tf.tidy(() => {
      const [table, indices] = [tf.variable(tf.ones([rows, 2])), tf.zeros([ids], 'int32')];
      const { result, recording } = record(
        () => tf.variableGrads(() => tf.sum(use(table, indices)), [table]).grads[table.name],
      );
      const variable = idOf(table);
      const shapes = new Map([
        [variable, table.shape],
        [idOf(indices), indices.shape],
      ]);
      const { recording: simple, resolve } = rewrite(recording, shapes);
      const gradient = resolve(idOf(result as tf.Tensor));
      const tables = findTables(simple, [variable], [gradient], shapes);
      table.dispose();
      return { isGathered: tables.gathered.has(variable), isSliced: tables.sliced.has(gradient) };
    });

  test('a large table of which few rows are taken', () => {
    expect(found(ROWS, 4, (table, ids) => tf.gather(table, ids))).toEqual({
      isGathered: true,
      isSliced: true,
    });
  });

  test('what else takes the table, takes all of it; a sum of gradients is one of all rows', () => {
    const both = (table: tf.Tensor, ids: tf.Tensor) => tf.add(tf.gather(table, ids), tf.mean(table));
    expect(found(ROWS, 4, both)).toEqual({ isGathered: false, isSliced: false });
  });

  test('a small table, or as many ids as rows', () => {
    expect(found(8, 2, (table, ids) => tf.gather(table, ids)).isSliced).toBe(false);
    expect(found(ROWS, ROWS, (table, ids) => tf.gather(table, ids)).isSliced).toBe(false);
  });

  test('columns are not rows', () => {
    expect(found(2, 1, (table, ids) => tf.gather(table, ids, 1)).isGathered).toBe(false);
  });
});
