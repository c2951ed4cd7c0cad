import { findCollector } from '../../src/native/collector';
import { YoungHolders } from '../../src/native/young-holders';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predictOnBatch,
  testOnBatch,
  tf,
  trainOnBatch,
  type KerasModel,
  type Tensor,
} from '../../src/index';

const { young: collectYoung } = findCollector();

const smallModel = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'softmax', inputShape: [64] }),
    compile({ optimizer: 'sgd', loss: 'categorical_crossentropy' }),
  );

const labels = (): Tensor => tf.oneHot(tf.tensor1d(new Int32Array(64), 'int32'), 4);

const calls: Readonly<Record<string, (model: KerasModel, x: Tensor, y: Tensor) => unknown>> = {
  trainOnBatch: (model, x, y) => trainOnBatch(model, x, y),
  testOnBatch: (model, x, y) => testOnBatch(model, x, y),
  predictOnBatch: (model, x) => predictOnBatch(model, x),
  'fit, one operation after the other': (model, x, y) =>
    fit(model, x, y, { epochs: 1, verbose: 0, engine: 'eager' }),
  'fit, compiled': (model, x, y) => fit(model, x, y, { epochs: 1, verbose: 0, engine: 'compiled' }),
};

test.each(Object.keys(calls))('a collection of young objects finds the batches of %s', async (name) => {
  const model = smallModel();
  const holders = new YoungHolders<number>();
  const call = async (index: number): Promise<void> => {
    const x = tf.fill([64, 64], index);
    holders.add(x.dataId, index);
    await calls[name]?.(model, x, labels());
  };
  // What the first ones leave with the model is not of young objects.
  for (let index = 0; index < 60; index++) await call(index);
  collectYoung();
  expect(holders.look()?.gone.length).toBeGreaterThan(45);
});
