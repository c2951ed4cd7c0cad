import { main } from '../../examples/layers';
import { quietly } from './support';

test('shows the weights, the shapes and the clash that it says it shows', async () => {
  const { numbers, leaked } = await quietly(() => main({ seed: 1 }));
  expect(numbers.statelessParams).toBe(0);
  expect(numbers.statefulParams).toBe(784 * 32 + 32);
  expect(numbers.inferred).toBe(32 * 10 + 10);
  expect(numbers.vectors).toEqual([5, 32]);
  expect(numbers.sequences).toEqual([5, 32]);
  expect(numbers.images).toEqual([5, 26, 26, 32]);
  expect(numbers.clash).toMatch(/'lstm'.*needs input of 3 dimensions.*\[null, 10\].*'dense_1'/);
  expect(leaked).toBe(0);
});
