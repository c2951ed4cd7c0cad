/** What callbacks and timers may do to a model and its data in the middle of a call, and what is left of it. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  KerasStateError,
  layerDense,
  layerModel,
  layerInput,
  kerasModel,
  pipe,
  popLayer,
  predict,
  type Callback,
  type FitOptions,
  type KerasModel,
  type SequentialModel,
} from 'keras-pipe';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const engines = ['eager', 'compiled'] as const;
const ROWS = 12;
const numbers = Array.from({ length: ROWS }, (_, row) => [row / ROWS]);
const zeros = Array.from({ length: ROWS }, () => 0);

const make = (name = 'one'): SequentialModel =>
  pipe(
    kerasModelSequential({ name }),
    layerDense({ units: 2, inputShape: [1] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] }),
  );

/** What a call that must fail ends with, and how many tensors it leaves. */
const failureOf = async (act: () => Promise<unknown>): Promise<{ error: KerasStateError; left: number }> => {
  const before = tensorCount();
  const error: unknown = await act().then(
    (value) => ({ value }),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KerasStateError);
  return { error: error as KerasStateError, left: tensorCount() - before };
};

/** The hooks of a fit with validation in which something may go wrong, all but the last. */
const hooks = [
  'onTrainBegin',
  'onEpochBegin',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTestBegin',
  'onTestBatchBegin',
  'onTestBatchEnd',
  'onTestEnd',
  'onEpochEnd',
] as const satisfies readonly (keyof Callback)[];

const options: FitOptions = { epochs: 2, batchSize: 4, verbose: 0 };

describe.each(engines)('%s', (engine) => {
  describe.each(hooks)('%s', (hook) => {
    test.each([false, true])('disposes the model, asynchronous: %s', async (later) => {
      const model = make();
      const act = (): void => model.dispose();
      const callbacks = { [hook]: later ? () => Promise.resolve().then(act) : act };
      const { error, left } = await failureOf(() =>
        fit(model, numbers, zeros, { ...options, engine, callbacks, validationData: [numbers, zeros] }),
      );
      expect(error.message).toBe(
        "fit: a model must not be disposed before fit() is done. Received: the model 'one', disposed in the middle of fit(). " +
          'Await the promise that fit() returned before dispose(); to stop earlier, set model.stopTraining = true.',
      );
      // The weights that dispose() freed.
      expect(left).toBe(-4);
    });

    test.each([
      ['x', 0],
      ['y', 1],
      ['sampleWeight', 2],
      ['validationData[0]', 3],
      ['validationData[1]', 4],
    ] as const)('disposes the user’s %s', async (what, index) => {
      const model = make();
      const tensors: Tensor[] = [
        tf.tensor2d(numbers),
        tf.zeros([ROWS, 1]),
        tf.ones([ROWS]),
        tf.tensor2d(numbers),
        tf.zeros([ROWS, 1]),
      ];
      const [x, y, sampleWeight, xTest, yTest] = tensors as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const callbacks = { [hook]: () => tensors[index]?.dispose() };
      const { error, left } = await failureOf(() =>
        fit(model, x, y, { ...options, engine, callbacks, sampleWeight, validationData: [xTest, yTest] }),
      );
      expect(error.message).toMatch(
        /^fit: `[^`]+` must not be disposed before fit\(\) is done\. Received: a disposed float32 tensor of shape \[12(, 1)?\] in the middle of fit\(\)\. /,
      );
      expect(error.expected.startsWith(`\`${what}\``)).toBe(true);
      expect(left).toBe(-1);
      tf.dispose(tensors);
      // The model is as good as before.
      const history = await fit(model, numbers, zeros, { ...options, engine });
      expect(history.metrics.loss).toHaveLength(2);
      model.dispose();
    });
  });

  test('the data may go in the last hook, when nothing needs them any more', async () => {
    const model = make();
    const [x, y] = [tf.tensor2d(numbers), tf.zeros([ROWS, 1])];
    const callbacks = { onTrainEnd: () => tf.dispose([x, y]) };
    const { metrics } = await fit(model, x, y, { ...options, engine, callbacks });
    expect(metrics.loss).toHaveLength(2);
  });

  test('a tensor that was cut for validation is not needed any more', async () => {
    const model = make();
    const x = tf.tensor2d(numbers);
    const callbacks = { onTrainBegin: () => x.dispose() };
    const { metrics } = await fit(model, x, zeros, { ...options, engine, callbacks, validationSplit: 0.5 });
    expect(metrics['val_loss']).toHaveLength(2);
  });

  test('a timer disposes the model', async () => {
    const model = make();
    const rows = new Float32Array(100_000);
    setTimeout(() => model.dispose(), 100);
    const { error, left } = await failureOf(() =>
      fit(model, rows, rows, { epochs: 100, batchSize: 1, verbose: 0, engine }),
    );
    expect(error.message).toContain("the model 'one', disposed in the middle of fit()");
    expect(left).toBe(-4);
  });

  test('somebody disposes the weights themselves', async () => {
    const model = make();
    const callbacks = { onEpochEnd: () => model.tf.layers[1]?.weights[0]?.dispose() };
    const { error } = await failureOf(() => fit(model, numbers, zeros, { ...options, engine, callbacks }));
    expect(error.message).toMatch(
      /^fit: the weights of the model 'one' must not be disposed before fit\(\) is done\. Received: the weight 'dense_1\/kernel'/,
    );
  });

  const changes: [string, (model: SequentialModel) => unknown][] = [
    ['popLayer', (model) => popLayer(model)],
    ['layerDense', (model) => layerDense(model, { units: 1 })],
    [
      'layerModel',
      (model) =>
        pipe(model, layerModel(pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] })))),
    ],
  ];

  test.each(changes)('%s changes the layers', async (name, change) => {
    for (const hook of hooks) {
      const model = make();
      let seen = 0;
      const callbacks = {
        [hook]: () => {
          if (seen++ === 1) change(model);
        },
      };
      const once = { ...options, epochs: 3, engine };
      const data = { validationData: [numbers, zeros] } as const;
      if (hook === 'onTrainBegin') seen = 1; // it comes once
      const before = tensorCount();
      const fitting = fit(model, numbers, zeros, { ...once, ...data, callbacks });
      await expect(fitting).rejects.toThrow(
        `${name}: a model's layers must stay as they are while fit() works with them. Received: the model 'one', in the middle of fit(). Await the promise that fit() returned first.`,
      );
      // Those of the model that `layerModel` did not take.
      expect(tensorCount() - before).toBe(name === 'layerModel' ? 2 : 0);
      expect(model.layers).toHaveLength(2);
      // And it can be changed, and fitted, afterwards.
      await fit(
        compile(popLayer(model), { loss: 'mse' }),
        numbers,
        tf.tidy(() => tf.zeros([ROWS, 2]).arraySync() as number[][]),
        {
          ...options,
          engine,
        },
      );
      model.dispose();
    }
  });

  test('who catches that error goes on', async () => {
    const model = make();
    const callbacks = {
      onEpochEnd: () => {
        try {
          popLayer(model);
        } catch {
          // as if nothing had happened
        }
      },
    };
    const { metrics } = await fit(model, numbers, zeros, { ...options, engine, callbacks });
    expect(metrics.loss).toHaveLength(2);
  });

  test('a model within the model cannot be changed either', async () => {
    const inner = make('inner');
    const input = layerInput({ shape: [1] });
    const outer = compile(kerasModel(input, pipe(input, layerModel(inner))), { loss: 'mse' });
    const callbacks = { onEpochEnd: () => void popLayer(inner) };
    const fitting = fit(outer, numbers, zeros, { ...options, engine, callbacks });
    await expect(fitting).rejects.toThrow(
      `popLayer: a model's layers must stay as they are while fit() works with them. Received: the model 'inner', in the middle of fit() of the model '${outer.name}', of which it is a layer.`,
    );
    popLayer(inner);
  });

  test('compile', async () => {
    const model = make();
    const before = tensorCount();
    const callbacks = { onTestBatchEnd: () => void compile(model, { loss: 'mae' }) };
    const fitting = fit(model, numbers, zeros, { ...options, engine, callbacks, validationSplit: 0.5 });
    await expect(fitting).rejects.toThrow('compile: a model must not be compiled while it is being fitted.');
    expect(tensorCount()).toBe(before);
  });

  test('in evaluate', async () => {
    for (const hook of ['onTestBegin', 'onTestBatchBegin', 'onTestBatchEnd']) {
      const model = make();
      const x = tf.tensor2d(numbers);
      const given = { batchSize: 4, verbose: 0, engine } as const;
      const ofX = await failureOf(() =>
        evaluate(model, x, zeros, { ...given, callbacks: { [hook]: () => x.dispose() } }),
      );
      expect(ofX.error.message).toContain('evaluate: `x` must not be disposed before evaluate() is done.');
      expect(ofX.left).toBe(-1);
      await expect(
        evaluate(model, numbers, zeros, { ...given, callbacks: { [hook]: () => void popLayer(model) } }),
      ).rejects.toThrow("popLayer: a model's layers must stay as they are while evaluate() works with them.");
      const ofModel = await failureOf(() =>
        evaluate(model, numbers, zeros, { ...given, callbacks: { [hook]: () => model.dispose() } }),
      );
      expect(ofModel.error.message).toContain(
        'evaluate: a model must not be disposed before evaluate() is done.',
      );
      expect(ofModel.left).toBe(-4);
    }
  });
});

test('in predict', async () => {
  for (const hook of ['onPredictBegin', 'onPredictBatchBegin', 'onPredictBatchEnd']) {
    const model = make();
    const x = tf.tensor2d(numbers);
    const given = { batchSize: 4 } as const;
    const ofX = await failureOf(() =>
      predict(model, x, { ...given, callbacks: { [hook]: () => x.dispose() } }),
    );
    expect(ofX.error.message).toContain('predict: `x` must not be disposed before predict() is done.');
    expect(ofX.left).toBe(-1);
    await expect(
      predict(model, numbers, { ...given, callbacks: { [hook]: () => void popLayer(model) } }),
    ).rejects.toThrow("popLayer: a model's layers must stay as they are while predict() works with them.");
    const ofModel = await failureOf(() =>
      predict(model as KerasModel, numbers, { ...given, callbacks: { [hook]: () => model.dispose() } }),
    );
    expect(ofModel.error.message).toContain(
      'predict: a model must not be disposed before predict() is done.',
    );
    expect(ofModel.left).toBe(-4);
  }
});
