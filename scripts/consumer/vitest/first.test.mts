// What a user's own test of a model does, in Vitest.
import { describe, expect, test } from 'vitest';
import {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModelSequential,
  KerasError,
  layerDense,
  layerDropout,
  layerLstm,
  outputShape,
  pipe,
  predict,
  setRandomSeed,
  tf,
} from 'keras-pipe';
import * as fp from 'keras-pipe/fp';
import { E } from 'keras-pipe/fp';

const x = [[0], [1], [2], [3]];
const y = [1, 3, 5, 7];

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  test('a dense model is trained', async () => {
    setRandomSeed(1);
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [1] }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const history = await pipe(model, fit(x, y, { epochs: 20, verbose: 0, engine }));
    expect(history.params.engine).toBe(engine);
    const losses = history.metrics['loss'] ?? [];
    expect(losses[19]).toBeLessThan(losses[0] ?? 0);
    expect(await predict(model, x)).toHaveShape([4, 1]);
    expect(outputShape(model)).toEqual([null, 1]);
    await expect(() => predict(model, x)).toLeaveNoTensors();
  });

  test('a recurrent one, with a loss and a callback of this file, on typed arrays', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerLstm({ units: 3, inputShape: [4, 2] }),
      layerDropout({ rate: 0.1 }),
      layerDense({ units: 1 }),
      compile({ optimizer: 'adam', loss: (yTrue, yPred) => tf.mean(tf.abs(tf.sub(yTrue, yPred)), -1) }),
    );
    const epochs: number[] = [];
    const data = Float32Array.from({ length: 6 * 4 * 2 }, (_, i) => Math.sin(i));
    const labels = new Float32Array([0, 1, 0, 1, 0, 1]);
    await fit(model, { data, shape: [6, 4, 2] }, labels, {
      epochs: 3,
      batchSize: 2,
      verbose: 0,
      engine,
      callbacks: [{ onEpochEnd: (epoch) => void epochs.push(epoch) }],
    });
    expect(epochs).toEqual([0, 1, 2]);
    expect(await evaluate(model, tf.tensor(data, [6, 4, 2]), labels, { verbose: 0 })).toEqual({
      loss: expect.any(Number),
    });
    expect(getWeights(model)).toHaveLength(5);
  });
});

test('values and errors are what they are elsewhere', () => {
  expect(tf.tensor1d([0.1, 0.2])).toBeCloseToTensor(new Float32Array([0.1, 0.2]));
  expect(() => expect(tf.tensor1d([0.1, 0.3])).toBeCloseToTensor([0.1, 0.2])).toThrow(/0\.3/);
  expect(() => layerDense({ units: 0 })).toThrow(KerasError);
  const result = pipe(fp.kerasModelSequential(), E.chain(fp.layerDense({ units: 0 })));
  expect(E.isLeft(result) && result.left).toBeInstanceOf(KerasError);
});

// Whatever the file leaves running must not hurt what comes after it.
test('a training that nobody waits for', () => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 64, inputShape: [32] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  void fit(model, tf.zeros([2000, 32]), tf.zeros([2000, 1]), { epochs: 1000, verbose: 0 });
});
