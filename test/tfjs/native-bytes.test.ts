import { NativeMemory } from '../../src/native/memory';
import { tf } from '../../src/tfjs/tensorflow';

/** With how many bytes V8 is told of the tensor that something makes. */
const watchedBytes = (make: () => unknown): number[] => {
  const watch = jest.spyOn(NativeMemory.prototype, 'watch');
  const grow = jest.spyOn(NativeMemory.prototype, 'grow');
  tf.tidy(() => void make());
  const bytes = [...watch.mock.calls, ...grow.mock.calls].map((parameters) => Number(parameters.at(-1)));
  watch.mockRestore();
  grow.mockRestore();
  return bytes.filter((each) => each > 0);
};

test('a tensor counts with its values and with what TensorFlow takes besides, so that forgotten scalars are looked for, too', () => {
  const x = tf.ones([10, 100]);
  const small = tf.scalar(1);
  tf.dispose([tf.neg(x), tf.neg(small)]); // what JavaScript has made is TensorFlow's by now
  const [large = NaN] = watchedBytes(() => tf.neg(x));
  const [scalar = NaN] = watchedBytes(() => tf.neg(small));
  expect(large - scalar).toBe(4 * 999);
  expect(scalar).toBeGreaterThanOrEqual(4 + 256);
  expect(scalar).toBeLessThanOrEqual(4 + 1024);
  tf.dispose([x, small]);
});

test('values that JavaScript has made count from then on, and again with what TensorFlow takes besides once an operation uses them', () => {
  const [made = NaN] = watchedBytes(() => tf.tensor(new Float32Array(1000)));
  expect(made).toBeGreaterThanOrEqual(4000);
  expect(made).toBeLessThan(4500);
  const [texts = NaN] = watchedBytes(() => tf.tensor1d(Array<string>(100).fill('ten bytes!')));
  expect(texts).toBeGreaterThan(1000 + 100 * 64);
  const x = tf.tensor(new Float32Array(1000));
  const bytes = watchedBytes(() => tf.abs(x)).sort((a, b) => a - b);
  x.dispose();
  // The values were counted when they came: the first is what TensorFlow takes besides, the other the result.
  expect([...new Set(bytes)].map((each) => each > 4000)).toEqual([false, true]);
});
