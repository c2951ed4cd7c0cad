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
