/** Columns of equal lengths, each of one kind. */
import { inspect } from 'node:util';
import { KerasArgumentError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';

/** What a column holds: numbers, texts, truth values as 0 and 1, or dates as days since the beginning of 1970 in UTC. */
export type ColumnKind = 'number' | 'string' | 'boolean' | 'date';

/** A column of numbers; what is missing is NaN. */
export interface NumberColumn {
  readonly kind: 'number' | 'boolean' | 'date';
  readonly values: Float64Array;
}

/** A column of texts; what is missing is null. */
export interface StringColumn {
  readonly kind: 'string';
  readonly values: readonly (string | null)[];
}

/** A column of a table. */
export type TableColumn = NumberColumn | StringColumn;

/** The columns of a table, and how its rows are called in messages. */
export interface TableParts {
  readonly columns: ReadonlyMap<string, TableColumn>;
  readonly rows: number;
  /** The line of each row, of a table that comes from a text. */
  readonly lines?: ArrayLike<number> | undefined;
}

const MAX_SHOWN = 8;

/**
 * A table: its columns by their names, all of one length. {@link readCsv}, {@link parseCsv} and {@link asTable} make one.
 *
 * @example
 * const table = asTable({ age: [41, null], city: ['Rome', 'Köln'] })
 * assert.deepStrictEqual([table.rows, table.names], [2, ['age', 'city']])
 * assert.deepStrictEqual(table.column('age'), { kind: 'number', values: Float64Array.of(41, NaN) })
 * @see R `data.frame`
 */
export class Table {
  /** How many rows there are. */
  readonly rows: number;
  readonly #columns: ReadonlyMap<string, TableColumn>;
  readonly #lines: ArrayLike<number> | undefined;

  constructor({ columns, rows, lines }: TableParts) {
    this.#columns = columns;
    this.rows = rows;
    this.#lines = lines;
  }

  /** The names of the columns, in their order. */
  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** The column of a name. */
  column(name: string): TableColumn {
    const column = this.#columns.get(name);
    if (column !== undefined) return column;
    throw new KerasArgumentError({
      argument: 'name',
      expected: 'the column must be one of the table',
      received: `'${name}'`,
      advice: didYouMean(name, this.names),
    });
  }

  /** @internal How a row is called: by its number from 0, and its line if it has one. */
  rowText(row: number): string {
    const line = this.#lines?.[row];
    return line === undefined ? `row ${row}` : `row ${row} (line ${line})`;
  }

  toString(): string {
    const shown = [...this.#columns].slice(0, MAX_SHOWN).map(([name, { kind }]) => `${name} (${kind})`);
    const more = this.#columns.size > MAX_SHOWN ? `, and ${this.#columns.size - MAX_SHOWN} more` : '';
    return `Table of ${this.rows} rows: ${shown.join(', ')}${more}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
