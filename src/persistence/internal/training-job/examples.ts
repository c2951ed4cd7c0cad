/** Rows of arrays as TensorFlow's examples, and what a program must know to make arrays of them again. */
import { SparseInput } from '../../../arrays/sparse-input';
import type { SparseMatrix } from '../../../arrays/sparse-matrix';
import { describeShape, KerasShapeError } from '../../../base/errors';
import { sizeOf } from '../../../base/shapes';
import { exampleOf, type ExampleValue, type RecordShards } from '../../../files/tf-record';
import type { Arrays, InputArray } from '../../../step/batches';
import { tf, type Tensor } from '../../../tfjs/tensorflow';

/** What each row has of one array. */
export interface Feature {
  /** Its name in the records: `x0`, `y0`, `weight0`. */
  readonly name: string;
  /** `bytes`: all numbers of a row, one after the other; `texts`: its texts; `columns`: which of its columns are one, not zero. */
  readonly kind: 'bytes' | 'texts' | 'columns';
  readonly dtype: string;
  /** The shape of a row. */
  readonly shape: readonly number[];
}

/** The features of inputs, labels and weights; no weights where all rows count the same. */
export interface Features {
  readonly x: readonly Feature[];
  readonly y: readonly Feature[];
  readonly weights: readonly Feature[];
}

const featureOf = (name: string, array: InputArray): Feature => {
  const shape = array.shape.slice(1);
  if (array instanceof SparseInput) return { name, kind: 'columns', dtype: 'float32', shape };
  return { name, kind: array.dtype === 'string' ? 'texts' : 'bytes', dtype: array.dtype, shape };
};

const featuresIn = (prefix: string, arrays: readonly InputArray[]): Feature[] =>
  arrays.map((array, index) => featureOf(`${prefix}${index}`, array));

const present = (arrays: readonly (Tensor | undefined)[]): Tensor[] =>
  arrays.filter((array) => array !== undefined);

/** What arrays have in each row. */
export const featuresOf = ({ x, y, weights }: Arrays): Features => ({
  x: featuresIn('x', x),
  y: featuresIn('y', present(y)),
  weights: featuresIn('weight', present(weights)),
});

const listed = ({ x, y, weights }: Features): Feature[] => [...x, ...y, ...weights];

const describeFeature = (feature: Feature | undefined): string =>
  feature === undefined ? 'nothing' : `${feature.dtype} ${describeShape(feature.shape)}`;

/** Throws if the rows of a batch are not like those before it. */
export const checkAlike = (features: Features, batch: Features, argument: string): void => {
  const [expected, found] = [listed(features), listed(batch)];
  const isLike = (one: Feature, other: Feature | undefined): boolean =>
    JSON.stringify(one) === JSON.stringify(other);
  const index = expected.findIndex((one, place) => !isLike(one, found[place]));
  if (index === -1 && expected.length === found.length) return;
  const at = index === -1 ? expected.length : index;
  throw new KerasShapeError({
    argument,
    expected: `all rows must have the same arrays in the same shapes: ${describeFeature(expected[at])}`,
    received: describeFeature(found[at]),
    advice: 'Pad or cut the rows to one length: padSequences(x, { maxlen: … })',
  });
};

/** The bytes of an example that are written in one go, about. */
const BLOCK_BYTES = 4 << 20;

type RowValues = (row: number) => ExampleValue;

const bytesOfRows = (tensor: Tensor): RowValues => {
  const { buffer, byteOffset, byteLength } = tensor.dataSync<'float32' | 'int32' | 'bool'>(); // no texts
  const [rows = 1] = tensor.shape;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const perRow = byteLength / rows;
  return (row) => [bytes.subarray(row * perRow, (row + 1) * perRow)];
};

const columnsOfRows =
  ({ rowSplits, columns }: SparseMatrix): RowValues =>
  (row) =>
    columns.slice(rowSplits[row], rowSplits[row + 1]).sort();

/** The values of rows of one array, whose first is the block's. */
const valuesOf = (array: InputArray, from: number, count: number): RowValues => {
  if (array instanceof SparseInput) return columnsOfRows(array.matrix.slice(from, count));
  const begin = [from, ...Array<number>(array.rank - 1).fill(0)];
  const rows = tf.slice(array, begin, [count, ...array.shape.slice(1)]);
  try {
    return bytesOfRows(rows);
  } finally {
    rows.dispose();
  }
};

/** The texts of all rows, which are in memory as they are. */
const textsOfRows = (tensor: Tensor): RowValues => {
  const texts = tensor.dataSync() as unknown as string[]; // of a tensor of texts
  const perRow = sizeOf(tensor.shape.slice(1));
  return (row) => texts.slice(row * perRow, (row + 1) * perRow).map((text) => Buffer.from(text));
};

const bytesPerRow = (features: Features): number =>
  listed(features).reduce((total, { shape, kind }) => total + (kind === 'bytes' ? 4 * sizeOf(shape) : 64), 1);

/** Writes all rows of arrays, a block of them at a time. */
export const writeRows = async (shards: RecordShards, arrays: Arrays, features: Features): Promise<void> => {
  const all: readonly InputArray[] = [...arrays.x, ...present(arrays.y), ...present(arrays.weights)];
  const texts = all.map((array) =>
    !(array instanceof SparseInput) && array.dtype === 'string' ? textsOfRows(array) : undefined,
  );
  const names = listed(features).map(({ name }) => name);
  const perBlock = Math.max(1, Math.floor(BLOCK_BYTES / bytesPerRow(features)));
  for (let from = 0; from < arrays.rows; from += perBlock) {
    const count = Math.min(perBlock, arrays.rows - from);
    const values = all.map((array, index): RowValues => {
      const ofTexts = texts[index];
      return ofTexts === undefined ? valuesOf(array, from, count) : (row) => ofTexts(from + row);
    });
    for (let row = 0; row < count; row++) {
      const entries = values.map((valueOf, index): [string, ExampleValue] => [
        names[index] ?? '',
        valueOf(row),
      ]);
      await shards.add(exampleOf(Object.fromEntries(entries)));
    }
  }
};
