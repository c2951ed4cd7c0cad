import { main } from '../../examples/dense';
import { quietly } from './support';

test.each([1, 2, 3])('the layer and the sum by hand agree, with seed %d', async (seed) => {
  const { numbers, leaked } = await quietly(() => main({ seed }));
  expect(numbers.byHand).toHaveLength(2);
  expect(numbers.byHand.every((row) => row.length === 4)).toBe(true);
  // Some unit is on, so that zeros alone do not agree.
  expect(Math.max(...numbers.byHand.flat())).toBeGreaterThan(0.1);
  expect(numbers.largestDifference).toBeLessThan(1e-5);
  expect(leaked).toBe(0);
});
