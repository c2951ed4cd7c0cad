import type * as Tfjs from '@tensorflow/tfjs';

/** What tfjs counts of its tensors, for `tf.memory()`, and one number more. */
export interface Counts {
  numTensors: number;
  numStringTensors: number;
  numDataBuffers: number;
  numBytes: number;
  /** How many tensors nobody has disposed, and V8 found when nobody could reach them any more. */
  numCollected?: number;
}

export const countsOf = (tf: typeof Tfjs): Counts => {
  const { state } = tf.engine() as unknown as { readonly state: Counts }; // tfjs's types do not have it
  return state;
};

/** Runs what frees tensors that nobody could reach any more. */
export const freeCollected = (counts: Counts, free: () => void): void => {
  const before = counts.numTensors;
  free();
  counts.numCollected = (counts.numCollected ?? 0) + before - counts.numTensors;
};

/**
 * How many tensors there would be if V8 had found none of those that were forgotten: it does so at any time that the program waits
 * for something. The difference of two such counts is therefore what was made between them and not disposed, and nothing else.
 */
export const countTensors = (tf: typeof Tfjs): number => {
  const { numTensors, numCollected = 0 } = countsOf(tf);
  return numTensors + numCollected;
};
