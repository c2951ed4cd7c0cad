/** What a program does while steps run on another thread: answers, looks, changes, other fits. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasStateError,
  layerDense,
  layerDropout,
  layerInput,
  optimizerAdagrad,
  optimizerOf,
  optimizerSgd,
  pipe,
  popLayer,
  predict,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  shared,
  tf,
  type Engine,
  type KerasModel,
  type SequentialModel,
  type Tensor,
} from 'keras-pipe';
import { CompiledSteps } from '../../src/engine/compiled-steps';
import { VariableGroup } from '../../src/engine/graph/variables';
import { binding } from '../../src/tfjs/binding';
import { collectForgotten, tensorCount } from '../support/tensors';

const engines = ['eager', 'compiled'] as const;

/** How many executions are under way on other threads. */
let flights = 0;
/** How many there have been. */
let started = 0;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its steps below
const real = CompiledSteps.prototype.runOnThread;
beforeAll(() => {
  jest.spyOn(CompiledSteps.prototype, 'runOnThread').mockImplementation(async function (
    this: CompiledSteps,
    request,
  ) {
    // What XLA compiles before the first step.
    if (request.steps === 0) return real.call(this, request);
    flights++;
    started++;
    try {
      return await real.call(this, request);
    } finally {
      flights--;
    }
  });
});
afterAll(() => jest.restoreAllMocks());

/** Does something once other steps are under way on another thread. */
const inFlight = async (act: () => unknown): Promise<void> => {
  const before = started;
  while (flights === 0 || started === before) await new Promise((resolve) => setImmediate(resolve));
  await act();
};

const ROWS = 20_000;
const ones = new Float32Array(ROWS).fill(1);
const quiet = { verbose: 0, batchSize: 1, shuffle: false } as const;

/** A model whose one weight is less by 1 after each step. */
const counter = (optimizer = optimizerSgd({ learningRate: 1 })): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
    compile({ optimizer, loss: (_: Tensor, yPred: Tensor) => tf.mean(yPred) }),
  );
const weightOf = (model: KerasModel): number => getWeights(model)[0]?.dataSync()[0] ?? NaN;

describe('steps that are under way', () => {
  test('of a long stretch are on another thread, those of a short one are not', async () => {
    const model = counter();
    started = 0;
    await fit(model, ones, ones, { ...quiet, epochs: 1, engine: 'compiled' });
    expect(started).toBeGreaterThan(1);
    // The cost is known now, if on a busy machine not exactly.
    started = 0;
    await fit(model, ones, ones, {
      ...quiet,
      epochs: 1,
      engine: 'compiled',
      callbacks: { onTrainBatchEnd: (batch: number) => void (model.stopTraining = batch === 50) },
    });
    expect(started).toBeLessThan(25);
    model.dispose();
  });

  test('are on another thread if one takes long, however few an epoch has', async () => {
    const width = 1024;
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: width, inputShape: [width] }),
      layerDense({ units: width }),
      layerDense({ units: 1 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const [x, y] = [tf.zeros([2 * width, width]), tf.zeros([2 * width, 1])];
    const options = { verbose: 0, batchSize: width, engine: 'compiled' } as const;
    await fit(model, x, y, { ...options, epochs: 1 });
    await evaluate(model, x, y, options);
    const here = jest.spyOn(CompiledSteps.prototype, 'run');
    // The first execution's time is not believed, as it has optimized the graph; that of others is.
    for (let call = 0; call < 3; call++) {
      await fit(model, x, y, { ...options, epochs: 1 });
      await evaluate(model, x, y, options);
    }
    expect(here).not.toHaveBeenCalled();
    here.mockRestore();
    tf.dispose([x, y]);
    model.dispose();
  });

  /** A model of one weight of 12 MB, from each of whose numbers a step takes as much as there are rows. */
  const large = () => {
    const units = 3 * 2 ** 20;
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
      compile({
        optimizer: optimizerSgd({ learningRate: 1 }),
        loss: (_: Tensor, yPred: Tensor) => tf.sum(yPred, -1),
      }),
    );
    const [x, y] = [tf.ones([4, 1]), tf.zeros([4, units])];
    const train = () => fit(model, x, y, { ...quiet, epochs: 1, engine: 'compiled' });
    const extremes = (): number[] =>
      tf.tidy(() => {
        const [weight] = getWeights(model) as [Tensor];
        return [tf.min(weight), tf.max(weight)].map((extreme) => extreme.dataSync()[0] ?? NaN);
      });
    return { model, x, y, train, extremes };
  };

  test('leave large weights in the graph until somebody looks, for the next call or for good', async () => {
    const { model, x, y, train, extremes } = large();
    const reading = jest.spyOn(VariableGroup.prototype, 'reading');
    await train();
    const writing = jest.spyOn(VariableGroup.prototype, 'upload');
    await train();
    expect(reading).not.toHaveBeenCalled();
    expect(writing).not.toHaveBeenCalled();
    expect(extremes()).toEqual([-8, -8]);
    expect(reading).toHaveBeenCalledTimes(1);
    await train();
    // The graph goes, but not what only that has.
    pipe(model, compile({ optimizer: 'sgd', loss: 'mse' }));
    expect(reading).toHaveBeenCalledTimes(1);
    expect(extremes()).toEqual([-12, -12]);
    expect(reading).toHaveBeenCalledTimes(2);
    reading.mockRestore();
    writing.mockRestore();
    tf.dispose([x, y]);
    model.dispose();
  });

  test('leave no graph behind that has the weights of a model that is disposed', async () => {
    await collectForgotten();
    const sessions = binding().getNumOfSessions();
    const { model, x, y, train } = large();
    await train();
    const reading = jest.spyOn(VariableGroup.prototype, 'reading');
    model.dispose();
    expect(reading).not.toHaveBeenCalled();
    expect(binding().getNumOfSessions()).toBe(sessions);
    reading.mockRestore();
    tf.dispose([x, y]);
  });

  test('are followed by large weights from another thread, whether somebody looks meanwhile or not', async () => {
    const { model, x, y, train, extremes } = large();
    const here = jest.spyOn(VariableGroup.prototype, 'download');
    const elsewhere = jest.spyOn(CompiledSteps.prototype, 'downloadLargeWeights');
    await train();
    expect(here).not.toHaveBeenCalled();
    expect(elsewhere).not.toHaveBeenCalled();
    tf.dispose(await predict(model, x));
    expect(elsewhere.mock.results.map(({ value }) => value as unknown)).toContainEqual(expect.any(Promise));
    expect(here).not.toHaveBeenCalled();
    expect(extremes()).toEqual([-4, -4]);
    const before = tensorCount();
    const state = { isOver: false };
    void train().finally(() => (state.isOver = true));
    while (!state.isOver) {
      const [least, most] = extremes();
      expect(least).toBe(most);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(extremes()).toEqual([-8, -8]);
    expect(tensorCount()).toBe(before);
    here.mockRestore();
    elsewhere.mockRestore();
    tf.dispose([x, y]);
    model.dispose();
  });

  test('are waited for by who looks: weight, slot and count of steps are of the same moment', async () => {
    const model = counter(optimizerAdagrad({ learningRate: 0.001, initialAccumulatorValue: 0.5 }) as never);
    const optimizer = optimizerOf(model);
    const fitting = fit(model, ones, ones, { ...quiet, epochs: 3, engine: 'compiled' });
    const seen: number[][] = [];
    for (let look = 0; look < 6; look++) {
      await inFlight(() => {
        // In other orders.
        const weight = look % 2 === 0 ? weightOf(model) : NaN;
        const [count, accumulator] = optimizer.getWeights().map((tensor) => tensor.dataSync()[0] ?? NaN);
        expect(look % 2 === 0 ? weight : weightOf(model)).toBeLessThan(0);
        seen.push([optimizer.iterations, count ?? NaN, accumulator ?? NaN]);
      });
    }
    model.stopTraining = true;
    await fitting;
    // Each step adds the square of a gradient of 1.
    for (const [iterations = NaN, count, accumulator] of seen) {
      expect(count).toBe(iterations);
      expect(accumulator).toBe(iterations + 0.5);
    }
    expect(new Set(seen.map(([iterations]) => iterations)).size).toBeGreaterThan(3);
    model.dispose();
  });

  test('are followed by those that begin at weights that are set meanwhile', async () => {
    const model = counter();
    const fitting = fit(model, ones, ones, { ...quiet, epochs: 2, engine: 'compiled' });
    let at = NaN;
    await inFlight(() => {
      setWeights(model, [[[1e6]]]);
      at = optimizerOf(model).iterations;
    });
    expect(at).toBeGreaterThan(0);
    await inFlight(() => expect(weightOf(model)).toBe(1e6 - (optimizerOf(model).iterations - at)));
    await fitting;
    expect(weightOf(model)).toBe(1e6 - (2 * ROWS - at));
    model.dispose();
  });

  test('are followed by slots that are set, or afresh after the optimizer is disposed', async () => {
    const model = counter(optimizerAdagrad({ learningRate: 0.001, initialAccumulatorValue: 0.5 }) as never);
    const optimizer = optimizerOf(model);
    const fitting = fit(model, ones, ones, { ...quiet, epochs: 3, engine: 'compiled' });
    await inFlight(() => {
      optimizer.setWeights([tf.scalar(7, 'int32'), tf.tensor2d([[1000]])]);
      expect(optimizer.iterations).toBe(7);
    });
    await inFlight(() => {
      const [count, accumulator] = optimizer.getWeights().map((tensor) => tensor.dataSync()[0] ?? NaN);
      expect(accumulator).toBe(1000 + (count ?? NaN) - 7);
      optimizer.dispose();
      expect(optimizer.iterations).toBe(0);
    });
    await fitting;
    const [count, accumulator] = optimizer.getWeights().map((tensor) => tensor.dataSync()[0] ?? NaN);
    expect(count).toBeLessThan(3 * ROWS);
    expect(accumulator).toBe(0.5 + (count ?? NaN));
    model.dispose();
  });

  test('end in an error where the model or the data are disposed, and nothing is left', async () => {
    for (const what of ['model', 'x'] as const) {
      const model = counter();
      const [x, y] = [tf.ones([ROWS, 1]), tf.ones([ROWS, 1])];
      const before = tensorCount();
      const fitting = fit(model, x, y, { ...quiet, epochs: 2, engine: 'compiled' });
      const failing = expect(fitting).rejects.toThrow(KerasStateError);
      await inFlight(() => (what === 'model' ? model.dispose() : x.dispose()));
      await failing;
      await expect(fitting).rejects.toThrow('disposed');
      expect(tensorCount()).toBe(before - 1);
      if (what === 'x') {
        await fit(model, ones, ones, { ...quiet, epochs: 1, engine: 'compiled' });
        model.dispose();
      }
      tf.dispose([x, y]);
    }
  });

  test('go on where a change is refused', async () => {
    const model = counter();
    const fitting = fit(model, ones, ones, { ...quiet, epochs: 1, engine: 'compiled' });
    await inFlight(async () => {
      expect(() => popLayer(model)).toThrow(KerasStateError);
      expect(() => compile(model, { loss: 'mse' })).toThrow(KerasStateError);
      await expect(fit(model, ones, ones, quiet)).rejects.toThrow(
        "fit: a model can be fitted only once at a time. Received: the model 'sequential",
      );
    });
    await fitting;
    expect(weightOf(model)).toBe(-ROWS);
    model.dispose();
  });

  test('do not keep predictions and evaluations from being right', async () => {
    const model = counter();
    const fitting = fit(model, ones, ones, { ...quiet, epochs: 2, engine: 'compiled' });
    await inFlight(async () => {
      const now = predictOnBatch(model, [[1]]);
      expect(now.dataSync()[0]).toBe(-optimizerOf(model).iterations);
      const before = optimizerOf(model).iterations;
      const [output, { loss }] = await Promise.all([
        predict(model, [[1]]),
        evaluate(model, [[1]], [0], { verbose: 0 }),
      ]);
      for (const value of [output.dataSync()[0] ?? NaN, loss]) {
        expect(value).toBeLessThanOrEqual(-before);
        expect(value).toBeGreaterThanOrEqual(-2 * ROWS);
      }
    });
    await fitting;
    expect(weightOf(model)).toBe(-2 * ROWS);
    model.dispose();
  });
});

describe('fits at the same time', () => {
  const x = tf.randomNormal([300, 6], 0, 1, 'float32', 1);
  const y = tf.sum(x, 1, true);
  afterAll(() => tf.dispose([x, y]));

  /** Makes a model and begins to fit it: everything that a seed decides. */
  const begin = (seed: number, engine: Engine): Promise<readonly number[][]> => {
    setRandomSeed(seed);
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 8, activation: 'relu', inputShape: [6] }),
      layerDropout({ rate: 0.2 }),
      layerDense({ units: 1 }),
      compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] }),
    );
    const options = { epochs: 4, batchSize: 8, validationSplit: 0.2, verbose: 0, engine } as const;
    return fit(model, x, y, options).then(({ metrics }) => {
      const weights = getWeights(model).map((weight) => [...weight.dataSync()]);
      model.dispose();
      return [...Object.values(metrics), ...weights];
    });
  };

  test.each([
    ['eager', 'eager'],
    ['compiled', 'compiled'],
    ['eager', 'compiled'],
    ['compiled', 'eager'],
  ] as const)('of two models, %s and %s, each give the numbers that they give alone', async (one, other) => {
    const alone = [await begin(1, one), await begin(2, other)];
    expect(alone[0]).not.toEqual(alone[1]);
    const together = await Promise.all([begin(1, one), begin(2, other)]);
    expect(together).toEqual(alone);
    const turned = await Promise.all([begin(2, other), begin(1, one)]);
    expect(turned).toEqual([alone[1], alone[0]]);
  });

  test('of many compiled models do, too', async () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const together = await Promise.all(seeds.map((seed) => begin(seed, 'compiled')));
    for (const seed of [1, 8]) expect(together[seed - 1]).toEqual(await begin(seed, 'compiled'));
  });

  test.each([
    ['compiled', 'compiled'],
    ['compiled', 'eager'],
  ] as const)('of two models with a layer in common, %s and %s, lose no step', async (one, other) => {
    const layer = shared(layerDense({ units: 1, useBias: false, kernelInitializer: 'zeros' }));
    const models = [1, 2].map(() => {
      const input = layerInput({ shape: [1] });
      return compile(kerasModel(input, pipe(input, layer)), {
        optimizer: optimizerSgd({ learningRate: 1 }),
        loss: (_: Tensor, yPred: Tensor) => tf.mean(yPred),
      });
    }) as unknown as [KerasModel, KerasModel]; // one for each
    const rows = other === 'eager' ? 400 : 4000;
    const data = ones.subarray(0, rows);
    await Promise.all([
      fit(models[0], data, data, { ...quiet, epochs: 3, engine: one }),
      fit(models[1], data, data, { ...quiet, epochs: other === 'eager' ? 1 : 3, engine: other }),
    ]);
    expect(models.map(weightOf)).toEqual(models.map(() => -rows * (other === 'eager' ? 4 : 6)));
    expect(models.map((model) => optimizerOf(model).iterations)).toEqual([
      3 * rows,
      (other === 'eager' ? 1 : 3) * rows,
    ]);
  });
});

test.each(engines)('a server in the same process answers while a model trains, %s', async (engine) => {
  const model = counter();
  const server = http.createServer((_, response) => {
    const output = predictOnBatch(model, [[1]]);
    response.end(String(output.dataSync()[0]));
    output.dispose();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (): Promise<number> =>
    new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port, agent: false }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += String(chunk)));
          response.on('end', () => resolve(Number(text)));
        })
        .on('error', reject);
    });
  const fitted = { isOver: false };
  const fitting = fit(model, ones, ones, { ...quiet, epochs: 1000, engine }).finally(() => {
    fitted.isOver = true;
  });
  const answers: number[] = [];
  // The first ones may come before the first step.
  while (!fitted.isOver && (answers.length < 10 || answers.at(-1) === 0)) answers.push(await ask());
  expect(fitted.isOver).toBe(false);
  model.stopTraining = true;
  await fitting;
  server.close();
  // Each sees the weights of its moment.
  expect(answers).toEqual([...answers].sort((a, b) => b - a));
  expect(answers.at(-1)).toBeLessThan(0);
  model.dispose();
});
