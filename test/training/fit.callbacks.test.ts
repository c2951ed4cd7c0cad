import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerSgd,
  pipe,
  type Callback,
  type CompileOptions,
  type KerasModel,
  type Logs,
} from 'keras-pipe';

/** Updates change nothing: what is logged can be worked out from the weights that a model begins with. */
const still = () => optimizerSgd({ learningRate: 0 });

/** One unit, `wx + b`, with weight and bias 0. */
const zero = (options: CompileOptions, activation: 'linear' | 'sigmoid' = 'linear') =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, activation, kernelInitializer: 'zeros', inputShape: [1] }),
    compile(options),
  );

const column = (values: readonly number[]): number[][] => values.map((value) => [value]);
const quiet = { epochs: 1, verbose: 0 } as const;
const engines = ['eager', 'compiled'] as const;

describe.each(engines)('callbacks, %s', (engine) => {
  const x = column([1, 2, 3]);
  const y = [1, 2, 3];

  /** Notes each hook with its number. */
  const noting = (calls: string[], later: boolean): Callback<KerasModel> => {
    const note = (name: string) =>
      later
        ? async (value?: unknown) => {
            await new Promise((resolve) => setImmediate(resolve));
            calls.push(typeof value === 'number' ? `${name} ${value}` : name);
          }
        : (value?: unknown) => void calls.push(typeof value === 'number' ? `${name} ${value}` : name);
    return {
      setModel: () => void calls.push('model'),
      setParams: () => void calls.push('params'),
      onTrainBegin: note('train'),
      onTrainEnd: note('train end'),
      onEpochBegin: note('epoch'),
      onEpochEnd: note('epoch end'),
      onTrainBatchBegin: note('batch'),
      onTrainBatchEnd: note('batch end'),
      onTestBegin: note('test'),
      onTestEnd: note('test end'),
      onTestBatchBegin: note('test batch'),
      onTestBatchEnd: note('test batch end'),
    };
  };

  test.each([false, true])('are called in the order of Keras, asynchronous: %s', async (later) => {
    const calls: string[] = [];
    const options = { verbose: 0, epochs: 1, batchSize: 2, engine, callbacks: noting(calls, later) } as const;
    await fit(zero({ loss: 'mse' }), x, y, { ...options, validationData: [[[1]], [1]] });
    const batches = ['batch 0', 'batch end 0', 'batch 1', 'batch end 1'];
    const tests = ['test', 'test batch 0', 'test batch end 0', 'test end'];
    expect(calls).toEqual([
      'model',
      'params',
      'train',
      'epoch 0',
      ...batches,
      ...tests,
      'epoch end 0',
      'train end',
    ]);
  });

  test('stop training in the middle of an epoch, which is then validated and ended', async () => {
    let model: KerasModel | undefined;
    const seen: Logs[] = [];
    const stopping: Callback<KerasModel> = {
      setModel: (given) => void (model = given),
      onTrainBatchEnd: (batch) => {
        if (model !== undefined && batch === 1) model.stopTraining = true;
      },
      onEpochEnd: (_, logs) => void seen.push({ ...logs }),
    };
    const options = {
      verbose: 0,
      epochs: 5,
      batchSize: 1,
      shuffle: false,
      engine,
      callbacks: stopping,
    } as const;
    const history = await fit(zero({ optimizer: still(), loss: 'mae' }), x, [1, 3, 100], {
      ...options,
      validationData: [[[1]], [5]],
    });
    expect(history.metrics).toEqual({ loss: [2], val_loss: [5] });
    expect(seen).toEqual([{ loss: 2, val_loss: 5 }]);
  });

  test('stop before an epoch’s first batch: as in Keras, after it', async () => {
    let model: KerasModel | undefined;
    const stopping: Callback<KerasModel> = {
      setModel: (given) => void (model = given),
      onEpochBegin: (epoch) => {
        if (model !== undefined && epoch === 1) model.stopTraining = true;
      },
    };
    const options = {
      verbose: 0,
      epochs: 5,
      batchSize: 1,
      shuffle: false,
      engine,
      callbacks: stopping,
    } as const;
    const history = await fit(zero({ optimizer: still(), loss: 'mae' }), x, [1, 3, 5], options);
    expect(history.metrics.loss).toEqual([3, 1]);
    const again = await fit(zero({ loss: 'mae' }), x, y, { verbose: 0, epochs: 2, engine });
    expect(again.metrics.loss).toHaveLength(2);
  });

  test('what they add to the logs enters the history', async () => {
    const adding: Callback = { onEpochEnd: (epoch, logs) => void (logs['lr'] = 0.5 ** epoch) };
    const options = { verbose: 0, epochs: 3, engine, callbacks: [adding] } as const;
    const history = await fit(zero({ loss: 'mse' }), x, y, options);
    expect(history.metrics['lr']).toEqual([1, 0.5, 0.25]);
    expect(Object.keys(history.metrics)).toEqual(['loss', 'lr']);
  });

  test('an error of theirs ends the fit, and another fit works', async () => {
    const model = zero({ loss: 'mse' });
    const failing: Callback = {
      onTrainBatchEnd: () => {
        throw new Error('enough');
      },
    };
    await expect(fit(model, x, y, { ...quiet, engine, callbacks: failing })).rejects.toThrow('enough');
    await fit(model, x, y, { ...quiet, engine });
  });
});
