import { argumentError, type Place } from '../base/checks';
import type { TypedArray } from '../tfjs/tensorflow';

/** A sequence of numbers: word ids, measurements. */
export type NumberSequence = readonly number[] | TypedArray;

const isSequence = (value: unknown): value is NumberSequence =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** A list of at least one sequence. What is in the sequences is for the caller to check, who reads it anyhow. */
export const checkSequences = (value: unknown, place: Place): readonly NumberSequence[] => {
  const advice = 'Give a list of lists of numbers, as datasetImdb returns';
  if (!Array.isArray(value)) throw argumentError(place, 'a list of sequences', value, advice);
  if (value.length === 0) throw argumentError(place, 'a list of at least one sequence', value, advice);
  for (const [row, sequence] of value.entries()) {
    if (!isSequence(sequence)) {
      throw argumentError(
        { function: place.function, argument: `${place.argument}[${row}]` },
        'a sequence: a list or typed array of numbers',
        sequence,
        advice,
      );
    }
  }
  // Every item was just seen to be one.
  return value as readonly NumberSequence[];
};
