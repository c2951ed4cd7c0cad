import { main } from '../../examples/conv';
import { quietly, short, testOnRealData } from './support';

test('runs on the embedded digits and frees what it made', async () => {
  const { numbers, leaked } = await quietly(() => main(short));
  expect(numbers.accuracy).toBeGreaterThan(0.8);
  expect(numbers.source).toBe('embedded');
  expect(leaked).toBe(0);
});

testOnRealData(
  'reaches an accuracy of 0.985 in three epochs',
  ['mnist.npz'],
  async () => {
    const { numbers } = await quietly(() => main({ seed: 1, verbose: 0 }));
    expect(numbers.source).toBe('cache');
    expect(numbers.accuracy).toBeGreaterThanOrEqual(0.985);
  },
  900_000,
);
