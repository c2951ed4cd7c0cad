import { main } from '../../examples/boston';
import { quietly, short, testOnRealData } from './support';

test('runs on the embedded houses, which are all of them, and frees what it made', async () => {
  const { numbers, lines, leaked } = await quietly(() => main({ ...short, epochs: 5 }));
  // The prices' mean absolute deviation from their mean is 6.6.
  expect(numbers.validationMae).toBeLessThan(5);
  expect(numbers.foldMaes).toHaveLength(4);
  expect(numbers.testMae).toBeLessThan(5);
  expect(lines.slice(0, 2)).toEqual([
    'Data: Boston housing, the sample',
    '404 rows to train with, 102 to test',
  ]);
  expect(leaked).toBe(0);
});

testOnRealData(
  'reaches a mean validation error of 2.7 thousand dollars',
  ['boston_housing.npz'],
  async () => {
    const { numbers } = await quietly(() => main({ seed: 1 }));
    expect(numbers.source).toBe('cache');
    expect(numbers.validationMae).toBeLessThanOrEqual(2.7);
  },
);
