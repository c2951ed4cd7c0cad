import {
  compile,
  kerasModelSequential,
  layerDense,
  optimizerAdam,
  pipe,
  setRandomSeed,
  type SequentialModel,
} from 'keras-pipe';
import { weightArrays } from '../../support/weights';

/** A row's features and label, by its number. */
export const rowAt = (index: number): [number[], number] => [
  [Math.sin(index), Math.cos(index), Math.sin(3 * index)],
  Math.sin(index) + 0.5 * Math.cos(index),
];

/** Rows from one to another. */
export const rows = (from: number, to: number): { x: number[][]; y: number[] } => {
  const all = Array.from({ length: to - from }, (_, index) => rowAt(from + index));
  return { x: all.map(([x]) => x), y: all.map(([, y]) => y) };
};

export interface Batch {
  x: number[][];
  y: number[];
}

/** Batches of so many rows: `count` rows in all. */
export const batchesOf = (count: number, size: number): Batch[] =>
  Array.from({ length: Math.ceil(count / size) }, (_, index) =>
    rows(index * size, Math.min(count, (index + 1) * size)),
  );

/** A small model, the same each time. */
export const makeModel = (): SequentialModel => {
  setRandomSeed(3);
  return pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'tanh', inputShape: [3] }),
    layerDense({ units: 1 }),
    compile({ optimizer: optimizerAdam({ learningRate: 0.01 }), loss: 'mse', metrics: ['mae'] }),
  );
};

/** The weights as numbers. */
export const weightsOf = (model: SequentialModel): number[] => weightArrays(model).flat(3) as number[];

/** Expects numbers to agree to 1e-5 of the expected or of 1. */
export const expectClose = (received: readonly number[], expected: readonly number[]): void => {
  expect(received).toHaveLength(expected.length);
  received.forEach((value, index) => {
    const other = expected[index] ?? NaN;
    expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(other)));
  });
};

/** What happens to a source: how many it gave, and whether it was closed. */
export interface Watched {
  given: number;
  closed: number;
}

/** An iterator that says what happens to it. */
export const watched = <Item>(
  items: Iterable<Item>,
): { readonly seen: Watched; readonly iterator: Generator<Item, void> } => {
  const seen = { given: 0, closed: 0 };
  const iterator = (function* () {
    try {
      for (const item of items) {
        seen.given++;
        yield item;
      }
    } finally {
      seen.closed++;
    }
  })();
  return { seen, iterator };
};

/** Batches without end. */
export function* endless(size = 8): Generator<[number[][], number[]], void> {
  for (let index = 0; ; index++) {
    const { x, y } = rows(index * size, (index + 1) * size);
    yield [x, y];
  }
}
