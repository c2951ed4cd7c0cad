import { tf, vectorizeSequences } from 'keras-pipe';
import { SparseInput } from '../../src/arrays/sparse-input';

/** The values of a tensor that are in JavaScript's memory. */
const valuesHere = ({ dataId }: tf.Tensor): ArrayBufferView | null =>
  (
    tf.backend() as unknown as { tensorMap: { get(id: object): { values: ArrayBufferView | null } } }
  ).tensorMap.get(dataId).values; // as tfjs-node's backend has them

test('the dense block of ones takes a byte of JavaScript’s memory for each number, or none', () => {
  const rows = Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: 10 + (row % 3) }, (__, column) => column),
  );
  const { parts } = SparseInput.of(vectorizeSequences(rows, { dimension: 50, sparse: true }));
  const { denseBlock } = parts;
  if (denseBlock === undefined) throw new Error('there are frequent columns');
  expect(valuesHere(denseBlock)?.byteLength ?? 0).toBeLessThanOrEqual(denseBlock.size);
  const expected = rows.map(({ length }) =>
    Array.from({ length: 12 }, (_, column) => (column < length ? 1 : 0)),
  );
  expect(tf.cast(denseBlock, 'float32').arraySync()).toEqual(expected);
});
