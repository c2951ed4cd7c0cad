import type { layers, LayersModel } from '@tensorflow/tfjs';
import {
  compile,
  countParams,
  fit,
  getLayer,
  KerasArgumentError,
  KerasShapeError,
  kerasModel,
  kerasModelSequential,
  layerDense,
  layerInput,
  layerTf,
  outputShape,
  pipe,
  predictOnBatch,
  shared,
  tf,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';

const dense = (units = 2): layers.Layer => tf.layers.dense({ units });

test('a Sequential model takes it, first or later, with names as of its own layers', () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [3] }),
    layerTf(dense(4)),
    layerDense({ units: 3 }),
    layerTf(tf.layers.dense({ units: 1, name: 'head' })),
  );
  expect(model.layers.map(({ name }) => name)).toEqual(['dense', 'dense_1', 'head']);
  expect(countParams(model)).toBe(3 * 4 + 4 + 4 * 3 + 3 + 3 + 1);
  const own = pipe(kerasModelSequential(), layerTf(tf.layers.dense({ units: 2, inputShape: [5] })));
  expect(outputShape(own)).toEqual([null, 2]);
  expect(own.tf.weights.map(({ originalName }) => originalName)).toEqual(['dense/kernel', 'dense/bias']);
});

test('one that waits for the shape of the first data is built with it, and trains', async () => {
  const model = pipe(
    kerasModelSequential(),
    layerTf(tf.layers.dense({ units: 1, kernelInitializer: 'zeros' })),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const { metrics } = await fit(model, [[1], [2]], [2, 4], { epochs: 2, verbose: 0 });
  // The mean of 4 and 16 at first; then less.
  expect(metrics.loss[0]).toBe(10);
  expect(metrics.loss[1]).toBeLessThan(10);
});

test('a graph takes it, merging layers on a list, piped and plain', () => {
  const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [2] })];
  const largest = layerTf([a, b], tf.layers.maximum());
  const least = (
    layerTf(tf.layers.minimum()) as unknown as (list: readonly SymbolicTensor[]) => SymbolicTensor
  )([a, b]);
  const model = kerasModel([a, b], [largest, least, layerTf(a, dense(3))]);
  const [most, fewest, third] = predictOnBatch(model, [[[1, 5]], [[3, 4]]]);
  expect([most.arraySync(), fewest.arraySync(), third.shape]).toEqual([[[3, 5]], [[1, 4]], [1, 3]]); // prettier-ignore
});

test('a class of the user’s own', () => {
  class Twice extends tf.layers.Layer {
    static className = 'Twice';
    override call(inputs: Tensor | Tensor[]) {
      return tf.mul([inputs].flat()[0] as Tensor, 2);
    }
  }
  const model = pipe(kerasModelSequential({ inputShape: [2] }), layerTf(new Twice({})));
  expect(predictOnBatch(model, [[1, 2]]).arraySync()).toEqual([[2, 4]]);
  expect(model.layers[0]?.name).toBe('twice');
});

test('one layer in several places is shared', () => {
  const encoder = shared(layerTf(dense()));
  const [a, b] = [layerInput({ shape: [3] }), layerInput({ shape: [3] })];
  const model = kerasModel([a, b], [encoder(a), encoder(b)]);
  expect(countParams(model)).toBe(3 * 2 + 2);
});

test('a layer that is in use is refused, and what is none', () => {
  const layer = dense();
  const step = layerTf(layer);
  const model = pipe(kerasModelSequential({ inputShape: [3] }), step);
  for (const again of [
    () => step(layerInput({ shape: [3] })),
    () => layerTf(layer),
    () => layerTf(layerInput({ shape: [3] }), getLayer(model, 'dense')),
  ]) {
    expect(again).toThrow(KerasArgumentError);
    expect(again).toThrow(
      "layerTf: `layer` must be a layer that is not in use yet. Received: ''dense', which is in a model or has been applied'.",
    );
  }
  const wrong = layerTf as unknown as (...args: unknown[]) => unknown;
  const none = 'layerTf: `layer` must be a layer of tfjs, or a function that makes one. Received: ';
  expect(() => wrong('dense')).toThrow(`${none}'dense'.`);
  expect(() => wrong({ units: 3 })).toThrow(
    'layerTf: the options must be known ones. Received: the unknown option `units`.',
  );
  expect(() => wrong(Promise.resolve(dense()))).toThrow(none);
  expect(() => layerTf(() => 3 as never)(model)).toThrow(`${none}3.`);
  expect(() => wrong(model.tf)).toThrow('Write layerModel(model).');
  expect(() => wrong(tf.layers.inputLayer({ inputShape: [2] }))).toThrow('Write layerInput({ shape: […] }).');
  expect(() => wrong(tf.sequential() as LayersModel, dense())).toThrow('Write kerasModel(model)');
  expect(() =>
    layerTf(kerasModelSequential({ inputShape: [3] }), tf.layers.conv1d({ filters: 1, kernelSize: 1 })),
  ).toThrow(KerasShapeError);
});
