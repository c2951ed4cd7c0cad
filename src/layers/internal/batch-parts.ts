import { availableParallelism } from 'node:os';
import { isRecording } from '../../ops/scan';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { SequenceResult, SequenceRun } from './recurrence';

/**
 * Rows. A batch of sequences of at least twice as many runs in parts of at least so many, side by side on several processors. Of 128 rows
 * of 500 words, two processors are then busy for three to six sevenths of the time, instead of one to three; parts of 16 rows take a
 * fifth more work than they save. bench, LSTM and words.
 */
const MIN_ROWS_PER_PART = 64;

/** How many threads can be at work at once; read once, since a step must be the same whenever it is recorded. */
const PROCESSORS = availableParallelism();

/** Into how many parts of about the same size rows are cut: one for each processor, unless they would be too small. */
export const partsOf = (rows: number, processors = PROCESSORS): number =>
  Math.max(1, Math.min(processors, Math.floor(rows / MIN_ROWS_PER_PART)));

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
export const inParts = (run: SequenceRun, ofPart: (part: SequenceRun) => SequenceResult): SequenceResult => {
  const rows = run.x.shape[run.timeMajor ? 1 : 0] as number; // `[batch, steps, …]`, or the other way around
  const parts = isRecording() ? partsOf(rows) : 1;
  if (parts === 1) return ofPart(run);
  const sizes = sizesOfParts(rows, parts);
  const cut = (x: Tensor, axis: number): Tensor[] => tf.split(x, sizes, axis);
  const x = cut(run.x, run.timeMajor ? 1 : 0);
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
