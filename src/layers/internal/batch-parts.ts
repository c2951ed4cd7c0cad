import { availableParallelism } from 'node:os';
import { isRecording } from '../../ops/scan';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { SequenceResult, SequenceRun } from './recurrence';

/** What a recurrence does for a row in a time step: a product of its state with `[units, gates · units]` weights. */
export interface RecurrenceSize {
  readonly units: number;
  readonly gates: number;
}

/**
 * Rows. A batch of sequences of at least twice as many runs in parts of at least so many, side by side on several processors: the LSTM over 50 × 8
 * with 32 rows takes 0.7 of the time in two parts, with 16 rows 0.8.
 */
const MIN_ROWS_PER_PART = 8;

/**
 * Multiplications of a time step's product with the state, and rows. Of larger products TensorFlow gives parts to several processors itself, so
 * that parts of the rows gain less than they cost: with 128 units and 32 rows as much as they cost, with 256 units a tenth of the time for a quarter more work.
 * Parts of so many rows gain in any case: of 128 rows of 500 words, two processors are busy for three to six sevenths of the time, instead of one to three.
 */
const MAX_PRODUCT = 2 ** 20;
const MIN_ROWS_OF_LARGE_PRODUCTS = 64;

/** Elements of all states of a part, from which on TensorFlow runs its operations side by side: the engine's `MAX_SEQUENTIAL_ELEMENTS`. */
export const MIN_ELEMENTS_PER_PART = 8192 + 1;

/** How many threads can be at work at once; read once, since a step must be the same whenever it is recorded. */
const PROCESSORS = availableParallelism();

/** Into how many parts of about the same size rows are cut: one for each processor, unless they would be too small. */
export const partsOf = (
  rows: number,
  steps: number,
  { units, gates }: RecurrenceSize,
  processors = PROCESSORS,
): number => {
  const isLarge = rows * units * gates * units > MAX_PRODUCT;
  const least = Math.max(
    isLarge ? MIN_ROWS_OF_LARGE_PRODUCTS : MIN_ROWS_PER_PART,
    Math.ceil(MIN_ELEMENTS_PER_PART / (steps * units)),
  );
  return Math.max(1, Math.min(processors, Math.floor(rows / least)));
};

/** The numbers of rows of such parts. */
export const sizesOfParts = (rows: number, parts: number): number[] =>
  Array.from(
    { length: parts },
    (_, part) => Math.floor(((part + 1) * rows) / parts) - Math.floor((part * rows) / parts),
  );

/**
 * Runs a batch of sequences in parts, side by side, where TensorFlow has it all in one graph. A step of a recurrence waits for the
 * one before, and is too small for several threads; the rows do not wait for each other.
 */
export const inParts = (
  run: SequenceRun,
  size: RecurrenceSize,
  ofPart: (part: SequenceRun) => SequenceResult,
): SequenceResult => {
  const [rowsAxis, stepsAxis] = run.timeMajor ? [1, 0] : [0, 1];
  const [rows, steps] = [run.x.shape[rowsAxis] as number, run.x.shape[stepsAxis] as number]; // it has three axes
  const parts = isRecording() ? partsOf(rows, steps, size) : 1;
  if (parts === 1) return ofPart(run);
  const sizes = sizesOfParts(rows, parts);
  const cut = (x: Tensor, axis: number): Tensor[] => tf.split(x, sizes, axis);
  const x = cut(run.x, rowsAxis);
  const present = run.present === undefined ? undefined : cut(run.present, 1);
  const first = run.first?.map((state) => cut(state, 0));
  const results = x.map((part, index) =>
    ofPart({
      ...run,
      x: part,
      present: present?.[index],
      first: first?.map((state) => state[index] as Tensor), // one for each part
    }),
  );
  const together = (tensors: Tensor[], axis: number): Tensor => tf.concat(tensors, axis);
  return {
    output: together(
      results.map(({ output }) => output),
      run.sequences ? 1 : 0,
    ),
    ends: (results[0] as SequenceResult).ends.map((_, state) =>
      together(
        results.map(({ ends }) => ends[state] as Tensor), // the same in each part
        0,
      ),
    ),
  };
};
