/** What docs/libraries.md says of TensorFlow's versions, for the one that is loaded. */
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { onLibrary } from '../support/library';

const isOld = (): boolean => onLibrary('1.');

const values = (x: Tensor): number[] => [...x.dataSync()];

test('the largest and smallest of values of which one is NaN', () => {
  for (const list of [
    [NaN, 1, 2],
    [1, NaN, 2],
  ]) {
    expect(values(tf.max(tf.tensor1d(list)))).toEqual([isOld() ? 2 : NaN]);
    expect(values(tf.min(tf.tensor1d(list)))).toEqual([isOld() ? 1 : NaN]);
  }
  expect(values(tf.max(tf.tensor1d([NaN, NaN])))).toEqual([isOld() ? -Infinity : NaN]);
});

test('the larger and smaller of two values of which one is NaN', () => {
  expect(values(tf.maximum([NaN, 1], [1, NaN]))).toEqual([NaN, isOld() ? 1 : NaN]);
  expect(values(tf.minimum([NaN, 1], [1, NaN]))).toEqual([NaN, isOld() ? 1 : NaN]);
});

test('what is the same on all versions', () => {
  expect(values(tf.relu([NaN, -1]))).toEqual([NaN, 0]);
  expect(values(tf.clipByValue(tf.tensor1d([NaN]), 0, 1))).toEqual([NaN]);
  expect(values(tf.maxPool(tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]), 2, 1, 'valid'))).toEqual([3]);
  expect(values(tf.argMax(tf.tensor1d([1, NaN, 2])))).toEqual([2]);
  expect(values(tf.round([0.5, 1.5, 2.5]))).toEqual([0, 2, 2]);
  expect(values(tf.mod([-3], [2]))).toEqual([1]);
  expect(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([5], 'int32'))).toThrow(/is not in \[0, 2\)/);
  expect(() => tf.floorDiv(tf.tensor1d([1], 'int32'), tf.tensor1d([0], 'int32'))).toThrow(
    /Integer division by zero/,
  );
});
