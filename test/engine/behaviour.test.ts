/** What must hold of compiled training besides its numbers. */
import {
  compile,
  fit,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerInput,
  optimizerOf,
  optimizerSgd,
  pipe,
  predict,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  tf,
  trainOnBatch,
  type Callback,
  type CompileOptions,
  type FitOptions,
  type KerasModel,
  type LossFunction,
  type Tensor,
} from '../../src/index';
import { binding } from '../../src/tfjs/binding';
import { weightArrays } from '../support/weights';
import { tensorCount } from '../support/tensors';

const ROWS = 90;
const x = tf.randomUniform([ROWS, 4], -1, 1, 'float32', 1);
const y = tf.randomUniform([ROWS, 1], -1, 1, 'float32', 2);
afterAll(() => tf.dispose([x, y]));

const build = (options: Partial<CompileOptions> = {}): KerasModel => {
  setRandomSeed(3);
  return pipe(
    kerasModelSequential(),
    layerDense({ units: 5, activation: 'relu', inputShape: [4] }),
    layerDense({ units: 1 }),
    compile({ optimizer: optimizerSgd({ learningRate: 0.05 }), loss: 'mse', ...options }),
  );
};

const engines = ['eager', 'compiled'] as const;
const quiet = { batchSize: 8, epochs: 3, verbose: 0 } as const;

/** The same in both engines: what `observe` saw, to within rounding. */
const expectSame = async (
  observe: (engine: 'eager' | 'compiled') => Promise<number[]>,
): Promise<number[]> => {
  const [eager, compiled] = [await observe('eager'), await observe('compiled')];
  expect(compiled.length).toBe(eager.length);
  expect(eager.length).toBeGreaterThan(0);
  eager.forEach((value, index) => expect(compiled[index]).toBeCloseTo(value, 5));
  return compiled;
};

const flatWeights = (model: KerasModel): number[] => (weightArrays(model) as unknown[]).flat(3) as number[];

const withCallbacks = (
  model: KerasModel,
  engine: 'eager' | 'compiled',
  callbacks: Callback<KerasModel>,
  options: FitOptions = {},
) => fit(model, x, y, { ...quiet, engine, callbacks, ...options });

// The first: what others forget may go meanwhile, and its sessions with it.
test('what was compiled goes with the model', async () => {
  const sessions = (): number => binding().getNumOfSessions();
  const row = tf.slice(x, [0, 0], [1, 4]);
  const before = sessions();
  const model = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [4] }));
  pipe(model, layerDense({ units: 1 }), compile({ optimizer: 'sgd', loss: 'mse' }));
  await fit(model, x, y, { ...quiet, engine: 'compiled' });
  for (let call = 0; call < 30; call++) predictOnBatch(model, row).dispose();
  expect(sessions()).toBe(before + 2);
  pipe(model, compile({ optimizer: 'sgd', loss: 'mse' }));
  expect(sessions()).toBe(before + 1);
  model.dispose();
  expect(sessions()).toBe(before);
  row.dispose();
});

test('the learning rate may change between epochs and between batches', async () => {
  await expectSame(async (engine) => {
    const model = build();
    await withCallbacks(model, engine, {
      onEpochBegin: (epoch) => {
        optimizerOf(model).learningRate = 0.05 / (epoch + 1);
      },
      onTrainBatchBegin: (batch) => {
        if (batch === 4) optimizerOf(model).learningRate = 0.001;
      },
    });
    return flatWeights(model);
  });
});

test('weights are seen in callbacks, after each batch and each epoch', async () => {
  const seen = await expectSame(async (engine) => {
    const model = build();
    const values: number[] = [];
    await withCallbacks(model, engine, {
      onTrainBatchEnd: () => void values.push(flatWeights(model)[0] ?? NaN),
      onEpochEnd: () => void values.push(flatWeights(model)[1] ?? NaN),
    });
    return values;
  });
  expect(new Set(seen).size).toBeGreaterThan(20);
});

test('weights set in a callback, and between fits, are taken over', async () => {
  await expectSame(async (engine) => {
    const model = build();
    const start = weightArrays(model);
    await withCallbacks(model, engine, {
      onEpochEnd: (epoch) => {
        if (epoch === 1) setWeights(model, start);
      },
    });
    const middle = flatWeights(model);
    setWeights(model, start);
    await fit(model, x, y, { ...quiet, engine });
    return [...middle, ...flatWeights(model)];
  });
});

test('weights of one layer set in the middle of an epoch: the others stay as training made them', async () => {
  await expectSame(async (engine) => {
    const model = build();
    const last = getLayer(model, 'dense_1');
    const start = weightArrays(last);
    await withCallbacks(model, engine, {
      onTrainBatchBegin: (batch) => {
        if (batch % 3 === 2) setWeights(last, start);
      },
    });
    return flatWeights(model);
  });
});

test('training stops in the middle of an epoch', async () => {
  const steps = await expectSame(async (engine) => {
    const model = build();
    let batches = 0;
    const history = await withCallbacks(model, engine, {
      onTrainBatchEnd: (batch) => {
        batches++;
        if (batch === 5) model.stopTraining = true;
      },
    });
    return [batches, optimizerOf(model).iterations, history.metrics.loss.length, ...flatWeights(model)];
  });
  expect(steps.slice(0, 3)).toEqual([6, 6, 1]);
});

test('an eager step and a second fit go on with the state of the compiled optimizer', async () => {
  await expectSame(async (engine) => {
    const model = build({ optimizer: 'adam' });
    await fit(model, x, y, { ...quiet, engine });
    const { loss } = trainOnBatch(model, x, y);
    await fit(model, x, y, { ...quiet, engine });
    return [loss, optimizerOf(model).iterations, ...flatWeights(model)];
  });
});

test('frozen layers stay as they are after compiling again', async () => {
  await expectSame(async (engine) => {
    const model = build();
    await fit(model, x, y, { ...quiet, engine });
    const first = getLayer(model, 'dense');
    first.trainable = false;
    const before = weightArrays(first);
    pipe(model, compile({ optimizer: 'sgd', loss: 'mse' }));
    await fit(model, x, y, { ...quiet, engine });
    expect(weightArrays(first)).toEqual(before);
    return flatWeights(model);
  });
});

test('two models train at once', async () => {
  await expectSame(async (engine) => {
    const [a, b] = [build(), build({ optimizer: 'adam' })];
    await Promise.all([a, b].map((model) => fit(model, x, y, { ...quiet, shuffle: false, engine })));
    return [...flatWeights(a), ...flatWeights(b)];
  });
});

test('many more steps than fit into one stretch', async () => {
  await expectSame(async (engine) => {
    const model = build();
    const history = await fit(model, x, y, { batchSize: 1, epochs: 12, verbose: 0, engine });
    return [...history.metrics.loss, ...flatWeights(model)];
  });
});

test('custom layers and losses of tfjs operations are compiled', async () => {
  class Cube extends tf.layers.Layer {
    static readonly className: string = 'Cube';
    override call(inputs: Tensor | Tensor[]): Tensor {
      const input = Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs; // tfjs passes a list of one
      return tf.tidy(() => tf.mul(input, tf.square(input)));
    }
  }
  const loss: LossFunction = (yTrue, yPred) => tf.tidy(() => tf.mean(tf.abs(tf.sub(yTrue, yPred)), -1));
  await expectSame(async (engine) => {
    setRandomSeed(3);
    const input = layerInput({ shape: [4] });
    const hidden = new Cube({}).apply(layerDense(input, { units: 3 })) as typeof input; // of a symbolic tensor
    const model = pipe(
      kerasModel(input, layerDense(hidden, { units: 1 })),
      compile({ optimizer: 'sgd', loss }),
    );
    const history = await fit(model, x, y, { ...quiet, engine });
    expect(history.params.engine).toBe(engine);
    return flatWeights(model);
  });
});

describe('a step that cannot be replayed', () => {
  const reading: LossFunction = (yTrue, yPred) => {
    const scale = 1 + Math.abs(yPred.dataSync()[0] ?? 0);
    return tf.mean(tf.square(tf.sub(yTrue, yPred)), -1).mul(scale);
  };
  const random: LossFunction = (yTrue, yPred) =>
    tf.mean(tf.square(tf.sub(yTrue, yPred)), -1).mul(tf.tensor1d([Math.random()]));
  const captured = tf.keep(tf.scalar(2));
  const outside: LossFunction = (yTrue, yPred) => tf.mean(tf.square(tf.sub(yTrue, yPred)), -1).mul(captured);
  afterAll(() => captured.dispose());

  test.each([
    ['that reads values', reading, /read the values of a tensor/],
    ['with randomness of JavaScript', random, /other values in each step/],
    ['with a tensor from outside', outside, /from outside of the step/],
  ])('%s: runs eagerly and says so once, or is an error if it must compile', async (_name, loss, reason) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const model = build({ loss });
      const history = await fit(model, x, y, quiet);
      expect(history.params.engine).toBe('eager');
      await fit(model, x, y, quiet);
      expect(warn).toHaveBeenCalledTimes(1);
      expect(String(warn.mock.calls[0]?.[0])).toMatch(reason);
      await expect(fit(build({ loss }), x, y, { ...quiet, engine: 'compiled' })).rejects.toThrow(reason);
    } finally {
      warn.mockRestore();
    }
  });
});

test('dropout masks differ from step to step, and drop the fraction that they should', async () => {
  // Without a bias and with the loss −Σ output, the gradient of a weight is the mean of its unit's mask.
  const ones = tf.ones([64, 1]);
  const labels = tf.zeros([64, 50]);
  const loss: LossFunction = (_yTrue, yPred) => tf.neg(tf.sum(yPred, -1));
  setRandomSeed(9);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 50, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
    layerDropout({ rate: 0.3 }),
    compile({ optimizer: optimizerSgd({ learningRate: 1 }), loss }),
  );
  const kept: number[][] = [];
  let before = flatWeights(model);
  const callbacks: Callback<KerasModel> = {
    onTrainBatchEnd: () => {
      const now = flatWeights(model);
      kept.push(now.map((weight, unit) => (weight - (before[unit] ?? 0)) * 0.7));
      before = now;
    },
  };
  await fit(model, ones, labels, { batchSize: 64, epochs: 6, verbose: 0, engine: 'compiled', callbacks });
  const all = kept.flat();
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  // 6 · 50 · 64 draws: the standard deviation of the mean is 0.0033.
  expect(Math.abs(mean - 0.7)).toBeLessThan(0.017);
  expect(new Set(kept.map((values) => values.join())).size).toBe(6);
  tf.dispose([ones, labels]);
});

test.each(engines)('no tensors are left behind: %s', async (engine) => {
  const model = build({ optimizer: 'adam', metrics: ['mae'] });
  await fit(model, x, y, { ...quiet, engine, validationSplit: 0.2 });
  const before = tensorCount();
  await fit(model, x, y, { ...quiet, engine, validationSplit: 0.2 });
  expect(tensorCount()).toBe(before);
});

test('timers of the program run while it trains', async () => {
  const model = build();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const begun = performance.now();
  await fit(model, x, y, { batchSize: 1, epochs: 150, verbose: 0, engine: 'compiled' });
  clearInterval(timer);
  expect(ticks).toBeGreaterThan((performance.now() - begun) / 200);
});

test('predictions stay right when they compile, and follow the weights', async () => {
  const model = build();
  const row = tf.slice(x, [0, 0], [1, 4]);
  const first = predictOnBatch(model, row).dataSync()[0] ?? NaN;
  for (let call = 0; call < 40; call++) {
    const prediction = predictOnBatch(model, row);
    expect(prediction.dataSync()[0]).toBeCloseTo(first, 6);
    prediction.dispose();
  }
  const before = tensorCount();
  await fit(model, x, y, { ...quiet, engine: 'compiled' });
  const compiled = predictOnBatch(model, row);
  const whole = await predict(model, x);
  expect(compiled.dataSync()[0]).toBeCloseTo(whole.dataSync()[0] ?? NaN, 6);
  expect(compiled.dataSync()[0]).not.toBeCloseTo(first, 3);
  tf.dispose([compiled, whole]);
  expect(tensorCount()).toBe(before);
  pipe(model as ReturnType<typeof kerasModelSequential>, layerDense({ units: 2 }));
  const wider = predictOnBatch(model, row);
  expect(wider.shape).toEqual([1, 2]);
  tf.dispose([wider, row]);
});
