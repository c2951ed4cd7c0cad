/** Errors say the name of the function that was called, wherever they arise, and advise what that function has. */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  KerasError,
  kerasModelSequential,
  KerasNativeError,
  KerasStateError,
  layerDense,
  layerInput,
  pipe,
  predict,
  predictClasses,
  predictOnBatch,
  predictProba,
  setRandomSeed,
  testOnBatch,
  tf,
  trainOnBatch,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { GraphBuilder } from '../../src/engine/graph/builder';
import { tensorCount } from '../support/tensors';

const ROWS = 24;
const numbers = Array.from({ length: ROWS }, (_, row) => [row % 5]);
/** The last row asks for what there is not. */
const bad = [...numbers.slice(1), [77]];
const y = numbers.map(() => 1);
const quiet = { verbose: 0, batchSize: 4, epochs: 2, shuffle: false } as const;

/** A layer of the user's own, whose operation TensorFlow refuses for numbers of 5 and more. */
class Lookup extends tf.layers.Layer {
  static className = 'Lookup';
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() =>
      tf.gather(tf.tensor1d([1, 2, 3, 4, 5]), tf.cast([inputs].flat()[0] as Tensor, 'int32')),
    );
  }
}

const lookup = (): KerasModel => {
  setRandomSeed(3);
  const input = layerInput({ shape: [1] });
  const looked = new Lookup({ name: 'lookup' }).apply(input) as typeof input;
  return compile(kerasModel(input, layerDense(looked, { units: 1 })), { optimizer: 'sgd', loss: 'mse' });
};

const errorOf = async (act: () => unknown): Promise<KerasError> => {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(KerasError);
    return error as KerasError;
  }
  throw new Error('there was no error');
};

describe('what TensorFlow refuses in the middle of a call', () => {
  const refused = "of the layer 'lookup' failed in TensorFlow. Received: indices[";
  const calls: [string, string, (model: KerasModel) => unknown][] = [
    ['fit', 'step 6 of epoch 1', (model) => fit(model, bad, y, { ...quiet, engine: 'eager' })],
    ['fit', 'step 6 of epoch 1', (model) => fit(model, bad, y, { ...quiet, engine: 'compiled' })],
    [
      'fit',
      'step 6 of the validation after epoch 1',
      (model) => fit(model, numbers, y, { ...quiet, engine: 'eager', validationData: [bad, y] }),
    ],
    [
      'fit',
      'step 6 of the validation after epoch 1',
      (model) => fit(model, numbers, y, { ...quiet, engine: 'compiled', validationData: [bad, y] }),
    ],
    ['evaluate', 'step 6', (model) => evaluate(model, bad, y, { verbose: 0, batchSize: 4, engine: 'eager' })],
    [
      'evaluate',
      'step 6',
      (model) => evaluate(model, bad, y, { verbose: 0, batchSize: 4, engine: 'compiled' }),
    ],
    ['predict', 'step 6', (model) => predict(model, bad, { batchSize: 4 })],
    ['predictProba', 'step 6', (model) => predictProba(model, bad, { batchSize: 4 })],
    ['predictClasses', 'step 6', (model) => predictClasses(model, bad, { batchSize: 4 })],
    ['predictOnBatch', 'the batch', (model) => predictOnBatch(model, bad)],
    [
      'predictOnBatch',
      'the batch',
      (model) => {
        // Until the prediction is compiled.
        for (let time = 0; time < 30; time++) tf.dispose(predictOnBatch(model, numbers));
        predictOnBatch(model, bad);
      },
    ],
    ['trainOnBatch', 'the step', (model) => trainOnBatch(model, bad, y)],
    ['testOnBatch', 'the batch', (model) => testOnBatch(model, bad, y)],
  ];

  test.each(calls)('%s: %s', async (name, place, call) => {
    const model = lookup();
    const before = tensorCount();
    const error = await errorOf(() => call(model));
    expect(error).toBeInstanceOf(KerasNativeError);
    expect(error.function).toBe(name);
    expect(error.layer).toBe('lookup');
    expect(error.message.startsWith(`${name}: ${place} must run; `)).toBe(true);
    expect(error.message).toContain(refused);
    // Only what trains speaks of the weights, and only `fit` and `evaluate` have an engine to choose.
    const isTraining = name === 'trainOnBatch' || (name === 'fit' && !place.includes('validation'));
    expect(error.message.includes('keeps the weights')).toBe(isTraining);
    expect(error.message).not.toContain('engine');
    expect(tensorCount()).toBe(before);
    model.dispose();
  });
});

describe('a graph that cannot be loaded', () => {
  let serialize: jest.SpyInstance | undefined;
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  beforeEach(() => {
    warn.mockClear();
    serialize = jest.spyOn(GraphBuilder.prototype, 'serialize').mockImplementation(() => {
      throw new Error('no room');
    });
  });
  afterEach(() => {
    serialize?.mockRestore();
  });

  const dense = (): KerasModel =>
    pipe(
      kerasModelSequential({ name: 'one' }),
      layerDense({ units: 1, inputShape: [1] }),
      compile({ loss: 'mse' }),
    );

  test('is no error of a prediction, which then runs one operation after the other', async () => {
    const model = lookup();
    const before = tensorCount();
    const outputs = Array.from({ length: 30 }, () => {
      const output = predictOnBatch(model, numbers);
      const values = [...output.dataSync()];
      output.dispose();
      return values;
    });
    expect(outputs).toEqual(outputs.map(() => outputs[0]));
    const [first] = outputs[0] ?? [];
    const predicted = await predict(model, numbers, { batchSize: 1 });
    expect(predicted.dataSync()[0]).toBe(first);
    predicted.dispose();
    expect(tensorCount()).toBe(before);
    model.dispose();
  });

  test.each<[string, (model: KerasModel) => Promise<unknown>]>([
    ['fit', (model) => fit(model, numbers, y, { verbose: 0, batchSize: 1, epochs: 40 })],
    [
      'evaluate',
      (model) =>
        evaluate(
          model,
          Array.from({ length: 1500 }, () => [1]),
          new Float32Array(1500),
          { verbose: 0, batchSize: 1 },
        ),
    ],
  ])('is no error of %s either, which says so once', async (name, call) => {
    await call(dense());
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(
      new RegExp(`^${name}: the steps of 'one' run one by one, since they cannot be compiled: no room\\.`),
    );
  });

  test('is an error of theirs where the user insists on compiled steps', async () => {
    const ofFit = await errorOf(() => fit(dense(), numbers, y, { ...quiet, engine: 'compiled' }));
    const ofEvaluate = await errorOf(() =>
      evaluate(dense(), numbers, y, { verbose: 0, batchSize: 4, engine: 'compiled' }),
    );
    for (const [error, name] of [
      [ofFit, 'fit'],
      [ofEvaluate, 'evaluate'],
    ] as const) {
      expect(error).toBeInstanceOf(KerasStateError);
      expect(error.message).toBe(
        `${name}: with engine: 'compiled', the steps must be such that they can be compiled. Received: no room. Write engine: 'auto' or 'eager'.`,
      );
    }
  });
});

test('a loss without a way back to a weight names the function that was called', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ loss: () => tf.scalar(1) }),
  );
  const ofBatch = await errorOf(() => trainOnBatch(model, numbers, y));
  expect(ofBatch.message).toMatch(/^trainOnBatch: the loss must depend on a weight that is trained\./);
  const ofFit = await errorOf(() => fit(model, numbers, y, { ...quiet, engine: 'eager' }));
  expect(ofFit.message).toMatch(/^fit: the loss must depend on a weight that is trained\./);
});

test('mistakes in the data name the function that was called', async () => {
  const model = lookup();
  const calls: [string, () => unknown][] = [
    ['fit', () => fit(model, [[NaN]], [1], quiet)],
    ['evaluate', () => evaluate(model, [[NaN]], [1], { verbose: 0 })],
    ['predict', () => predict(model, [[NaN]])],
    ['predictProba', () => predictProba(model, [[NaN]])],
    ['predictClasses', () => predictClasses(model, [[NaN]])],
    ['predictOnBatch', () => predictOnBatch(model, [[NaN]])],
    ['trainOnBatch', () => trainOnBatch(model, [[NaN]], [1])],
    ['testOnBatch', () => testOnBatch(model, [[NaN]], [1])],
  ];
  for (const [name, call] of calls) {
    const { message } = await errorOf(call);
    expect(message).toBe(
      `${name}: \`x\` must be made of finite numbers. Received: NaN at x[0][0]. Remove or replace such values, or find the division or logarithm that made them.`,
    );
  }
});
