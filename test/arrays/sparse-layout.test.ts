import { layoutOf, prepareLayout } from '../../src/arrays/sparse-layout';
import { vectorizeSequences, type SparseMatrix } from '../../src/index';

const below = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const matrix = (sequences: readonly (readonly number[])[], dimension: number): SparseMatrix =>
  vectorizeSequences(sequences, { dimension, sparse: true });

/** 16 rows: columns 20 … 29 in all of them, column 5 in two, column 6 in one. */
const some = matrix(
  below(16).map((row) => [
    ...below(10).map((column) => 20 + column),
    ...(row < 2 ? [5] : []),
    ...(row === 3 ? [6] : []),
  ]),
  32,
);

test('columns with ones in an eighth of the rows, or more, are a matrix, and the others lists', () => {
  const { frequent, denseBlock, rowSplits, columns, last } = layoutOf(some);
  expect([...frequent]).toEqual([5, ...below(10).map((column) => 20 + column)]);
  const row = (first: number): number[] => [first, ...below(10).map(() => 1)];
  expect([...denseBlock]).toEqual(below(16).flatMap((index) => row(index < 2 ? 1 : 0)));
  expect([...rowSplits]).toEqual([0, 0, 0, 0, ...below(13).map(() => 1)]);
  expect([...columns]).toEqual([6]);
  expect(last).toBe(3);
});

test('few ones are not worth a product: the lists are the matrix itself', () => {
  const few = matrix(
    below(16).map((row) => [1, 2, 3, 4 + (row % 4)]),
    8,
  );
  const { frequent, denseBlock, rowSplits, columns, last } = layoutOf(few);
  expect([frequent.length, denseBlock.length, last]).toEqual([0, 0, 0]);
  expect(rowSplits).toBe(few.rowSplits);
  expect(columns.buffer).toBe(few.columns.buffer);
});

test.each([
  ['of a matrix without ones', matrix([[], []], 4), [0, 0, 0, 1]],
  ['where all columns are frequent', matrix([below(8), below(8)], 8), [0, 0, 0, 1]],
])('a row with a one is added %s', (_, x, expected) => {
  const { rowSplits, columns, last } = layoutOf(x);
  expect([...rowSplits]).toEqual(expected);
  expect([...columns]).toEqual([0]);
  expect(last).toBe(2);
});

test('of a matrix with many frequent columns, they are those with the most ones', () => {
  // 64 columns: the first 8 in all rows, the other ones in every seventh.
  const many = matrix(
    below(70).map((row) => below(64).filter((column) => column < 8 || (row + column) % 7 === 0)),
    64,
  );
  expect(many.size / 70).toBe(16);
  const { frequent, denseBlock } = layoutOf(many);
  expect(frequent.length).toBe(32);
  expect([...frequent.subarray(0, 8)]).toEqual(below(8));
  expect(denseBlock.length).toBe(2 * many.size);
});

test('is made once for a matrix', () => {
  expect(layoutOf(some)).toBe(layoutOf(some));
});

test('the layout of a large matrix is prepared a part at a time, that of a small one when it is needed', () => {
  // 1024 rows of 600 columns, half of which are in every row.
  const large = matrix(
    below(1024).map((row) => [
      ...below(300),
      ...below(300).map((column) => 300 + ((column * 7 + row) % 900)),
    ]),
    1200,
  );
  let parts = 0;
  for (const steps = prepareLayout(large); steps.next().done !== true;) parts++;
  // Of 614,400 ones, 262,144 are looked at at a time, twice.
  expect(parts).toBe(3 + 2);
  const layout = layoutOf(large);
  expect(layoutOf(large)).toBe(layout);
  const again = matrix(
    below(1024).map((row) => [
      ...below(300),
      ...below(300).map((column) => 300 + ((column * 7 + row) % 900)),
    ]),
    1200,
  );
  expect(layout).toEqual(layoutOf(again));
  expect(prepareLayout(large).next().done).toBe(true);
  expect(prepareLayout(some).next().done).toBe(true);
});
