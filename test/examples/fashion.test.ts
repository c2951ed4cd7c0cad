import { main } from '../../examples/fashion';
import { quietly, testOnRealData } from './support';
import { withStandIns } from './stand-ins';

test('tells generated pictures apart, and frees what it made', async () => {
  const { numbers, lines, leaked } = await withStandIns('fashion', () =>
    quietly(() => main({ quick: true, seed: 1, epochs: 3, verbose: 0 })),
  );
  // Ten classes: guessing gives 0.1.
  expect(numbers.accuracy).toBeGreaterThan(0.8);
  expect(numbers.source).toBe('cache');
  expect(lines.join('\n')).toMatch(/The first test picture: .*; it is: /);
  expect(leaked).toBe(0);
});

testOnRealData(
  'reaches an accuracy of 0.85',
  ['fashion-mnist/train-images-idx3-ubyte.gz', 'fashion-mnist/t10k-images-idx3-ubyte.gz'],
  async () => {
    const { numbers } = await quietly(() => main({ seed: 1, verbose: 0 }));
    expect(numbers.accuracy).toBeGreaterThanOrEqual(0.85);
  },
  600_000,
);
