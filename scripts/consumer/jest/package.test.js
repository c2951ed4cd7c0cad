// What a user's own test of a model does, in Jest.
const {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModelSequential,
  KerasError,
  layerDense,
  layerLstm,
  outputShape,
  pipe,
  predict,
  setRandomSeed,
  tf,
} = require('keras-pipe');
const fp = require('keras-pipe/fp');

describe.each(['eager', 'compiled'])('%s', (engine) => {
  test('a model is trained', async () => {
    setRandomSeed(1);
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [1] }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const x = [[0], [1], [2], [3]];
    const history = await pipe(model, fit(x, [1, 3, 5, 7], { epochs: 20, verbose: 0, engine }));
    expect(history.params.engine).toBe(engine);
    expect(history.metrics.loss[19]).toBeLessThan(history.metrics.loss[0]);
    expect(outputShape(model)).toEqual([null, 1]);
    expect(await predict(model, x)).toHaveShape([4, 1]);
    await expect(() => predict(model, x)).toLeaveNoTensors();
  });

  test('a recurrent one, with a loss of this file, on typed arrays', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerLstm({ units: 3, inputShape: [4, 2] }),
      layerDense({ units: 1 }),
      compile({ optimizer: 'adam', loss: (yTrue, yPred) => tf.mean(tf.abs(tf.sub(yTrue, yPred)), -1) }),
    );
    const data = Float32Array.from({ length: 6 * 4 * 2 }, (_, i) => Math.sin(i));
    const labels = new Float32Array([0, 1, 0, 1, 0, 1]);
    await fit(model, { data, shape: [6, 4, 2] }, labels, { epochs: 3, batchSize: 2, verbose: 0, engine });
    expect(await evaluate(model, tf.tensor(data, [6, 4, 2]), labels, { verbose: 0 })).toEqual({
      loss: expect.any(Number),
    });
    expect(getWeights(model)).toHaveLength(5);
  });
});

test('values are close, or it says where they are not', () => {
  expect(tf.tensor1d([0.1, 0.2])).toBeCloseToTensor(new Float32Array([0.1, 0.2]));
  expect(() => expect(tf.tensor1d([0.1, 0.3])).toBeCloseToTensor([0.1, 0.2])).toThrow(/0\.3/);
});

test('shapes are told', () => {
  expect(() => expect(tf.zeros([2, 3])).toHaveShape([2, 4])).toThrow(/\[2, 3\]/);
});

test('tensors that are left are told', async () => {
  const kept = [];
  expect(() => expect(() => void kept.push(tf.zeros([1]))).toLeaveNoTensors()).toThrow(/left behind/);
  const later = async () => void kept.push(await Promise.resolve(tf.zeros([1])));
  await expect(expect(later).toLeaveNoTensors()).rejects.toThrow(/left behind/);
});

test('errors are those of the package', () => {
  expect(() => layerDense({ units: 0 })).toThrow(KerasError);
  const result = fp.pipe(fp.kerasModelSequential(), fp.E.chain(fp.layerDense({ units: 0 })));
  expect(result.left).toBeInstanceOf(KerasError);
});
