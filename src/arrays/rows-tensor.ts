import { atOnce, type Steps } from '../base/steps';
import { filledTensorInSteps } from '../tfjs/binding';
import { tf, type Tensor2D } from '../tfjs/tensorflow';
import { PIECE } from './nested';

/** Writes rows a piece at a time. */
function* inPieces(rows: number, rowsAtOnce: number, write: (first: number) => void): Steps<void> {
  for (let first = 0; first < rows; first += rowsAtOnce) {
    write(first);
    yield;
  }
}

/**
 * A matrix whose rows are written one after the other: `write` gets zeros. Of a large one there is never an array in JavaScript's memory: V8, which
 * frees it when it is dropped, has the program wait for that, 40 ms for 400 MB.
 */
export const tensorOfRows = (
  rows: number,
  columns: number,
  write: (into: Float32Array, row: number) => void,
): Tensor2D => {
  const shape: [number, number] = [rows, columns];
  const isLarge = rows * columns > PIECE;
  const rowsAtOnce = isLarge ? Math.max(1, Math.floor(PIECE / columns)) : rows;
  const piece = new Float32Array(rowsAtOnce * columns);
  /** Writes as many rows as there is room for, from one of them on. */
  const writeFrom = (first: number): Float32Array => {
    const count = Math.min(rowsAtOnce, rows - first);
    for (let index = 0; index < count; index++)
      write(piece.subarray(index * columns, (index + 1) * columns), first + index);
    return piece.subarray(0, count * columns);
  };
  if (!isLarge) return tf.tensor2d(writeFrom(0), shape, 'float32');
  const tensor = atOnce(
    filledTensorInSteps(shape, 'float32', (take) =>
      inPieces(rows, rowsAtOnce, (first) => {
        take(writeFrom(first));
        piece.fill(0);
      }),
    ),
  );
  return tensor as Tensor2D; // by its shape
};
