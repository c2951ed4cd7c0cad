import {
  compile,
  customMetric,
  fit,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerInput,
  optimizerSgd,
  pipe,
  setRandomSeed,
  setWeights,
  type Callback,
  type CompileOptions,
  type FitOptions,
  type KerasModel,
} from 'keras-pipe';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';

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

test('a model without an input shape is built by its first fit', async () => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 1 }), compile({ loss: 'mse' }));
  await fit(model, [[1, 2, 3]], [1], quiet);
  expect(weightArrays(model)).toHaveLength(2);
});

test('the pipe and the plain call are the same', async () => {
  const histories = await Promise.all([
    pipe(zero({ optimizer: still(), loss: 'mse' }), fit(column([1, 2]), [1, 3], quiet)),
    fit(zero({ optimizer: still(), loss: 'mse' }), column([1, 2]), [1, 3], quiet),
  ]);
  expect(histories.map(({ metrics }) => metrics)).toEqual([{ loss: [5] }, { loss: [5] }]);
});

test('the data stay the user’s, also where the model passes them on unchanged', async () => {
  const input = layerInput({ shape: [2] });
  const passed = layerDropout(input, { rate: 0 });
  // There must be a weight to train; this one's output and loss are 0.
  const trained = layerDense(input, { units: 2, kernelInitializer: 'zeros' });
  const model = compile(kerasModel(input, [passed, trained]), { loss: 'mse' });
  const x = tf.ones([3, 2]);
  const y = tf.zeros([3, 2]);
  const options = { ...quiet, shuffle: false, sampleWeight: tf.ones([3]) };
  const history = await fit(model, x, [y, y], options);
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
