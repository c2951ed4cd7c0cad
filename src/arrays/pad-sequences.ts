import type { callForm, CallForm } from '../base/call-styles';
import {
  anyNumber,
  argumentError,
  checkOptions,
  MAX_RANK,
  oneOf,
  optional,
  positiveInteger,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { describeShape } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { tf, type Tensor, type Tensor2D } from '../tfjs/tensorflow';
import { checkAllocation } from './allocate';
import { dataFunction } from './call-styles';
import { checkList, isSequence, type NumberSequence } from './sequences';
import { toTensor, type NestedArray } from './tensors';

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

/** A sequence whose steps are arrays of one shape; or a tensor, whose first axis is that of the steps. */
export type StepSequence = NumberSequence | readonly NestedArray[] | readonly NumberSequence[] | Tensor;

/** What sequences are taken from: a list of them, or a tensor, whose first axis is that of the sequences. */
export type StepSequences = readonly StepSequence[] | Tensor;

/** What becomes of sequences: a matrix, of sequences of numbers. */
export type Padded<Given> = 0 extends 1 & Given
  ? Tensor2D
  : Given extends readonly NumberSequence[]
    ? Tensor2D
    : Tensor;

/** {@link padSequences}: plain, with the sequences first, or piped. */
export interface PadSequencesFunction {
  (sequences: readonly NumberSequence[], options?: PadSequencesOptions): Tensor2D;
  (sequences: StepSequences, options?: PadSequencesOptions): Tensor;
  (options?: PadSequencesOptions): <Given extends StepSequences>(sequences: Given) => Padded<Given>;
  readonly [callForm]: CallForm<['data', StepSequences, [options?: PadSequencesOptions], Tensor]>;
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

/** A sequence as numbers in a row, and the shape of a step. */
interface Steps {
  readonly length: number;
  readonly shape: readonly number[];
  readonly numbers: ArrayLike<unknown>;
}

const isStepSequence = (value: unknown): value is StepSequence =>
  value instanceof tf.Tensor ? value.rank > 0 && value.dtype !== 'string' : isSequence(value);

const isArray = (value: unknown): value is ArrayLike<unknown> =>
  typeof value === 'object' && value !== null && isSequence(value);

/** The numbers of arrays in arrays, all of one length at each depth. */
const numbersIn = (value: ArrayLike<unknown>, argument: string): Steps => {
  const shape: number[] = [];
  for (let level: unknown = value; isArray(level) && shape.length <= MAX_RANK; level = level[0])
    shape.push(level.length);
  const numbers: unknown[] = [];
  const visit = (part: unknown, depth: number): void => {
    const length = shape[depth];
    if ((isArray(part) ? part.length : undefined) !== length) {
      const wanted = 'made of steps of one shape';
      throw argumentError({ function: NAME, argument }, wanted, value, 'Pad or cut the steps to one length');
    }
    if (!isArray(part)) numbers.push(part);
    else for (let index = 0; index < part.length; index++) visit(part[index], depth + 1);
  };
  visit(value, 0);
  return { length: value.length, shape: shape.slice(1), numbers };
};

const stepsOf = (sequence: StepSequence, row: number): Steps => {
  const argument = `sequences[${row}]`;
  if (sequence instanceof tf.Tensor) {
    const { tensor } = toTensor(sequence, { function: NAME, argument });
    const [length = 0, ...shape] = tensor.shape;
    return { length, shape, numbers: tensor.dataSync() };
  }
  if (isArray((sequence as readonly unknown[])[0])) return numbersIn(sequence, argument);
  return { length: sequence.length, shape: [], numbers: sequence };
};

/** The shape of all steps: that of the first there are. */
const stepShapeOf = (list: readonly Steps[], sequences: readonly StepSequence[]): readonly number[] => {
  const { shape = [] } = list.find(({ length }) => length > 0) ?? {};
  list.forEach((steps, row) => {
    if (steps.length === 0 || describeShape(steps.shape) === describeShape(shape)) return;
    const wanted = shape.length === 0 ? 'single numbers' : `arrays of shape ${describeShape(shape)}`;
    throw argumentError(
      { function: NAME, argument: `sequences[${row}]` },
      `a sequence whose steps are ${wanted}, as those of the others`,
      sequences[row],
      'Give sequences whose steps are of one shape',
    );
  });
  return shape;
};

/** The place of a number in a sequence, as it is written in a program. */
const pathOf = (row: number, position: number, shape: readonly number[]): string => {
  const indices: number[] = [];
  let rest = position;
  for (const size of shape.toReversed()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `sequences[${row}][${[rest, ...indices].join('][')}]`;
};

const pad = (sequences: unknown, options: CheckedOptions<typeof CHECKS>): Tensor => {
  const { dtype, padding, truncating, value } = options;
  const given: unknown =
    sequences instanceof tf.Tensor && sequences.rank > 1 ? sequences.arraySync() : sequences;
  const all = checkList(given, { function: NAME, argument: 'sequences' }, isStepSequence);
  const fits = dtype === 'int32' ? isInt32 : Number.isFinite;
  const kind = dtype === 'int32' ? 'a whole number of 32 bits' : 'a finite number';
  const advice =
    dtype === 'int32' ? "Give dtype: 'float32' for other numbers" : 'Remove it from the sequence';
  if (!fits(value)) throw argumentError({ function: NAME, argument: 'value' }, kind, value, advice);

  const list = all.map(stepsOf);
  const stepShape = stepShapeOf(list, all);
  const size = sizeOf(stepShape);
  const maxlen = options.maxlen ?? list.reduce((longest, { length }) => Math.max(longest, length), 0);
  if (maxlen === 0) {
    throw argumentError(
      { function: NAME, argument: 'sequences' },
      'sequences of which one at least is not empty',
      sequences,
      'Give maxlen, the length to pad empty sequences to',
    );
  }
  const rowSize = maxlen * size;
  checkAllocation(
    { function: NAME, argument: 'maxlen' },
    list.length * rowSize,
    `${list.length} rows of ${maxlen} elements`,
    'Give a smaller maxlen, or pad the sequences in parts',
  );
  const rows =
    dtype === 'int32' ? new Int32Array(list.length * rowSize) : new Float32Array(list.length * rowSize);
  rows.fill(value);
  list.forEach(({ length, numbers }, row) => {
    for (let position = 0; position < numbers.length; position++) {
      const item: unknown = numbers[position];
      if (typeof item !== 'number' || !fits(item)) {
        throw argumentError(
          { function: NAME, argument: pathOf(row, position, stepShape) },
          kind,
          item,
          advice,
        );
      }
    }
    const kept = Math.min(length, maxlen);
    const from = truncating === 'pre' ? length - kept : 0;
    const to = row * maxlen + (padding === 'pre' ? maxlen - kept : 0);
    for (let index = 0; index < kept * size; index++)
      rows[to * size + index] = numbers[from * size + index] as number; // as just checked
  });
  return tf.tensor(rows, [list.length, maxlen, ...stepShape], dtype);
};

/**
 * Sequences of different lengths as the rows of one array: shorter ones are padded, longer ones cut.
 *
 * In `n` sequences of numbers, out `[n, maxlen]`, a new tensor, yours to dispose. The steps of a sequence may be arrays themselves, all of
 * one shape, as vectors of measurements are: out `[n, maxlen, …shape]`. Numbers that an int32 cannot hold are an error,
 * where Keras would cut their fractions.
 *
 * @throws KerasArgumentError if a sequence has something that does not fit `dtype`, or steps are of different shapes.
 * @example
 * const x = padSequences([[1, 2, 3], [4]], { maxlen: 2 })
 * assert.deepStrictEqual(x.arraySync(), [[2, 3], [0, 4]])
 * const after = padSequences([[1, 2, 3], [4]], { padding: 'post', value: 9 })
 * assert.deepStrictEqual(after.arraySync(), [[1, 2, 3], [4, 9, 9]])
 * const points = padSequences([[[1, 2]], [[3, 4], [5, 6]]])
 * assert.deepStrictEqual(points.arraySync(), [[[0, 0], [1, 2]], [[3, 4], [5, 6]]])
 * @see R keras `pad_sequences`
 */
export const padSequences: PadSequencesFunction = dataFunction('sequences', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (sequences, _, options) => pad(sequences, options),
});
