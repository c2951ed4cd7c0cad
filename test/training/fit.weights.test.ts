import {
  compile,
  evaluate,
  fit,
  getLayer,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  optimizerSgd,
  pipe,
  predict,
  setRandomSeed,
  setWeights,
  type CompileOptions,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';

/** Updates change nothing: what is logged can be worked out from the weights that a model begins with. */
const still = () => optimizerSgd({ learningRate: 0 });

const column = (values: readonly number[]): number[][] => values.map((value) => [value]);
const engines = ['eager', 'compiled'] as const;

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
    expect(weightArrays(inParts)).toEqual(weightArrays(inOne));

    compile(inOne, { optimizer: momentum(), loss: 'mse' });
    const fresh = setWeights(two({ optimizer: momentum(), loss: 'mse' }), weightArrays(inOne));
    await fit(inOne, x, y, { ...options, epochs: 1 });
    await fit(fresh, x, y, { ...options, epochs: 1 });
    expect(weightArrays(inOne)).toEqual(weightArrays(fresh));
    await fit(inParts, x, y, { ...options, epochs: 1 });
    expect(weightArrays(inParts)).not.toEqual(weightArrays(fresh));
  });

  test('frozen layers stay, and a fit with all of them frozen says so', async () => {
    const model = setWeights(two({ loss: 'mse' }), start);
    getLayer(model, 'hidden').trainable = false;
    compile(model, { optimizer: momentum(), loss: 'mse' });
    const weights = () => model.layers.map((layer) => weightArrays(layer));
    const [hidden, output] = weights();
    await fit(model, x, y, { ...options, epochs: 2 });
    const after = weights();
    expect(after[0]).toEqual(hidden);
    expect(after[1]).not.toEqual(output);

    for (const layer of model.layers) layer.trainable = false;
    compile(model, { loss: 'mse', metrics: ['mae'] });
    await expect(fit(model, x, y, { ...options, epochs: 2 })).rejects.toThrow(
      'fit: the model must have a weight that is trained.',
    );
    expect(weights()).toEqual(after);
    const { loss } = await evaluate(model, x, y, { verbose: 0 });
    expect(await evaluate(model, x, y, { verbose: 0 })).toMatchObject({ loss });
    expect(loss).toBeGreaterThan(0);
  });

  test('constraints hold after each step', async () => {
    const least: number[] = [];
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, kernelConstraint: 'non_neg', kernelInitializer: 'ones', inputShape: [2] }),
      compile({ optimizer: optimizerSgd({ learningRate: 1 }), loss: 'mse' }),
    );
    const callbacks = {
      onTrainBatchEnd: () => void least.push(Math.min(...(weightArrays(model)[0] as number[][]).flat())),
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
    expect(weightArrays(model)).toEqual([[1], [0], [1], [2.5]]);
    await evaluate(model, rows, [0, 0], { verbose: 0 });
    (await predict(model, rows)).dispose();
    expect(weightArrays(model).slice(2)).toEqual([[1], [2.5]]);
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
