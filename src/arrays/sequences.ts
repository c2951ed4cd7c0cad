import { argumentError, type Place } from '../base/checks';
import type { TypedArray } from '../tfjs/tensorflow';

/** A sequence of numbers: word ids, measurements. */
export type NumberSequence = readonly number[] | TypedArray;

export const isSequence = (value: unknown): value is NumberSequence =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** What to do about numbers where sequences of them are wanted: one flat list may be meant as one sequence, or as many. */
const adviceFor = (list: readonly unknown[]): string | undefined => {
  const [first] = list;
  if (!list.every((one) => typeof one === 'number')) {
    return list.some((one) => typeof one === 'number')
      ? 'Write [5] for a sequence of the one number 5'
      : undefined;
  }
  return list.length === 1
    ? `Write [[${String(first)}]] for a sequence of one number`
    : `Write [[${String(first)}, …]] for one sequence, or [[${String(first)}], …] for sequences of one number each`;
};

/** A list of at least one sequence. What is in the sequences is for the caller to check, who reads it anyhow. */
export const checkSequences = (value: unknown, place: Place): readonly NumberSequence[] =>
  checkList(value, place, isSequence);

/** The same, where other things are sequences, too. */
export const checkList = <Sequence>(
  value: unknown,
  place: Place,
  isOne: (value: unknown) => value is Sequence,
): readonly Sequence[] => {
  const advice = 'Give a list of lists of numbers, as datasetImdb returns';
  if (!Array.isArray(value)) throw argumentError(place, 'a list of sequences', value, advice);
  if (value.length === 0) throw argumentError(place, 'a list of at least one sequence', value, advice);
  for (const [row, sequence] of value.entries()) {
    if (!isOne(sequence)) {
      throw argumentError(
        { function: place.function, argument: `${place.argument}[${row}]` },
        'a sequence: a list or typed array of numbers',
        sequence,
        adviceFor(value) ?? advice,
      );
    }
  }
  // Every item was just seen to be one.
  return value as readonly Sequence[];
};
