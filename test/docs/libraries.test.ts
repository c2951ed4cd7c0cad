/** What docs/libraries.md says of TensorFlow's versions, for the one that is loaded. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tf, type Tensor, type Tensor4D } from '../../src/tfjs/tensorflow';
import { onLibrary } from '../support/library';

const isOld = (): boolean => onLibrary('1.');

const tested: string[] = [];

/** A test of what a row of the table says, of its first cell's words. */
const row = (title: string, check: () => void): void => {
  tested.push(title);
  test(title, check);
};

const values = (x: Tensor): number[] => [...x.dataSync()];

row('`tf.max`, `tf.min` of a NaN', () => {
  for (const list of [
    [NaN, 1, 2],
    [1, NaN, 2],
  ]) {
    expect(values(tf.max(tf.tensor1d(list)))).toEqual([isOld() ? 2 : NaN]);
    expect(values(tf.min(tf.tensor1d(list)))).toEqual([isOld() ? 1 : NaN]);
  }
});

row('`tf.max` of nothing but NaN', () => {
  expect(values(tf.max(tf.tensor1d([NaN, NaN])))).toEqual([isOld() ? -Infinity : NaN]);
});

row('`tf.maximum`, `tf.minimum`', () => {
  expect(values(tf.maximum([NaN, 1], [1, NaN]))).toEqual([NaN, isOld() ? 1 : NaN]);
  expect(values(tf.minimum([NaN, 1], [1, NaN]))).toEqual([NaN, isOld() ? 1 : NaN]);
});

// By one instruction for eight numbers; what is left over is right.
const eight = (value: number): Tensor => tf.fill([8], value);

row('`tf.sqrt`, `tf.rsqrt` of ∞', () => {
  expect(values(tf.sqrt(eight(Infinity)))).toEqual(Array(8).fill(isOld() ? NaN : Infinity));
  expect(values(tf.rsqrt(eight(Infinity)))).toEqual(Array(8).fill(isOld() ? NaN : 0));
  expect(values(tf.sqrt([Infinity]))).toEqual([Infinity]);
  expect(values(tf.rsqrt([Infinity]))).toEqual([0]);
});

row('`tf.rsqrt(-0)`', () => {
  expect(values(tf.rsqrt(eight(-0)))).toEqual(Array(8).fill(isOld() ? Infinity : -Infinity));
});

row('`tf.sign` of NaN, and so the gradient of `abs`', () => {
  expect(values(tf.sign([NaN]))).toEqual([isOld() ? 0 : NaN]);
  const slope = tf.grad((x) => tf.sum(tf.abs(x)))(tf.tensor1d([NaN]));
  expect(values(slope)).toEqual([isOld() ? 0 : NaN]);
});

row('`tf.sigmoid` far below zero', () => {
  const [at9 = NaN, at20 = NaN] = values(tf.sigmoid([-9.01, -20, ...Array<number>(6).fill(0)]));
  expect(Math.abs(at9 / 0.0001221669 - 1)).toBeLessThan(isOld() ? 2e-4 : 1e-6);
  if (isOld()) expect(at20).toBe(0);
  else expect(Math.abs(at20 / 2.0611536e-9 - 1)).toBeLessThan(1e-6);
});

row('`tf.softplus`, `tf.logSigmoid` near 0', () => {
  const right = Math.log1p(Math.exp(-13.93));
  const [at13 = NaN] = values(tf.softplus(eight(-13.93)));
  expect(Math.abs(at13 - right)).toBeLessThan(1.2e-7);
  if (isOld()) expect(Math.abs(at13 / right - 1)).toBeGreaterThan(0.05);
  else expect(Math.abs(at13 / right - 1)).toBeLessThan(2e-6);
});

row('numbers nearer to 0 than 1.2e-38', () => {
  const [product = NaN] = values(tf.mul([1e-30], [1e-10]));
  if (isOld()) expect(product).toBeCloseTo(1e-40, 44);
  else expect(product).toBe(0);
});

row('`tf.image.nonMaxSuppressionWithScore` with `softNmsSigma`', () => {
  const boxes = tf.tensor2d([
    [0, 0, 1, 1],
    [0, 0.1, 1, 1.1],
    [0, 5, 1, 6],
  ]);
  const { selectedIndices } = tf.image.nonMaxSuppressionWithScore(
    boxes,
    tf.tensor1d([0.9, 0.75, 0.6]),
    3,
    0.5,
    0.1,
    0.5,
  );
  expect(values(selectedIndices as Tensor)).toEqual(isOld() ? [0, 2] : [0, 2, 1]);
});

row('`tf.image.cropAndResize` of a box that is NaN or infinite', () => {
  const crop = (): number[] =>
    values(
      tf.image.cropAndResize(
        tf.ones([1, 2, 2, 1]),
        tf.tensor2d([
          [NaN, 0, 1, 1],
          [0, 0, 1, 1],
          [0, -Infinity, 1, Infinity],
        ]),
        tf.tensor1d([0, 0, 0], 'int32'),
        [1, 2],
        'bilinear',
        7,
      ),
    );
  if (isOld()) expect(crop()).toEqual([7, 7, 1, 1, 7, 7]);
  else expect(crop).toThrow(/finite/);
});

row('`tf.maxPool3d` of a NaN', () => {
  const pooled = (list: readonly number[]): number[] =>
    values(tf.maxPool3d(tf.tensor5d([...list], [1, 2, 2, 2, 1]), 2, 2, 'valid'));
  expect(pooled([9, NaN, 1, 2, 3, 4, 5, 6])).toEqual([isOld() ? 9 : 6]);
  expect(pooled([1, 2, 3, 4, 5, 6, 9, NaN])).toEqual([isOld() ? 9 : NaN]);
});

row('convolutions of no images', () => {
  const none = tf.zeros([0, 6, 6, 1]) as Tensor4D;
  expect(tf.conv2d(none, tf.ones([2, 2, 1, 3]), 2, 'valid').shape).toEqual(
    isOld() ? [0, 3, 3, 3] : none.shape,
  );
});

test('what is the same on all versions', () => {
  expect(values(tf.relu([NaN, -1]))).toEqual([NaN, 0]);
  expect(values(tf.clipByValue(tf.tensor1d([NaN]), 0, 1))).toEqual([NaN]);
  expect(values(tf.maxPool(tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]), 2, 1, 'valid'))).toEqual([3]);
  expect(values(tf.argMax(tf.tensor1d([1, NaN, 2])))).toEqual([2]);
  expect(values(tf.round([0.5, 1.5, 2.5]))).toEqual([0, 2, 2]);
  expect(values(tf.mod([-3], [2]))).toEqual([1]);
  expect(values(tf.relu6([NaN, 7]))).toEqual([NaN, 6]);
  expect(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([5], 'int32'))).toThrow(/is not in \[0, 2\)/);
  expect(() => tf.floorDiv(tf.tensor1d([1], 'int32'), tf.tensor1d([0], 'int32'))).toThrow(
    /Integer division by zero/,
  );
});

test('each row of the table is tested', () => {
  const text = readFileSync(path.join(__dirname, '..', '..', 'docs', 'libraries.md'), 'utf8');
  const [, ...titles] = [...text.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, title = '']) => title);
  // What it says of last bits, no test can.
  const untested = ['`tanh`, `sigmoid`, matrix products'];
  expect([...tested, ...untested].sort()).toEqual(titles.filter((title) => !/^-+$/.test(title)).sort());
});
