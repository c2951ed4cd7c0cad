import { main } from '../../examples/serve';
import { quietly } from './support';

test('answers while it trains, says what does not fit, and exports the same', async () => {
  const { numbers, lines, leaked } = await quietly(() => main({ seed: 1, epochs: 20 }));
  expect(numbers.answers).toBeGreaterThan(0);
  expect(numbers.accuracy).toBeGreaterThan(0.9);
  expect(numbers.last[0]?.[0]).toBeGreaterThan(0.5);
  expect(numbers.last[1]?.[0]).toBeLessThan(0.5);
  expect(numbers.wrong).toMatch(/predict: .*shape/);
  expect(numbers.difference).toBeLessThan(1e-5);
  expect(lines[0]).toMatch(/^Answers at http:\/\/127\.0\.0\.1:\d+\//);
  expect(leaked).toBe(0);
});
