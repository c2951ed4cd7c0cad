import { inspect } from 'node:util';
import { tf } from '../../src/tfjs/tensorflow';

const shown = (tensor: object): string => inspect(tensor);

test('a number and a vector stand in one line', () => {
  expect(shown(tf.scalar(2.5))).toBe('float32 tensor [] 2.5');
  expect(shown(tf.tensor1d([1, 2.25, -3]))).toBe('float32 tensor [3] [1.00, 2.25, -3.00]');
  expect(shown(tf.tensor1d([1, 0], 'bool'))).toBe('bool tensor [2] [true, false]');
  expect(shown(tf.tensor1d(['a', "b'"]))).toBe(`string tensor [2] ['a', "b'"]`);
  expect(shown(tf.range(0, 40, 1, 'int32'))).toMatch(/^int32 tensor \[40\] \[0, 1, .*, 29, …\]$/);
});

test('numbers that are small, large or whole are not shown as others', () => {
  expect(shown(tf.tensor1d([1e-8, 0.5]))).toBe('float32 tensor [2] [1e-8, 0.5]');
  expect(shown(tf.tensor1d([1.5e-7]))).toBe('float32 tensor [1] [1.5e-7]');
  expect(shown(tf.tensor1d([0.0000012345678, 1]))).toBe('float32 tensor [2] [0.000001234568, 1]');
  expect(shown(tf.tensor1d([3e20, 1]))).toBe('float32 tensor [2] [300000000000000000000, 1]');
  expect(shown(tf.tensor1d([3e25, 0.1]))).toBe('float32 tensor [2] [3e+25, 0.1]');
  expect(shown(tf.tensor1d([123456789, -2147483648], 'int32'))).toBe(
    'int32 tensor [2] [123456789, -2147483648]',
  );
  expect(shown(tf.tensor1d([16777216, 0.5]))).toBe('float32 tensor [2] [16777216.0, 0.5]');
});

test('a matrix has the numbers of its rows and columns at its sides, and decimals below each other', () => {
  expect(shown(tf.tensor2d([[1, 10.5], [-2, 0.25]]))) // prettier-ignore
    .toBe('float32 tensor [2, 2]\n     [,0]  [,1]\n[0,]    1 10.50\n[1,]   -2  0.25');
});

test('an array is shown matrix by matrix', () => {
  expect(shown(tf.tensor3d([[[1, 2]], [[3, 4]]], undefined, 'int32'))).toBe(
    'int32 tensor [2, 1, 2]\n[0, , ]\n     [,0] [,1]\n[0,]    1    2\n[1, , ]\n     [,0] [,1]\n[0,]    3    4',
  );
  expect(shown(tf.zeros([2, 2, 1, 1]))).toContain('\n[0, 1, , ]\n');
});

test('what is long is cut short, and says so', () => {
  const lines = shown(tf.zeros([500, 300])).split('\n');
  expect(lines.length).toBe(1 + 1 + 10 + 1);
  expect(lines.at(-1)).toBe('… 490 more rows');
  expect(lines[1]).toMatch(/ …$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(102);
  expect(shown(tf.zeros([9, 2, 2]))).toMatch(/\n… 6 more$/);
});

test('what has no values says why', () => {
  const tensor = tf.tensor1d([1]);
  tensor.dispose();
  expect(shown(tensor)).toBe('float32 tensor [1] (disposed)');
  expect(shown(tf.zeros([0, 3]))).toBe('float32 tensor [0, 3] without values');
  expect(shown(tf.tensor1d([NaN, Infinity, 1.5]))).toBe('float32 tensor [3] [NaN, Infinity, 1.5]');
});

test('a variable shows its values, too', () => {
  const variable = tf.variable(tf.scalar(1));
  expect(shown(variable)).toBe('float32 tensor [] 1');
  variable.dispose();
});
