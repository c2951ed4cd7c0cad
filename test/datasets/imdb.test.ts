import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npy, npz, zip } from '../../datasets/build/npz-writer';
import { loadIn } from '../../src/datasets/define-dataset';
import { datasetImdb, datasetImdbWordIndex, type ImdbOptions } from '../../src/datasets/imdb';
import { KerasArgumentError, KerasDatasetError, KerasFileError } from '../../src/base/errors';
import type { Tensor1D } from '../../src/tfjs/tensorflow';
import { realTest, temporaryFolders, testEnvironment } from './support';
import { tensorCount } from '../support/tensors';

const temporaryFolder = temporaryFolders();

const homeWith = async (name: string, content: Buffer | string): Promise<string> => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'datasets'));
  await writeFile(join(home, 'datasets', name), content);
  return home;
};

const hash = ([reviews, labels]: readonly [number[][], Tensor1D]): string => {
  const sum = createHash('sha256');
  for (const ids of reviews) sum.update(Int32Array.of(ids.length, ...ids));
  return sum.update(labels.dataSync()).digest('hex');
};

// Keras's load_data written out in NumPy (RandomState, shuffle of the indices, start and shift, maxlen, left-out words), then
// for each review sha256.update(numpy.array([len(x)] + x, '<i4')), then the labels as '<i4'.
const REFERENCE: { options: ImdbOptions; rows: number[]; sha256: string[] }[] = [
  {
    options: {},
    rows: [25_000, 25_000],
    sha256: [
      '9691b81388f6f812c1a209fc75448b36bb63c2453e35cda981426b026d22bc2d',
      '496ba3fbd165b41ad722408e46a6b7e989d622c1340c32e832eb835e95d39b6c',
    ],
  },
  {
    options: { numWords: 10_000 },
    rows: [25_000, 25_000],
    sha256: [
      'b3726910d6222c1c7d7de94cb6b5024964c91fc0851f98b87eabc7ff808dc9a8',
      '2630fde7afb7de830e10cda98aab84a114bebffe1c3586bfbd061fac471d40d6',
    ],
  },
  {
    options: { numWords: 5000, skipTop: 20, maxlen: 100, seed: 7 },
    rows: [2773, 2963],
    sha256: [
      '22fd41c4ef50abbb2f148f35877ef25c17e74b236d6fc3a98274081a3fa832eb',
      '83fc2fa0bc66d36ccc7dfc431512027685d656ccbd8334527278ba7b9e28b68a',
    ],
  },
  {
    options: { startChar: null, oovChar: null, indexFrom: 0, numWords: 1000, skipTop: 5 },
    rows: [25_000, 25_000],
    sha256: [
      'ce663fd320be6e7eba04629a8a9e31e27e729b373774f003ae961cbbe496b8bf',
      '12911b0eed5af48aa5e60f005dd85538b589bb0518ef68268a06a0cb4fbcbc98',
    ],
  },
];

for (const { options, rows, sha256 } of REFERENCE) {
  realTest(`the real reviews, id by id, with ${JSON.stringify(options)}`, async (home) => {
    const environment = testEnvironment(home);
    const imdb = await loadIn(datasetImdb, options, environment);
    expect(imdb.source).toBe('cache');
    expect(imdb.map(([x]) => x.length)).toEqual(rows);
    expect(imdb.map((split) => hash(split))).toEqual(sha256);
    expect(environment.warnings).toEqual([]);
    imdb.dispose();
  });
}

realTest('the first review and the words', async (home) => {
  const imdb = await loadIn(datasetImdb, {}, testEnvironment(home));
  const index = await loadIn(datasetImdbWordIndex, {}, testEnvironment(home));
  const words = new Map([...index].map(([word, rank]) => [rank + 3, word]));
  const [first = []] = imdb.train.x;
  expect(first).toHaveLength(218);
  expect(
    first
      .slice(1, 9)
      .map((id) => words.get(id))
      .join(' '),
  ).toBe('this film was just brilliant casting location scenery');
  expect([...imdb.train.y.slice(0, 10).dataSync()]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 1, 0]);
  expect(index.size).toBe(88_584);
  expect(index.get('the')).toBe(1);
  imdb.dispose();
});

/** Ten reviews [10], [11], … with the label of the parity. */
const tiny = (from: number): { x: number[][]; y: { type: string; shape: number[]; data: Uint8Array } } => ({
  x: Array.from({ length: 10 }, (_, row) => [from + row]),
  y: { type: '|u1', shape: [10], data: Uint8Array.from({ length: 10 }, (_, row) => row % 2) },
});
const file = (): Buffer =>
  npz({ x_train: tiny(10).x, y_train: tiny(10).y, x_test: tiny(20).x, y_test: tiny(20).y });

test('shuffles reviews and labels alike, the test set with the same generator', async () => {
  const environment = testEnvironment(await homeWith('imdb.npz', file()));
  const imdb = await loadIn(datasetImdb, {}, environment);
  // r = numpy.random.RandomState(113); a = numpy.arange(10); r.shuffle(a); b = numpy.arange(10); r.shuffle(b)
  const train = [9, 3, 6, 1, 0, 7, 4, 8, 2, 5];
  expect(imdb.train.x).toEqual(train.map((row) => [1, 13 + row]));
  expect([...imdb.train.y.dataSync()]).toEqual(train.map((row) => row % 2));
  const testRows = [6, 9, 5, 0, 1, 4, 8, 3, 7, 2];
  // The largest id of all, 32, is left out, as in Keras.
  expect(imdb.test.x).toEqual(testRows.map((row) => [1, row === 9 ? 2 : 23 + row]));
  expect(environment.warnings).toHaveLength(1);
  imdb.dispose();
});

test('leaves out words and reviews as Keras does', async () => {
  const load = async (options: ImdbOptions): Promise<number[][]> => {
    const reviews = [[5, 6, 7, 8], [5], [1, 2, 3]];
    const y = { type: '|u1', shape: [3], data: Uint8Array.of(0, 1, 0) };
    const home = await homeWith(
      'imdb.npz',
      npz({ x_train: reviews, y_train: y, x_test: reviews, y_test: y }),
    );
    const imdb = await loadIn(datasetImdb, options, testEnvironment(home));
    const { x } = imdb.train;
    imdb.dispose();
    return x.sort((a, b) => a.length - b.length || (a[1] ?? 0) - (b[1] ?? 0));
  };
  expect(await load({ numWords: 10 })).toEqual([
    [1, 8],
    [1, 4, 5, 6],
    [1, 8, 9, 2, 2],
  ]);
  expect(await load({ numWords: 10, oovChar: 99 })).toEqual([
    [1, 8],
    [1, 4, 5, 6],
    [1, 8, 9, 99, 99],
  ]);
  expect(await load({ numWords: 10, oovChar: null })).toEqual([
    [1, 8],
    [1, 8, 9],
    [1, 4, 5, 6],
  ]);
  // The start is below skipTop too.
  expect(await load({ numWords: 100, skipTop: 5 })).toEqual([
    [2, 8],
    [2, 2, 5, 6],
    [2, 8, 9, 10, 11],
  ]);
  expect(await load({ numWords: 100, maxlen: 5 })).toEqual([
    [1, 8],
    [1, 4, 5, 6],
  ]);
  expect(await load({ numWords: 100, startChar: null, indexFrom: 0 })).toEqual([
    [5],
    [1, 2, 3],
    [5, 6, 7, 8],
  ]);
  await expect(load({ maxlen: 2 })).rejects.toThrow(KerasDatasetError);
  await expect(load({ maxlen: 2 })).rejects.toThrow(
    '`maxlen` must leave texts that are shorter. Received: 2.',
  );
});

const hostile = zip({
  'x_train.npy': npy('|O', [1], Buffer.from('\x80\x02cos\nsystem\nU\x02ls\x85R.', 'latin1')),
});

test.each<[string, Buffer, RegExp]>([
  ['a pickle that would run code', hostile, /names the Python object "os\.system".*nothing was run/],
  [
    'numbers in place of lists',
    npz({ x_train: tiny(1).y, y_train: tiny(1).y, x_test: tiny(1).x, y_test: tiny(1).y }),
    /`x_train` holds no lists/,
  ],
  [
    'other labels',
    npz({
      x_train: [[1]],
      y_train: { type: '|u1', shape: [1], data: Uint8Array.of(2) },
      x_test: [[1]],
      y_test: tiny(1).y,
    }),
    /the label 2 at 0/,
  ],
  [
    'fewer labels',
    npz({
      x_train: [[1], [2]],
      y_train: { type: '|u1', shape: [1], data: Uint8Array.of(1) },
      x_test: [[1]],
      y_test: tiny(1).y,
    }),
    /`y_train` is of shape \(1\)/,
  ],
  [
    'no reviews',
    npz({
      x_train: [],
      y_train: { type: '|u1', shape: [0], data: new Uint8Array(0) },
      x_test: [[1]],
      y_test: tiny(1).y,
    }),
    /`x_train` is empty/,
  ],
])('a file with %s is an error', async (_, content, message) => {
  const loading = loadIn(datasetImdb, {}, testEnvironment(await homeWith('imdb.npz', content)));
  await expect(loading).rejects.toThrow(KerasFileError);
  await expect(loading).rejects.toThrow(message);
});

test('the generated reviews can be told apart, and all have words', async () => {
  const before = tensorCount();
  const imdb = await datasetImdb({ embedded: true });
  const index = await datasetImdbWordIndex({ embedded: true });
  expect([imdb.source, imdb.train.x.length, imdb.test.x.length]).toEqual(['embedded', 4000, 2000]);
  const words = new Map([...index].map(([word, rank]) => [rank + 3, word]));
  expect(imdb.train.x.flat().every((id) => id === 1 || id === 2 || words.has(id))).toBe(true);
  expect(imdb.train.y.dataSync().filter((label) => label === 1)).toHaveLength(2000);
  // Ranks follow frequency.
  const counts = new Map<number, number>();
  for (const id of imdb.train.x.flat()) counts.set(id, (counts.get(id) ?? 0) + 1);
  const falling = [...words.keys()]
    .sort((a, b) => a - b)
    .map((id) => counts.get(id) ?? 0)
    .slice(0, -1);
  expect(falling).toEqual([...falling].sort((a, b) => b - a));
  imdb.dispose();
  expect(tensorCount()).toBe(before);
});

test.each([
  ['no JSON', '{"the": 1', /the text is no JSON/],
  ['a list', '["the"]', /no JSON object of words/],
  ['no words', '{}', /the word list is empty/],
  ['a word without rank', '{"the": "first"}', /the word "the" has no rank/],
  ['a rank of 0', '{"the": 0}', /the word "the" has no rank/],
  ['of latin-1', Buffer.from('{"the": 1,\n"größe": 2}', 'latin1'), /no characters of UTF-8, in line 2/],
])('a word index that is %s is an error', async (_, content, message) => {
  const loading = loadIn(
    datasetImdbWordIndex,
    {},
    testEnvironment(await homeWith('imdb_word_index.json', content)),
  );
  await expect(loading).rejects.toThrow(KerasFileError);
  await expect(loading).rejects.toThrow(message);
});

test('a word index may begin with a byte-order mark', async () => {
  const home = await homeWith('imdb_word_index.json', '\ufeff{"the": 1, "größe": 2}');
  const index = await loadIn(datasetImdbWordIndex, {}, testEnvironment(home));
  expect([...index]).toEqual([['the', 1], ['größe', 2]]); // prettier-ignore
});

test('words that are names of object properties are words', async () => {
  const home = await homeWith('imdb_word_index.json', '{"__proto__": 3, "constructor": 2, "the": 1}');
  const index = await loadIn(datasetImdbWordIndex, {}, testEnvironment(home));
  expect([index.get('__proto__'), index.get('constructor'), index.get('toString')]).toEqual([
    3,
    2,
    undefined,
  ]);
});

test.each<ImdbOptions>([
  { numWords: 0 },
  { skipTop: -1 },
  { maxlen: 0 },
  { seed: -1 },
  { indexFrom: 0.5 },
  { startChar: -1 },
])('refuses %p', async (options) => {
  await expect(datasetImdb({ ...options, embedded: true })).rejects.toThrow(KerasArgumentError);
});
