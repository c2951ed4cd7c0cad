import {
  compile,
  customMetric,
  evaluate,
  fit,
  getLayer,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerInput,
  optimizerSgd,
  pipe,
  predict,
  setRandomSeed,
  setWeights,
  type Callback,
  type CompileOptions,
  type FitOptions,
  type KerasModel,
  type Logs,
} from 'keras-pipe';
import { tf, type Tensor } from '../../src/tensorflow';

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

describe('validation', () => {
  const x = column([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const y = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  test('the split holds back the last rows, from floor(n · (1 − split)) on, before it shuffles', async () => {
    const model = zero({ optimizer: still(), loss: 'mse' });
    const history = await fit(model, x, y, { ...quiet, validationSplit: 0.25 });
    // The predictions are 0: the mean of 1², …, 7² and of 8², 9², 10².
    expect(history.metrics).toEqual({ loss: [20], val_loss: [expect.closeTo(245 / 3, 4)] });
    expect(history.params).toMatchObject({ samples: 7, validationSamples: 3, doValidation: true });
  });

  test('data of their own come before the split, with weights as a third element', async () => {
    const model = zero({ optimizer: still(), loss: 'mse', metrics: ['mae'] });
    const validationData = [column([0, 0]), [1, 2], [1, 3]] as const;
    const history = await fit(model, x, y, { ...quiet, validationSplit: 0.5, validationData });
    // (1 · 1² + 3 · 2²) / 2; metrics are not weighted.
    expect(history.metrics).toEqual({ loss: [38.5], mae: [5.5], val_loss: [6.5], val_mae: [1.5] });
    const unweighted = await fit(model, x, y, { ...quiet, validationData: [column([0, 0]), [1, 2]] });
    expect(unweighted.metrics['val_loss']).toEqual([2.5]);
  });
});

/** The rows in the order in which an epoch takes them one by one, read off the running mean of their labels. */
const ordersOf = async (options: FitOptions): Promise<number[][]> => {
  const model = zero({ optimizer: still(), loss: 'mae' });
  const orders: number[][] = [];
  let sum = 0;
  const callbacks: Callback<KerasModel> = {
    onEpochBegin: () => {
      sum = 0;
      orders.push([]);
    },
    onTrainBatchEnd: (batch, { loss = NaN }) => {
      const total = loss * (batch + 1);
      orders.at(-1)?.push(Math.round(total - sum));
      sum = total;
    },
  };
  const y = Array.from({ length: 12 }, (_, index) => index);
  await fit(model, column(y.map(() => 0)), y, { verbose: 0, batchSize: 1, callbacks, ...options });
  return orders;
};

describe.each(engines)('the order of rows, %s', (engine) => {
  const inOrder = Array.from({ length: 12 }, (_, index) => index);

  test('differs from epoch to epoch and has every row once', async () => {
    setRandomSeed(1);
    const [first = [], second = [], third = []] = await ordersOf({ epochs: 3, engine });
    for (const order of [first, second, third]) expect([...order].sort((a, b) => a - b)).toEqual(inOrder);
    expect(new Set([first, second, third, inOrder].map(String)).size).toBe(4);
  });

  test('repeats with the seed', async () => {
    setRandomSeed(7);
    const orders = await ordersOf({ epochs: 2, engine });
    setRandomSeed(7);
    expect(await ordersOf({ epochs: 2, engine })).toEqual(orders);
  });

  test('is the given one without shuffling', async () => {
    expect(await ordersOf({ epochs: 2, engine, shuffle: false })).toEqual([inOrder, inOrder]);
  });
});

describe('the loss', () => {
  test('weights rows by their class and their own weight, in training only', async () => {
    const model = zero({ optimizer: still(), loss: 'binary_crossentropy' }, 'sigmoid');
    const x = column([0, 0, 0, 0, 0, 0]);
    const y = [0, 1, 1, 0, 1, 1];
    const options = { ...quiet, classWeight: { 0: 1, 1: 3 }, validationSplit: 0.3 };
    const history = await fit(model, x, y, options);
    // Each row's loss is ln 2; four rows to train on, weighted 1, 3, 3, 1, two to validate.
    expect(history.metrics.loss[0]).toBeCloseTo(2 * Math.LN2, 5);
    expect(history.metrics['val_loss']?.[0]).toBeCloseTo(Math.LN2, 5);
    const both = await fit(model, x, y, { ...options, sampleWeight: [2, 1, 1, 1, 5, 5] });
    expect(both.metrics.loss[0]).toBeCloseTo((9 / 4) * Math.LN2, 5);
    expect(both.metrics['val_loss']?.[0]).toBeCloseTo(5 * Math.LN2, 5);
  });

  test.each(engines)('and the metrics are exact over batches of unequal size, %s', async (engine) => {
    const model = zero({ optimizer: still(), loss: 'mse', metrics: ['mae'] });
    const y = [1, 2, 3, 4, 10];
    const options = { ...quiet, batchSize: 2, engine, validationData: [column(y), y] } as const;
    const { metrics } = await fit(model, column(y), y, options);
    expect(metrics).toEqual({ loss: [26], mae: [4], val_loss: [26], val_mae: [4] });
  });

  test('may be a function, and so may a metric', async () => {
    const cube = (yTrue: Tensor, yPred: Tensor): Tensor => tf.mean(tf.pow(tf.sub(yTrue, yPred), 3), -1);
    const largest = (yTrue: Tensor, yPred: Tensor): Tensor => tf.max(tf.abs(tf.sub(yTrue, yPred)));
    const half = customMetric('half', (yTrue, yPred) => tf.mul(tf.sub(yTrue, yPred), 0.5));
    const model = setWeights(zero({ optimizer: still(), loss: cube, metrics: [largest, half] }), [
      [[1]],
      [0],
    ]);
    const history = await fit(model, column([1, 2]), [2, 5], quiet);
    expect(history.metrics).toEqual({ loss: [14], largest: [3], half: [1] });
  });

  test("'accuracy' and 'acc' keep the name that the user gave", async () => {
    const names = async (metric: 'accuracy' | 'acc') => {
      const model = zero({ loss: 'binary_crossentropy', metrics: [metric] }, 'sigmoid');
      const history = await fit(model, column([0, 1]), [0, 1], {
        ...quiet,
        validationData: [column([1]), [1]],
      });
      expect(history.params.metrics).toEqual(['loss', metric]);
      return Object.keys(history.metrics);
    };
    expect(await names('acc')).toEqual(['loss', 'acc', 'val_loss', 'val_acc']);
    expect(await names('accuracy')).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
  });
});

describe('several inputs and outputs', () => {
  /** Output `a` is the first input, `b` twice the second: each from one weight. */
  const twoByTwo = (options: Omit<CompileOptions, 'optimizer'>) => {
    const left = layerInput({ shape: [1], name: 'left' });
    const right = layerInput({ shape: [1], name: 'right' });
    const a = layerDense(left, { units: 1, useBias: false, kernelInitializer: 'ones', name: 'a' });
    const b = layerDense(right, { units: 1, useBias: false, kernelInitializer: 'ones', name: 'b' });
    const model = kerasModel([left, right], [a, b]);
    return compile(setWeights(model, [[[1]], [[2]]]), { ...options, optimizer: still() });
  };
  const left = column([1, 2]);
  const right = column([3, 4]);
  const y = { a: [2, 2], b: [6, 9] };

  test('names and order of the logs are those of Keras', async () => {
    const model = twoByTwo({ loss: { a: 'mse', b: 'mae' }, metrics: { b: ['mse', 'mae'], a: 'acc' } });
    const x = { right, left };
    const history = await fit(model, x, y, { ...quiet, validationData: [x, y] });
    const names = ['loss', 'a_loss', 'b_loss', 'a_acc', 'b_mse', 'b_mae'];
    expect(history.params.metrics).toEqual(names);
    expect(Object.keys(history.metrics)).toEqual([...names, ...names.map((name) => `val_${name}`)]);
    // Predictions a: 1, 2; b: 6, 8.
    const values = { loss: 1, a_loss: 0.5, b_loss: 0.5, b_mse: 0.5, b_mae: 0.5 };
    for (const [name, value] of Object.entries(values)) {
      expect([name, history.metrics[name], history.metrics[`val_${name}`]]).toEqual([name, [value], [value]]);
    }
  });

  test('listed data, weights of losses and rows, one loss and the same metrics for all', async () => {
    const model = twoByTwo({ loss: 'mse', lossWeights: [1, 10], metrics: ['mae'] });
    const history = await fit(model, [left, right], [y.a, y.b], quiet);
    expect(history.metrics).toEqual({
      loss: [5.5],
      a_loss: [0.5],
      b_loss: [0.5],
      a_mae: [0.5],
      b_mae: [0.5],
    });
    const shared = await fit(model, [left, right], [y.a, y.b], { ...quiet, sampleWeight: [4, 0] });
    expect(shared.metrics).toMatchObject({ loss: [2], a_loss: [2], b_loss: [0] });
    const keyed = await fit(model, { left, right }, y, {
      ...quiet,
      sampleWeight: { b: [0, 2], a: [0, 0] },
    });
    expect(keyed.metrics).toMatchObject({ loss: [10], a_loss: [0], b_loss: [1] });
    expect(await evaluate(model, { left, right }, y, { verbose: 0 })).toEqual({
      loss: 5.5,
      a_loss: 0.5,
      b_loss: 0.5,
      a_mae: 0.5,
      b_mae: 0.5,
    });
  });

  test('metrics listed for each output', async () => {
    const model = twoByTwo({ loss: ['mse', 'mae'], metrics: [['mae'], []], lossWeights: { a: 2 } });
    const history = await fit(model, [left, right], [y.a, y.b], quiet);
    expect(history.metrics).toEqual({ loss: [1.5], a_loss: [0.5], b_loss: [0.5], a_mae: [0.5] });
  });

  test('what is wrong with one of them says which', async () => {
    const model = twoByTwo({ loss: 'mse' });
    await expect(fit(model, { left }, y, quiet)).rejects.toThrow(
      "fit: `x` must be keyed by 'left', 'right'. Received: nothing for 'right'.",
    );
    await expect(fit(model, [left, column([1])], y, quiet)).rejects.toThrow(
      "fit: `x` for 'left' and `x` for 'right' must have the same number of rows. Received: 2 and 1.",
    );
    await expect(fit(model, [left, right], { a: [1, 2], c: [1, 2] }, quiet)).rejects.toThrow(
      "fit: `y` must be keyed by 'a', 'b'. Received: the unknown key 'c'.",
    );
    await expect(
      fit(
        model,
        [left, right],
        [
          [1, 2],
          [1, NaN],
        ],
        quiet,
      ),
    ).rejects.toThrow("fit: `y` for 'b' must be made of finite numbers. Received: NaN at y[1].");
    await expect(fit(model, tf.zeros([2, 1]), y, quiet)).rejects.toThrow(
      'fit: `x` must be a list of 2 arrays, for left, right.',
    );
  });
});

describe('epochs', () => {
  test('from the initial one to the last, R counting them all', async () => {
    const begun: number[] = [];
    const callbacks = { onEpochBegin: (epoch: number) => void begun.push(epoch) };
    const model = zero({ loss: 'mse' });
    const options = { verbose: 0, epochs: 5, initialEpoch: 3, callbacks } as const;
    const history = await fit(model, column([1, 2]), [1, 2], options);
    expect(begun).toEqual([3, 4]);
    expect(history.metrics.loss).toHaveLength(2);
    expect(history.params).toMatchObject({ epochs: 5, steps: 1, batchSize: 32, samples: 2 });
  });

  test('are 10 by default, of 32 rows a batch', async () => {
    const history = await fit(zero({ loss: 'mse' }), tf.zeros([33, 1]), tf.zeros([33, 1]), { verbose: 0 });
    expect(history.metrics.loss).toHaveLength(10);
    expect(history.params.steps).toBe(2);
  });
});

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

describe.each(engines)('weights, %s', (engine) => {
  const x = [
    [1, 2],
    [3, -1],
    [0, 1],
    [2, 2],
  ];
  const y = [1, 0, 1, 0];
  const two = (options: CompileOptions) =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 2, activation: 'tanh', inputShape: [2], name: 'hidden' }),
      layerDense({ units: 1 }),
      compile(options),
    );
  const start = [
    [
      [0.5, -0.3],
      [0.2, 0.4],
    ],
    [0.1, -0.1],
    [[1], [-1]],
    [0],
  ];
  const momentum = () => optimizerSgd({ learningRate: 0.1, momentum: 0.9 });
  const options = { verbose: 0, batchSize: 2, shuffle: false, engine } as const;

  test('a second fit goes on with the optimizer’s state; compiling again starts it afresh', async () => {
    const inOne = setWeights(two({ optimizer: momentum(), loss: 'mse' }), start);
    await fit(inOne, x, y, { ...options, epochs: 3 });
    const inParts = setWeights(two({ optimizer: momentum(), loss: 'mse' }), start);
    await fit(inParts, x, y, { ...options, epochs: 1 });
    await fit(inParts, x, y, { ...options, epochs: 2 });
    expect(getWeights(inParts)).toEqual(getWeights(inOne));

    compile(inOne, { optimizer: momentum(), loss: 'mse' });
    const fresh = setWeights(two({ optimizer: momentum(), loss: 'mse' }), getWeights(inOne));
    await fit(inOne, x, y, { ...options, epochs: 1 });
    await fit(fresh, x, y, { ...options, epochs: 1 });
    expect(getWeights(inOne)).toEqual(getWeights(fresh));
    await fit(inParts, x, y, { ...options, epochs: 1 });
    expect(getWeights(inParts)).not.toEqual(getWeights(fresh));
  });

  test('frozen layers stay, and a fit with all of them frozen still runs', async () => {
    const model = setWeights(two({ loss: 'mse' }), start);
    getLayer(model, 'hidden').trainable = false;
    compile(model, { optimizer: momentum(), loss: 'mse' });
    const weights = () => model.layers.map((layer) => getWeights(layer));
    const [hidden, output] = weights();
    await fit(model, x, y, { ...options, epochs: 2 });
    const after = weights();
    expect(after[0]).toEqual(hidden);
    expect(after[1]).not.toEqual(output);

    for (const layer of model.layers) layer.trainable = false;
    compile(model, { loss: 'mse', metrics: ['mae'] });
    const history = await fit(model, x, y, { ...options, epochs: 2 });
    expect(weights()).toEqual(after);
    const [first, second] = history.metrics.loss;
    expect(second).toBe(first);
    expect(first).toBeGreaterThan(0);
  });

  test('constraints hold after each step', async () => {
    const least: number[] = [];
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, kernelConstraint: 'non_neg', kernelInitializer: 'ones', inputShape: [2] }),
      compile({ optimizer: optimizerSgd({ learningRate: 1 }), loss: 'mse' }),
    );
    const callbacks = {
      onTrainBatchEnd: () => void least.push(Math.min(...(getWeights(model)[0] as number[][]).flat())),
    };
    await fit(
      model,
      x,
      x.map(([a = 0]) => [-a, -5]),
      { ...options, epochs: 3, callbacks },
    );
    expect(least).toHaveLength(6);
    expect(Math.min(...least)).toBe(0);
  });

  test('moving averages move in training and in nothing else', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerBatchNormalization({ momentum: 0.5, inputShape: [1] }),
      compile({ optimizer: still(), loss: 'mse' }),
    );
    const rows = column([0, 4]);
    await fit(model, rows, [0, 0], { ...options, epochs: 1 });
    // The batch's mean is 2 and its variance 4; the moving ones were 0 and 1.
    expect(getWeights(model)).toEqual([[1], [0], [1], [2.5]]);
    await evaluate(model, rows, [0, 0], { verbose: 0 });
    (await predict(model, rows)).dispose();
    expect(getWeights(model).slice(2)).toEqual([[1], [2.5]]);
  });

  test('dropout is active in training only', async () => {
    setRandomSeed(3);
    const model = pipe(
      kerasModelSequential(),
      layerDropout({ rate: 0.5, inputShape: [100] }),
      layerDense({ units: 1, kernelInitializer: 'ones' }),
      compile({ optimizer: still(), loss: 'mse' }),
    );
    const ones = tf.ones([4, 100]);
    const history = await fit(model, ones, [100, 100, 100, 100], { ...options, epochs: 2 });
    expect(await evaluate(model, ones, [100, 100, 100, 100], { verbose: 0 })).toEqual({ loss: 0 });
    const [first = 0, second = 0] = history.metrics.loss;
    expect(first).toBeGreaterThan(1);
    expect(second).not.toBe(first);
  });
});

test('a model without an input shape is built by its first fit', async () => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 1 }), compile({ loss: 'mse' }));
  await fit(model, [[1, 2, 3]], [1], quiet);
  expect(getWeights(model)).toHaveLength(2);
});

test('the pipe and the plain call are the same', async () => {
  const histories = await Promise.all([
    pipe(zero({ optimizer: still(), loss: 'mse' }), fit(column([1, 2]), [1, 3], quiet)),
    fit(zero({ optimizer: still(), loss: 'mse' }), column([1, 2]), [1, 3], quiet),
  ]);
  expect(histories.map(({ metrics }) => metrics)).toEqual([{ loss: [5] }, { loss: [5] }]);
});

test('the data stay the user’s, also where the model passes them on unchanged', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDropout({ rate: 0, inputShape: [2] }),
    compile({ loss: 'mse' }),
  );
  const x = tf.ones([3, 2]);
  const y = tf.zeros([3, 2]);
  const options = { ...quiet, shuffle: false, sampleWeight: tf.ones([3]) };
  const history = await fit(model, x, y, options);
  expect(history.metrics.loss).toEqual([1]);
  const tensors = [x, y, options.sampleWeight];
  expect(tensors.map(({ isDisposed }) => isDisposed)).toEqual([false, false, false]);
  tf.dispose(tensors);
});

describe('what is written', () => {
  const written = async (options: FitOptions): Promise<string[]> => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
    try {
      await fit(zero({ optimizer: still(), loss: 'mse' }), column([1, 2]), [1, 3], { epochs: 2, ...options });
    } finally {
      write.mockRestore();
    }
    return lines;
  };

  test('nothing', async () => {
    expect(await written({ verbose: 0 })).toEqual([]);
  });

  test.each([1, 2] as const)('verbose %d', async (verbose) => {
    const text = (await written({ verbose, validationData: [[[1]], [2]] })).join('');
    const bar = verbose === 1 ? ' [==============================]' : '';
    const line = new RegExp(
      `^1/1${bar.replaceAll(/[[\]]/g, '\\$&')} - .*loss: 5\\.0000 - val_loss: 4\\.0000`,
    );
    const lines = text.split('\n');
    expect(lines).toHaveLength(5);
    expect([lines[0], lines[2], lines[4]]).toEqual(['Epoch 1/2', 'Epoch 2/2', '']);
    expect(lines[1]).toMatch(line);
    expect(lines[3]).toMatch(line);
  });

  test("'auto' is a line for each epoch where there is no terminal", async () => {
    const plain = (lines: string[]): string => lines.join('').replaceAll(/\d+(\.\d+)?(s|ms|us)/g, 'T');
    expect(plain(await written({}))).toBe(plain(await written({ verbose: 2 })));
  });
});
