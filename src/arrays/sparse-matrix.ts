import { tf, type Tensor2D } from '../tensorflow';

/**
 * A matrix of zeros and ones that keeps only where the ones are: for each row, the columns. The 25,000 training reviews
 * of IMDB over 10,000 words take 14 MB so, and 1 GB as a tensor.
 *
 * `fit`, `evaluate` and `predict` take it as a tensor, for models whose first layer is dense. Made by
 * `vectorizeSequences(sequences, { dimension, sparse: true })`. It is JavaScript's own: there is nothing to dispose.
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

/** Where the ones of some rows are, twice: by row, and by column. */
export interface Ones {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** The same ones in the order of their columns, for the gradient. */
  readonly rowsByColumn: Int32Array;
  readonly columnsByColumn: Int32Array;
}

/** The ones of `count` rows from `from` on, or of those that `order` names there; rows count from 0 in the result. */
export const onesOf = (matrix: SparseMatrix, from: number, count: number, order?: Int32Array): Ones => {
  const { splits, columns } = matrix;
  const dimension = matrix.shape[1];
  // Every index below is within its array; the casts spare a check each, in the hottest loops there are.
  let total = 0;
  for (let index = 0; index < count; index++) {
    const row = order === undefined ? from + index : (order[from + index] as number);
    total += (splits[row + 1] as number) - (splits[row] as number);
  }
  const ones = {
    rows: new Int32Array(total),
    columns: new Int32Array(total),
    rowsByColumn: new Int32Array(total),
    columnsByColumn: new Int32Array(total),
  };
  // A counting sort by column: how many ones each has, then where its first one goes.
  const places = new Int32Array(dimension + 1);
  let position = 0;
  for (let index = 0; index < count; index++) {
    const row = order === undefined ? from + index : (order[from + index] as number);
    const end = splits[row + 1] as number;
    for (let one = splits[row] as number; one < end; one++) {
      const column = columns[one] as number;
      ones.rows[position] = index;
      ones.columns[position++] = column;
      (places[column + 1] as number)++;
    }
  }
  for (let column = 0; column < dimension; column++) {
    (places[column + 1] as number) += places[column] as number;
  }
  for (let one = 0; one < total; one++) {
    const column = ones.columns[one] as number;
    const place = (places[column] as number)++;
    ones.rowsByColumn[place] = ones.rows[one] as number;
    ones.columnsByColumn[place] = column;
  }
  return ones;
};
