import type { DataArray } from '../../arrays/tensors';
import { refuseSurplus } from '../../base/function-name';
import { classNumbers, largestClass } from './class-numbers';

const NAME = 'classWeightsOf';

/**
 * Weights that let each class count as much as the others, however many rows it has: `rows / (classes · rows of the class)`, for the option
 * `classWeight` of `fit`.
 *
 * Takes class numbers `[rows]`, or one-hot rows `[rows, classes]`. A class without rows, which no row is weighted by, has the weight 1.
 *
 * @throws KerasArgumentError if labels are no class numbers, or there are none.
 * @example
 * assert.deepStrictEqual(classWeightsOf([0, 0, 0, 1]), { 0: 2 / 3, 1: 2 })
 * @see scikit-learn `compute_class_weight('balanced', …)`
 */
export const classWeightsOf = (y: DataArray, ...surplus: []): Record<number, number> => {
  refuseSurplus(NAME, ['y'], surplus);
  const numbers = classNumbers(NAME, 'y', y);
  const counts = Array.from({ length: largestClass(numbers) + 1 }, () => 0);
  for (const number of numbers) counts[number] = (counts[number] ?? 0) + 1;
  const present = counts.filter((count) => count > 0).length;
  return Object.fromEntries(
    counts.map((count, number) => [number, count === 0 ? 1 : numbers.length / (present * count)]),
  );
};
