/** Couples of words as Keras 2.13 makes them, and by their statistics: test/reference/series.py. */
import { makeSamplingTable, setRandomSeed, skipgrams } from 'keras-pipe';
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Reference {
  readonly sequence: number[];
  readonly skipgrams: {
    readonly window: number;
    readonly categorical: boolean;
    readonly couples: number[][];
    readonly labels: unknown[];
  }[];
  readonly table: number[];
  readonly steep: number[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/series.json'), 'utf8'),
) as Reference; // as series.py prints it

test('true couples are Keras’s', () => {
  expect(reference.skipgrams).toHaveLength(6);
  for (const { window, categorical, couples, labels } of reference.skipgrams) {
    const options = {
      vocabularySize: 6,
      windowSize: window,
      categorical,
      negativeSamples: 0,
      shuffle: false,
    };
    expect(skipgrams(reference.sequence, options)).toEqual({ couples, labels });
  }
});

test('makeSamplingTable', () => {
  const expectTable = (received: number[], expected: number[]): void => {
    expect(received).toHaveLength(expected.length);
    received.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 12));
  };
  expectTable(makeSamplingTable(50), reference.table);
  expectTable(makeSamplingTable(10, { samplingFactor: 0.1 }), reference.steep);
  expect(() => makeSamplingTable(0)).toThrow('`size` must be a positive integer');
  expect(() => makeSamplingTable(2 ** 31)).toThrow(
    'makeSamplingTable: the result must fit into memory twice',
  );
});

test('negative samples: as many as asked for, of the words there are, with any word', () => {
  setRandomSeed(1);
  const sequence = Array.from({ length: 2000 }, (_, index) => 1 + (index % 7));
  const { couples, labels } = skipgrams(sequence, {
    vocabularySize: 10,
    windowSize: 2,
    negativeSamples: 1.5,
    shuffle: false,
  });
  const positive = (labels as number[]).filter((label) => label === 1).length;
  expect(couples.length).toBe(positive + Math.floor(1.5 * positive));
  const others = couples.slice(positive);
  expect(new Set(others.map(([word]) => word))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  // Uniform over 1 to 9: each within six standard deviations.
  const counts = new Map<number, number>();
  for (const [, other] of others) counts.set(other, (counts.get(other) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const mean = others.length / 9;
  for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean));
});

test('a sampling table takes words by its probabilities', () => {
  const sequence = Array.from({ length: 20_000 }, (_, index) => 1 + (index % 2));
  const options = { vocabularySize: 3, windowSize: 1, negativeSamples: 0, seed: 5 };
  const { couples } = skipgrams(sequence, { ...options, samplingTable: [0, 0.25, 1] });
  const ones = couples.filter(([word]) => word === 1).length / 2;
  expect(Math.abs(ones - 2500)).toBeLessThan(6 * Math.sqrt(10_000 * 0.25 * 0.75));
  expect(couples.filter(([word]) => word === 2).length / 2).toBeCloseTo(10_000, -1);
});

test('the order is random, couples keep their labels, and a seed repeats all', () => {
  const sequence = Array.from({ length: 100 }, (_, index) => 1 + (index % 50));
  const options = { vocabularySize: 1000, windowSize: 1, seed: 3 };
  const one = skipgrams(sequence, options);
  expect(skipgrams(sequence, options)).toEqual(one);
  expect(skipgrams(sequence, { ...options, seed: 4 })).not.toEqual(one);
  const labels = one.labels as number[];
  expect(labels.slice(0, labels.length / 2)).toContain(0);
  one.couples.forEach(([word, other], index) => {
    const isNear = [1, 49].includes(Math.abs(word - other));
    if (labels[index] === 1) expect(isNear).toBe(true);
  });
});

test('of no words, or one, there are no couples, as in Keras', () => {
  for (const sequence of [[], [2], [0, 0]])
    expect(skipgrams(sequence, { vocabularySize: 4 })).toEqual({ couples: [], labels: [] });
});

test.each<[() => unknown, string]>([
  [
    () => skipgrams([1, 2, 3], { vocabularySize: 4, negativeSamples: 1e12 }),
    'skipgrams: the result must fit into memory twice',
  ],
  [() => skipgrams([1, 5], { vocabularySize: 5 }), '`sequence[1]` must be a whole number from 0 to 4'],
  [() => skipgrams([1, 1.5], { vocabularySize: 5 }), '`sequence[1]` must be a whole number'],
  [() => skipgrams([[1]] as never, { vocabularySize: 5 }), 'Give the numbers of words, as textsToSequences'],
  [() => skipgrams([1, 7], { vocabularySize: 5 }), 'Give a larger vocabularySize'],
  [() => skipgrams([1, 3], { vocabularySize: 5, samplingTable: [1, 1] }), 'samplingTable for all words'],
  [
    () => skipgrams([1, 3], { vocabularySize: 5, samplingTable: [2] }),
    '`samplingTable` must be a list of probabilities',
  ],
])('mistakes %#', (run, message) => {
  expect(run).toThrow(message);
});
