import { argumentError, checkOptions, optional, positiveInteger } from '../checks';
import { tf, type Tensor2D } from '../tensorflow';
import { checkSequences, type NumberSequence } from './sequences';

/** Options of {@link vectorizeSequences}. */
export interface VectorizeSequencesOptions {
  /** The number of columns: ids go from 0 to `dimension` − 1. Default 10000. */
  dimension?: number;
}

const NAME = 'vectorizeSequences';
/** The longest array of numbers that Node.js makes: 2³² − 1 elements, and 16 GB is more than any use here. */
const MOST_ELEMENTS = 2 ** 32 - 1;

/**
 * Sequences of ids as rows of zeros with a one at each id that occurs (multi-hot), however often it does.
 *
 * In `n` sequences, out float32 `[n, dimension]`, a new tensor, yours to dispose. It takes `4 · n · dimension` bytes:
 * 1 GB for the 25,000 training reviews of IMDB and 10,000 words.
 *
 * @throws KerasArgumentError if an id is no whole number from 0 to `dimension` − 1.
 * @example
 * const x = vectorizeSequences([[1, 3, 3], [0]], { dimension: 4 })
 * assert.deepStrictEqual(x.arraySync(), [[0, 1, 0, 1], [1, 0, 0, 0]])
 * @see The function `vectorize_sequences` of the book *Deep Learning with R*
 */
export const vectorizeSequences = (
  sequences: readonly NumberSequence[],
  options?: VectorizeSequencesOptions,
): Tensor2D => {
  const checked: VectorizeSequencesOptions = checkOptions<VectorizeSequencesOptions>(NAME, options, {
    dimension: optional(positiveInteger),
  });
  const dimension = checked.dimension ?? 10_000;
  const place = { function: NAME, argument: 'sequences' };
  const list = checkSequences(sequences, place);
  if (list.length * dimension > MOST_ELEMENTS) {
    throw argumentError(
      { function: NAME, argument: 'dimension' },
      `at most ${Math.floor(MOST_ELEMENTS / list.length)} for ${list.length} sequences`,
      dimension,
      'Give a smaller dimension, or vectorize the sequences in parts',
    );
  }
  const rows = new Float32Array(list.length * dimension);
  list.forEach((sequence, row) => {
    const start = row * dimension;
    for (let position = 0; position < sequence.length; position++) {
      const id = sequence[position] ?? NaN;
      if (!Number.isInteger(id) || id < 0 || id >= dimension) {
        throw argumentError(
          { function: NAME, argument: `sequences[${row}][${position}]` },
          `an id: a whole number from 0 to ${dimension - 1}`,
          id,
          `Give a larger dimension, or load the data with numWords: ${dimension}`,
        );
      }
      rows[start + id] = 1;
    }
  });
  return tf.tensor2d(rows, [list.length, dimension], 'float32');
};
