import { callable, type DataFunction } from '../../base/call-styles';
import { checkOptions } from '../../base/checks';
import type { Table } from './table';
import { tableSubject, toTable } from './to-table';

/** The values of a column: numbers, texts, truth values, dates; null, undefined and NaN for what is missing. */
export type ColumnValues = Iterable<unknown> & { readonly length: number };

/** A table of another library, told by its shape: one of Apache Arrow, of polars, of Arquero, … */
export type OtherTable =
  | {
      readonly schema: { readonly fields: readonly { readonly name: unknown }[] };
      getChild(name: string): unknown;
    }
  | { readonly columns: readonly string[]; getColumn(name: string): unknown }
  | { columnNames(): readonly string[]; column(name: string): unknown };

/** What stands for a table: one, a list of rows, columns by their names, or a table of another library. */
export type TableLike =
  Table | readonly Readonly<Record<string, unknown>>[] | Readonly<Record<string, ColumnValues>> | OtherTable;

/**
 * Rows, columns, or a table of another library as a {@link Table}.
 *
 * A column is of numbers (integers of 64 bits among them, as far as they are exact), texts, truth values (0 and 1 then) or `Date`s (days
 * since the beginning of 1970 in UTC then); null, undefined and NaN stand for what is missing. Rows have the names of the first one.
 *
 * Tables of other libraries are told by their shape: `schema.fields` and `getChild` (Arrow), `columns` and `getColumn` (polars),
 * `columnNames` and `column` (Arquero).
 *
 * @throws KerasArgumentError if columns are of several lengths, a column of several kinds, or a row has another name.
 * @example
 * const rows = asTable([{ age: 41, city: 'Köln' }, { age: null, city: 'Rome' }])
 * assert.strictEqual(String(rows), 'Table of 2 rows: age (number), city (string)')
 * const columns = asTable({ age: Float32Array.of(41, 17), adult: [true, false] })
 * assert.deepStrictEqual(columns.column('adult').values, Float64Array.of(1, 0))
 * @see R `as.data.frame`
 */
export const asTable: DataFunction<TableLike, Record<string, never>, Table> = callable({
  name: 'asTable',
  subject: tableSubject([]),
  checkOptions: (options) => checkOptions('asTable', options, {}),
  run: (data) => toTable('asTable', data),
}) as unknown as typeof asTable; // the call styles are told apart by the arguments
