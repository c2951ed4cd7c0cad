import { vectorizeSequences } from '../../src/arrays/vectorize-sequences';
import { KerasArgumentError } from '../../src/base/errors';
import { checkTensorCount, tensorsMade } from './support';

checkTensorCount();

test('a one at each id, once or often', () => {
  const x = vectorizeSequences([[0, 2, 2], [], Int32Array.of(3)], { dimension: 4 });
  expect(x.arraySync()).toEqual([
    [1, 0, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ]);
  expect(x.dtype).toBe('float32');
});

test('10,000 columns by default', () => {
  const x = vectorizeSequences([[9999]]);
  expect(x.shape).toEqual([1, 10_000]);
  expect(x.dataSync()[9999]).toBe(1);
});

test('makes one tensor, none on failure', () => {
  expect(tensorsMade(() => vectorizeSequences([[1]], { dimension: 2 }))).toBe(1);
  expect(tensorsMade(() => vectorizeSequences([[2]], { dimension: 2 }))).toBe(0);
});

test('names the id that is outside', () => {
  const vectorize = (): unknown => vectorizeSequences([[1], [0, 10]], { dimension: 10 });
  expect(vectorize).toThrow(KerasArgumentError);
  expect(vectorize).toThrow(
    'vectorizeSequences: `sequences[1][1]` must be an id: a whole number from 0 to 9. Received: 10. ' +
      'Give a larger dimension, or load the data with numWords: 10.',
  );
});

test.each<[unknown, string]>([
  [[[-1]], '`sequences[0][0]` must be an id'],
  [[[0.5]], '`sequences[0][0]` must be an id'],
  [[[NaN]], '`sequences[0][0]` must be an id'],
  [[['1']], '`sequences[0][0]` must be an id'],
  [[[1], 2], '`sequences[1]` must be a sequence'],
  [[[1], 'word'], '`sequences[1]` must be a sequence'],
  [[], '`sequences` must be a list of at least one sequence'],
  ['words', '`sequences` must be a list of sequences'],
])('refuses %p', (sequences, message) => {
  expect(() => vectorizeSequences(sequences as number[][])).toThrow(message);
});

test('refuses more than Node.js can hold, before it tries', () => {
  const rows = new Array<number[]>(100_000).fill([1]);
  expect(() => vectorizeSequences(rows, { dimension: 100_000 })).toThrow(
    '`dimension` must be at most 42949 for 100000 sequences',
  );
});

test('a sparse matrix of two billion columns takes memory for its ones only', () => {
  const { columns, rowSplits, shape } = vectorizeSequences([[5, 5, 2e9], [], [2e9, 0]], {
    dimension: 2 ** 31,
    sparse: true,
  });
  expect([...columns]).toEqual([5, 2e9, 2e9, 0]);
  expect([...rowSplits]).toEqual([0, 2, 2, 4]);
  expect(shape).toEqual([3, 2 ** 31]);
  expect(() => vectorizeSequences([[1]], { dimension: 1e12, sparse: true })).toThrow(
    /^vectorizeSequences: `dimension` must be at most 2³¹, the most columns of a sparse matrix\. Received: 1000000000000\./,
  );
});
