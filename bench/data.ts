/** Synthetic data of the right shapes: the same for all contenders, from fixed seeds. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SparseMatrix, tf, vectorizeSequences, type Tensor } from '../src/index';

/** The words that reviews consist of, where rows are reviews. */
export const VOCABULARY = 10_000;

/** The different words that a review has on average. */
export const ONES = 132;

/** So many words make about {@link ONES} different ones. */
const WORDS = 209;

/** What rows and labels are drawn for. */
export interface DataPlan {
  readonly shape: readonly number[];
  readonly rows: number;
  /** Uniform numbers, reviews as rows of zeros and ones, or ids of so many words. */
  readonly inputs: 'numbers' | 'reviews' | { readonly words: number };
  readonly labels: 'numbers' | 'classes' | 'flags';
}

/** Numbers in [0, 1), always the same ones. */
const uniform = (): (() => number) => {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/**
 * Rows of ones as the real reviews have them: words by Zipf's law, p(rank) ~ 1 / (rank + 1)^1.1, which gives the most
 * frequent columns about the same shares of the ones (see README.md).
 */
const reviews = (rows: number, dimension: number): SparseMatrix => {
  const next = uniform();
  const upTo = new Float64Array(dimension);
  let sum = 0;
  for (let word = 0; word < dimension; word++) upTo[word] = sum += (word + 2) ** -1.1;
  const word = (): number => {
    const wanted = sum * next();
    let [first, last] = [0, dimension - 1];
    while (first < last) {
      const middle = (first + last) >> 1;
      if ((upTo[middle] ?? 0) < wanted) first = middle + 1;
      else last = middle;
    }
    return first;
  };
  const sequences = Array.from({ length: rows }, () => Array.from({ length: WORDS }, word));
  return vectorizeSequences(sequences, { dimension, sparse: true });
};

/** Rows for a model: a tensor, or a sparse matrix where that is wanted and the rows are reviews. */
export const inputsOf = ({ inputs, shape, rows }: DataPlan, sparse: boolean): Tensor | SparseMatrix => {
  if (inputs === 'numbers') return tf.randomUniform([rows, ...shape], 0, 1, 'float32', 1);
  if (inputs === 'reviews') {
    const matrix = reviews(rows, VOCABULARY);
    return sparse ? matrix : matrix.toTensor();
  }
  const { words } = inputs;
  const next = uniform();
  const ids = Int32Array.from({ length: rows * (shape[0] ?? 0) }, () => Math.floor(next() * words));
  return tf.tensor(ids, [rows, ...shape], 'int32');
};

export const labelsOf = ({ labels, rows }: DataPlan): Tensor =>
  tf.tidy(() => {
    const noise = tf.randomUniform([rows, labels === 'classes' ? 10 : 1], 0, 1, 'float32', 2);
    if (labels === 'numbers') return noise;
    if (labels === 'flags') return tf.round(noise);
    return tf.cast(tf.oneHot(tf.argMax(noise, 1), 10), 'float32');
  });

/** An array as NumPy reads it: version 1.0 of its format, little-endian. */
const writeNpy = (file: string, values: Float32Array | Int32Array, shape: readonly number[]): void => {
  const type = values instanceof Float32Array ? '<f4' : '<i4';
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join('')}), }`;
  // The data begin at a multiple of 64 bytes.
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  writeFileSync(
    file,
    Buffer.concat([
      prefix,
      Buffer.from(header, 'latin1'),
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    ]),
  );
};

/** Writes a model's data for the peers in Python: `x.npy` and `y.npy`; of sparse rows `splits.npy` and `columns.npy`. */
export const writeData = (plan: DataPlan, sparse: boolean, folder: string): void => {
  const write = (name: string, values: Float32Array | Int32Array, shape: readonly number[]): void =>
    writeNpy(path.join(folder, `${name}.npy`), values, shape);
  const x = inputsOf(plan, sparse);
  if (x instanceof SparseMatrix) {
    write('splits', x.rowSplits, [x.rowSplits.length]);
    write('columns', x.columns, [x.columns.length]);
  } else write('x', x.dataSync() as Float32Array | Int32Array, x.shape); // of these two types
  const y = labelsOf(plan);
  write('y', y.dataSync() as Float32Array, y.shape); // labels are float32
};
