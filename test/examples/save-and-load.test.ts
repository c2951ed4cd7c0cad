import { main } from '../../examples/save-and-load';
import { quietly } from './support';

test('a model that was read goes on as the one that stayed', async () => {
  const { numbers, leaked } = await quietly(() => main({ epochs: 5 }));
  expect(numbers.after).toHaveLength(5);
  // To the last digit but one: sums of threads come in any order.
  numbers.after.forEach((loss, epoch) => expect(loss).toBeCloseTo(numbers.undisturbed[epoch] ?? NaN, 6));
  expect(numbers.after.at(-1)).toBeLessThan(numbers.before[0] ?? 0);
  expect(leaked).toBe(0);
});
