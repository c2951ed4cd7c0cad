import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import { asTensor, kerasArray } from '../../src/arrays/as-tensor';
import { shape } from '../../src/arrays/shape';
import { pipe } from '../../src/models/pipe';
import { tf } from '../../src/tfjs/tensorflow';
import { checkTensorCount } from './support';

checkTensorCount();

describe('asTensor', () => {
  test('keeps the type that there is, and casts as TensorFlow does', () => {
    // numpy.array([1.9, -1.9, 0.0]).astype(int32), .astype(bool)
    expect(asTensor([1.9, -1.9, 0], { dtype: 'int32' }).arraySync()).toEqual([1, -1, 0]);
    expect(asTensor([1.9, -1.9, 0], { dtype: 'bool' }).arraySync()).toEqual([1, 1, 0]);
    expect(asTensor([1, 2]).dtype).toBe('float32');
    expect(asTensor(tf.tensor1d([1, 2], 'int32')).dtype).toBe('int32');
    expect(asTensor(Int32Array.of(1, 2)).arraySync()).toEqual([1, 2]);
  });

  test('gives a new tensor of a tensor, which stays as it is', () => {
    const x = tf.tensor1d([1, 2, 3, 4]);
    const y = asTensor(x, { shape: [2, 2] });
    const z = asTensor(x);
    x.dispose();
    expect(y.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(z.arraySync()).toEqual([1, 2, 3, 4]);
  });

  test('fills a shape row by row, works one size out, and repeats a single value', () => {
    expect(pipe([1, 2, 3, 4, 5, 6], asTensor({ shape: [3, -1] })).arraySync()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(asTensor(7, { shape: [2, 2], dtype: 'int32' }).arraySync()).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expect(asTensor(7, { shape: -1 }).arraySync()).toEqual([7]);
  });

  test('takes texts, of any characters', () => {
    const texts = asTensor([
      ['das', 'Öl'],
      ['', '水'],
    ]);
    expect([texts.dtype, texts.shape]).toEqual(['string', [2, 2]]);
    expect(texts.arraySync()).toEqual([
      ['das', 'Öl'],
      ['', '水'],
    ]);
    expect(asTensor('word', { dtype: 'string', shape: [2] }).arraySync()).toEqual(['word', 'word']);
    expect(asTensor(texts, { shape: [4] }).arraySync()).toEqual(['das', 'Öl', '', '水']);
  });

  test.each([
    [['a', 'b'], { dtype: 'int32' }, "asTensor: `dtype` must be 'string' for texts. Received: 'int32'."],
    [
      [1, 2],
      { dtype: 'string' },
      "asTensor: `dtype` must be a type of numbers for numbers. Received: 'string'.",
    ],
    [[['a', 'b'], ['c']], {}, 'asTensor: `x` must be made of texts only, rows of one length.'],
    [['a', 1], {}, 'asTensor: `x` must be made of texts only, rows of one length.'],
    [['a', ['b']], {}, 'asTensor: `x` must be made of texts only, rows of one length.'],
    [[[1, 2], [3]], {}, 'asTensor: '],
    [[1], { dtype: 'float64' }, "asTensor: `dtype` must be one of 'float32', 'int32', 'bool', 'string'."],
  ])('%j with %j is refused', (x, options, message) => {
    expect(() => asTensor(x as never, options as never)).toThrow(message);
    expect(() => asTensor(x as never, options as never)).toThrow(KerasArgumentError);
  });

  test('a shape that does not hold the values is refused', () => {
    expect(() => asTensor([1, 2, 3], { shape: [2, -1] })).toThrow(KerasShapeError);
    expect(() => asTensor([1, 2, 3], { shape: [2, 2] })).toThrow(
      'asTensor: the shape must hold the 3 values of x. Received: [2, 2] for x of shape [3].',
    );
  });
});

describe('kerasArray', () => {
  test('is float32, or what is asked for, bare or by name', () => {
    expect(kerasArray([[1, 2]]).dtype).toBe('float32');
    expect(kerasArray([[1, 2]], 'int32').dtype).toBe('int32');
    expect(pipe([1], kerasArray({ dtype: 'bool' })).dtype).toBe('bool');
    expect(pipe([0.5], kerasArray('float32')).arraySync()).toEqual([0.5]);
  });

  test('takes no texts', () => {
    expect(() => kerasArray(['a'] as never)).toThrow(KerasArgumentError);
    expect(() => kerasArray([1], 'string' as never)).toThrow(
      "kerasArray: `dtype` must be one of 'float32', 'int32', 'bool'.",
    );
  });
});

describe('shape', () => {
  test('is the plain array, of sizes one by one or in an array', () => {
    expect(shape(28, 28, 1)).toEqual([28, 28, 1]);
    expect(shape([null, 3])).toEqual([null, 3]);
    expect(shape(null)).toEqual([null]);
    expect(shape()).toEqual([]);
    const sizes = [2, 3];
    expect(shape(sizes)).not.toBe(sizes);
  });

  test.each([[[0]], [[-1]], [[1.5]], [['28']], [[[1], 2]], [Array<number>(9).fill(1)]])(
    '%j is refused',
    (sizes) => {
      expect(() => shape(...(sizes as number[]))).toThrow(
        'shape: `sizes` must be at most 8 positive integers, null where a size is not known.',
      );
    },
  );
});
