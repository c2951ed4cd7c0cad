import { tf, type Tensor2D } from '../tfjs/tensorflow';

/**
 * A matrix of zeros and ones that keeps only where the ones are: for each row, the columns. The 25,000 training reviews
 * of IMDB over 10,000 words take 14 MB so, and 1 GB as a tensor.
 *
 * `fit`, `evaluate` and `predict` take it as a tensor, for models whose first layer is dense. Made by
 * `vectorizeSequences(sequences, { dimension, sparse: true })`. It is JavaScript's own: there is nothing to dispose. Its first
 * use with a model keeps a form that is quicker to multiply with it, which takes up to three times as much: 25 MB there.
 *
 * @example
 * const x = vectorizeSequences([[1, 3, 3], [0]], { dimension: 4, sparse: true })
 * assert.deepStrictEqual([x.shape, x.size], [[2, 4], 3])
 */
export class SparseMatrix {
  readonly shape: readonly [number, number];
  readonly dtype = 'float32';

  /** Row `i` has ones in the columns `columns[splits[i]]` to `columns[splits[i + 1] − 1]`, each once. */
  constructor(
    readonly splits: Int32Array,
    readonly columns: Int32Array,
    dimension: number,
  ) {
    this.shape = [splits.length - 1, dimension];
  }

  /** The number of ones. */
  get size(): number {
    return (this.splits.at(-1) ?? 0) - (this.splits[0] ?? 0);
  }

  /** Rows `from` to `from + count − 1`, over the same memory. */
  slice(from: number, count: number): SparseMatrix {
    return new SparseMatrix(this.splits.subarray(from, from + count + 1), this.columns, this.shape[1]);
  }

  /** The same matrix as a tensor, which is the caller's to dispose. */
  toTensor(): Tensor2D {
    const [rows, dimension] = this.shape;
    const values = new Float32Array(rows * dimension);
    for (let row = 0; row < rows; row++) {
      for (let index = this.splits[row] ?? 0; index < (this.splits[row + 1] ?? 0); index++) {
        values[row * dimension + (this.columns[index] ?? 0)] = 1;
      }
    }
    return tf.tensor2d(values, [rows, dimension]);
  }
}
