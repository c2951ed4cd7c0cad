import { main } from '../../examples/reuters';
import { quietly, testOnRealData } from './support';
import { withStandIns } from './stand-ins';

test('tells generated topics apart, and frees what it made', async () => {
  const { numbers, lines, leaked } = await withStandIns('reuters', () =>
    quietly(() => main({ quick: true, seed: 1, verbose: 0 })),
  );
  // Eight topics of equal frequency.
  expect(numbers.baseline).toBeLessThan(0.25);
  expect(numbers.accuracy).toBeGreaterThan(0.7);
  expect(numbers.source).toBe('cache');
  expect(lines).toContain('800 texts to train with, 200 to test');
  expect(leaked).toBe(0);
});

testOnRealData(
  'reaches an accuracy of 0.77',
  ['reuters.npz'],
  async () => {
    const { numbers } = await quietly(() => main({ seed: 1, verbose: 0 }));
    expect(numbers.accuracy).toBeGreaterThanOrEqual(0.77);
  },
  300_000,
);
