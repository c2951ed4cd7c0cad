import {
  compile,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerDense,
  layerGru,
  layerInput,
  layerLstm,
  layerModel,
  layerSimpleRnn,
  optimizerSgd,
  pipe,
  predict,
  regularizerL1,
  regularizerL2,
  setWeights,
  shared,
  testOnBatch,
  type KerasModel,
  type Result,
} from 'keras-pipe';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';

const still = { optimizer: optimizerSgd, loss: 'mse' } as const;
const quiet = { verbose: 0 } as const;

/** The loss where the labels are what the model predicts: the penalties alone. Four ways must agree on it. */
const penaltyOf = async (model: KerasModel, x: Tensor): Promise<number> => {
  const y = await predict(model, x);
  const evaluated = await evaluate(model, x, y, quiet);
  const looped = await evaluate(model, x, y, { ...quiet, batchSize: 1, engine: 'compiled' });
  const tested = testOnBatch(model, x, y);
  const options = { ...quiet, epochs: 1, validationData: [x, y] } as const;
  const { metrics } = await fit(
    compile(model, { optimizer: optimizerSgd({ learningRate: 0 }), loss: 'mse' }),
    x,
    y,
    options,
  );
  tf.dispose([x, y]);
  const losses = [evaluated.loss, looped.loss, tested.loss, metrics.loss[0], metrics['val_loss']?.[0]];
  for (const loss of losses) expect(loss).toBeCloseTo(evaluated.loss, 5);
  return evaluated.loss;
};

describe('penalties count, in evaluation and in training', () => {
  const ones = { kernelInitializer: 'ones', kernelRegularizer: regularizerL2(0.1) } as const;

  test('of kernel and bias', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({
        units: 2,
        inputShape: [3],
        ...ones,
        biasInitializer: 'ones',
        biasRegularizer: regularizerL1(1),
      }),
      compile(still),
    );
    // 0.1 · 6 · 1² and 1 · 2 · |1|
    expect(await penaltyOf(model, tf.ones([2, 3]))).toBeCloseTo(2.6, 5);
  });

  const recurrent = {
    units: 2,
    ...ones,
    recurrentInitializer: 'ones',
    recurrentRegularizer: regularizerL2(0.01),
    inputShape: [4, 3],
  } as const;

  test.each([
    ['simple', layerSimpleRnn(recurrent), 1],
    ['LSTM', layerLstm(recurrent), 4],
    ['GRU', layerGru(recurrent), 3],
  ])('of the cell of a recurrent layer: %s', async (_, layer, gates) => {
    const model = pipe(kerasModelSequential(), layer, compile(still));
    expect(await penaltyOf(model, tf.ones([2, 4, 3]))).toBeCloseTo(gates * (0.1 * 6 + 0.01 * 4), 5);
  });

  test('of a model in a model', async () => {
    const inner = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], ...ones }));
    const model = pipe(
      kerasModelSequential(),
      layerModel(inner),
      layerDense({ units: 1, ...ones }),
      compile(still),
    );
    expect(await penaltyOf(model, tf.ones([2, 3]))).toBeCloseTo(0.6 + 0.2, 5);
  });

  test('of a layer that is used twice once', async () => {
    const input = layerInput({ shape: [2] });
    const twice = shared(layerDense({ units: 2, ...ones }));
    const model = compile(kerasModel(input, layerAdd([twice(input), twice(twice(input))])), still);
    expect(await penaltyOf(model, tf.ones([2, 2]))).toBeCloseTo(0.4, 5);
  });

  test('of a model that is used twice once', async () => {
    const input = layerInput({ shape: [2] });
    const inner = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [2], ...ones }));
    const once = pipe(input, layerModel(inner));
    const model = compile(kerasModel(input, layerAdd([once, pipe(once, layerModel(inner))])), still);
    expect(await penaltyOf(model, tf.ones([2, 2]))).toBeCloseTo(0.4, 5);
  });

  test('of gamma and beta', async () => {
    const options = { gammaRegularizer: regularizerL2(0.5), betaRegularizer: regularizerL1(1) } as const;
    const model = pipe(
      kerasModelSequential(),
      layerBatchNormalization({ inputShape: [3], ...options, betaInitializer: 'ones' }),
      compile(still),
    );
    const x = tf.ones([2, 3]);
    const y = await predict(model, x);
    expect((await evaluate(model, x, y, quiet)).loss).toBeCloseTo(0.5 * 3 + 3, 5);
  });
});

/** y = 2x */
const doubling = () =>
  setWeights(
    pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [1] }),
      compile({ loss: 'mse', metrics: ['mae', 'precision'] }),
    ),
    [[[2]], [0]],
  );
const x = [[1], [2], [3], [0]];
const y = [1, 1, 0, 1];

test.each(['eager', 'compiled'] as const)(
  'losses and metrics by name, exact over unequal batches, %s',
  async (engine) => {
    const expected: Result = { loss: (1 + 9 + 36 + 1) / 4, mae: (1 + 3 + 6 + 1) / 4, precision: 2 / 3 };
    for (const batchSize of [1, 3, 4, 100]) {
      const result = await evaluate(doubling(), x, y, { ...quiet, batchSize, engine });
      expect(Object.keys(result)).toEqual(['loss', 'mae', 'precision']);
      for (const [name, value] of Object.entries(expected)) expect(result[name]).toBeCloseTo(value, 5);
    }
  },
);

test('weights of rows weight the loss', async () => {
  const result = await pipe(doubling(), evaluate(x, y, { ...quiet, sampleWeight: [1, 2, 0, 0] }));
  expect(result.loss).toBeCloseTo((1 + 18) / 4, 5);
  expect(result['mae']).toBeCloseTo(11 / 4, 5);
});

test('test hooks are called, with the logs so far', async () => {
  const calls: unknown[] = [];
  const callbacks = {
    setParams: ({ steps, samples }: { steps: number; samples?: number }) => void calls.push([steps, samples]),
    onTestBegin: () => void calls.push('begin'),
    onTestBatchEnd: (batch: number, { loss }: Record<string, number>) => void calls.push([batch, loss]),
    onTestEnd: async ({ mae }: Record<string, number>) => {
      await Promise.resolve();
      calls.push(['end', mae]);
    },
  };
  await evaluate(doubling(), x, y, { ...quiet, batchSize: 2, callbacks });
  expect(calls).toEqual([[2, 4], 'begin', [0, 5], [1, 11.75], ['end', 2.75]]);
});

test('a line tells the result', async () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await evaluate(doubling(), x, y);
    expect(write.mock.calls.map(([text]) => text).join('')).toMatch(
      /^1\/1 - \d+s - loss: 11\.7500 - mae: 2\.7500 - precision: 0\.6667 - /,
    );
  } finally {
    write.mockRestore();
  }
});

test('evaluations of one model at the same time, on data of other shapes, do not disturb each other', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1], kernelInitializer: 'ones' }),
    compile({ loss: 'mae' }),
  );
  // The hooks let the others run between the steps.
  const callbacks = { onTestBatchEnd: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const rows = (count: number): number[][] => Array.from({ length: count }, (_, row) => [row]);
  const results = await Promise.all(
    [7, 5, 6].map((count) =>
      evaluate(model, rows(count), new Float32Array(count), {
        batchSize: 2,
        verbose: 0,
        engine: 'compiled',
        callbacks,
      }),
    ),
  );
  // The mean of 0, 1, …, n − 1.
  expect(results.map(({ loss }) => loss)).toEqual([3, 2, 2.5]);
});
