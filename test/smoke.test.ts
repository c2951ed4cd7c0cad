import { tf } from '../src/tensorflow';
test('tensorflow runs', () => {
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  expect(tf.tensor(new Float32Array([1, 2])).dataSync()).toBeInstanceOf(Float32Array);
});
