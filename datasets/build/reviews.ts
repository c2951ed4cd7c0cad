/**
 * Makes `reviews.npz` and `reviews_word_index.json`: generated film reviews in the format of Keras's `imdb.npz`.
 *
 *     npx tsx datasets/build/reviews.ts
 *
 * No person wrote them. A review has a label and is made of sentences: some tell a plot, the others side with the label most
 * of the time (how often differs from review to review), and some negate a word of the other side. Words of a list are
 * drawn unevenly, so that many are rare. The same seed makes the same files.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npz } from './npz-writer';
import { pick, randomNumbers } from './random';
import { BLAME, NEUTRAL, PRAISE, SLOTS } from './review-words';

const TRAINING = 4000;
const TESTING = 2000;
const random = randomNumbers(1978);

/** The first words of a list come most often. */
const pickUnevenly = (items: readonly string[]): string =>
  items[Math.floor(random() ** 2 * items.length)] ?? '';

const sentence = (patterns: readonly string[]): string =>
  pick(patterns, random).replaceAll(/\{(\w+)\}/g, (_, slot: string) => pickUnevenly(SLOTS[slot] ?? []));

const review = (label: number): string[] => {
  const sentences = 6 + Math.floor(random() ** 2 * 24);
  const agreement = 0.7 + 0.3 * random();
  const text: string[] = [];
  for (let index = 0; index < sentences; index++) {
    if (random() < 0.4) text.push(sentence(NEUTRAL));
    else text.push(sentence((label === 1) === random() < agreement ? PRAISE : BLAME));
  }
  return text.join(' ').split(' ');
};

/** As in Keras's file: first all reviews of praise, then all of blame. */
const reviews = (count: number): { texts: string[][]; labels: number[] } => {
  const labels = Array.from({ length: count }, (_, row) => (row < count / 2 ? 1 : 0));
  return { texts: labels.map(review), labels };
};

const train = reviews(TRAINING);
const test = reviews(TESTING);
const counts = new Map<string, number>();
for (const word of train.texts.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
const byFrequency = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word);
const ranks = new Map(byFrequency.map((word, index) => [word, index + 1]));
// Words that the training reviews lack are dropped, as in Keras's file.
const encode = (texts: string[][]): number[][] =>
  texts.map((text) => text.map((word) => ranks.get(word)).filter((rank) => rank !== undefined));

const labelArray = (labels: readonly number[]): { type: string; shape: number[]; data: Uint8Array } => ({
  type: '<i8',
  shape: [labels.length],
  data: new Uint8Array(BigInt64Array.from(labels, BigInt).buffer),
});
const folder = join(__dirname, '..');
writeFileSync(
  join(folder, 'reviews.npz'),
  npz({
    x_test: encode(test.texts),
    x_train: encode(train.texts),
    y_train: labelArray(train.labels),
    y_test: labelArray(test.labels),
  }),
);
// In alphabetical order, since the order of frequency is in the numbers.
const index = Object.fromEntries([...byFrequency].sort().map((word) => [word, ranks.get(word)]));
writeFileSync(join(folder, 'reviews_word_index.json'), `${JSON.stringify(index, undefined, 1)}\n`);
