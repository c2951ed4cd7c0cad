import { ResourceVariable, ScalarCache } from '../../src/optimizers/resource';
import { tf } from '../../src/tfjs/tensorflow';
import { nativeCount, tensorCount } from '../support/tensors';

test('keeps what it was given, and what was read from it stays', () => {
  const variable = new ResourceVariable([2]);
  tf.tidy(() => {
    variable.assign(tf.tensor1d([1, 2]));
    const read = variable.read();
    variable.assign(tf.tensor1d([3, 4]));
    expect([...read.dataSync()]).toEqual([1, 2]);
    expect([...variable.read().dataSync()]).toEqual([3, 4]);
  });
  variable.dispose();
});

test('counts as no tensor', () => {
  const before = tensorCount();
  const variable = new ResourceVariable([2, 3]);
  tf.tidy(() => variable.assign(tf.ones([2, 3])));
  expect(tensorCount()).toBe(before);
  variable.dispose();
});

/** The values that a variable has: none before the first, which is an error on TensorFlow 1. */
const valuesOf = (variable: ResourceVariable): number[] => {
  try {
    return tf.tidy(() => [...variable.read().dataSync()]);
  } catch (error) {
    expect(String(error)).toContain('does not exist');
    return [];
  }
};

test('dispose frees the values and the handle, and the next variable of that shape starts without any', async () => {
  const before = await nativeCount();
  const variable = new ResourceVariable([7]);
  tf.tidy(() => variable.assign(tf.ones([7])));
  variable.dispose();
  expect(await nativeCount()).toBeLessThanOrEqual(before);
  const next = new ResourceVariable([7]);
  expect(valuesOf(next)).toEqual([]);
  tf.tidy(() => {
    next.assign(tf.zeros([7]));
    expect([...next.read().dataSync()]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
  next.dispose();
  expect(await nativeCount()).toBeLessThanOrEqual(before);
});

test('two of one shape are apart', () => {
  const [a, b] = [new ResourceVariable([1]), new ResourceVariable([1])];
  tf.tidy(() => {
    a.assign(tf.tensor1d([1]));
    b.assign(tf.tensor1d([2]));
    expect([...a.read().dataSync(), ...b.read().dataSync()]).toEqual([1, 2]);
  });
  a.dispose();
  b.dispose();
});

test('scalars are made anew only when they change', () => {
  const scalars = new ScalarCache();
  const first = scalars.id('rate', 0.5);
  expect(scalars.id('rate', 0.5)).toBe(first);
  expect(scalars.id('rho', 0.5)).not.toBe(first);
  expect(scalars.id('rate', 0.25)).not.toBe(first);
  scalars.dispose();
});
