import {
  compile,
  countParams,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerConcatenate,
  layerDense,
  layerInput,
  layerLstm,
  predictOnBatch,
  shared,
  tf,
  trainOnBatch,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { distance } from './support';
import { weightArrays } from '../support/weights';

test('one layer in two places: one set of weights, which learns from both', () => {
  const encoder = shared(layerDense({ units: 1, useBias: false, kernelInitializer: 'ones' }));
  const [left, right] = [layerInput({ shape: [1] }), layerInput({ shape: [1] })];
  const model = kerasModel([left, right], layerConcatenate([encoder(left), encoder(right)]));
  expect(countParams(model)).toBe(1);
  expect(model.layers.filter(({ name }) => name.startsWith('dense'))).toHaveLength(1);
  expect(distance(predictOnBatch(model, [[[2]], [[3]]]), [2, 3])).toBe(0);
  compile(model, { loss: 'mse', optimizer: 'sgd' });
  trainOnBatch(model, [[[2]], [[3]]], [[0, 0]]);
  // The gradient of (4 w² + 9 w²) / 2 at w = 1 is 13; the learning rate of sgd is 0.01.
  expect(distance(tf.tensor(weightArrays(model)[0] as number[][]), [1 - 0.13])).toBeLessThan(1e-6);
});

test('its weights are freed with the model, though it is applied twice', () => {
  const encoder = shared(layerLstm({ units: 2 }));
  const [left, right] = [layerInput({ shape: [3, 1] }), layerInput({ shape: [3, 1] })];
  const before = tensorCount();
  const model = kerasModel([left, right], layerConcatenate([encoder(left), encoder(right)]));
  expect(tensorCount()).toBe(before + 3);
  model.dispose();
  expect(tensorCount()).toBe(before);
});

test('its weights outlive one of two models', () => {
  const encoder = shared(layerDense({ units: 1 }));
  const [first, second] = [layerInput({ shape: [1] }), layerInput({ shape: [1] })];
  const one = kerasModel(first, encoder(first));
  const other = kerasModel(second, encoder(second));
  expect(getLayer(one, { index: 1 })).toBe(getLayer(other, { index: 1 }));
  one.dispose();
  expect(predictOnBatch(other, [[1]]).shape).toEqual([1, 1]);
  const before = tensorCount();
  other.dispose();
  expect(tensorCount()).toBe(before - 2);
});

test('what cannot be shared, and what it cannot be applied to', () => {
  expect(() => shared(kerasModelSequential() as never)).toThrow(
    'shared: `step` must be a layer step. Received: an object of class SequentialModel. ' +
      'Write shared(layerLstm({ units: 32 })).',
  );
  expect(() => shared(layerDense({ units: 1 }))(kerasModelSequential() as never)).toThrow(
    'shared: a layer is added to a Sequential model or to the output of layerInput() or of another layer.',
  );
});

test('a second input of another shape is refused by name', () => {
  const encoder = shared(layerDense({ units: 1 }));
  encoder(layerInput({ shape: [2] }));
  expect(() => encoder(layerInput({ shape: [3], name: 'wide' }))).toThrow(
    /^layerDense: layer 'dense' \(added at .*shared\.test\.ts:\d+\) must fit its input\. Received: \[null, 3\] from layer 'wide'\./,
  );
});
