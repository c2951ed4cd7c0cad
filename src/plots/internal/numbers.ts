import { toTensor } from '../../arrays/tensors';
import { argumentError } from '../../base/checks';

/** An array's numbers, row by row, and its shape. */
export interface Numbers {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
  /** Whether they are integers by their type. */
  readonly isInteger: boolean;
}

/** The numbers of what a user gives as an array. */
export const readNumbers = (functionName: string, argument: string, value: unknown): Numbers => {
  const { tensor, isNew } = toTensor(value, { function: functionName, argument });
  try {
    return { values: tensor.dataSync(), shape: [...tensor.shape], isInteger: tensor.dtype !== 'float32' };
  } finally {
    if (isNew) tensor.dispose();
  }
};

/** Of each row a class, and how certain it is: of rows of probabilities the most probable. */
export interface Classes {
  readonly numbers: readonly number[];
  /** Undefined of class numbers. */
  readonly certainties: readonly number[] | undefined;
}

/** Classes of rows: numbers of classes, one-hot rows, or rows of probabilities. */
export const readClasses = (
  functionName: string,
  argument: string,
  value: unknown,
  rows: number,
): Classes => {
  const { values, shape } = readNumbers(functionName, argument, value);
  const place = { function: functionName, argument };
  const [count = 0, classes = 1] = shape;
  if (count !== rows || shape.length > 2 || shape.length === 0) {
    throw argumentError(
      place,
      `a class for each of the ${rows} rows: class numbers, or a row of numbers for each, of which the largest counts`,
      value,
    );
  }
  const rowOf = (row: number): number[] =>
    Array.from({ length: classes }, (_, index) => values[row * classes + index] ?? NaN);
  const all = Array.from({ length: rows }, (_, row) => rowOf(row));
  if (classes > 1) {
    const best = all.map((row) =>
      row.reduce((found, number, index) => (number > (row[found] ?? -Infinity) ? index : found), 0),
    );
    const certainties = all.map((row, index) => row[best[index] ?? 0] ?? NaN);
    const areShares =
      all.flat().every((number) => number >= 0 && number <= 1) && certainties.some((share) => share < 1);
    return { numbers: best, certainties: areShares ? certainties : undefined };
  }
  const numbers = all.map(([number = NaN]) => number);
  const wrong = numbers.find((number) => !Number.isInteger(number) || number < 0);
  if (wrong !== undefined)
    throw argumentError(place, 'made of class numbers, 0, 1, 2, …', wrong, 'Count classes from 0');
  return { numbers, certainties: undefined };
};

/** What a class is called: by its name, if it has one. */
export const classNameOf = (names: readonly string[] | undefined, number: number): string =>
  names?.[number] ?? String(number);
