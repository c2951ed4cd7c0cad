import {
  compile,
  fit,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  optimizerOf,
  optimizerSgd,
  pipe,
  setRandomSeed,
  setWeights,
  testOnBatch,
  trainOnBatch,
  type Layer,
} from 'keras-pipe';
import { weightArrays } from '../support/weights';

const linear = (momentum = 0) =>
  setWeights(
    pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [1] }),
      compile({ optimizer: optimizerSgd({ learningRate: 0.1, momentum }), loss: 'mse', metrics: ['mae'] }),
    ),
    [[[1]], [0]],
  );
const x = [[1], [2]];
const y = [3, 2];

test('one step: what was before it is told, and the weights change', () => {
  const model = linear();
  // Errors are −2 and 0: loss 2, gradient of the weight −2 · 2 · 1 / 2, of the bias the same.
  expect(trainOnBatch(model, x, y)).toEqual({ loss: 2, mae: 1 });
  const [[[weight]], [bias]] = weightArrays(model) as [[[number]], [number]];
  expect(weight).toBeCloseTo(1.2, 6);
  expect(bias).toBeCloseTo(0.2, 6);
  expect(optimizerOf(model).iterations).toBe(1);
  // 1.4 for 3, 2.6 for 2.
  expect(testOnBatch(model, x, y).loss).toBeCloseTo((1.6 ** 2 + 0.6 ** 2) / 2, 5);
});

test('weights of rows and classes count', () => {
  expect(pipe(linear(), testOnBatch(x, y, { sampleWeight: [3, 1] })).loss).toBe(6);
  expect(pipe(linear(), trainOnBatch(x, y, { sampleWeight: [3, 1] })).loss).toBe(6);
  const classWeight = { 0: 1, 1: 1, 2: 1, 3: 5 };
  expect(trainOnBatch(linear(), x, y, { classWeight }).loss).toBe(10);
});

test('steps one by one are those of fit', async () => {
  const one = linear(0.9);
  const other = linear(0.9);
  for (let step = 0; step < 3; step++) trainOnBatch(one, x, y);
  await fit(other, x, y, { epochs: 3, shuffle: false, verbose: 0 });
  expect(weightArrays(one)).toEqual(weightArrays(other));
});

test('training and testing differ where layers do', () => {
  setRandomSeed(2);
  const model = pipe(
    kerasModelSequential(),
    layerBatchNormalization({ inputShape: [50], momentum: 0.5 }),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: 1, kernelInitializer: 'ones' }),
    compile({ optimizer: optimizerSgd({ learningRate: 0 }), loss: 'mse' }),
  );
  const rows = [Array<number>(50).fill(1), Array<number>(50).fill(3)];
  const before = testOnBatch(model, rows, [0, 0]).loss;
  expect(testOnBatch(model, rows, [0, 0]).loss).toBe(before);
  const losses = [trainOnBatch(model, rows, [0, 0]).loss, trainOnBatch(model, rows, [0, 0]).loss];
  expect(losses[0]).not.toBe(losses[1]);
  // The moving mean goes half the way to 2 twice.
  const [normalization] = model.layers;
  const [, , mean] = weightArrays(normalization as Layer) as number[][];
  expect(mean?.[0]).toBeCloseTo(1.5, 6);
});
