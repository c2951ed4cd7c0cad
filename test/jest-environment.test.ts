import { loadKoffi } from '../src/native/koffi';
import { tf } from '../src/tfjs/tensorflow';

test.each([
  ['Float32Array', new Float32Array([1, 2])],
  ['Int32Array', new Int32Array([1, 2])],
  ['Uint8Array', new Uint8Array([1, 2])],
] as const)('a %s of a test makes a tensor', (_name, values) => {
  const tensor = tf.tensor1d(values);
  expect(tensor.dtype).toBe(values instanceof Float32Array ? 'float32' : 'int32');
  expect(Array.from(tensor.dataSync())).toEqual([1, 2]);
  tensor.dispose();
});

test("what TensorFlow gives is of the test's classes", () => {
  const sum = tf.tidy(() => tf.add(1, 2).dataSync());
  expect(sum).toBeInstanceOf(Float32Array);
  expect(sum.buffer).toBeInstanceOf(ArrayBuffer);
  expect(sum).toEqual(new Float32Array([3]));
});

test('TensorFlow is told to write nothing, and nothing stays in the environment for that', () => {
  tf.add(1, 2).dispose();
  const getenv = loadKoffi().load(null).func('getenv', 'const char *', ['const char *']) as (
    name: string,
  ) => string | null; // by its declaration
  // What Jest was started with.
  expect(getenv('TF_CPP_MIN_LOG_LEVEL') ?? undefined).toBe(process.env['TF_CPP_MIN_LOG_LEVEL']);
});

test('what calls C is not loaded in the context of a test file, which it would keep', () => {
  // A function of this file's has this file's prototype.
  expect(Object.getPrototypeOf(expect)).toBe(Function.prototype);
  expect(Object.getPrototypeOf(loadKoffi().load)).not.toBe(Function.prototype);
});
