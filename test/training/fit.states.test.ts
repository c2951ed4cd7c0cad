import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  predictOnBatch,
  testOnBatch,
  trainOnBatch,
  type FitOptions,
  type KerasModel,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const x = [[1], [2], [3]];
const y = [1, 2, 3];
const quiet = { verbose: 0 } as const;
const one = () =>
  pipe(
    kerasModelSequential({ name: 'one' }),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ loss: 'mse' }),
  );

/** Does something in the middle of a fit, and gives what it threw. */
const amid = async (model: KerasModel, act: () => unknown): Promise<unknown> => {
  let thrown: unknown;
  const onEpochEnd = async (epoch: number): Promise<void> => {
    if (epoch !== 1) return;
    try {
      await act();
    } catch (error) {
      thrown = error;
    }
  };
  await fit(model, x, y, { ...quiet, epochs: 3, callbacks: { onEpochEnd } });
  return thrown;
};

describe('while a model is being fitted', () => {
  const inFit = "Received: the model 'one', in the middle of ";

  test('it cannot be fitted', async () => {
    const model = one();
    const error = await amid(model, () => fit(model, x, y, quiet));
    expect(String(error)).toContain(
      `KerasStateError: fit: a model can be fitted only once at a time. ${inFit}another fit(). Await the promise of the first fit() before the second.`,
    );
  });

  test('it cannot be compiled', async () => {
    const model = one();
    const error = await amid(model, () => compile(model, { loss: 'mae' }));
    expect(String(error)).toContain(
      `compile: a model must not be compiled while it is being fitted. ${inFit}fit().`,
    );
  });

  test('it cannot be trained on a batch', async () => {
    const model = one();
    const error = await amid(model, () => trainOnBatch(model, x, y));
    expect(String(error)).toContain(
      `trainOnBatch: a model can be trained by one call at a time. ${inFit}fit().`,
    );
  });

  test('it can be evaluated and asked for predictions', async () => {
    const model = one();
    const losses: number[] = [];
    const error = await amid(model, async () => {
      losses.push((await evaluate(model, x, y, quiet)).loss, testOnBatch(model, x, y).loss);
      tf.dispose([await predict(model, x), predictOnBatch(model, x)]);
    });
    expect([error, losses]).toEqual([undefined, [losses[0], losses[0]]]);
  });

  test.each(['eager', 'compiled'] as const)('it must not be disposed, %s', async (engine) => {
    const model = one();
    const before = tensorCount();
    const fitting = fit(model, x, y, { ...quiet, engine, callbacks: { onEpochEnd: () => model.dispose() } });
    await expect(fitting).rejects.toThrow(
      "fit: a model must not be disposed before fit() is done. Received: the model 'one', disposed in the middle of fit(). Await the promise",
    );
    expect(tensorCount()).toBe(before - 2);
  });

  test('nor in evaluate and predict', async () => {
    const evaluated = one();
    const callbacks = { onTestBatchEnd: () => evaluated.dispose() };
    await expect(evaluate(evaluated, x, y, { ...quiet, batchSize: 1, callbacks })).rejects.toThrow(
      'evaluate: a model must not be disposed before evaluate() is done.',
    );
    const asked = one();
    const hooks = { onPredictBatchEnd: () => asked.dispose() };
    await expect(predict(asked, x, { batchSize: 1, callbacks: hooks })).rejects.toThrow(
      'predict: a model must not be disposed before predict() is done.',
    );
  });

  test('another model can be fitted', async () => {
    const histories = await Promise.all(
      [one(), one()].map((model) => fit(model, x, y, { ...quiet, epochs: 20 })),
    );
    for (const { metrics } of histories) expect(metrics.loss).toHaveLength(20);
  });
});

test('after a failed fit the model can be fitted and compiled', async () => {
  const model = one();
  await expect(fit(model, [[NaN]], [1], quiet)).rejects.toThrow('finite');
  await fit(model, x, y, { ...quiet, epochs: 1 });
  compile(model, { loss: 'mae' });
});

test('a disposed model', async () => {
  const model = one();
  model.dispose();
  const expected =
    "the model must not be disposed. Received: the model 'one', whose weights have been freed by dispose().";
  await expect(fit(model, x, y)).rejects.toThrow(`fit: ${expected}`);
  await expect(evaluate(model, x, y)).rejects.toThrow(`evaluate: ${expected}`);
  await expect(predict(model, x)).rejects.toThrow(`predict: ${expected}`);
  expect(() => trainOnBatch(model, x, y)).toThrow(`trainOnBatch: ${expected}`);
  expect(() => testOnBatch(model, x, y)).toThrow(`testOnBatch: ${expected}`);
  expect(() => predictOnBatch(model, x)).toThrow(`predictOnBatch: ${expected}`);
  expect(() => compile(model, { loss: 'mse' })).toThrow(`compile: ${expected}`);
});

describe('options', () => {
  test.each<[unknown, string]>([
    [
      { batch_size: 1 },
      "the options must be known ones. Received: the unknown option `batch_size`. Did you mean 'batchSize'?",
    ],
    [
      { epoch: 1 },
      "the options must be known ones. Received: the unknown option `epoch`. Did you mean 'epochs'?",
    ],
    [{ batchSize: 0 }, '`batchSize` must be a positive integer. Received: 0.'],
    [{ batchSize: 1.5 }, '`batchSize` must be a positive integer. Received: 1.5.'],
    [{ batchSize: '32' }, "`batchSize` must be a positive integer. Received: '32'."],
    [{ epochs: 0 }, '`epochs` must be a positive integer. Received: 0.'],
    [
      { epochs: 3, initialEpoch: 3 },
      '`epochs` is the epoch to stop after, and must be above `initialEpoch`. Received: initialEpoch: 3, epochs: 3. For 3 more epochs write epochs: 6.',
    ],
    [
      { verbose: 3 },
      "`verbose` must be 0 (silent), 1 (a bar), 2 (a line for each epoch) or 'auto'. Received: 3.",
    ],
    [{ shuffle: 'batch' }, "`shuffle` must be true or false. Received: 'batch'."],
    [
      { validationSplit: 20 },
      '`validationSplit` must be a fraction of the rows, at least 0 and below 1. Received: 20. Write validationSplit: 0.2.',
    ],
    [
      { validationSplit: 0.9 },
      'both parts of the split must have rows. Received: 0 of 3 rows left for training with validationSplit: 0.9.',
    ],
    [
      { validationData: { x, y } },
      '`validationData` must be [x, y] or [x, y, sampleWeight]. Received: { x: [[1], [2], [3]], y: [1, 2, 3] }.',
    ],
    [{ validationData: [x] }, '`validationData` must be [x, y] or [x, y, sampleWeight].'],
    [{ callbacks: () => undefined }, '`callbacks` must be a callback, or an array of callbacks.'],
    [{ engine: 'fast' }, "`engine` must be one of 'auto', 'compiled', 'eager'. Received: 'fast'."],
    [[1], 'the options must be an object. Received: [1].'],
  ])('%j', async (options, message) => {
    // Callers without types give anything.
    await expect(fit(one(), x, y, options as FitOptions)).rejects.toThrow(`fit: ${message}`);
  });
});
