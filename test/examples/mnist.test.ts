import { main } from '../../examples/mnist';
import { quietly, short, testOnRealData } from './support';

test('runs on the embedded digits, says so, and frees what it made', async () => {
  const { numbers, lines, leaked } = await quietly(() => main(short));
  // Ten classes: guessing gives 0.1.
  expect(numbers.accuracy).toBeGreaterThan(0.8);
  expect(numbers.source).toBe('embedded');
  expect(numbers.predicted).toHaveLength(10);
  expect(lines).toContain('Data: MNIST, the sample');
  expect(leaked).toBe(0);
});

testOnRealData('reaches an accuracy of 0.975', ['mnist.npz'], async () => {
  const { numbers } = await quietly(() => main({ seed: 1, verbose: 0 }));
  expect(numbers.source).toBe('cache');
  expect(numbers.accuracy).toBeGreaterThanOrEqual(0.975);
  // The first ten labels of MNIST's test set; the ninth is a 5 that looks like a 6.
  expect(numbers.predicted.filter((_, index) => index !== 8)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 9]);
});
