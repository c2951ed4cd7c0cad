import { main as rawTexts } from '../../examples/raw-texts';
import { main as table } from '../../examples/table';
import { quietly } from './support';

test('a table with mixed columns: better than the more frequent class, also for values that were not there', async () => {
  const { numbers, lines, leaked } = await quietly(() => table({ quick: true, seed: 1 }));
  expect(numbers.accuracy).toBeGreaterThan(numbers.baseline + 0.1);
  expect(numbers.atRisk).toBeGreaterThan(0.7);
  expect(numbers.safe).toBeLessThan(0.3);
  expect(lines.join('\n')).toMatch(/made up by this program/);
  expect(leaked).toBe(0);
});

test('raw texts into a model and its file: what is good is told from what is bad', async () => {
  const { numbers, lines, leaked } = await quietly(() => rawTexts({ quick: true, seed: 1 }));
  expect(numbers.accuracy).toBeGreaterThan(0.9);
  expect(numbers.good).toBeGreaterThan(0.7);
  expect(numbers.bad).toBeLessThan(0.3);
  expect(lines.join('\n')).toMatch(/made up by this program/);
  expect(leaked).toBe(0);
});
