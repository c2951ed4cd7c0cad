import { argumentError, MAX_RANK, type Check } from '../base/checks';

const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) >= -1;

const isShape = (sizes: unknown): sizes is number[] =>
  Array.isArray(sizes) &&
  sizes.length <= MAX_RANK &&
  // Spread, since `every` would pass over what was left out: [28, , 1].
  [...(sizes as unknown[])].every(isSize) &&
  sizes.filter((size) => size === -1).length <= 1;

/** A shape to fill: one size of it may be −1. */
export const targetShape: Check<number[]> = (value, place) => {
  const sizes: unknown = typeof value === 'number' ? [value] : value;
  if (isShape(sizes)) return sizes;
  throw argumentError(
    place,
    `a shape: at most ${MAX_RANK} integers of 0 or more, one of them −1 at most`,
    value,
    `Write for example ${place.argument}: [60000, 784]`,
  );
};
