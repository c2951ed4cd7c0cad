import { scale, type ScaleOptions } from '../../src/arrays/scale';
import { KerasArgumentError, KerasShapeError } from '../../src/base/errors';
import { tf } from '../../src/tfjs/tensorflow';
import { checkTensorCount, tensorsMade } from './support';

checkTensorCount();

const X = [
  [1, 2, 3],
  [4, 0, -6],
  [7, 8, 9.5],
];

const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((number, index) => expect(actual[index]).toBeCloseTo(number, 5));
};

test('mean 0 and standard deviation 1, with n − 1', () => {
  // x = numpy.array(X); m = x.mean(0); s = x.std(0, ddof=1); (x - m) / s
  const { x, center, scale: deviation } = scale(X);
  close(center, [4, 3.3333333333333335, 2.1666666666666665]);
  close(deviation, [3, 4.163331998932265, 7.783529619223745]);
  close(
    x.dataSync(),
    [
      -1, -0.3202563076101743, 0.1070636811447558, 0, -0.8006407690254358, -1.0492240752186064, 1,
      1.12089707663561, 0.9421603940738509,
    ],
  );
  expect([x.dtype, x.shape]).toEqual(['float32', [3, 3]]);
});

test('root mean square where it is not centred', () => {
  // numpy.sqrt((x ** 2).sum(0) / 2), as R's scale(x, center = FALSE)
  const { x, center, scale: size } = scale(X, { center: false });
  close(center, [0, 0, 0]);
  close(size, [5.744562646538029, 5.830951894845301, 8.223442101699263]);
  close(x.dataSync().slice(0, 3), [0.17407765595569785, 0.34299717028501764, 0.364810740186289]);
});

test('the deviation is about the center that is given', () => {
  // Around 0 both squares are 1 and 9: sqrt((1 + 9) / (2 − 1)).
  close(scale([[1], [3]], { center: [0] }).scale, [Math.sqrt(10)]);
});

test('the numbers of the training data serve the test data', () => {
  const { center, scale: deviation } = scale([
    [1, 10],
    [3, 30],
  ]);
  const { x } = scale([[2, 50]], { center, scale: deviation });
  close(x.dataSync(), [0, 30 / Math.sqrt(200)]);
  close(
    scale([[2, 50]], { center: Float32Array.of(1, 1), scale: Float32Array.of(1, 7) }).x.dataSync(),
    [1, 7],
  );
});

test('centres only, or neither', () => {
  expect(scale([[1], [3]], { scale: false }).x.arraySync()).toEqual([[-1], [1]]);
  const same = scale([[1], [3]], { center: false, scale: false });
  expect(same.x.arraySync()).toEqual([[1], [3]]);
  expect([same.center, same.scale]).toEqual([[0], [1]]);
});

test('a vector is one column; large means keep their digits', () => {
  const { x } = scale(Float32Array.of(1_000_001, 1_000_002, 1_000_003));
  expect(x.arraySync()).toEqual([[-1], [0], [1]]);
});

test('keeps the user’s tensor, makes one, none on failure', () => {
  const given = tf.tensor2d(X);
  expect(tensorsMade(() => scale(given))).toBe(1);
  expect(given.isDisposed).toBe(false);
  expect(tensorsMade(() => scale(X))).toBe(1);
  expect(tensorsMade(() => scale([[1], [1]]))).toBe(0);
});

test.each<[unknown, ScaleOptions, string]>([
  [
    [
      [1, 5],
      [2, 5],
    ],
    {},
    '`x` must be a matrix whose columns vary; column 1 does not. Received: 5. Leave column 1 out',
  ],
  [[[1], [NaN]], {}, '`x[1][0]` must be a finite number. Received: NaN.'],
  [
    [
      [1, 2],
      [3, Infinity],
    ],
    {},
    '`x[1][1]` must be a finite number',
  ],
  [[[1], [2]], { scale: [0] }, '`scale[0]` must be other than 0'],
  [[[1], [2]], { center: [NaN] }, '`center` must be true, false, or one finite number per column'],
  [
    [[1], [2]],
    { center: tf.tensor1d([NaN]) },
    '`center` must be true, false, or one finite number per column',
  ],
  [
    [[1], [2]],
    { center: tf.tensor2d([[1], [2]]) },
    '`center` must be true, false, or one finite number per column',
  ],
  [[], {}, '`x` must be a matrix with rows and columns'],
])('refuses %p with %p', (x, options, message) => {
  expect(() => scale(x as number[][], options)).toThrow(KerasArgumentError);
  expect(() => scale(x as number[][], options)).toThrow(message);
});

test('takes the moments of TensorFlow’s, as tensors', () => {
  const x = tf.tensor2d([[1, 5], [3, 9]]); // prettier-ignore
  for (const keepDims of [false, true]) {
    const { mean, variance } = tf.moments(x, 0, keepDims);
    const scaled = scale(x, { center: mean, scale: tf.sqrt(variance) });
    expect([scaled.center, scaled.scale, scaled.x.arraySync()]).toEqual([[2, 7], [1, 2], [[-1, -1], [1, 1]]]); // prettier-ignore
    expect(mean.isDisposed).toBe(false);
  }
});

test('refuses other shapes', () => {
  expect(() => scale([[[1]]])).toThrow(KerasShapeError);
  expect(() => scale([[1, 2]], { center: [1] })).toThrow(
    '`center` must have one number for each of the 2 columns of x. Received: 1 numbers.',
  );
});
