import { main } from '../../examples/live';
import { quietly, short } from './support';

test('trains on the embedded digits with a page, and frees what it made', async () => {
  const { numbers, lines, leaked } = await quietly(() => main({ ...short, epochs: 2 }));
  expect(numbers.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}$/);
  expect(lines.join('\n')).toContain(`Look at ${numbers.address} while it trains.`);
  expect(numbers.epochs).toBe(2);
  expect(numbers.accuracy).toBeGreaterThan(0.8);
  // The page is gone with the fit.
  await expect(fetch(numbers.address)).rejects.toThrow();
  expect(leaked).toBe(0);
});
