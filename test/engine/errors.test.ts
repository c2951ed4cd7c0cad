/** What an error of TensorFlow's in the middle of a fit becomes, and what it leaves behind. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  KerasNativeError,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerLambda,
  optimizerOf,
  pipe,
  setRandomSeed,
  tf,
  type FitOptions,
  type KerasModel,
  type LossFunction,
  type Tensor,
} from '../../src/index';
import { weightArrays } from '../support/weights';

const ROWS = 80;
const BATCH = 8;
const options = { batchSize: BATCH, epochs: 1, shuffle: false, verbose: 0 } as const satisfies FitOptions;
const engines = ['eager', 'compiled'] as const;
/** Compiled, the first step is traced before an epoch begins. */

const numbers = (rows: number, seed: number): number[][] =>
  tf.tidy(() => tf.randomUniform([rows, 4], -1, 1, 'float32', seed).arraySync() as number[][]);
const y = Array.from({ length: ROWS }, (_, row) => [Math.sin(row)]);

const dense = (loss: 'mse' | LossFunction = 'mse'): KerasModel => {
  setRandomSeed(3);
  return pipe(
    kerasModelSequential(),
    layerDense({ units: 5, activation: 'tanh', inputShape: [4], name: 'hidden' }),
    layerDense({ units: 1, name: 'output' }),
    compile({ optimizer: 'adam', loss }),
  );
};
const flat = (model: KerasModel): number[] => (weightArrays(model) as unknown[]).flat(3) as number[];

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 5));
};

/** The error that a fit ends with. */
const errorOf = async (fitting: Promise<unknown>): Promise<KerasNativeError> => {
  const error: unknown = await fitting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KerasNativeError);
  return error as KerasNativeError;
};

describe.each(engines)('%s: checkNumerics', (engine) => {
  test('a loss that is not finite names the step, and the weights are those from before it', async () => {
    const x = numbers(ROWS, 1);
    const labels = y.map((row, index) => (index === 43 ? [1e30] : row));
    const model = dense();
    const error = await errorOf(fit(model, x, labels, { ...options, engine, checkNumerics: true }));
    expect(error.message).toMatch(
      /^fit: step 6 of epoch 1 must run; .*failed in TensorFlow\. Received: the loss.* Inf/,
    );
    expect(error.message).toContain('smaller learning rate');
    expect(optimizerOf(model).iterations).toBe(5);

    const before = dense();
    await fit(before, x.slice(0, 5 * BATCH), labels.slice(0, 5 * BATCH), { ...options, engine });
    expectClose(flat(model), flat(before));
    // Both go on alike, the optimizer's state included.
    await fit(model, x, y, { ...options, engine, checkNumerics: true });
    await fit(before, x, y, { ...options, engine });
    expectClose(flat(model), flat(before));
    model.dispose();
    before.dispose();
  });

  test('a gradient that is not finite names its layer', async () => {
    // The square root has no finite derivative at 0, where labels and predictions are the same.
    const root: LossFunction = (yTrue: Tensor, yPred: Tensor) => tf.sqrt(tf.squaredDifference(yTrue, yPred));
    const model = dense(root);
    const zeros = Array.from({ length: ROWS }, () => [0, 0, 0, 0]);
    const before = flat(model);
    const labels = Array.from({ length: ROWS }, () => [0]);
    const error = await errorOf(fit(model, zeros, labels, { ...options, engine, checkNumerics: true }));
    expect(error.message).toMatch(/must run; .*of the layer '(hidden|output)' failed.*NaN/);
    expect(error.message).toContain('fit: step 1 of epoch 1 must run; ');
    expect(['hidden', 'output']).toContain(error.layer);
    expect(flat(model)).toEqual(before);
    model.dispose();
  });

  test('without it, or with finite numbers, there is no error', async () => {
    const x = numbers(ROWS, 1);
    const model = dense();
    const { metrics } = await fit(model, x, y, { ...options, engine, checkNumerics: true });
    expect(metrics.loss[0]).toBeLessThan(Infinity);
    const plain = dense();
    await fit(plain, x, y, { ...options, engine });
    expectClose(flat(model), flat(plain));
    const labels = y.map((row, index) => (index === 43 ? [1e30] : row));
    const history = await fit(model, x, labels, { ...options, engine });
    expect(Number.isFinite(history.metrics.loss[0])).toBe(false);
    model.dispose();
    plain.dispose();
  });
});

describe('an operation that fails in the graph', () => {
  const embedding = (): KerasModel => {
    setRandomSeed(5);
    return pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: 10, outputDim: 3, inputLength: 4, name: 'words' }),
      layerFlatten(),
      layerDense({ units: 1 }),
      compile({ optimizer: 'rmsprop', loss: 'mse' }),
    );
  };
  const ids = (bad?: number): number[][] =>
    Array.from({ length: ROWS }, (_, row) =>
      [0, 1, 2, 3].map((column) => (row === bad && column === 2 ? 77 : (row * 3 + column) % 10)),
    );

  test('names the step and the layer, and leaves the weights from before the step', async () => {
    const model = embedding();
    const error = await errorOf(fit(model, ids(60), y, { ...options, engine: 'compiled' }));
    expect(error.layer).toBe('words');
    expect(error.message).toMatch(
      /step 8 of epoch 1 must run; GatherV2 of the layer 'words' failed.*77 is not in \[0, 10\)/,
    );
    expect(error.message).toContain('`inputDim` above the largest id');
    expect(optimizerOf(model).iterations).toBe(7);
    const before = embedding();
    await fit(before, ids().slice(0, 7 * BATCH), y.slice(0, 7 * BATCH), { ...options, engine: 'compiled' });
    expectClose(flat(model), flat(before));
    // The model is as good as before.
    await fit(model, ids(), y, { ...options, engine: 'compiled' });
    await fit(before, ids(), y, { ...options, engine: 'compiled' });
    expectClose(flat(model), flat(before));
    model.dispose();
    before.dispose();
  });

  test('a number beyond the 32-bit integers is not told as another one', async () => {
    // Ids that a layer makes; those of the data are checked before the first step.
    const model = pipe(
      kerasModelSequential(),
      layerLambda({ f: (x) => tf.mul(x, 2), inputShape: [4] }),
      layerEmbedding({ inputDim: 10, outputDim: 3, name: 'words' }),
      layerFlatten(),
      layerDense({ units: 1 }),
      compile({ optimizer: 'rmsprop', loss: 'mse' }),
    );
    const beyond = numbers(ROWS, 1).map((row) => row.map(() => 1));
    (beyond[60] as number[])[2] = 1073741824;
    const error = await errorOf(fit(model, beyond, y, { ...options, engine: 'compiled' }));
    expect(error.message).toMatch(
      /step 8 of epoch 1 must run; .*= a number beyond the 32-bit integers is not in \[0, 10\)/,
    );
    model.dispose();
  });

  test('in a validation, after which epoch', async () => {
    const model = embedding();
    const error = await errorOf(
      fit(model, ids(), y, {
        ...options,
        initialEpoch: 3,
        epochs: 5,
        engine: 'compiled',
        validationData: [ids(60), y],
      }),
    );
    expect(error.message).toMatch(
      /^fit: step 8 of the validation after epoch 4 must run; .* of the layer 'words'/,
    );
    model.dispose();
  });

  test('in an evaluation too', async () => {
    const model = embedding();
    const error = await errorOf(
      evaluate(model, ids(60), y, { batchSize: BATCH, verbose: 0, engine: 'compiled' }),
    );
    expect(error.message).toMatch(/^evaluate: step 8 must run; GatherV2 of the layer 'words'/);
    model.dispose();
  });
});

test.each(engines)('more memory than there is, %s', async (engine) => {
  // No address space has 400 TB.
  const loss: LossFunction = (yTrue, yPred) =>
    tf.add(tf.mean(tf.fill([1e7, 1e7], 1)), tf.mean(tf.abs(tf.sub(yTrue, yPred)), -1));
  const model = dense(loss);
  const before = flat(model);
  const error = await errorOf(fit(model, numbers(ROWS, 1), y, { ...options, engine }));
  expect(error.message).toContain('fit: step 1 of epoch 1 must run; ');
  expect(error.message).toMatch(/OOM.*Use a smaller batchSize or a smaller model/);
  expect(flat(model)).toEqual(before);
  model.dispose();
});
