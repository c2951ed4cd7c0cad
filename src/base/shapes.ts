/** How many values a shape has. */
export const sizeOf = (shape: readonly number[]): number => {
  // A loop, since native calls ask for it each time.
  let size = 1;
  for (const length of shape) size *= length;
  return size;
};

/** Whether two shapes are the same. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);
