import {
  compile,
  evaluate,
  fit,
  kerasModel,
  layerDense,
  layerInput,
  optimizerSgd,
  setWeights,
  testOnBatch,
  trainOnBatch,
  type CompileOptions,
  type DataFor,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { weightArrays } from '../support/weights';

/** Updates change nothing: what is logged can be worked out from the weights that a model begins with. */
const still = () => optimizerSgd({ learningRate: 0 });

const column = (values: readonly number[]): number[][] => values.map((value) => [value]);
const quiet = { epochs: 1, verbose: 0 } as const;

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

describe('one tensor as two outputs', () => {
  /** Output of one weight, 1: its gradient is the sum of both losses'. */
  const twice = () => {
    const input = layerInput({ shape: [1] });
    const output = layerDense(input, { units: 1, useBias: false, kernelInitializer: 'ones', name: 'd' });
    return compile(kerasModel(input, [output, output]), {
      optimizer: optimizerSgd({ learningRate: 0.1 }),
      loss: ['mse', 'mae'],
      metrics: ['mae'],
    });
  };
  const rows = Array.from({ length: 40 }, () => [1]);
  const y = [rows.map(() => [0]), rows.map(() => [3])] as const;
  /** As Keras: the names, losses of 1 and 2, and one step of w −= 0.1 · (2w − 1). */
  const before = { loss: 3, d_loss: 1, d_1_loss: 2, d_mae: 1, d_1_mae: 2 };

  test.each(['eager', 'compiled'] as const)('is trained on both losses (%s)', async (engine) => {
    const model = twice();
    expect(await evaluate(model, rows, y, { verbose: 0, engine })).toEqual(before);
    const history = await fit(model, rows, y, { epochs: 1, batchSize: 40, verbose: 0, engine });
    expect(history.metrics).toEqual(Object.fromEntries(Object.entries(before).map(([k, v]) => [k, [v]])));
    expect((weightArrays(model)[0] as number[][])[0]?.[0]).toBeCloseTo(0.9, 6);
  });
});

describe('an output without a loss', () => {
  const make = (options: Omit<CompileOptions, 'optimizer'>) => {
    const input = layerInput({ shape: [1] });
    const outputs = ['a', 'b'].map((name) =>
      layerDense(input, { units: 1, useBias: false, kernelInitializer: 'ones', name }),
    );
    return compile(kerasModel(input, outputs), {
      optimizer: optimizerSgd({ learningRate: 0.1 }),
      ...options,
    });
  };
  const x = column([1, 2]);
  const zeros = column([0, 0]);

  test.each<[string, Omit<CompileOptions, 'optimizer'>, DataFor, Record<string, number>]>([
    // As Keras: the names and values of its history.
    ['in a list', { loss: ['mse', null] }, [zeros, zeros], { loss: 2.5, a_loss: 2.5 }],
    ['by name', { loss: { a: 'mse', b: null } }, { a: zeros, b: zeros }, { loss: 2.5, a_loss: 2.5 }],
    ['without labels', { loss: { a: 'mse', b: null } }, { a: zeros }, { loss: 2.5, a_loss: 2.5 }],
    ['the first', { loss: [null, 'mse'] }, { b: zeros }, { loss: 2.5, b_loss: 2.5 }],
    [
      'with metrics of both',
      { loss: ['mse', null], metrics: [['mae'], ['mae']] },
      [zeros, zeros],
      { loss: 2.5, a_loss: 2.5, a_mae: 1.5, b_mae: 1.5 },
    ],
    [
      'with an accuracy, which its labels choose',
      { loss: ['mse', null], metrics: { b: 'accuracy' } },
      [zeros, column([1, 0])],
      { loss: 2.5, a_loss: 2.5, b_accuracy: 0.5 },
    ],
    [
      'with metrics of the other',
      { loss: { a: 'mse', b: null }, metrics: { a: 'mae' } },
      { a: zeros },
      { loss: 2.5, a_loss: 2.5, a_mae: 1.5 },
    ],
    ['with weights', { loss: ['mse', null], lossWeights: [2, 3] }, { a: zeros }, { loss: 5, a_loss: 2.5 }],
  ])('%s', async (_, options, y, expected) => {
    for (const engine of ['eager', 'compiled'] as const) {
      const model = make(options);
      expect(await evaluate(model, x, y, { verbose: 0, engine })).toEqual(expected);
      const { metrics } = await fit(model, x, y, {
        epochs: 1,
        verbose: 0,
        shuffle: false,
        engine,
        validationData: [x, y],
      });
      expect(Object.keys(metrics)).toEqual([
        ...Object.keys(expected),
        ...Object.keys(expected).map((name) => `val_${name}`),
      ]);
      for (const [name, value] of Object.entries(expected)) expect(metrics[name]).toEqual([value]);
    }
    const model = make(options);
    expect(testOnBatch(model, x, y)).toEqual(expected);
    expect(trainOnBatch(model, x, y)).toEqual(expected);
    const [first, second] = weightArrays(model).map((weight) => (weight as number[][])[0]?.[0]);
    const trained = 'a_loss' in expected ? first : second;
    const other = 'a_loss' in expected ? second : first;
    const factor = options.lossWeights === undefined ? 1 : 2;
    // The gradient of the mean of (w x)² is 5 w.
    expect(trained).toBeCloseTo(1 - factor * 0.1 * 5, 5);
    expect(other).toBe(1);
  });

  test('its metrics need labels', () => {
    const model = make({ loss: { a: 'mse', b: null }, metrics: { b: 'mae' } });
    expect(() => testOnBatch(model, x, { a: zeros })).toThrow(
      "testOnBatch: `y` must be keyed by 'a', 'b'. Received: nothing for 'b'.",
    );
  });

  test('rows of the labels that there are must be those of x', () => {
    const model = make({ loss: { a: 'mse', b: null } });
    expect(() => testOnBatch(model, x, { a: column([1]) })).toThrow('must have the same number of rows');
  });
});
