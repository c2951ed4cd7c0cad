import type { DataFunction } from '../base/call-styles';
import { argumentError, checkOptions, oneOf, optional, type OptionChecks } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { targetShape } from './target-shape';
import { dataFunction } from './call-styles';
import { toTensor, type ArrayLike } from './tensors';
import { isText, textTensor, type NestedText } from './texts';

export type { NestedText };

/** The types of numbers that arrays can have. */
export type NumericType = 'float32' | 'int32' | 'bool';

const numericType = oneOf('float32', 'int32', 'bool');
const anyType = oneOf('float32', 'int32', 'bool', 'string');

/** A new tensor of numbers in a type. Fractions are cut off in whole numbers, as TensorFlow's cast does. */
const numberTensor = (functionName: string, x: unknown, dtype: NumericType | undefined): Tensor => {
  const { tensor, isNew } = toTensor(x, { function: functionName, argument: 'x' });
  const type = dtype ?? tensor.dtype;
  if (isNew && tensor.dtype === type) return tensor;
  try {
    return tensor.dtype === type ? tf.clone(tensor) : tf.cast(tensor, type);
  } finally {
    if (isNew) tensor.dispose();
  }
};

/** Options of {@link kerasArray}. */
export interface KerasArrayOptions {
  /** 'float32', 'int32' or 'bool'. Default: float32, or the type that `x` has. */
  dtype?: NumericType | undefined;
}

const ARRAY = 'kerasArray';
const ARRAY_CHECKS = { dtype: optional(numericType) } satisfies OptionChecks<KerasArrayOptions>;

/**
 * Numbers as an array of Keras's, which is a tensor: float32, unless `dtype` says otherwise.
 *
 * `dtype`, the only option, may be given bare: `kerasArray(x, 'int32')`.
 *
 * In any shape, out the same shape, a new tensor, yours to dispose. In int32 fractions are cut off.
 *
 * @throws KerasArgumentError if `x` is no array of numbers.
 * @example
 * assert.deepStrictEqual(kerasArray([[1, 2], [3, 4]]).shape, [2, 2])
 * assert.deepStrictEqual(kerasArray([1.7, -1.7], 'int32').arraySync(), [1, -1])
 * @see R keras `keras_array`
 */
export const kerasArray: DataFunction<ArrayLike, NumericType | KerasArrayOptions, Tensor> = dataFunction(
  'x',
  {
    name: ARRAY,
    optionNames: Object.keys(ARRAY_CHECKS),
    bare: { name: 'dtype', is: (value) => typeof value === 'string' },
    checkOptions: (options) => checkOptions(ARRAY, options, ARRAY_CHECKS),
    run: (x, _, { dtype }) => numberTensor(ARRAY, x, dtype),
  },
);

/** Options of {@link asTensor}. */
export interface AsTensorOptions {
  /** 'float32', 'int32', 'bool' or 'string'. Default: string for texts, float32 for numbers, or the type that `x` has. */
  dtype?: NumericType | 'string' | undefined;
  /** The shape to fill row by row; one size of it may be −1 and is worked out. A single number fills all of it. */
  shape?: number | readonly number[] | undefined;
}

const TENSOR = 'asTensor';
const TENSOR_CHECKS = {
  dtype: optional(anyType),
  shape: optional(targetShape),
} satisfies OptionChecks<AsTensorOptions>;

/** Numbers or texts as a new tensor. */
const typedTensor = (x: unknown, dtype: NumericType | 'string' | undefined): Tensor => {
  const place = { function: TENSOR, argument: 'dtype' };
  if (isText(x)) {
    if (dtype === undefined || dtype === 'string') return textTensor(x, { function: TENSOR, argument: 'x' });
    const advice = 'Texts do not become numbers by themselves: convert them with Number(text)';
    throw argumentError(place, "'string' for texts", dtype, advice);
  }
  if (dtype !== 'string') return numberTensor(TENSOR, x, dtype);
  throw argumentError(place, 'a type of numbers for numbers', dtype, 'Write them as texts with String(x)');
};

/** A tensor in another shape: freed if it is. A single value is repeated. */
const shapedTensor = (tensor: Tensor, wanted: number[]): Tensor => {
  const known = sizeOf(wanted.filter((size) => size !== -1));
  const isOpen = wanted.includes(-1);
  const repeats = tensor.rank === 0 && !isOpen;
  const fits = isOpen ? known > 0 && tensor.size % known === 0 : known === tensor.size;
  try {
    if (!fits && !repeats) {
      throw new KerasShapeError({
        function: TENSOR,
        argument: 'shape',
        expected: `the shape must hold the ${tensor.size} values of x`,
        received: `${describeShape(wanted)} for x of shape ${describeShape(tensor.shape)}`,
        advice: 'Correct the shape, or give −1 for one size to have it worked out',
      });
    }
    return repeats
      ? tf.tidy(() => tf.tile(tf.reshape(tensor, [1]), [known]).reshape(wanted))
      : tf.reshape(tensor, wanted);
  } finally {
    tensor.dispose();
  }
};

/**
 * A tensor of numbers or texts: nested arrays, typed arrays, or another tensor, of a type and in a shape.
 *
 * In any shape; out the same, or `shape`, filled row by row. A single value fills all of `shape`. The result is a new tensor, yours to
 * dispose; `x` stays as it is. In int32 fractions are cut off.
 *
 * @throws KerasArgumentError if `x` is no array of numbers or of texts, or numbers are to be made of texts.
 * @throws KerasShapeError if the shape does not hold the values.
 * @example
 * assert.deepStrictEqual(asTensor([1, 2, 3, 4], { dtype: 'int32', shape: [2, -1] }).arraySync(), [[1, 2], [3, 4]])
 * assert.deepStrictEqual(asTensor(0.5, { shape: [3] }).arraySync(), [0.5, 0.5, 0.5])
 * assert.strictEqual(asTensor(['the', 'pipe']).dtype, 'string')
 * @see R keras `as_tensor`
 */
export const asTensor: DataFunction<ArrayLike | NestedText, AsTensorOptions, Tensor> = dataFunction('x', {
  name: TENSOR,
  optionNames: Object.keys(TENSOR_CHECKS),
  checkOptions: (options) => checkOptions(TENSOR, options, TENSOR_CHECKS),
  run: (x, _, { dtype, shape }) => {
    const tensor = typedTensor(x, dtype);
    return shape === undefined ? tensor : shapedTensor(tensor, shape);
  },
});
