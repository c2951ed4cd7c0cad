/** Tables of files and what belongs to them: rows of objects, columns, or a table of any library. */
import { isPlainObject } from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';
import { Table, type TableColumn } from '../tables/table';
import { toTable } from '../tables/to-table';

const valuesOf = (column: TableColumn): readonly unknown[] =>
  column.kind === 'boolean' ? Array.from(column.values, (value) => value === 1) : [...column.values];

const missing = (name: string, names: readonly string[]): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'dataframe',
    expected: `\`dataframe\` must have the column '${name}'`,
    received: names.join(', '),
    advice: didYouMean(name, names),
  });

const isRow = (value: unknown): value is Readonly<Record<string, unknown>> => isPlainObject(value);

/** The columns of a table by their names, whose values may be lists, too, where they are rows or columns of JavaScript's. */
export const columnsOf = (
  functionName: string,
  dataframe: unknown,
): ((name: string) => readonly unknown[]) => {
  if (Array.isArray(dataframe) && dataframe.length > 0 && dataframe.every(isRow)) {
    const rows = dataframe as readonly Readonly<Record<string, unknown>>[]; // as was just seen
    return (name) => {
      const without = rows.find((row) => !Object.hasOwn(row, name));
      if (without !== undefined) throw missing(name, Object.keys(without));
      return rows.map((row) => row[name]);
    };
  }
  if (isPlainObject(dataframe) && Object.values(dataframe).every((column) => Array.isArray(column))) {
    const columns = dataframe as Readonly<Record<string, readonly unknown[]>>; // as was just seen
    return (name) => {
      const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
      if (column === undefined) throw missing(name, Object.keys(columns));
      return column;
    };
  }
  const table = dataframe instanceof Table ? dataframe : toTable(functionName, dataframe);
  return (name) => {
    if (!table.names.includes(name)) throw missing(name, table.names);
    return valuesOf(table.column(name));
  };
};
