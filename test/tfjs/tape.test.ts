import { findCollector } from '../../src/native/collector';
import { YoungHolders } from '../../src/native/young-holders';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';

const { young: collectYoung } = findCollector();

test('a collection of young objects finds what a gradient has referred to', () => {
  const w = tf.ones([256, 1]);
  const holders = new YoungHolders<number>();
  const step = (index: number): void => {
    const x = tf.fill([64, 256], index);
    holders.add(x.dataId, index);
    tf.tidy(() => tf.grad((v) => tf.sum(tf.matMul(tf.square(x), v as Tensor)))(w));
  };
  for (let index = 0; index < 100; index++) step(index);
  collectYoung();
  expect(holders.look()?.gone.length).toBeGreaterThan(80);
  w.dispose();
});

test('outputs that nothing is made of have the gradient 0', () => {
  const x = tf.tensor1d([1, 2, 3, 4]);
  const gradient = tf.grad((v) => tf.sum(tf.square(tf.split(v, 2)[1] as Tensor)))(x);
  expect([...gradient.dataSync()]).toEqual([0, 0, 6, 8]);
  tf.dispose([x, gradient]);
});
