/** Lists of values as columns. */
import { argumentError, type Place } from '../../base/checks';
import { describe, KerasArgumentError } from '../../base/errors';
import { daysOf } from './parse-values';
import type { ColumnKind, TableColumn } from './table';

const PLURALS: Record<ColumnKind, string> = {
  number: 'numbers',
  string: 'texts',
  boolean: 'truth values',
  date: 'dates',
};

const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value));

/** Of whatever realm. */
const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]';

const kindOf = (value: unknown): ColumnKind | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  return isDate(value) ? 'date' : undefined;
};

const numberFrom = (value: unknown, place: Place): number => {
  if (isMissing(value)) return NaN;
  if (isDate(value)) return daysOf(value);
  const number = Number(value);
  // An integer of 64 bits that a number does not hold would become another one.
  if (typeof value === 'bigint' && !Number.isSafeInteger(number))
    throw argumentError(place, 'an integer of at most 53 bits', value, 'Give it as a text, or divided');
  return number;
};

/** The one kind of all values that are there; that of a list of which all is missing is numbers. */
const kindIn = (values: ArrayLike<unknown>, place: Place): ColumnKind => {
  let kind: ColumnKind | undefined;
  let first = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (isMissing(value)) continue;
    const own = kindOf(value);
    const at = { function: place.function, argument: `${place.argument}[${row}]` };
    if (own === undefined)
      throw argumentError(
        at,
        'a number, a text, true or false, or a Date',
        value,
        'Give null for what is missing',
      );
    if (kind === undefined) [kind, first] = [own, row];
    else if (kind !== own) {
      throw new KerasArgumentError({
        ...at,
        expected: `\`${place.argument}\` must have values of one kind: ${PLURALS[kind]}, as \`[${first}]\` is`,
        received: `${describe(value)} at [${row}]`,
        advice: 'Convert it, or give null for what is missing',
      });
    }
  }
  return kind ?? 'number';
};

/** A list of values as a column. */
export const columnOf = (values: ArrayLike<unknown>, place: Place): TableColumn => {
  if (values instanceof Float64Array) return { kind: 'number', values };
  const kind = kindIn(values, place);
  if (kind === 'string') {
    // As just seen.
    return { kind, values: Array.from(values, (value) => (isMissing(value) ? null : (value as string))) };
  }
  const numbers = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const at = { function: place.function, argument: `${place.argument}[${row}]` };
    numbers[row] = numberFrom(values[row], at);
  }
  return { kind, values: numbers };
};
