import { nonzeroFraction, sparseInSteps } from '../../src/arrays/dense-nonzeros';
import type { SparseRows } from '../../src/arrays/sparse-matrix';
import { tf, vectorizeSequences, type Tensor } from '../../src/index';

const all = (matrix: Tensor, maxFraction = 1): { matrix: SparseRows | undefined; steps: number } => {
  const search = sparseInSteps(matrix, maxFraction);
  for (let steps = 0; ; steps++) {
    const step = search.next();
    if (step.done === true) return { matrix: step.value, steps };
  }
};

/** Rows of more numbers than are looked at at once, or of some that such a part cuts. */
const shapes = [
  [7, 30_001],
  [2, 200_000],
  [300, 1000],
  [1, 5],
  [70_000, 1],
] as const;

test.each(shapes)('the nonzeros of %i rows of %i numbers', (rows, columns) => {
  const sequences = Array.from({ length: rows }, (_, row) =>
    row % 3 === 1 ? [] : [row % columns, columns - 1, (row * 7919 + 8) % columns, Math.floor(columns / 2)],
  );
  const [full, expected] = [
    vectorizeSequences(sequences, { dimension: columns }),
    vectorizeSequences(sequences, { dimension: columns, sparse: true }),
  ];
  const { matrix, steps } = all(full);
  expect(matrix?.shape).toEqual([rows, columns]);
  expect(matrix?.values).toBeUndefined();
  expect(matrix?.rowSplits).toEqual(expected.rowSplits);
  // Of a row in their order.
  expect(matrix?.columns).toEqual(
    Int32Array.from(
      Array.from({ length: rows }, (_, row) =>
        [...expected.columns.subarray(expected.rowSplits[row], expected.rowSplits[row + 1])].sort(
          (a, b) => a - b,
        ),
      ).flat(),
    ),
  );
  expect(steps).toBe(Math.ceil((rows * columns) / 65_536));
  expect(nonzeroFraction(full, 1)).toBeGreaterThan(0);
  full.dispose();
});

test('a sample tells which fraction of the numbers are not 0', () => {
  const rows = tf.tidy(() => tf.tile(tf.oneHot(tf.tensor1d([3], 'int32'), 50), [1000, 1]).cast('float32'));
  expect(nonzeroFraction(rows, 0.02)).toBeCloseTo(1 / 50, 10);
  expect(nonzeroFraction(rows, 0.019)).toBeUndefined();
  rows.dispose();
});

test('−0 is 0', () => {
  const values = new Float32Array(40).fill(-0);
  values[17] = 1;
  const matrix = tf.tensor2d(values, [4, 10]);
  expect([...(all(matrix).matrix?.rowSplits ?? [])]).toEqual([0, 0, 1, 1, 1]);
  expect([...(all(matrix).matrix?.columns ?? [])]).toEqual([7]);
  matrix.dispose();
});

test.each([0.5, -1, 1e-45, NaN, Infinity, 1.0000001])('%p is no one', (value) => {
  for (const place of [0, 9, 39, 21]) {
    const values = new Float32Array(40);
    values[3] = values[30] = 1;
    values[place] = value;
    const matrix = tf.tensor2d(values, [4, 10]);
    const { columns, values: found } = all(matrix).matrix ?? {};
    const places = [3, 30, place].sort((a, b) => a - b);
    expect([...(columns ?? [])]).toEqual(places.map((index) => index % 10));
    expect(found).toEqual(Float32Array.from(places.map((index) => (index === place ? value : 1))));
    matrix.dispose();
  }
});

test('more nonzeros than may be', () => {
  const matrix = tf.ones([4, 10]);
  expect(all(matrix, 0.99).matrix).toBeUndefined();
  expect(all(matrix, 1).matrix?.size).toBe(40);
  matrix.dispose();
});
