import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tf, type Tensor } from '../../src/index';

/** Nested arrays of numbers. */
type Numbers = number | readonly Numbers[];

/** What test/reference/custom.py wrote. */
interface OwnParts {
  readonly metric: { readonly result: number };
  readonly layer: {
    readonly history: Readonly<Record<'loss' | 'own_true_positives', readonly number[]>>;
    readonly evaluated: readonly [number, number];
    readonly weights: readonly Numbers[];
  };
  readonly told: Readonly<
    Record<
      'once' | 'twice',
      {
        readonly history: Readonly<Record<string, readonly number[]>>;
        readonly evaluated: Readonly<Record<string, number>>;
      }
    >
  >;
  readonly model: {
    readonly history: readonly number[];
    readonly evaluated: number;
    readonly predicted: Numbers;
    readonly weights: readonly Numbers[];
  };
  readonly adversaries: {
    readonly losses: readonly (readonly [number, number])[];
    readonly generator: readonly Numbers[];
    readonly discriminator: readonly Numbers[];
  };
}

/** What Keras makes of building blocks of one's own. */
export const kerasOwnParts = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/custom.json'), 'utf8'),
) as OwnParts; // as custom.py prints it

/** Sines of the positions: what `grid` of custom.py makes. */
export const grid = (shape: number[], shift = 0): Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Math.sin(index + shift)),
    shape,
  );

const flat = (numbers: unknown): number[] => [numbers].flat<unknown[], number>(Infinity) as number[]; // of numbers

/** Expects nested arrays to agree to 1e-5, of the expected or of 1. */
export const expectNumbers = (received: unknown, expected: unknown): void => {
  const [left, right] = [flat(received), flat(expected)];
  expect(left.length).toBe(right.length);
  left.forEach((value, index) => {
    const other = right[index] ?? NaN;
    expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(other)));
  });
};
