import type { DataFunction } from '../base/call-styles';
import {
  anyNumber,
  argumentError,
  checkOptions,
  oneOf,
  optional,
  positiveInteger,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { tf, type Tensor2D } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { dataFunction } from './call-styles';
import { checkSequences, type NumberSequence } from './sequences';

/** Options of {@link padSequences}. */
export interface PadSequencesOptions {
  /** The length of all sequences afterwards. Default: that of the longest. */
  maxlen?: number | undefined;
  /** The type of the result. Default `'int32'`, which takes whole numbers only. */
  dtype?: 'int32' | 'float32' | undefined;
  /** Where padding goes: before (`'pre'`, the default) or after the sequence. */
  padding?: 'pre' | 'post' | undefined;
  /** Where longer sequences are cut: at their beginning (`'pre'`, the default) or end. */
  truncating?: 'pre' | 'post' | undefined;
  /** What is put in. Default 0. */
  value?: number | undefined;
}

const NAME = 'padSequences';
const LARGEST_INT32 = 2 ** 31 - 1;

const isInt32 = (value: number): boolean =>
  Number.isInteger(value) && value >= -LARGEST_INT32 - 1 && value <= LARGEST_INT32;

const CHECKS = {
  maxlen: optional(positiveInteger),
  dtype: optional(oneOf('int32', 'float32'), 'int32'),
  padding: optional(oneOf('pre', 'post'), 'pre'),
  truncating: optional(oneOf('pre', 'post'), 'pre'),
  value: optional(anyNumber, 0),
} satisfies OptionChecks<PadSequencesOptions>;

const pad = (sequences: unknown, options: CheckedOptions<typeof CHECKS>): Tensor2D => {
  const { dtype, padding, truncating, value } = options;
  const list = checkSequences(sequences, { function: NAME, argument: 'sequences' });
  const fits = dtype === 'int32' ? isInt32 : Number.isFinite;
  const kind = dtype === 'int32' ? 'a whole number of 32 bits' : 'a finite number';
  const advice =
    dtype === 'int32' ? "Give dtype: 'float32' for other numbers" : 'Remove it from the sequence';
  if (!fits(value)) throw argumentError({ function: NAME, argument: 'value' }, kind, value, advice);

  const maxlen = options.maxlen ?? list.reduce((longest, { length }) => Math.max(longest, length), 0);
  if (maxlen === 0) {
    throw argumentError(
      { function: NAME, argument: 'sequences' },
      'sequences of which one at least is not empty',
      sequences,
      'Give maxlen, the length to pad empty sequences to',
    );
  }
  checkAllocation(
    { function: NAME, argument: 'maxlen' },
    list.length * maxlen,
    `${list.length} rows of ${maxlen} elements`,
    'Give a smaller maxlen, or pad the sequences in parts',
  );
  const rows =
    dtype === 'int32' ? new Int32Array(list.length * maxlen) : new Float32Array(list.length * maxlen);
  rows.fill(value);
  list.forEach((sequence, row) => {
    for (let position = 0; position < sequence.length; position++) {
      const item: unknown = sequence[position];
      if (typeof item !== 'number' || !fits(item)) {
        throw argumentError(
          { function: NAME, argument: `sequences[${row}][${position}]` },
          kind,
          item,
          advice,
        );
      }
    }
    const kept =
      truncating === 'pre'
        ? sequence.slice(Math.max(0, sequence.length - maxlen))
        : sequence.slice(0, maxlen);
    rows.set(kept, row * maxlen + (padding === 'pre' ? maxlen - kept.length : 0));
  });
  return tf.tensor2d(rows, [list.length, maxlen], dtype);
};

/**
 * Sequences of different lengths as the rows of one matrix: shorter ones are padded, longer ones cut.
 *
 * In `n` sequences, out `[n, maxlen]`, a new tensor, yours to dispose. Numbers that an int32 cannot hold are an error,
 * where Keras would cut their fractions.
 *
 * @throws KerasArgumentError if a sequence has something that does not fit `dtype`.
 * @example
 * const x = padSequences([[1, 2, 3], [4]], { maxlen: 2 })
 * assert.deepStrictEqual(x.arraySync(), [[2, 3], [0, 4]])
 * const after = padSequences([[1, 2, 3], [4]], { padding: 'post', value: 9 })
 * assert.deepStrictEqual(after.arraySync(), [[1, 2, 3], [4, 9, 9]])
 * @see R keras `pad_sequences`
 */
export const padSequences: DataFunction<readonly NumberSequence[], PadSequencesOptions, Tensor2D> =
  dataFunction('sequences', {
    name: NAME,
    optionNames: Object.keys(CHECKS),
    checkOptions: (options) => checkOptions(NAME, options, CHECKS),
    run: (sequences, _, options) => pad(sequences, options),
  });
