/** Ready callbacks in fit, evaluate and predict. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  callbackCsvLogger,
  callbackEarlyStopping,
  callbackLambda,
  callbackLearningRateScheduler,
  callbackProgbarLogger,
  callbackReduceLrOnPlateau,
  callbackRemoteMonitor,
  callbackSwapEmaWeights,
  compile,
  evaluate,
  fit,
  KerasArgumentError,
  KerasCallback,
  KerasFileError,
  kerasModelSequential,
  KerasStateError,
  layerDense,
  learningRateScheduleExponentialDecay,
  optimizerSgd,
  predict,
  tf,
  type Callback,
  type KerasModel,
  type Optimizer,
  type SequentialModel,
} from '../../src/index';
import { weightArrays } from '../support/weights';
import { tensorCount } from '../support/tensors';

const x = tf.keep(tf.tensor2d([[1], [2], [3], [4]]));
const y = tf.keep(tf.tensor2d([[2], [4], [6], [8]]));

/** y = w · x with w = 0 at first. */
const modelOf = (optimizer: Optimizer = optimizerSgd({ learningRate: 0.01 })): SequentialModel =>
  compile(
    layerDense(kerasModelSequential({ inputShape: [1] }), {
      units: 1,
      useBias: false,
      kernelInitializer: 'zeros',
    }),
    { optimizer, loss: 'mse', metrics: ['mae'] },
  );
const weightOf = (model: KerasModel): number => (weightArrays(model) as [[[number]]])[0][0][0];
const quiet = { verbose: 0, shuffle: false } as const;

let output: string;
let write: jest.SpyInstance;
let warn: jest.SpyInstance;
beforeEach(() => {
  output = '';
  write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  write.mockRestore();
  warn.mockRestore();
});

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  test('early stopping gives back the best weights', async () => {
    const model = modelOf(optimizerSgd({ learningRate: 0.15 }));
    const weights: number[] = [];
    const callbacks = [
      { onEpochEnd: () => void weights.push(weightOf(model)) },
      callbackEarlyStopping({ monitor: 'loss', patience: 1, restoreBestWeights: true, verbose: 1 }),
    ];
    // At this rate each step overshoots, further each time: the first epoch is the best.
    const history = await fit(model, x, y, { ...quiet, engine, epochs: 9, callbacks });
    expect(history.metrics.loss).toHaveLength(2);
    expect(weightOf(model)).toBe(weights[0]);
    expect(output).toBe(
      'Restoring model weights from the end of the best epoch: 1.\nEpoch 2: early stopping\n',
    );
  });

  test('the scheduler sets the rate of each epoch, and the history has it', async () => {
    const seen: number[] = [];
    const schedule = (epoch: number, rate: number): number => {
      seen.push(rate);
      return epoch === 0 ? 0.02 : rate / 2;
    };
    const model = modelOf();
    const callbacks = callbackLearningRateScheduler({ schedule });
    const history = await fit(model, x, y, { ...quiet, engine, epochs: 3, callbacks });
    expect(history.metrics['lr']).toEqual([0.02, 0.01, 0.005]);
    expect(seen).toEqual([0.01, 0.02, 0.01]);
    // One step an epoch: w ← w + rate · 2 · 7.5 · (2 − w)
    let w = 0;
    for (const rate of [0.02, 0.01, 0.005]) w += rate * 15 * (2 - w);
    expect(weightOf(model)).toBeCloseTo(w, 5);
  });

  test('a plateau reduces the rate, says so, and the history has it', async () => {
    const callbacks = callbackReduceLrOnPlateau({ monitor: 'loss', patience: 1, factor: 0.5, verbose: 1 });
    const model = modelOf(optimizerSgd({ learningRate: 0.15 }));
    const history = await fit(model, x, y, { ...quiet, engine, epochs: 3, callbacks });
    expect(history.metrics['lr']).toEqual([0.15, 0.15, 0.075]);
    expect(output).toBe(
      '\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.075.\n' +
        '\nEpoch 3: ReduceLROnPlateau reducing learning rate to 0.0375.\n',
    );
  });

  test('averages are in the model while it is tested, and at its end', async () => {
    const optimizer = optimizerSgd({ learningRate: 0.01, useEma: true, emaMomentum: 0.5 });
    const model = modelOf(optimizer);
    const [trained, tested]: [number[], number[]] = [[], []];
    const callbacks: Callback<KerasModel>[] = [
      callbackSwapEmaWeights(),
      {
        onTestBegin: () => void tested.push(weightOf(model)),
        onEpochEnd: () => void trained.push(weightOf(model)),
      },
    ];
    await fit(model, x, y, { ...quiet, engine, epochs: 3, validationData: [x, y], callbacks });
    let [w, average] = [0, 0];
    for (let epoch = 0; epoch < 3; epoch++) {
      w += 0.15 * (2 - w);
      average = (average + w) / 2;
      expect(trained[epoch]).toBeCloseTo(w, 5);
      expect(tested[epoch]).toBeCloseTo(average, 5);
    }
    expect(weightOf(model)).toBeCloseTo(average, 5);
  });

  test('… from the end of an epoch to the next, too, with swapOnEpoch', async () => {
    const optimizer = optimizerSgd({ learningRate: 0.01, useEma: true, emaMomentum: 0.5 });
    const model = modelOf(optimizer);
    const ends: number[] = [];
    const before = tensorCount();
    const callbacks: Callback<KerasModel>[] = [
      callbackSwapEmaWeights(true),
      { onEpochEnd: () => void ends.push(weightOf(model)) },
    ];
    await fit(model, x, y, { ...quiet, engine, epochs: 3, callbacks });
    expect(tensorCount()).toBeLessThanOrEqual(before + 1);
    let [w, average] = [0, 0];
    for (let epoch = 0; epoch < 3; epoch++) {
      w += 0.15 * (2 - w);
      average = (average + w) / 2;
      expect(ends[epoch]).toBeCloseTo(average, 5);
    }
    expect(weightOf(model)).toBeCloseTo(average, 5);
  });

  test.each<[number | number[], number]>([
    [2, 2],
    [[1, 5], 2],
    [7, 0],
  ])('validationFreq %j', async (validationFreq, count) => {
    let tests = 0;
    const callbacks = {
      onTestBegin: () => {
        tests++;
      },
    };
    const options = {
      ...quiet,
      engine,
      epochs: 5,
      validationData: [x, y],
      validationFreq,
      callbacks,
    } as const;
    const history = await fit(modelOf(), x, y, options);
    expect(tests).toBe(count);
    expect(history.metrics['val_loss']?.length ?? 0).toBe(count);
    expect(history.metrics.loss).toHaveLength(5);
  });
});

test('averages are in the model while it is evaluated and predicts', async () => {
  const optimizer = optimizerSgd({
    learningRate: 0.01,
    useEma: true,
    emaMomentum: 0.5,
    emaOverwriteFrequency: null,
  });
  const model = modelOf(optimizer);
  await fit(model, x, y, { ...quiet, epochs: 1 });
  optimizer.apply(
    [tf.tensor2d([[-40]])],
    model.tf.trainableWeights.map((weight) => weight.read() as tf.Variable),
  );
  // w = 0.15 at the end of fit, then 0.55; its average (0.15 + 0.55) / 2
  expect(weightOf(model)).toBeCloseTo(0.55, 5);
  const callbacks = callbackSwapEmaWeights();
  const { mae } = await evaluate(model, [[1]], [[0]], { verbose: 0, callbacks });
  expect(mae).toBeCloseTo(0.35, 5);
  expect((await predict(model, [[1]], { callbacks })).dataSync()[0]).toBeCloseTo(0.35, 5);
  expect(weightOf(model)).toBeCloseTo(0.55, 5);
});

test('a value that is not there is told once, and the near one', async () => {
  await fit(modelOf(), x, y, { ...quiet, epochs: 3, callbacks: callbackEarlyStopping({ monitor: 'maee' }) });
  expect(warn.mock.calls).toEqual([
    ["callbackEarlyStopping: there is no 'maee' among 'loss', 'mae'; nothing is done. Did you mean 'mae'?."],
  ]);
  warn.mockClear();
  await fit(modelOf(), x, y, { ...quiet, epochs: 2, callbacks: callbackReduceLrOnPlateau() });
  expect(warn.mock.calls).toEqual([
    [
      "callbackReduceLrOnPlateau: there is no 'val_loss' among 'loss', 'mae'; nothing is done. Values of validation data need `validationData` or `validationSplit` in fit.",
    ],
  ]);
});

test('acc is another name of accuracy', async () => {
  const model = layerDense(kerasModelSequential({ inputShape: [1] }), { units: 1, activation: 'sigmoid' });
  compile(model, { optimizer: optimizerSgd({ learningRate: 0 }), loss: 'bce', metrics: ['accuracy'] });
  const callbacks = callbackEarlyStopping({ monitor: 'acc' });
  const history = await fit(model, [[1]], [[1]], { ...quiet, epochs: 5, callbacks });
  expect(history.metrics.loss).toHaveLength(2);
  expect(warn).not.toHaveBeenCalled();
});

test('a scheduler cannot set what a schedule of steps gives, and must give a number', async () => {
  const learningRate = learningRateScheduleExponentialDecay({
    initialLearningRate: 1,
    decaySteps: 1,
    decayRate: 1,
  });
  const set = callbackLearningRateScheduler(() => 0.1);
  await expect(
    fit(modelOf(optimizerSgd({ learningRate })), x, y, { ...quiet, callbacks: set }),
  ).rejects.toThrow(KerasStateError);
  const callbacks = callbackLearningRateScheduler(() => NaN);
  await expect(fit(modelOf(), x, y, { ...quiet, callbacks })).rejects.toThrow(
    'callbackLearningRateScheduler: `schedule` must be a function that gives a number of 0 or more. Received: NaN. Let it return a learning rate for epoch 0, too.',
  );
});

test('a file that cannot be written is told', async () => {
  const callbacks = callbackCsvLogger({ filename: '/nowhere/at/all.csv' });
  await expect(fit(modelOf(), x, y, { ...quiet, callbacks })).rejects.toThrow(KerasFileError);
});

test('functions are called at their times', async () => {
  const calls: string[] = [];
  const note = (name: string) => (): void => void calls.push(name);
  const callbacks = callbackLambda({
    onTrainBegin: note('train begin'),
    onTrainEnd: note('train end'),
    onEpochBegin: note('epoch begin'),
    onEpochEnd: note('epoch end'),
    onBatchBegin: note('batch begin'),
    onTrainBatchEnd: note('batch end'),
    onTestBegin: note('test begin'),
    onTestEnd: note('test end'),
    onTestBatchEnd: note('test batch end'),
    onPredictBegin: note('predict begin'),
    onPredictBatchBegin: note('predict batch begin'),
    onPredictEnd: note('predict end'),
  });
  const model = modelOf();
  await fit(model, x, y, { ...quiet, epochs: 1, callbacks, validationData: [x, y] });
  expect(calls.splice(0)).toEqual([
    'train begin',
    'epoch begin',
    'batch begin',
    'batch end',
    'test begin',
    'test batch end',
    'test end',
    'epoch end',
    'train end',
  ]);
  await predict(model, x, { callbacks });
  expect(calls).toEqual(['predict begin', 'predict batch begin', 'predict end']);
});

test('a class has its model and parameters', async () => {
  class Watcher extends KerasCallback {
    seen: unknown[] = [];
    onEpochEnd(epoch: number): void {
      this.seen.push([epoch, this.params.epochs, this.params.samples, this.model]);
      this.model.stopTraining = epoch === 1;
    }
  }
  const watcher = new Watcher();
  const model = modelOf();
  await fit(model, x, y, { ...quiet, epochs: 5, callbacks: [watcher] });
  expect(watcher.seen).toEqual([
    [0, 5, 4, model],
    [1, 5, 4, model],
  ]);
});

test.each([false, true])('logs go to a server, as JSON: %p', async (sendAsJson) => {
  const bodies: [string | undefined, string | undefined, string][] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      bodies.push([request.url, request.headers['content-type'], body]);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const callbacks = callbackRemoteMonitor({ root, sendAsJson, path: '/here', headers: { 'x-mine': '1' } });
    const history = await fit(modelOf(), x, y, { ...quiet, epochs: 2, callbacks });
    expect(bodies).toHaveLength(2);
    bodies.forEach(([url, type, body], epoch) => {
      expect(url).toBe('/here');
      expect(type).toContain(sendAsJson ? 'application/json' : 'application/x-www-form-urlencoded');
      const json = sendAsJson ? body : (new URLSearchParams(body).get('data') ?? '');
      expect(JSON.parse(json)).toEqual({
        epoch,
        loss: history.metrics.loss[epoch],
        mae: history.metrics['mae']?.[epoch],
      });
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  // Nobody is there any more.
  await fit(modelOf(), x, y, { ...quiet, epochs: 1, callbacks: callbackRemoteMonitor({ root }) });
  expect(warn.mock.calls).toEqual([[`callbackRemoteMonitor: could not reach the server at ${root}.`]]);
});

test('a bar that counts samples, or steps, in place of the own', async () => {
  const model = modelOf();
  const options = { ...quiet, verbose: 1, batchSize: 2, epochs: 2 } as const;
  await fit(model, x, y, { ...options, callbacks: callbackProgbarLogger() });
  expect(output).toMatch(
    /^Epoch 1\/2\n4\/4 \[=+\] - 0s .*loss: \d.* - mae: \d.*\nEpoch 2\/2\n4\/4 \[=+\].*\n$/,
  );
  output = '';
  await evaluate(model, x, y, {
    verbose: 1,
    batchSize: 2,
    callbacks: callbackProgbarLogger({ countMode: 'steps' }),
  });
  expect(output).toMatch(/^2\/2 \[=+\] - 0s .*loss: \d.*\n$/);
  output = '';
  await predict(model, x, { verbose: 1, batchSize: 2, callbacks: callbackProgbarLogger() });
  expect(output).toMatch(/^4\/4 \[=+\].*\n$/);
  output = '';
  await fit(model, x, y, { ...options, verbose: 0, callbacks: callbackProgbarLogger() });
  expect(output).toBe('');
});

test('averages need an optimizer that keeps them', async () => {
  await expect(fit(modelOf(), x, y, { ...quiet, callbacks: callbackSwapEmaWeights() })).rejects.toThrow(
    'the optimizer must keep moving averages of the weights. Received: the sgd optimizer without useEma.',
  );
});

test.each<[() => unknown, string]>([
  [() => callbackEarlyStopping({ patience: -1 }), '`patience` must be an integer of 0 or more'],
  [() => callbackEarlyStopping({ mode: 'maximum' as 'max' }), "`mode` must be one of 'auto', 'min', 'max'"],
  [() => callbackEarlyStopping({ monitor: '' }), '`monitor` must be a non-empty string'],
  [() => callbackEarlyStopping({ verbose: 2 as 1 }), '`verbose` must be 0 or 1'],
  [() => callbackEarlyStopping({ baseline: 'x' as never }), '`baseline` must be a finite number'],
  [() => callbackEarlyStopping({ restoreBest: true } as never), "Did you mean 'restoreBestWeights'?"],
  [() => callbackReduceLrOnPlateau({ factor: 1 }), '`factor` must be a number of 0 or more and below 1'],
  [() => callbackReduceLrOnPlateau({ minLr: -1 }), '`minLr` must be a number of 0 or more'],
  [() => callbackLearningRateScheduler(0.1 as never), '`schedule` must be a function'],
  [() => callbackCsvLogger({} as never), 'the option `filename` is required'],
  [() => callbackCsvLogger({ filename: 'x', separator: '' }), '`separator` must be a non-empty string'],
  [() => callbackLambda({}), 'callbackLambda: there must be one hook at least'],
  [() => callbackLambda({ onEpochEnds: () => undefined } as never), "Did you mean 'onEpochEnd'?"],
  [() => callbackLambda({ onEpochEnd: 3 } as never), '`onEpochEnd` must be a function'],
  [() => callbackRemoteMonitor({ root: 'ftp://x' }), '`root` must be an address'],
  [() => callbackRemoteMonitor({ headers: { a: 1 } as never }), '`headers` must be an object of strings'],
  [
    () => callbackProgbarLogger({ countMode: 'rows' as 'steps' }),
    "`countMode` must be one of 'samples', 'steps'",
  ],
  [() => callbackSwapEmaWeights({ swapOnEpoch: 1 } as never), '`swapOnEpoch` must be true or false'],
])('%#: options that are wrong are told', (make, message) => {
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(message);
});

test.each([0, 1.5, [], [0], ['x']])('validationFreq %j is refused', async (validationFreq) => {
  const options = { ...quiet, validationData: [x, y], validationFreq } as never;
  await expect(fit(modelOf(), x, y, options)).rejects.toThrow('`validationFreq` must be a positive integer');
});
