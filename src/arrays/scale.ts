import type { DataFunction } from '../base/call-styles';
import {
  argumentError,
  checkOptions,
  optional,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { tf, type Tensor, type Tensor2D, type TypedArray } from '../tfjs/tensorflow';
import { dataFunction } from './call-styles';
import { toTensor, type ArrayLike } from './tensors';

/** Options of {@link scale}. */
export interface ScaleOptions {
  /** `true` (the default): subtract each column's mean; `false`: nothing; numbers: subtract these, one per column. */
  center?: boolean | readonly number[] | TypedArray | Tensor | undefined;
  /**
   * `true` (the default): divide by each column's standard deviation (of the centred column; root mean square if it is
   * not centred), both with n − 1; `false`: by nothing; numbers: divide by these, one per column.
   */
  scale?: boolean | readonly number[] | TypedArray | Tensor | undefined;
}

/** What {@link scale} returns: R's attributes `scaled:center` and `scaled:scale` beside the data. */
export interface Scaled {
  readonly x: Tensor2D;
  /** What was subtracted from each column; zeros if nothing was. */
  readonly center: number[];
  /** What each column was divided by; ones if by nothing. */
  readonly scale: number[];
}

const NAME = 'scale';

/** Numbers in whatever form, as a list; what are none stay as they are. */
const listOf = (value: unknown): unknown => {
  if (value instanceof tf.Tensor) {
    const { tensor } = toTensor(value, { function: NAME, argument: 'x' });
    // With axes of one beside it, as of means that keep theirs.
    return tensor.size === tensor.shape.at(-1) ? [...tensor.dataSync()] : value;
  }
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? [...(value as TypedArray)] : value;
};

const perColumn: Check<boolean | number[]> = (value, place) => {
  if (typeof value === 'boolean') return value;
  const numbers = listOf(value);
  if (!Array.isArray(numbers) || !numbers.every(Number.isFinite)) {
    throw argumentError(place, 'true, false, or one finite number per column', value);
  }
  return numbers as number[]; // each was just seen to be one
};

/** Whether to work the numbers out, or the numbers. */
const resolve = (
  argument: 'center' | 'scale',
  option: boolean | number[],
  columns: number,
  neutral: number,
): number[] | undefined => {
  if (option === true) return undefined;
  const numbers = option === false ? new Array<number>(columns).fill(neutral) : option;
  if (numbers.length !== columns) {
    throw new KerasShapeError({
      function: NAME,
      argument,
      expected: `\`${argument}\` must have one number for each of the ${columns} columns of x`,
      received: `${numbers.length} numbers`,
      advice: 'Use the numbers of data with the same columns',
    });
  }
  return [...numbers];
};

/** Sums per column, in double precision: of values, or of the squares of what is left of them less the centers. */
const columnSums = (data: TypedArray, columns: number, centers?: readonly number[]): number[] => {
  const sums = new Float64Array(columns);
  for (let index = 0, column = 0; index < data.length; index++) {
    const value = (data[index] ?? NaN) - (centers?.[column] ?? 0);
    sums[column] = (sums[column] ?? 0) + (centers === undefined ? value : value * value);
    if (++column === columns) column = 0;
  }
  return [...sums];
};

const CHECKS = {
  center: optional(perColumn, true),
  scale: optional(perColumn, true),
} satisfies OptionChecks<ScaleOptions>;

const scaleColumns = (x: ArrayLike, options: CheckedOptions<typeof CHECKS>): Scaled => {
  const place = { function: NAME, argument: 'x' };
  const { tensor, isNew } = toTensor(x, place, 'float32');
  const { shape } = tensor;
  const data = tensor.dataSync();
  if (isNew) tensor.dispose();
  if (shape.length !== 1 && shape.length !== 2) {
    throw new KerasShapeError({
      function: NAME,
      argument: 'x',
      expected: '`x` must be a matrix [rows, columns]',
      received: `an array of shape ${describeShape(shape)}`,
      advice: 'Reshape it with arrayReshape(x, [rows, columns])',
    });
  }
  const rows = shape[0];
  const columns = shape[1] ?? 1;
  if (data.length === 0) throw argumentError(place, 'a matrix with rows and columns', x, 'Give data');
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw argumentError(
      { function: NAME, argument: `x[${Math.floor(wrong / columns)}][${wrong % columns}]` },
      'a finite number',
      data[wrong],
      'Remove or replace the values that are missing',
    );
  }

  const center =
    resolve('center', options.center, columns, 0) ?? columnSums(data, columns).map((sum) => sum / rows);
  const divisorsOption = resolve('scale', options.scale, columns, 1);
  const divisors =
    divisorsOption ?? columnSums(data, columns, center).map((sum) => Math.sqrt(sum / Math.max(1, rows - 1)));
  const constant = divisors.indexOf(0);
  if (constant >= 0) {
    throw argumentError(
      divisorsOption === undefined ? place : { function: NAME, argument: `scale[${constant}]` },
      divisorsOption === undefined
        ? `a matrix whose columns vary; column ${constant} does not`
        : 'other than 0',
      divisorsOption === undefined ? data[constant] : 0,
      `Leave column ${constant} out, or give scale with a 1 for it`,
    );
  }
  const scaled = new Float32Array(data.length);
  for (let index = 0, column = 0; index < data.length; index++, column = (column + 1) % columns) {
    scaled[index] = ((data[index] ?? NaN) - (center[column] ?? 0)) / (divisors[column] ?? 1);
  }
  return { x: tf.tensor2d(scaled, [rows, columns], 'float32'), center, scale: divisors };
};

/**
 * Centres and scales the columns of a matrix: `(x − center) / scale`, by default to mean 0 and standard deviation 1.
 *
 * In `[n, columns]` (or `[n]`, one column), out float32 `[n, columns]`, a new tensor, yours to dispose, with the numbers
 * used. Those of the training data are for the test data too: pass them on. As in R the standard deviation divides by
 * n − 1. A column whose values are all equal is an error, where R makes NaN of it.
 *
 * @throws KerasArgumentError if `x` is empty or has values that are not finite, or a column cannot be scaled.
 * @throws KerasShapeError if `x` is no matrix, or there are more or fewer numbers than columns.
 * @example
 * const train = scale([[1, 10], [2, 20], [3, 30]])
 * assert.deepStrictEqual(train.x.arraySync(), [[-1, -1], [0, 0], [1, 1]])
 * const { center, scale: deviation } = train
 * const test = scale([[2, 40]], { center, scale: deviation })
 * assert.deepStrictEqual(test.x.arraySync(), [[0, 2]])
 * @see R `scale`
 */
export const scale: DataFunction<ArrayLike, ScaleOptions, Scaled> = dataFunction('x', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (x, _, options) => scaleColumns(x as ArrayLike, options), // `toTensor` checks it
});
