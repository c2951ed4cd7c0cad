/** What tests of saved models have in common with the generators of test/reference that saved some. */
import { fit, predict, tf, type FitOptions, type KerasModel, type Tensor } from '../../src/index';

/** A model that Keras saved, what it predicts, and the losses of its next five steps. */
export interface SavedCase {
  readonly name: string;
  readonly optimizer: string;
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
  readonly file: string;
  readonly predicted: readonly number[][];
  readonly losses: readonly number[];
}

/** Numbers in [−1, 1), as `grid` of the generators makes them. */
const grid = (shape: readonly number[], seed: number): number[] =>
  Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => {
    const first = Math.imul(index + 1 + 1009 * seed, 2654435761) >>> 0;
    const second = Math.imul(first ^ (first >>> 15), 2246822519) >>> 0;
    return (second >>> 16) / 2 ** 15 - 1;
  });

/** Rows of such numbers for each shape, or of ids. */
export const dataOf = (shapes: readonly number[][], seed: number, isIds = false): Tensor | Tensor[] => {
  const tensors = shapes.map((shape, index) => {
    const numbers = grid([8, ...shape], seed + index);
    const values = isIds ? numbers.map((value) => Math.floor(((value + 1) / 2) * 10)) : numbers;
    return tf.tensor(values, [8, ...shape], isIds ? 'int32' : 'float32');
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

const inputsOf = ({ inputs, name }: SavedCase): Tensor | Tensor[] => dataOf(inputs, 0, name === 'ids');

export const expectPredictions = async (
  model: KerasModel,
  one: SavedCase,
  tolerance?: number,
): Promise<void> => {
  const predicted = [await predict(model, inputsOf(one))].flat() as Tensor[];
  expect(predicted).toHaveLength(one.predicted.length);
  predicted.forEach((output, index) =>
    expectClose([...output.dataSync()], one.predicted[index] ?? [], tolerance),
  );
};

/** Labels of some cases of Keras 3 are of classes: rows of one 1, or 0 and 1. */
const labelsOf = ({ outputs }: SavedCase, kind: LabelKind): Tensor | Tensor[] => {
  const y = dataOf(outputs, 50);
  if (kind === 'any' || Array.isArray(y)) return y;
  return kind === 'binary' ? tf.cast(tf.greater(y, 0), 'float32') : tf.oneHot(tf.argMax(y, 1), 3);
};

type LabelKind = 'any' | 'classes' | 'binary';

/** The losses of five steps, each of all rows. */
export const nextLosses = async (
  model: KerasModel,
  one: SavedCase,
  engine: NonNullable<FitOptions['engine']>,
  labels: LabelKind = 'any',
): Promise<number[]> => {
  const y = labelsOf(one, labels);
  const options = { epochs: 5, batchSize: 8, shuffle: false, verbose: 0, engine } as const;
  const history = await fit(model, inputsOf(one), y, options);
  return history.metrics['loss'] as number[];
};
