import type { OptionedDataFunction } from '../base/call-styles';
import { checkOptions, required } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { dataFunction } from './call-styles';
import { targetShape } from './target-shape';
import { toTensor, type ArrayLike } from './tensors';

const NAME = 'arrayReshape';

/** Options of {@link arrayReshape}. */
export interface ArrayReshapeOptions {
  /** The new shape; one size of it may be −1 and is worked out. A number is a shape of one axis. */
  shape: number | readonly number[];
}

const CHECKS = { shape: required(targetShape) };

const reshape = (x: ArrayLike, wanted: number[]): Tensor => {
  const { tensor, isNew } = toTensor(x, { function: NAME, argument: 'x' });
  try {
    const known = sizeOf(wanted.filter((size) => size !== -1));
    const fits = wanted.includes(-1) ? known > 0 && tensor.size % known === 0 : known === tensor.size;
    if (!fits) {
      throw new KerasShapeError({
        function: NAME,
        argument: 'shape',
        expected: `the new shape must hold the ${tensor.size} elements of x`,
        received: `${describeShape(wanted)} for x of shape ${describeShape(tensor.shape)}`,
        advice: 'Correct the shape, or give −1 for one size to have it worked out',
      });
    }
    return tf.reshape(tensor, wanted);
  } finally {
    if (isNew) tensor.dispose();
  }
};

/**
 * The same numbers in another shape, read and filled row by row (the last axis fastest), as R keras does and R's own
 * `dim<-` does not.
 *
 * The shape, the only option, may be given bare: `arrayReshape(x, [-1, 784])`.
 *
 * In any shape, out `shape`; one size of it may be −1 and is worked out. Returns a new tensor of the type of `x` (float32
 * for arrays), yours to dispose; `x` stays as it is.
 *
 * @throws KerasShapeError if the shapes hold different numbers of elements.
 * @example
 * const flat = arrayReshape([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [2, -1])
 * assert.deepStrictEqual(flat.arraySync(), [[1, 2, 3, 4], [5, 6, 7, 8]])
 * assert.deepStrictEqual(pipe(flat, arrayReshape([-1, 2])).shape, [4, 2])
 * @see R keras `array_reshape`
 */
export const arrayReshape: OptionedDataFunction<
  ArrayLike,
  number | readonly number[] | ArrayReshapeOptions,
  Tensor
> = dataFunction('x', {
  name: NAME,
  optionNames: Object.keys(CHECKS),
  // A flat list alone is the shape that a step of a pipe gives.
  bare: {
    name: 'shape',
    is: (value) =>
      typeof value === 'number' || (Array.isArray(value) && value.every((size) => typeof size === 'number')),
    isRequired: true,
  },
  checkOptions: (options) => checkOptions(NAME, options, CHECKS),
  run: (x, _, options) => reshape(x as ArrayLike, options.shape), // `toTensor` checks it
});
