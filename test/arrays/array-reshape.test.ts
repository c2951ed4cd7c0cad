import { arrayReshape } from '../../src/arrays/array-reshape';
import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import { tf } from '../../src/tfjs/tensorflow';
import { checkTensorCount, tensorsMade } from './support';

checkTensorCount();

test.each([[Array<number>(9).fill(1)], [Array<number>(300).fill(1)], [[1, , 1]]])(
  'the shape %p is refused',
  (shape) => {
    expect(() => arrayReshape([1], shape as number[])).toThrow(
      'arrayReshape: `shape` must be a shape: at most 8 integers of 0 or more, one of them −1 at most.',
    );
  },
);

test('fills row by row', () => {
  // numpy.arange(6).reshape(2, 3).reshape(3, 2)
  expect(
    arrayReshape(
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [3, 2],
    ).arraySync(),
  ).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  expect(arrayReshape(Float32Array.of(1, 2, 3, 4), [2, -1, 1]).shape).toEqual([2, 2, 1]);
  expect(
    arrayReshape(
      [
        [1, 2],
        [3, 4],
      ],
      4,
    ).arraySync(),
  ).toEqual([1, 2, 3, 4]);
  expect(arrayReshape([[7]], []).arraySync()).toBe(7);
  expect(arrayReshape({ data: [1, 2], shape: [1, 2] }, [-1]).arraySync()).toEqual([1, 2]);
});

test('keeps the type of a tensor, and the tensor', () => {
  const x = tf.tensor2d([[1, 2]], undefined, 'int32');
  const flat = arrayReshape(x, [2]);
  expect(flat.dtype).toBe('int32');
  flat.dispose();
  expect(x.arraySync()).toEqual([[1, 2]]);
});

test('makes one tensor, none on failure', () => {
  expect(tensorsMade(() => arrayReshape([1, 2], [2, 1]))).toBe(1);
  expect(tensorsMade(() => arrayReshape([1, 2], [3]))).toBe(0);
});

test('says which shapes do not fit', () => {
  const reshape = (): unknown => arrayReshape([[1, 2, 3]], [2, 2]);
  expect(reshape).toThrow(KerasShapeError);
  expect(reshape).toThrow(
    'arrayReshape: the new shape must hold the 3 elements of x. Received: [2, 2] for x of shape [1, 3].',
  );
  expect(() => arrayReshape([1, 2, 3], [2, -1])).toThrow(KerasShapeError);
  expect(() => arrayReshape([1, 2, 3], [0, -1])).toThrow(KerasShapeError);
});

test.each([[[-1, -1]], [[1.5]], [[-2]], ['3' as unknown as number]])('refuses the shape %p', (shape) => {
  expect(() => arrayReshape([1, 2, 3], shape)).toThrow(KerasArgumentError);
});

test('refuses ragged rows', () => {
  expect(() => arrayReshape([[1, 2], [3]], [3])).toThrow(/arrayReshape: `x` must have rows of one length/);
});
