import { KerasArgumentError, SparseMatrix, tf, vectorizeSequences } from '../../src/index';
import { CMemory } from '../../src/native/c-memory';
import { tensorCount } from '../support/tensors';

const ints = (...values: number[]): Int32Array => Int32Array.from(values);
const make = (splits: unknown, columns: unknown, dimension: unknown): SparseMatrix =>
  new SparseMatrix(splits as Int32Array, columns as Int32Array, dimension as number);

describe('a sparse matrix of parts of the user', () => {
  test('is what its parts say', () => {
    const matrix = make(ints(0, 2, 2, 3), ints(3, 1, 0), 4);
    expect(matrix.shape).toEqual([3, 4]);
    expect(matrix.size).toBe(3);
    const tensor = matrix.toTensor();
    expect(tensor.arraySync()).toEqual([
      [0, 1, 0, 1],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
    tensor.dispose();
    // A part of a larger one: the first row begins elsewhere.
    expect(make(ints(1, 2), ints(7, 0), 2).size).toBe(1);
  });

  test.each([
    [
      'a column out of range',
      ints(0, 1),
      ints(7),
      2,
      '`columns[0]` must be a column from 0 to 1, `dimension` less one. Received: 7. Give a larger `dimension`',
    ],
    [
      'a negative column',
      ints(0, 2),
      ints(0, -1),
      2,
      '`columns[1]` must be a column from 0 to 1, `dimension` less one. Received: -1.',
    ],
    [
      'a column twice',
      ints(0, 1, 3),
      ints(0, 1, 1),
      2,
      '`columns[2]` must be a column that row 1 does not have yet. Received: 1.',
    ],
    [
      'rows that go back',
      ints(0, 2, 1),
      ints(0, 1),
      2,
      '`rowSplits[2]` must be from 2, where the row before begins, to 2',
    ],
    [
      'rows beyond the columns',
      ints(0, 3),
      ints(0, 1),
      2,
      '`rowSplits[1]` must be from 0, where the row before begins, to 2',
    ],
    ['a negative beginning', ints(-1, 1), ints(0, 1), 2, '`rowSplits[0]` must be from 0'],
    ['no beginnings', ints(), ints(), 2, '`rowSplits` must be an Int32Array: where each row begins'],
    ['nothing', undefined, undefined, undefined, '`rowSplits` must be an Int32Array: where each row begins'],
    ['plain arrays', [0, 1], ints(0), 2, '`rowSplits` must be an Int32Array: where each row begins'],
    [
      'columns of another type',
      ints(0, 1),
      Float32Array.of(0),
      2,
      '`columns` must be an Int32Array of the columns',
    ],
    ['no dimension', ints(0, 1), ints(0), 0, '`dimension` must be a positive integer'],
    ['half a dimension', ints(0, 1), ints(0), 1.5, '`dimension` must be a positive integer'],
  ])('%s is an error that says so', (_what, splits, columns, dimension, says) => {
    expect(() => make(splits, columns, dimension)).toThrow(KerasArgumentError);
    expect(() => make(splits, columns, dimension)).toThrow(`SparseMatrix: ${says}`);
  });

  test.each([
    [0, 4],
    [3, 1],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [NaN, 1],
    [undefined, undefined],
  ])('rows from %p, %p of them, are not among three', (from, count) => {
    const matrix = make(ints(0, 1, 1, 2), ints(0, 1), 2);
    expect(() => matrix.slice(from as number, count as number)).toThrow(
      `slice: the rows must be among the 3 of the matrix, counted from 0. Received: from: ${String(from)}, count: ${String(count)}.`,
    );
    expect(matrix.slice(1, 2).shape).toEqual([2, 2]);
    expect(matrix.slice(3, 0).shape).toEqual([0, 2]);
  });

  test('too large for a tensor says how large', () => {
    const before = tensorCount();
    expect(() => make(ints(0, 0, 0), ints(), 2 ** 31).toTensor()).toThrow(
      /^toTensor: the result must fit into memory twice\. Received: 2 rows of 2147483648 columns, which take 17\.2 GB of/,
    );
    expect(tensorCount()).toBe(before);
  });
});

test('of many numbers there is never an array of all of them, of which V8 would free hundreds of megabytes while the program waits', () => {
  const [rows, columns] = [700, 1000];
  const matrix = vectorizeSequences(
    Array.from({ length: rows }, (_, row) => [row % columns, (7 * row) % columns]),
    { dimension: columns, sparse: true },
  );
  const whole = jest.spyOn(tf, 'tensor2d');
  const write = jest.spyOn(CMemory.prototype, 'write');
  const made = [
    matrix.toTensor(),
    vectorizeSequences(
      Array.from({ length: rows }, (_, row) => [row % columns, (7 * row) % columns]),
      { dimension: columns },
    ),
  ];
  expect(whole).not.toHaveBeenCalled();
  expect(Math.max(...write.mock.calls.map(([, , bytes]) => bytes))).toBeLessThanOrEqual(4 * 65_536);
  jest.restoreAllMocks();
  for (const tensor of made) {
    const values = tensor.dataSync();
    let ones = 0;
    for (let row = 0; row < rows; row++)
      for (const column of new Set([row % columns, (7 * row) % columns])) {
        expect(values[row * columns + column]).toBe(1);
        ones++;
      }
    let total = 0;
    for (const value of values) total += value;
    expect(total).toBe(ones);
    tensor.dispose();
  }
  const count = tensorCount();
  const wrong = Array.from({ length: rows }, (_, row) => [row === 600 ? columns : 0]);
  expect(() => vectorizeSequences(wrong, { dimension: columns })).toThrow('[600][0]');
  expect(tensorCount()).toBe(count);
});
