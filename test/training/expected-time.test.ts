import {
  bidirectional,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGru,
  layerLstm,
  pipe,
  predict,
  tf,
  type Tensor,
} from '../../src/index';
import { expectedMilliseconds } from '../../src/training/expected-time';
import { binding } from '../../src/tfjs/binding';

test('products: two operations for each weight, row and place, at 80 million a millisecond', () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [10, 10, 4] }),
    layerConv2d({ filters: 8, kernelSize: 3 }),
    layerFlatten(),
    layerDense({ units: 100 }),
  );
  const convolution = 3 * 3 * 4 * 8 * 8 * 8;
  const dense = 8 * 8 * 8 * 100;
  expect(expectedMilliseconds(model, [tf.zeros([32, 10, 10, 4])])).toBeCloseTo(
    (2 * 32 * (convolution + dense)) / 8e7,
    10,
  );
});

test('recurrent layers: time steps count, of open length, too, and in wrappers; looking up rows does not', () => {
  const ids = tf.zeros([2, 300], 'int32');
  const words = () =>
    pipe(kerasModelSequential(), layerEmbedding({ inputDim: 1e5, outputDim: 4, inputShape: [null] }));
  const kernels = (4 + 3) * 3;
  const lstm = (2 * 2 * 4 * kernels * 300) / 8e7 + 300 * 0.05;
  expect(expectedMilliseconds(pipe(words(), layerLstm({ units: 3 })), [ids])).toBeCloseTo(lstm, 10);
  expect(expectedMilliseconds(pipe(words(), layerGru({ units: 3 })), [ids])).toBeCloseTo(
    // With a bias of two rows, as its two products have.
    (2 * 2 * 3 * (kernels + 2 * 3) * 300) / 8e7 + 300 * 0.05,
    10,
  );
  expect(expectedMilliseconds(pipe(words(), bidirectional(layerLstm({ units: 3 }))), [ids])).toBeGreaterThan(
    300 * 0.05,
  );
});

test('several batches of a model that takes long run compiled from the first on, and give the same', async () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [500, 2] }),
    layerLstm({ units: 4 }),
    layerDense({ units: 1 }),
  );
  const x = tf.randomUniform([4, 500, 2]);
  const run = jest.spyOn(binding(), 'executeOp');
  const names = (): string[] => run.mock.calls.map(([name]) => name);
  const several = (await predict(model, x, { batchSize: 2 })) as Tensor;
  expect(names()).not.toContain('BlockLSTM');
  const once = (await predict(model, x, { batchSize: 4 })) as Tensor;
  expect(names()).toContain('BlockLSTM');
  run.mockRestore();
  expect(tf.max(tf.abs(tf.sub(several, once))).dataSync()[0]).toBeLessThan(1e-6);
});
