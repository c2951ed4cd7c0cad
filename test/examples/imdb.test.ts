import { main } from '../../examples/imdb';
import { quietly, short, testOnRealData } from './support';

test('runs on the embedded reviews, says so, and frees what it made', async () => {
  const { numbers, lines, leaked } = await quietly(() => main({ ...short, epochs: 4 }));
  // Two classes: guessing gives 0.5.
  expect(numbers.accuracy).toBeGreaterThan(0.6);
  expect(numbers.source).toBe('embedded');
  expect(numbers.probabilities.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(lines).toContain('Data: IMDB, the sample');
  expect(leaked).toBe(0);
});

testOnRealData(
  'reaches an accuracy of 0.865, and reads the first review',
  ['imdb.npz', 'imdb_word_index.json'],
  async () => {
    const { numbers, lines } = await quietly(() => main({ seed: 1, verbose: 0 }));
    expect(numbers.source).toBe('cache');
    expect(numbers.accuracy).toBeGreaterThanOrEqual(0.865);
    expect(lines).toContain('The first review has 218 words and is praise:');
    expect(lines.some((line) => line.startsWith('  ? this film was just brilliant casting'))).toBe(true);
  },
);
