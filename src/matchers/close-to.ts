import { argumentError } from '../base/checks';
import { describeShape } from '../base/errors';
import type { MatcherResult } from './types';
import { valuesOf, type Values } from './values';

/** How many of the places that differ a message lists. */
const MAX_LISTED = 10;

/** A place at which two arrays differ. */
interface Difference {
  readonly index: number;
  readonly expected: number;
  readonly received: number;
  readonly difference: number;
}

const differenceOf = (expected: number, received: number): number =>
  Object.is(expected, received) || expected === received ? 0 : Math.abs(expected - received);

/** Whether a difference counts: that of NaN and a number is NaN. */
const counts = (difference: number, limit: number): boolean => !(difference < limit);

const differencesOf = (expected: Values, received: Values, limit: number): Difference[] => {
  const found: Difference[] = [];
  for (let index = 0; index < expected.data.length; index++) {
    const [expectedValue, receivedValue] = [expected.data[index] ?? NaN, received.data[index] ?? NaN];
    const difference = differenceOf(expectedValue, receivedValue);
    if (counts(difference, limit))
      found.push({ index, expected: expectedValue, received: receivedValue, difference });
  }
  return found;
};

/** The position of an element, counted row by row: `[1][2]`. */
const positionOf = (index: number, shape: readonly number[]): string => {
  let rest = index;
  const position: number[] = [];
  for (const size of [...shape].reverse()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return position.map((each) => `[${each}]`).join('');
};

/** Rows of texts with their columns below each other. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const largestOf = (differences: readonly Difference[]): Difference | undefined =>
  differences.reduce<Difference | undefined>(
    (largest, each) =>
      // A difference that is NaN is the largest there can be.
      largest === undefined || Number.isNaN(each.difference) || each.difference > largest.difference
        ? each
        : largest,
    undefined,
  );

/** Where two arrays of one shape differ. */
const listing = (differences: readonly Difference[], { shape, data }: Values, limit: number): string => {
  const at = (each: Difference): string => positionOf(each.index, shape);
  const largest = largestOf(differences);
  const of = data.length === 1 ? 'value' : 'values';
  const summary =
    `${differences.length} of ${data.length} ${of} ${differences.length === 1 ? 'differs' : 'differ'} by ${limit} or more` +
    (largest === undefined
      ? ''
      : `; the largest difference is ${largest.difference}${shape.length === 0 ? '' : ` at ${at(largest)}`}`);
  const rows = differences
    .slice(0, MAX_LISTED)
    .map((each) => [at(each), String(each.expected), String(each.received), String(each.difference)]);
  const more = differences.length > MAX_LISTED ? `\n… and ${differences.length - MAX_LISTED} more` : '';
  return `${summary}.\n\n${table([['index', 'expected', 'received', 'difference'], ...rows])}${more}`;
};

const checkDigits = (digits: unknown): number => {
  if (typeof digits === 'number' && Number.isFinite(digits)) return digits;
  throw argumentError(
    { function: 'toBeCloseToTensor', argument: 'digits' },
    'a number: how many digits after the point must be the same',
    digits,
    'Write expect(tensor).toBeCloseToTensor(values, 5)',
  );
};

const sameShape = (one: Values, other: Values): boolean =>
  one.shape.length === other.shape.length && one.shape.every((size, axis) => size === other.shape[axis]);

/** The matcher `toBeCloseToTensor`: see `KerasMatchers`. */
export const toBeCloseToTensor = (received: unknown, values: unknown, digits: unknown = 5): MatcherResult => {
  // Rounded, since powers of ten are not exact: half of the last digit is 0.000005.
  const limit = Number((10 ** -checkDigits(digits) / 2).toPrecision(6));
  const actual = valuesOf('toBeCloseToTensor', 'received', received);
  const expected = valuesOf('toBeCloseToTensor', 'values', values);
  if (!sameShape(actual, expected)) {
    return {
      pass: false,
      message: () =>
        `expect(received).toBeCloseToTensor(values)\n\nExpected shape: ${describeShape(expected.shape)}\n` +
        `Received shape: ${describeShape(actual.shape)}`,
    };
  }
  const differences = differencesOf(expected, actual, limit);
  if (differences.length > 0) {
    return {
      pass: false,
      message: () => `expect(received).toBeCloseToTensor(values)\n\n${listing(differences, expected, limit)}`,
    };
  }
  const largest = largestOf(differencesOf(expected, actual, 0));
  return {
    pass: true,
    message: () =>
      `expect(received).not.toBeCloseToTensor(values)\n\nAll ${actual.data.length} values differ by less than ${limit}; ` +
      `the largest difference is ${largest?.difference ?? 0}.`,
  };
};
