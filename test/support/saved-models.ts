/** Models that Keras 2.13 saved (test/reference/keras_savedmodel.py), and the data that they are tried on. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tf, type Tensor } from '../../src/index';

export type Files = Readonly<Record<string, string>>;

export interface Case {
  readonly name: string;
  readonly optimizer: string;
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
  readonly config: string;
  readonly files: Files;
  readonly checkpoint: Files;
  readonly predicted: readonly number[][];
  readonly losses: readonly number[];
}

export const { cases, module: served } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras_savedmodel.json'), 'utf8'),
) as { cases: Case[]; module: Files };

/** Writes files below a folder. */
export const unpack = (folder: string, files: Files, name = 'keras'): string => {
  for (const [file, content] of Object.entries(files)) {
    const at = path.join(folder, name, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, gunzipSync(Buffer.from(content, 'base64')));
  }
  return path.join(folder, name);
};

/** Numbers in [−1, 1), as `grid` in test/reference/keras_hdf5.py makes them. */
const grid = (shape: readonly number[], seed: number): number[] =>
  Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => {
    const first = Math.imul(index + 1 + 1009 * seed, 2654435761) >>> 0;
    const second = Math.imul(first ^ (first >>> 15), 2246822519) >>> 0;
    return (second >>> 16) / 2 ** 15 - 1;
  });

export const dataOf = (
  shapes: readonly number[][],
  seed: number,
  isIds = false,
  rows = 8,
): Tensor | Tensor[] => {
  const tensors = shapes.map((shape, index) => {
    const numbers = grid([rows, ...shape], seed + index);
    const values = isIds ? numbers.map((value) => Math.floor(((value + 1) / 2) * 10)) : numbers;
    return tf.tensor(values, [rows, ...shape], isIds ? 'int32' : 'float32');
  });
  return tensors.length === 1 ? (tensors[0] as Tensor) : tensors;
};

export const expectClose = (
  actual: readonly number[],
  expected: readonly number[],
  tolerance = 1e-5,
): void => {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
  if (!(worst <= tolerance * largest)) expect(actual).toEqual(expected);
};
