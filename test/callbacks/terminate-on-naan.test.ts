import {
  callbackTerminateOnNaan,
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  lossMeanSquaredError,
  optimizerSgd,
  pipe,
  tf,
  type SequentialModel,
} from '../../src/index';

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => warn.mockRestore());

/** y = w · x with a learning rate at which the weight doubles with each step, and its loss after some steps is infinite. */
const growing = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1], useBias: false }),
    compile({ optimizer: optimizerSgd({ learningRate: 1e18 }), loss: lossMeanSquaredError }),
  );
const x = tf.ones([8, 1]);
const y = tf.zeros([8, 1]);

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  test('training ends after the batch whose loss is not finite, and says which', async () => {
    const batches: number[] = [];
    const history = await fit(growing(), x, y, {
      epochs: 5,
      batchSize: 1,
      verbose: 0,
      shuffle: false,
      engine,
      callbacks: [callbackTerminateOnNaan(), { onTrainBatchEnd: (batch) => void batches.push(batch) }],
    });
    // The weight is w, then about 2e18 · w, then 4e36 · w, whose square is above the largest float32 number, 3.4e38.
    expect(batches).toEqual([0, 1, 2]);
    expect(history.metrics.loss).toEqual([Infinity]);
    expect(warn).toHaveBeenCalledWith(
      'callbackTerminateOnNaan: the loss is Infinity after batch 3; training ends.',
    );
  });

  test('a loss that stays finite ends nothing', async () => {
    const model = growing();
    compile(model, { optimizer: 'sgd', loss: 'mse' });
    const history = await fit(model, x, y, {
      epochs: 2,
      verbose: 0,
      engine,
      callbacks: callbackTerminateOnNaan(),
    });
    expect(history.metrics.loss).toHaveLength(2);
    expect(warn).not.toHaveBeenCalled();
  });
});

test('it has no options', () => {
  // @ts-expect-error -- none is known
  expect(() => callbackTerminateOnNaan({ patience: 1 })).toThrow('the unknown option `patience`');
});
