import type { Variable } from '@tensorflow/tfjs';
import {
  getLayer,
  kerasModelSequential,
  KerasArgumentError,
  layerEmbedding,
  outputShape,
  pipe,
  predictOnBatch,
  setWeights,
  tf,
  type EmbeddingOptions,
  type SequentialModel,
  type Tensor,
} from '../../src/index';
import { distance } from './support';

const modelOf = (options: Partial<EmbeddingOptions> = {}): SequentialModel =>
  setWeights(pipe(kerasModelSequential(), layerEmbedding({ inputDim: 3, outputDim: 2, ...options })), [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ]);

test('looks the vectors up, for ids of any type and sequences of any length', () => {
  const model = modelOf();
  expect(outputShape(model)).toEqual([null, null, 2]);
  for (const ids of [[[2, 0]], tf.tensor2d([[2, 0]]), tf.tensor2d([[2, 0]], [1, 2], 'int32')]) {
    expect(distance(predictOnBatch(model, ids), [5, 6, 1, 2])).toBe(0);
  }
  expect(predictOnBatch(model, [[1], [2]]).shape).toEqual([2, 1, 2]);
});

test('the gradient of a vector is the sum over the places where it is used', () => {
  const layer = getLayer(modelOf(), { index: 0 });
  const [vectors] = layer.weights.map((weight) => weight.read() as Variable) as [Variable];
  const ids = tf.tensor2d([[2, 0, 2]], [1, 3], 'int32');
  const { grads } = tf.variableGrads(
    () => tf.sum(tf.mul(layer.apply(ids) as Tensor, tf.tensor3d([[[1, 2], [3, 4], [5, 6]]]))), // prettier-ignore
    [vectors],
  );
  expect(distance(grads[vectors.name] as Tensor, [3, 4, 0, 0, 6, 8])).toBe(0);
});

test('inputLength fixes the length; the model’s own input shape counts, too', () => {
  expect(outputShape(modelOf({ inputLength: 4 }))).toEqual([null, 4, 2]);
  const given = pipe(
    kerasModelSequential({ inputShape: [5] }),
    layerEmbedding({ inputDim: 3, outputDim: 2 }),
  );
  expect(outputShape(given)).toEqual([null, 5, 2]);
  expect(() =>
    pipe(
      kerasModelSequential({ inputShape: [5] }),
      layerEmbedding({ inputDim: 3, outputDim: 2, inputLength: 4 }),
    ),
  ).toThrow('needs sequences of the length 4 that `inputLength` says. Received: [null, 5] from the input.');
  expect(outputShape(modelOf({ inputLength: 4, batchSize: 2 }))).toEqual([2, 4, 2]);
});

test.each([
  [3, 'Received: the id 3.'],
  [-1, 'Received: the id -1.'],
])('id %d is out of range', (id, message) => {
  const predict = (): unknown => predictOnBatch(modelOf(), [[0, id]]);
  expect(predict).toThrow(KerasArgumentError);
  expect(predict).toThrow(
    "layerEmbedding: the ids that come to layer 'embedding' must be from 0 to 2, its `inputDim` less one.",
  );
  expect(predict).toThrow(message);
});

test('vectors begin between −0.05 and 0.05', () => {
  const model = pipe(kerasModelSequential(), layerEmbedding({ inputDim: 100, outputDim: 100 }));
  const values = [...(model.tf.weights[0]?.read().dataSync() ?? [])];
  expect(Math.max(...values)).toBeLessThanOrEqual(0.05);
  expect(Math.max(...values)).toBeGreaterThan(0.0499);
  expect(Math.min(...values)).toBeLessThan(-0.0499);
});
