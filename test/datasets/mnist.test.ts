import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npz } from '../../datasets/build/npz-writer';
import { loadIn } from '../../src/datasets/define-dataset';
import { datasetMnist } from '../../src/datasets/mnist';
import { KerasArgumentError, KerasFileError } from '../../src/base/errors';
import type { Tensor } from '../../src/tfjs/tensorflow';
import { realTest, temporaryFolders, testEnvironment } from './support';
import { tensorCount } from '../support/tensors';

const temporaryFolder = temporaryFolders();
const hash = (tensor: Tensor): string => createHash('sha256').update(tensor.dataSync()).digest('hex');

realTest('the real data, element by element', async (home) => {
  const environment = testEnvironment(home);
  const mnist = await loadIn(datasetMnist, undefined, environment);
  const { train, test: held } = mnist;
  expect(mnist.source).toBe('cache');
  expect([train.x.shape, train.y.shape]).toEqual([[60_000, 28, 28], [60_000]]);
  expect([held.x.shape, held.y.shape]).toEqual([[10_000, 28, 28], [10_000]]);
  expect([train.x.dtype, train.y.dtype]).toEqual(['int32', 'int32']);
  // m = numpy.load('mnist.npz'); hashlib.sha256(m['x_train'].astype('<i4').tobytes()).hexdigest(), and so on
  expect([train.x, train.y, held.x, held.y].map(hash)).toEqual([
    '74fbf68114bb24fa3fadd53caef58b542af32bff636cecce4640a4ce50a42a64',
    'ba2e26c82ab7a46fbcd5ec6de8eee4d541cf3829f5050669177da23b515defeb',
    'af8661a657c687b7d2c9e565ee3df57e57fa62a105f9df010d70ceaa6f37c470',
    '52aa149c856ca033d02e1d2e5cc61033b4c56ed4a56f0edc328206a178c42126',
  ]);
  expect(environment.warnings).toEqual([]);
  mnist.dispose();
});

test('the embedded digits are like the real ones', async () => {
  const before = tensorCount();
  const mnist = await datasetMnist({ embedded: true });
  expect(mnist.source).toBe('embedded');
  for (const [{ x, y }, rows] of [
    [mnist.train, 8000],
    [mnist.test, 2000],
  ] as const) {
    expect(x.shape).toEqual([rows, 28, 28]);
    const brightness = Int32Array.from(x.dataSync());
    expect(brightness.reduce((a, b) => Math.max(a, b), 0)).toBe(255);
    expect(brightness.reduce((a, b) => Math.min(a, b), 255)).toBe(0);
    // MNIST's mean brightness is 33.3 of 255, about a fifth of the pixels are not 0.
    expect(brightness.reduce((a, b) => a + b, 0) / brightness.length).toBeCloseTo(33.3, -1);
    const counts = new Array<number>(10).fill(0);
    for (const label of y.dataSync()) counts[label] = (counts[label] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(rows / 13);
  }
  mnist.dispose();
  expect(tensorCount()).toBe(before);
});

realTest('the embedded digits are among the real training digits, each once', async (home) => {
  const [embedded, real] = [
    await datasetMnist({ embedded: true }),
    await loadIn(datasetMnist, undefined, testEnvironment(home)),
  ];
  const digitsOf = (x: Tensor, y: Tensor): string[] => {
    const [pixels, labels] = [x.dataSync(), y.dataSync()];
    return Array.from(labels, (label, row) => {
      const image = pixels.subarray(row * 784, (row + 1) * 784);
      return `${label} ${createHash('sha1').update(image).digest('hex')}`;
    });
  };
  const known = new Set(digitsOf(real.train.x, real.train.y));
  const ours = [embedded.train, embedded.test].flatMap(({ x, y }) => digitsOf(x, y));
  expect(new Set(ours).size).toBe(10_000);
  expect(ours.filter((digit) => !known.has(digit))).toEqual([]);
  embedded.dispose();
  real.dispose();
});

const array = (
  shape: number[],
  type = '|u1',
  fill = 1,
): { type: string; shape: number[]; data: Uint8Array } => ({
  type,
  shape,
  data: new Uint8Array(shape.reduce((a, b) => a * b, 1) * Number(type.slice(2))).fill(fill),
});
const parts = {
  x_train: array([2, 28, 28]),
  y_train: array([2]),
  x_test: array([1, 28, 28]),
  y_test: array([1]),
};

test.each<[string, Parameters<typeof npz>[0], RegExp]>([
  ['a missing member', { x_train: parts.x_train, y_train: parts.y_train }, /lacks `x_test`, `y_test`/],
  [
    'images of another size',
    { ...parts, x_train: array([2, 14, 14]) },
    /`x_train` is of shape \(2, 14, 14\) and type 'u1', not of shape \(n, 28, 28\)/,
  ],
  [
    'images of another type',
    { ...parts, x_test: array([1, 28, 28], '<f4') },
    /`x_test` is of shape \(1, 28, 28\) and type 'f4'/,
  ],
  ['fewer labels than images', { ...parts, y_train: array([1]) }, /`y_train` is of shape \(1\)/],
  [
    'a label that is no digit',
    { ...parts, y_test: array([1], '|u1', 10) },
    /the label 10 at 0, outside 0 to 9/,
  ],
  ['no images', { ...parts, x_train: array([0, 28, 28]), y_train: array([0]) }, /`x_train` is empty/],
  ['pickled lists', { ...parts, x_train: [[1]] }, /`x_train` is of shape \(1\) and type lists/],
])('a file with %s is an error, and stays', async (_, arrays, message) => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'datasets'));
  await writeFile(join(home, 'datasets', 'mnist.npz'), npz(arrays));
  const loading = loadIn(datasetMnist, {}, testEnvironment(home));
  await expect(loading).rejects.toThrow(KerasFileError);
  await expect(loading).rejects.toThrow(message);
});

test('a small file of the right form is used, with a warning', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'datasets'));
  await writeFile(join(home, 'datasets', 'mine.npz'), npz(parts));
  const environment = testEnvironment(home);
  const mnist = await loadIn(datasetMnist, { path: 'mine.npz' }, environment);
  expect([mnist.train.x.shape, mnist.test.y.shape]).toEqual([[2, 28, 28], [1]]);
  expect(environment.warnings).toHaveLength(1);
  mnist.dispose();
});

test('checks its options', async () => {
  // @ts-expect-error a misspelt option does not compile
  await expect(datasetMnist({ embeded: true })).rejects.toThrow('Did you mean');
  // @ts-expect-error nor does a wrong value
  await expect(datasetMnist({ embedded: 'always' })).rejects.toThrow(KerasArgumentError);
  await expect(datasetMnist({ path: '' })).rejects.toThrow('`path` must be a non-empty string');
});
