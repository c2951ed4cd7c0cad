/** Means and sums of a table's rows as sparse products, against TensorFlow's gathering, reducing and adding up. */
import { idOf } from '../../../../src/tfjs/binding';
import { record } from '../../../../src/engine/trace/record';
import { rewrite } from '../../../../src/engine/trace/rewrite';
import { poolTables } from '../../../../src/engine/trace/rewrites/pooled-table';
import { findTables } from '../../../../src/engine/trace/tables';
import { MIN_TABLE_ELEMENTS } from '../../../../src/engine/tuning';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../../src/tfjs/tensorflow';
import { replay } from '../../support';

/** The fewest that are a table, of which twelve ids take few. */
const rowsOf = (columns: number): number => Math.max(32, Math.ceil(MIN_TABLE_ELEMENTS / columns));

/** Rows that are named once, twice in one row of the batch, and in two of them. */
const IDS = [
  [5, 3, 5, 7],
  [3, 31, 0, 3],
  [9, 9, 9, 9],
];

type Pool = (rows: Tensor) => Tensor;

/** What is made of a table's rows by ids: with its gradient, which is checked; gives the names of the operations. */
const pooled = (columns: number, pool: Pool): string[] =>
  tf.tidy(() => {
    const count = rowsOf(columns);
    const table = tf.variable(tf.randomNormal([count, columns], 0, 1, 'float32', 1));
    const ids = tf.tensor2d(IDS, [3, 4], 'int32');
    const flat = tf.reshape(ids, [12]);
    const factors = tf.randomNormal([3, columns], 0, 1, 'float32', 2);
    const given = [table, ids, factors];
    given.forEach(idOf);
    const { result, recording } = record(() => {
      let means: Tensor | undefined;
      const { grads } = tf.variableGrads(() => {
        const rows = tf.gather(table as Tensor as Tensor2D, tf.reshape(ids, [12]) as Tensor1D);
        means = tf.keep(pool(tf.reshape(rows, [3, 4, columns])));
        return tf.sum(tf.mul(tf.reshape(means, [3, columns]), factors));
      }, [table]);
      return { means: means as unknown as Tensor, gradient: grads[table.name] as Tensor }; // the function was run; of its variable
    });
    const { means, gradient } = result;
    const shapes = new Map(given.map((tensor) => [idOf(tensor), tensor.shape]));
    const { recording: simple, resolve } = rewrite(recording, shapes);
    const [value, ofTable] = [resolve(idOf(means)), resolve(idOf(gradient))];
    const tables = findTables(simple, [idOf(table)], [ofTable], shapes);
    const made = poolTables(simple, tables, shapes);
    const sliced = made.tables.sliced.get(ofTable);
    expect(sliced).toBeDefined();
    const { indices = 0, values = 0, read } = sliced ?? {};
    const wanted = [value, indices, values, ...(read === undefined ? [] : [read])];
    const [seen = [], rows = [], gradients = [], found = []] = replay(made.recording, given, wanted);
    seen.forEach((one, index) => expect(one).toBeCloseTo(means.dataSync()[index] ?? NaN, 5));
    const sums = tf.unsortedSegmentSum(
      tf.tensor2d(gradients, [rows.length, columns]),
      tf.tensor1d(rows, 'int32'),
      count,
    );
    expect(tf.max(tf.abs(tf.sub(sums, gradient))).dataSync()[0]).toBeLessThan(1e-5);
    if (read !== undefined) {
      // Each row once, in the order in which they are first named.
      expect(rows).toEqual([...new Set(flat.dataSync())]);
      expect(found).toEqual([...tf.gather(table, tf.tensor1d(rows, 'int32')).dataSync()]);
    }
    means.dispose();
    table.dispose();
    return made.recording.ops.map(({ name }) => name);
  });

const PRODUCT = 'SparseTensorDenseMatMul';
const mean: Pool = (rows) => tf.mean(rows, 1);

test.each([1, 3, 20, 24, 25, 31, 32, 64, 100])('a mean of rows of %i numbers', (columns) => {
  const names = pooled(columns, mean);
  expect(names.filter((name) => name === PRODUCT)).toHaveLength(2);
  expect(names).not.toContain('UnsortedSegmentSum');
  // Its number of rows is the batch's: none of the positions has one.
  expect(names).not.toContain('Mean');
});

test.each<[string, Pool]>([
  ['a sum', (rows) => tf.sum(rows, 1)],
  ['a mean that keeps its axis', (rows) => tf.mean(rows, 1, true)],
])('%s', (_name, pool) => {
  expect(pooled(8, pool).filter((name) => name === PRODUCT)).toHaveLength(2);
});

test.each<[string, Pool]>([
  ['something is done to each of them first', (rows) => tf.mean(tf.square(rows), 1)],
  ['they are used twice', (rows) => tf.add(tf.mean(rows, 1), tf.max(rows, 1))],
  ['the largest of them is wanted', (rows) => tf.max(rows, 1)],
])('rows are gathered as ever where %s', (_name, pool) => {
  const names = pooled(8, pool);
  expect(names).not.toContain(PRODUCT);
  expect(names).toContain('UnsortedSegmentSum');
});
