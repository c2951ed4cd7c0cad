import {
  compile,
  customMetric,
  evaluate,
  fit,
  kerasModel,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerInput,
  layerLstm,
  optimizerAdam,
  pipe,
  predict,
  predictClasses,
  predictOnBatch,
  regularizerL2,
  testOnBatch,
  trainOnBatch,
  type Callback,
  type FitOptions,
  type KerasModel,
  type Prediction,
} from 'keras-pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const small = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({
      units: 4,
      activation: 'relu',
      kernelConstraint: 'max_norm',
      kernelRegularizer: 'l2',
      inputShape: [3],
    }),
    layerBatchNormalization(),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: optimizerAdam(), loss: 'binary_crossentropy', metrics: ['accuracy', 'auc'] }),
  );

const recurrent = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerLstm({ units: 2, recurrentRegularizer: regularizerL2(0.1), inputShape: [3, 1] }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ loss: 'mse', metrics: ['mae'] }),
  );

const forked = (): KerasModel<Prediction> => {
  const input = layerInput({ shape: [3] });
  const outputs = [layerDense(input, { units: 1 }), layerDense(input, { units: 1 })];
  return compile(kerasModel(input, outputs), { loss: 'mse', metrics: ['mae'], lossWeights: [1, 2] });
};

const rows = [
  [1, 2, 3],
  [0, 1, 0],
  [1, 0, 1],
];
const cases: [string, () => KerasModel<Prediction>, unknown, unknown][] = [
  ['dense', small, rows, [0, 1, 1]],
  ['recurrent', recurrent, rows.map((row) => row.map((value) => [value])), [0, 1, 1]],
  [
    'several outputs',
    forked,
    rows,
    [
      [0, 1, 1],
      [1, 0, 1],
    ],
  ],
];

/** How many tensors something leaves. */
const left = async (act: () => unknown): Promise<number> => {
  const before = tensorCount();
  await act();
  return tensorCount() - before;
};

const failing = async (act: () => unknown): Promise<void> => {
  await expect((async () => await act())()).rejects.toThrow();
};

describe.each(cases)('%s: no tensor stays', (_, make, xs, ys) => {
  const x = xs as number[][];
  const y = ys as number[];

  test.each(['eager', 'compiled', 'auto'] as const)('of fit and evaluate, %s', async (engine) => {
    const model = make();
    const options: FitOptions = { verbose: 0, epochs: 2, batchSize: 2, engine };
    expect(await left(() => fit(model, x, y, { ...options, validationData: [x, y] }))).toBe(0);
    expect(await left(() => fit(model, x, y, { ...options, shuffle: false, validationSplit: 0.4 }))).toBe(0);
    expect(await left(() => fit(model, x, y, { ...options, sampleWeight: [1, 2, 3] }))).toBe(0);
    expect(await left(() => evaluate(model, x, y, { verbose: 0, batchSize: 2, engine }))).toBe(0);
  });

  test('of predictions, when the result is disposed', async () => {
    const model = make();
    expect(await left(async () => tf.dispose(await predict(model, x, { batchSize: 2 })))).toBe(0);
    expect(await left(() => tf.dispose(predictOnBatch(model, x)))).toBe(0);
    const classes = async () => tf.dispose(await predictClasses(model, x));
    expect(await left(model.tf.outputs.length === 1 ? classes : () => failing(classes))).toBe(0);
    // Often enough for the prediction to be compiled.
    const often = (): void => {
      for (let time = 0; time < 30; time++) tf.dispose(predictOnBatch(model, x));
    };
    expect(await left(often)).toBe(0);
  });

  test('of single batches', async () => {
    const model = make();
    expect(await left(() => trainOnBatch(model, x, y, { sampleWeight: [1, 2, 3] }))).toBe(0);
    expect(await left(() => testOnBatch(model, x, y))).toBe(0);
  });

  test('of the user’s tensors, none is taken', async () => {
    const model = make();
    const tensors = [
      tf.tensor(x),
      ...(model.tf.outputs.length > 1 ? (ys as number[][]) : [y]).map((list) => tf.tensor1d(list)),
    ];
    const [input, ...labels] = tensors;
    expect(
      await left(() => fit(model, input as never, labels, { verbose: 0, epochs: 1, shuffle: false })),
    ).toBe(0);
    expect(tensors.some(({ isDisposed }) => isDisposed)).toBe(false);
    tf.dispose(tensors);
  });

  test('when the data are wrong', async () => {
    const model = make();
    const bad = [[NaN, 1, 1]] as typeof x;
    const quiet = { verbose: 0 } as const;
    expect(await left(() => failing(() => fit(model, bad, y, quiet)))).toBe(0);
    expect(await left(() => failing(() => fit(model, x, [1], quiet)))).toBe(0);
    expect(await left(() => failing(() => fit(model, x, y, { ...quiet, validationData: [x, [1]] })))).toBe(0);
    expect(await left(() => failing(() => fit(model, x, y, { ...quiet, sampleWeight: [1] })))).toBe(0);
    expect(await left(() => failing(() => evaluate(model, x, [1], quiet)))).toBe(0);
    expect(await left(() => failing(() => predict(model, bad)))).toBe(0);
    expect(await left(() => failing(() => trainOnBatch(model, x, [1])))).toBe(0);
    expect(await left(() => failing(() => testOnBatch(model, x, [1])))).toBe(0);
  });

  test.each(['eager', 'compiled'] as const)('when a callback throws, %s', async (engine) => {
    const model = make();
    const thrower = (): never => {
      throw new Error('enough');
    };
    const hooks: (keyof Callback)[] = [
      'onTrainBegin',
      'onEpochBegin',
      'onTrainBatchBegin',
      'onTrainBatchEnd',
    ];
    hooks.push('onTestBegin', 'onTestBatchEnd', 'onTestEnd', 'onEpochEnd', 'onTrainEnd');
    for (const hook of hooks) {
      const options: FitOptions = { verbose: 0, epochs: 1, engine, callbacks: { [hook]: thrower } };
      const run = () => failing(() => fit(model, x, y, { ...options, validationData: [x, y] }));
      expect([hook, await left(run)]).toEqual([hook, 0]);
    }
    const callbacks = { onPredictBatchEnd: thrower };
    expect(await left(() => failing(() => predict(model, x, { batchSize: 1, callbacks })))).toBe(0);
  });
});

test.each(['eager', 'compiled'] as const)(
  'no tensor stays when a loss or a metric throws, %s',
  async (engine) => {
    const thrower = (): never => {
      throw new Error('mine');
    };
    const inputs = [layerDense({ units: 2, inputShape: [3] }), layerDense({ units: 1 })] as const;
    const withLoss = pipe(kerasModelSequential(), ...inputs, compile({ loss: thrower }));
    const withMetric = pipe(
      kerasModelSequential(),
      ...inputs,
      compile({ loss: 'mse', metrics: [customMetric('mine', thrower)] }),
    );
    for (const model of [withLoss, withMetric]) {
      const options: FitOptions = { verbose: 0, epochs: 1, engine };
      expect(await left(() => failing(() => fit(model, rows, [1, 2, 3], options)))).toBe(0);
      expect(await left(() => failing(() => trainOnBatch(model, rows, [1, 2, 3])))).toBe(0);
      expect(await left(() => failing(() => testOnBatch(model, rows, [1, 2, 3])))).toBe(0);
    }
  },
);

test.each(['eager', 'compiled'] as const)(
  'the process does not grow over many epochs, %s',
  async (engine) => {
    const model = compile(small(), { loss: 'mse', metrics: ['mae'] });
    const x = tf.randomUniform([20, 3]);
    const y = tf.randomUniform([20, 1]);
    const options: FitOptions = { verbose: 0, engine, callbacks: { onTrainBatchEnd: () => undefined } };
    const run = (epochs: number) => fit(model, x, y, { ...options, epochs });
    // What V8 keeps for itself is its own affair.
    const native = (): number => {
      const { rss, heapTotal } = process.memoryUsage();
      return (rss - heapTotal) / 2 ** 20;
    };
    await run(300);
    const growth: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const before = native();
      await run(500);
      growth.push(native() - before);
    }
    // What leaks does so every time; other things may take memory once.
    expect(Math.min(...growth)).toBeLessThan(10);
    tf.dispose([x, y]);
  },
);
