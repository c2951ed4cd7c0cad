import { main } from '../../examples/lstm';
import { quietly, short, testOnRealData } from './support';

test('runs on the embedded reviews and frees what it made', async () => {
  const { numbers, leaked } = await quietly(() => main({ ...short, epochs: 4 }));
  expect(numbers.accuracy).toBeGreaterThan(0.7);
  expect(numbers.source).toBe('embedded');
  expect(leaked).toBe(0);
});

testOnRealData(
  'reaches an accuracy of 0.80',
  ['imdb.npz'],
  async () => {
    const { numbers } = await quietly(() => main({ seed: 1, verbose: 0 }));
    expect(numbers.source).toBe('cache');
    expect(numbers.accuracy).toBeGreaterThanOrEqual(0.8);
  },
  300_000,
);
