/** Data of several shapes as tables. */
import type { SubjectKind } from '../../base/call-styles';
import { argumentError, isPlainObject, type Place } from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';
import { columnOf } from './column-of';
import { Table, type TableColumn } from './table';

const ADVICE = 'Write [{ age: 41, city: "Rome" }, …], or { age: [41, …], city: ["Rome", …] }';

type Columns = (readonly [name: string, values: unknown])[];

/** A property of an object of another library, whatever it is. */
const property = (value: object, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name];

const isFunction = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function';

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** Arrow's numbers for types whose values are points in time; they come as milliseconds. */
const ARROW_DATES: readonly unknown[] = [8, 10];

const asDates = (values: ArrayLike<unknown>): unknown[] =>
  Array.from(values, (value) => (typeof value === 'number' ? new Date(value) : value));

/** The columns of a table of Arrow's; undefined if it is none. */
const arrowColumns = (value: object, place: Place): Columns | undefined => {
  const getChild = property(value, 'getChild');
  const schema = property(value, 'schema');
  const fields = typeof schema === 'object' && schema !== null ? property(schema, 'fields') : undefined;
  if (!isFunction(getChild) || !Array.isArray(fields)) return undefined;
  return fields.map((field: { readonly name?: unknown; readonly type?: { readonly typeId?: unknown } }) => {
    const name = String(field.name);
    const values = getChild.call(value, name);
    if (!ARROW_DATES.includes(field.type?.typeId)) return [name, values] as const;
    return [name, asDates(listOf(values, { ...place, argument: `${place.argument}.${name}` }))] as const;
  });
};

/** The columns of a table of another library; undefined if it is none. */
const othersColumns = (value: object, place: Place): Columns | undefined => {
  const arrow = arrowColumns(value, place);
  if (arrow !== undefined) return arrow;
  const shapes: readonly [names: () => unknown, getter: string][] = [
    [() => property(value, 'columns'), 'getColumn'],
    [() => (property(value, 'columnNames') as (() => unknown) | undefined)?.call(value), 'column'],
  ];
  for (const [namesOf, getter] of shapes) {
    const get = property(value, getter);
    if (!isFunction(get)) continue;
    const names = namesOf();
    if (isStrings(names)) return names.map((name) => [name, get.call(value, name)] as const);
  }
  return undefined;
};

/** Whether a value is a table of another library, told by its shape: many of them can be iterated over as well. */
export const isOtherTable = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const has = (name: string): boolean => isFunction(property(value, name));
  return (
    (has('getChild') && typeof property(value, 'schema') === 'object') ||
    (has('getColumn') && isStrings(property(value, 'columns'))) ||
    (has('column') && has('columnNames'))
  );
};

/** The values of a column of whatever library, as a list. */
const listOf = (values: unknown, place: Place): ArrayLike<unknown> => {
  if (Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView)))
    return values as unknown as ArrayLike<unknown>; // typed arrays have a length and numbers
  if (typeof values === 'object' && values !== null) {
    if (Symbol.iterator in values) return Array.from(values as Iterable<unknown>);
    const toArray = property(values, 'toArray');
    if (isFunction(toArray)) return listOf(toArray.call(values), place);
    const [length, get] = [property(values, 'length'), property(values, 'get') ?? property(values, 'at')];
    if (typeof length === 'number' && isFunction(get))
      return Array.from({ length }, (_, row) => get.call(values, row));
  }
  throw argumentError(place, 'a list or a typed array of values', values, ADVICE);
};

const fromColumns = (functionName: string, columns: Columns): Table => {
  const made = new Map<string, TableColumn>();
  let rows: number | undefined;
  for (const [name, values] of columns) {
    const place = { function: functionName, argument: `data.${name}` };
    const list = listOf(values, place);
    if (rows !== undefined && rows !== list.length) {
      const [first = ''] = made.keys();
      throw argumentError(
        place,
        `as long as the column '${first}', ${rows}`,
        list,
        'Give columns of one length',
      );
    }
    rows = list.length;
    made.set(name, columnOf(list, place));
  }
  return new Table({ columns: made, rows: rows ?? 0 });
};

/** The columns are those of the first row: a name that only another row has is misspelt. */
const fromRows = (functionName: string, rows: readonly unknown[]): Table => {
  const names = typeof rows[0] === 'object' && rows[0] !== null ? Object.keys(rows[0]) : [];
  const lists = new Map(names.map((name) => [name, new Array<unknown>(rows.length)]));
  rows.forEach((row, index) => {
    const place = { function: functionName, argument: `data[${index}]` };
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw argumentError(place, 'a row: an object of names and values', row, ADVICE);
    for (const [name, value] of Object.entries(row)) {
      const list = lists.get(name);
      if (list === undefined) {
        throw new KerasArgumentError({
          ...place,
          expected: 'rows must have the names that the first row has',
          received: `'${name}' in data[${index}]`,
          advice: didYouMean(name, names),
        });
      }
      list[index] = value;
    }
  });
  if (names.length === 0)
    throw argumentError({ function: functionName, argument: 'data[0]' }, 'a row with names', rows[0], ADVICE);
  return fromColumns(functionName, [...lists]);
};

/** Data as a table. */
export const toTable = (functionName: string, data: unknown): Table => {
  if (data instanceof Table) return data;
  const place = { function: functionName, argument: 'data' };
  if (Array.isArray(data)) {
    if (data.length > 0) return fromRows(functionName, data);
    throw argumentError(place, 'a table of at least one row', data, ADVICE);
  }
  const isObject = typeof data === 'object' && data !== null;
  const columns = isObject
    ? (othersColumns(data, place) ?? (isPlainObject(data) ? Object.entries(data) : []))
    : [];
  if (columns.length > 0) return fromColumns(functionName, columns);
  throw argumentError(place, 'a table: a list of rows, columns by name, or one of Arrow’s', data, ADVICE);
};

/** Data, as what a function of tables takes first: whatever is no object of its options. */
export const tableSubject = (optionNames: readonly string[]): SubjectKind<unknown> => ({
  argument: 'data',
  is: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !(isPlainObject(value) && Object.keys(value).every((name) => optionNames.includes(name))),
  check: (_, value) => value,
});
