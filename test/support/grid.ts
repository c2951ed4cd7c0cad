/** Numbers that Python and TypeScript make alike, and how they are compared: for tests beside what test/reference/*.py has made. */
import { tf, type Tensor } from '../../src/index';

/** Numbers in [−1, 1), as `grid` of the generators makes them. */
export const gridOf = (size: number, seed: number): number[] =>
  Array.from({ length: size }, (_, index) => {
    const first = Math.imul(index + 1 + 1009 * seed, 2654435761) >>> 0;
    const second = Math.imul(first ^ (first >>> 15), 2246822519) >>> 0;
    return (second >>> 16) / 2 ** 15 - 1;
  });

/** Rows of such numbers for each shape, or of ids below ten. */
export const dataOf = (
  shapes: readonly number[][],
  seed: number,
  isIds = false,
  rows = 8,
): Tensor | Tensor[] => {
  const tensors = shapes.map((shape, index) => {
    const whole = [rows, ...shape];
    const numbers = gridOf(tf.util.sizeFromShape(whole), seed + index);
    const values = isIds ? numbers.map((value) => Math.floor(((value + 1) / 2) * 10)) : numbers;
    return tf.tensor(values, whole, isIds ? 'int32' : 'float32');
  });
  return tensors.length === 1 ? (tensors[0] as Tensor) : tensors;
};

/** Expects as many numbers, and none further off than `tolerance` of the largest, or of 1. */
export const expectClose = (
  actual: readonly number[],
  expected: readonly number[],
  tolerance = 1e-5,
): void => {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
  if (!(worst <= tolerance * largest)) expect(actual).toEqual(expected);
};
