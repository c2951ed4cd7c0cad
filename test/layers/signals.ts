/** Signals for layers that look at their frequencies, and how far off such a layer is. */
import { tf, type Tensor } from '../../src/index';

/** A tone that rises: `sin(0.37 n² + shift)`, n counting the elements. */
export const wave = (shape: number[], shift = 0): Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) =>
      Math.sin(0.37 * index ** 2 + shift),
    ),
    shape,
  );

/** The largest difference between a tensor and as many numbers, in units of the largest number, or of 1. */
export const distance = (one: Tensor | undefined, other: readonly number[] | undefined): number => {
  const values = [...(one?.dataSync() ?? [])];
  expect(values).toHaveLength(other?.length ?? NaN);
  const largest = Math.max(1, ...(other ?? []).map(Math.abs));
  return Math.max(...values.map((value, index) => Math.abs(value - (other?.[index] ?? NaN)))) / largest;
};
