import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npz } from '../../datasets/build/npz-writer';
import { datasetBostonHousing, type BostonHousingDataset } from '../../src/datasets/boston-housing';
import { loadIn } from '../../src/datasets/define-dataset';
import { KerasArgumentError } from '../../src/base/errors';
import { realTest, temporaryFolders, testEnvironment } from './support';

const temporaryFolder = temporaryFolders();
const hashes = ([train, held]: BostonHousingDataset): string[] =>
  [...train, ...held].map((tensor) => createHash('sha256').update(tensor.dataSync()).digest('hex'));

// b = numpy.load('boston_housing.npz'); i = numpy.arange(506); numpy.random.RandomState(seed).shuffle(i)
// x = b['x'][i].astype('<f4'); y = b['y'][i].astype('<f4'); c = int(506 * (1 - split))
// [hashlib.sha256(a.tobytes()).hexdigest() for a in (x[:c], y[:c], x[c:], y[c:])]
const REFERENCE = [
  {
    options: {},
    rows: [404, 102],
    sha256: [
      '7471e66141a5ded17e4fdc49440b60d1a9f68eaf6047619c6cbacd93ab33a1a5',
      '5afe261b46c8a14f12fc6dd19df3250ff50e5d38155ca723ff8b676197bcd9e5',
      '742b1153ecb6bd4db7d117f47418b5da264613252be4c5ddd5dcf412e7c7e162',
      '4b57322009ee6ec63530d689fb9eea6851730c9ab049146db0157254774264cf',
    ],
  },
  {
    options: { testSplit: 0.3, seed: 1 },
    rows: [354, 152],
    sha256: [
      '458dbb665ae01cf58187fbacb24d45e7b0c06e4c17ec73da1a8f367fddd768da',
      '94c4326669e39d36929b315df1fb9224d91a2289045ea274434306626c78ebb1',
      'eea538def6c747d24c2313133d4093c844ec589543e2a9c6d0e761d719a3c2f7',
      'f95d423559283aa46a4b413774d03928e1669448f070628f5d0c67e5f12d2ed9',
    ],
  },
];

test.each(REFERENCE)(
  'the embedded data is Keras’s, in its order: $options',
  async ({ options, rows, sha256 }) => {
    const boston = await datasetBostonHousing({ ...options, embedded: true });
    expect([boston.train.x.shape, boston.test.x.shape]).toEqual(rows.map((count) => [count, 13]));
    expect([boston.train.y.shape, boston.test.y.shape]).toEqual(rows.map((count) => [count]));
    expect(hashes(boston)).toEqual(sha256);
    boston.dispose();
  },
);

realTest('the real data, element by element', async (home) => {
  for (const { options, sha256 } of REFERENCE) {
    const environment = testEnvironment(home);
    const boston = await loadIn(datasetBostonHousing, options, environment);
    expect([boston.source, boston.train.x.dtype]).toEqual(['cache', 'float32']);
    expect(hashes(boston)).toEqual(sha256);
    expect(environment.warnings).toEqual([]);
    boston.dispose();
  }
});

test('without a test set', async () => {
  const boston = await datasetBostonHousing({ testSplit: 0, embedded: true });
  expect([boston.train.x.shape, boston.test.x.shape, boston.test.y.shape]).toEqual([[506, 13], [0, 13], [0]]);
  boston.dispose();
});

test.each([{ testSplit: 1 }, { testSplit: -0.1 }, { testSplit: NaN }, { seed: -1 }, { seed: 1.5 }])(
  'refuses %p',
  async (options) => {
    await expect(datasetBostonHousing({ ...options, embedded: true })).rejects.toThrow(KerasArgumentError);
  },
);

const numbers = (shape: number[], fill: number): { type: string; shape: number[]; data: Uint8Array } => ({
  type: '<f8',
  shape,
  data: new Uint8Array(new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(fill).buffer),
});

test.each([
  [
    'numbers that are not finite',
    { x: numbers([2, 13], NaN), y: numbers([2], 1) },
    /`x` has a number that is not finite/,
  ],
  ['fewer columns', { x: numbers([2, 12], 1), y: numbers([2], 1) }, /`x` is of shape \(2, 12\)/],
  ['fewer prices', { x: numbers([2, 13], 1), y: numbers([1], 1) }, /`y` is of shape \(1\)/],
  ['no rows', { x: numbers([0, 13], 1), y: numbers([0], 1) }, /`x` is empty/],
])('a file with %s is an error', async (_, arrays, message) => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'datasets'));
  await writeFile(join(home, 'datasets', 'boston_housing.npz'), npz(arrays));
  await expect(loadIn(datasetBostonHousing, {}, testEnvironment(home))).rejects.toThrow(message);
});
