import type { Steps } from '../base/steps';
import { readPart } from '../tfjs/binding';
import type { Tensor } from '../tfjs/tensorflow';
import type { SparseRows } from './sparse-matrix';

/** Numbers that are looked at at once: they stay in a processor's cache, and take a fraction of a millisecond. */
const PART = 2 ** 16;

/** Rows of a sample, spread over all; fewer where they are long. */
const SAMPLED_ROWS = 32;
const SAMPLED_NUMBERS = 2 ** 19;

/** The numbers that are looked at: one array for all tensors, since nobody holds it while others run. */
let part: Part | undefined;

/** Numbers, and the same as bits. */
interface Part {
  readonly numbers: Float32Array;
  readonly bits: Int32Array;
}

/** The nonzeros of rows, as they are found. */
class Nonzeros {
  size = 0;
  readonly columns: Int32Array;
  /** What they are, once one is not 1. */
  values: Float32Array | undefined;

  constructor(maxSize: number) {
    this.columns = new Int32Array(maxSize);
  }

  /** Looks at numbers of a tensor that follow each other in one row; false where there are too many. */
  look(tensor: Tensor, from: number, to: number): boolean {
    for (let first = from; first < to; first += PART) {
      const count = Math.min(PART, to - first);
      this.read(tensor, first, count);
      if (!this.add(0, count, first - from)) return false;
    }
    return true;
  }

  /** Brings numbers here, for {@link add}. */
  read(tensor: Tensor, from: number, count: number): void {
    if (part === undefined) {
      const numbers = new Float32Array(PART);
      part = { numbers, bits: new Int32Array(numbers.buffer) };
    }
    readPart(tensor, part.numbers.subarray(0, count), from);
  }

  /** Adds those among numbers that were read, the first of which is in `column`; false where there are too many. */
  add(from: number, to: number, column: number): boolean {
    const { bits } = part as Part; // they were read
    const shift = column - from;
    let first = from;
    // Nearly all are zeros: eight at once. As bits, since −0 is none here, and is looked at below.
    for (; first + 8 <= to; first += 8) {
      const anyBits =
        (bits[first] as number) | // within its length, as the others
        (bits[first + 1] as number) |
        (bits[first + 2] as number) |
        (bits[first + 3] as number) |
        (bits[first + 4] as number) |
        (bits[first + 5] as number) |
        (bits[first + 6] as number) |
        (bits[first + 7] as number);
      if (anyBits !== 0 && !this.addEach(first, first + 8, shift)) return false;
    }
    return this.addEach(first, to, shift);
  }

  private addEach(from: number, to: number, shift: number): boolean {
    const { numbers, bits } = part as Part; // they were read
    for (let index = from; index < to; index++) {
      if (bits[index] === 0 || numbers[index] === 0) continue;
      if (this.size === this.columns.length) return false;
      const value = numbers[index] as number; // within its length
      if (value !== 1) this.values ??= new Float32Array(this.columns.length).fill(1, 0, this.size);
      if (this.values !== undefined) this.values[this.size] = value;
      this.columns[this.size++] = index + shift;
    }
    return true;
  }
}

/** Which fraction of a matrix's numbers are not 0, by a sample of its rows; undefined where it is more than `maxFraction`. */
export const nonzeroFraction = (matrix: Tensor, maxFraction: number): number | undefined => {
  const [rows = 0, dimension = 0] = matrix.shape;
  const sampled = Math.min(rows, SAMPLED_ROWS, Math.max(2, Math.floor(SAMPLED_NUMBERS / dimension)));
  const found = new Nonzeros(Math.floor(sampled * dimension * maxFraction));
  for (let index = 0; index < sampled; index++) {
    const row = Math.floor((index * rows) / sampled);
    if (!found.look(matrix, row * dimension, (row + 1) * dimension)) return undefined;
  }
  return found.size / (sampled * dimension);
};

/**
 * The rows of a matrix as sparse ones; undefined where more than `maxFraction` of its numbers are not 0. A part at a time: between two of
 * them others may run. −0 counts as 0.
 */
export function* sparseInSteps(matrix: Tensor, maxFraction: number): Steps<SparseRows | undefined> {
  const [rows = 0, dimension = 0] = matrix.shape;
  const all = rows * dimension;
  const found = new Nonzeros(Math.floor(all * maxFraction));
  const rowSplits = new Int32Array(rows + 1);
  for (let from = 0; from < all; from += PART) {
    const to = Math.min(from + PART, all);
    found.read(matrix, from, to - from);
    for (let position = from; position < to;) {
      const row = Math.floor(position / dimension);
      const end = Math.min(to, (row + 1) * dimension);
      if (!found.add(position - from, end - from, position - row * dimension)) return undefined;
      rowSplits[row + 1] = found.size;
      position = end;
    }
    yield;
  }
  const { size, columns, values } = found;
  return {
    shape: [rows, dimension],
    rowSplits,
    columns: columns.slice(0, size),
    ...(values === undefined ? {} : { values: values.slice(0, size) }),
    size,
  };
}
