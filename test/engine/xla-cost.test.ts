/** When XLA compiles a training loop. */
import { compile, fit, kerasModelSequential, layerDense, pipe, tf } from '../../src/index';
import { stepsForXla } from '../../src/engine/xla';
import { onLibrary } from '../support/library';

// Each operation saves as much in 30 steps as compiling it takes.
jest.mock('../../src/engine/tuning', () => ({
  ...jest.requireActual<object>('../../src/engine/tuning'),
  XLA_BUILD_MILLISECONDS: 0,
  XLA_BUILD_MILLISECONDS_PER_OPERATION: 30,
  XLA_SAVED_MILLISECONDS_PER_OPERATION: 2,
  MIN_XLA_GAIN: 2,
}));

const compiled = onLibrary('1.') ? 'tensorflow' : 'xla';

const newTrainer = (): ((epochs: number) => Promise<string | undefined>) => {
  const model = kerasModelSequential();
  layerDense({ units: 2, inputShape: [3] })(model);
  pipe(model, compile({ optimizer: 'sgd', loss: 'mse' }));
  return async (epochs) => {
    const { params } = await fit(model, tf.ones([10, 3]), tf.ones([10, 2]), {
      engine: 'compiled',
      epochs,
      batchSize: 1,
      verbose: 0,
    });
    return params.compiler;
  };
};

test('a call of too few steps does not compile them, one of enough does', async () => {
  expect(await newTrainer()(2)).toBe('tensorflow');
  expect(await newTrainer()(3)).toBe(compiled);
});

test('the steps of several calls add up', async () => {
  const train = newTrainer();
  expect(await train(1)).toBe('tensorflow');
  expect(await train(1)).toBe('tensorflow');
  expect(await train(1)).toBe(compiled);
  expect(await train(1)).toBe(compiled);
});

test('a program without a training loop has nothing to compile', () => {
  const nothing = {
    weights: [],
    trainable: [],
    optimizer: undefined,
    update: undefined,
    operations: 0,
    eager: { operations: 0, milliseconds: 0 },
  };
  expect(stepsForXla({ ...nothing, traced: [] })).toBe(Infinity);
});
