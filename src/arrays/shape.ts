import { argumentError, shape as shapeCheck } from '../base/checks';

/**
 * A shape: the sizes of an array's axes, `null` for one that is not known.
 *
 * Sizes one by one, or in one array. What takes a shape takes the plain array, too, which this function gives: it is here for those
 * who are used to it from R, and it checks.
 *
 * @throws KerasArgumentError if a size is neither a positive integer nor `null`.
 * @example
 * assert.deepStrictEqual(shape(28, 28), [28, 28])
 * assert.deepStrictEqual(shape([null, 3]), [null, 3])
 * @see R keras `shape`
 */
export const shape = (
  ...sizes: readonly (number | null)[] | [sizes: readonly (number | null)[]]
): (number | null)[] => {
  const list: unknown = sizes.length === 1 && Array.isArray(sizes[0]) ? sizes[0] : sizes;
  try {
    return [...shapeCheck(list, { function: 'shape', argument: 'sizes' })];
  } catch {
    throw argumentError(
      { function: 'shape', argument: 'sizes' },
      'at most 8 positive integers, null where a size is not known',
      list,
      'Write shape(28, 28), without the batch axis',
    );
  }
};
