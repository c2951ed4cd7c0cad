import { checkAllocation } from '../../arrays/allocate';
import { callable, type callForm, type CallForm } from '../../base/call-styles';
import {
  argumentError,
  checkOptions,
  oneOf,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';
import { tf, type Tensor, type Tensor2D } from '../../tfjs/tensorflow';
import { compareByCodePoints } from '../compare';
import type { TableLike } from './as-table';
import type { StringColumn, Table } from './table';
import { tableSubject, toTable } from './to-table';

/** Options of {@link tableMatrix}. */
export interface TableMatrixOptions {
  /** The names of the columns, in the order in which they should stand. Default: all. */
  columns?: readonly string[] | undefined;
  /** What is done about a row with a missing value: `'error'`, the default, or `'drop'`, which leaves it out. */
  missing?: 'error' | 'drop' | undefined;
}

/** Options of {@link tableData}. */
export interface TableDataOptions {
  /** The names of the columns that are the inputs, in the order in which they should stand. Default: all but `y`. */
  x?: readonly string[] | undefined;
  /** The name of the column that is the target, or a list of names. */
  y: string | readonly string[];
  /** Of a target of texts, the texts in the order of their classes. Default: those that there are, in alphabetical order. */
  classNames?: readonly string[] | undefined;
  /** What is done about a row with a missing value: `'error'`, the default, or `'drop'`, which leaves it out. */
  missing?: 'error' | 'drop' | undefined;
}

/** Inputs and targets of a table. */
export interface TableData {
  /** float32 `[rows, columns]`. */
  readonly x: Tensor2D;
  /** float32 `[rows]`, or `[rows, columns]` of a list of names; of texts int32 `[rows]`, the classes. */
  readonly y: Tensor;
  /** The texts of the classes, if the target is of texts. */
  readonly classNames: readonly string[] | undefined;
}

const isString = (value: unknown): value is string => typeof value === 'string';

const names: Check<readonly string[]> = (value, place) => {
  if (Array.isArray(value) && value.length > 0 && value.every(isString)) return value;
  throw argumentError(
    place,
    'a list of names of columns',
    value,
    `Write ${place.argument}: ['age', 'income']`,
  );
};

const target: Check<string | readonly string[]> = (value, place) => {
  if (isString(value)) return value;
  if (Array.isArray(value)) return names(value, place);
  throw argumentError(place, 'the name of a column, or a list of names', value);
};

const missing = optional(oneOf('error', 'drop'), 'error');
const matrixChecks = { columns: optional(names), missing } satisfies OptionChecks<TableMatrixOptions>;
const dataChecks = {
  x: optional(names),
  y: required(target),
  classNames: optional(names),
  missing,
} satisfies OptionChecks<TableDataOptions>;

interface Numbers {
  readonly name: string;
  readonly values: Float64Array;
}

const columnIn = (table: Table, name: string, argument: string) => {
  if (table.names.includes(name)) return table.column(name);
  throw new KerasArgumentError({
    argument,
    expected: `\`${argument}\` must name columns of the table`,
    received: `'${name}'`,
    advice: didYouMean(name, table.names),
  });
};

const numbersIn = (table: Table, name: string, argument: string): Numbers => {
  const column = columnIn(table, name, argument);
  if (column.kind !== 'string') return { name, values: column.values };
  const first = column.values.findIndex((value) => value !== null && Number.isNaN(Number(value)));
  const shown = first === -1 ? '' : `, '${column.values[first] ?? ''}' in ${table.rowText(first)} for one`;
  throw new KerasArgumentError({
    argument,
    expected: `\`${argument}\` must name columns of numbers`,
    received: `'${name}', which is of texts${shown}`,
    advice: 'Leave it out, turn it into numbers, or correct what should be a number',
  });
};

/** The rows in which nothing is missing. What no float32 holds is missing, too. */
const completeRows = (
  table: Table,
  columns: readonly Numbers[],
  texts: { readonly name: string; readonly column: StringColumn } | undefined,
  onMissing: 'error' | 'drop',
): Int32Array => {
  const rows: number[] = [];
  const isThere = (row: number): boolean => {
    const wrong = columns.find(({ values }) => !Number.isFinite(Math.fround(values[row] ?? NaN)));
    const name = wrong?.name ?? (texts?.column.values[row] === null ? texts.name : undefined);
    if (name === undefined) return true;
    if (onMissing === 'drop') return false;
    const value = wrong?.values[row];
    throw new KerasArgumentError({
      argument: 'data',
      expected: 'columns must have a finite number in each row',
      received: `${value === undefined || Number.isNaN(value) ? 'nothing' : String(value)} in the column '${name}', ${table.rowText(row)}`,
      advice: "Give missing: 'drop' to leave such rows out, or fill them in",
    });
  };
  for (let row = 0; row < table.rows; row++) if (isThere(row)) rows.push(row);
  if (rows.length > 0) return Int32Array.from(rows);
  throw new KerasArgumentError({
    argument: 'data',
    expected: '`data` must be a table with at least one row in which nothing is missing',
    received: String(table),
    advice: table.rows === 0 ? 'Look where its rows come from' : 'See to the columns that are mostly empty',
  });
};

const matrixOf = (columns: readonly Numbers[], rows: Int32Array): Tensor2D => {
  const width = columns.length;
  const size = rows.length * width;
  const what = `${rows.length} rows of ${width} columns`;
  checkAllocation({ argument: 'data' }, size, what, 'Give fewer columns, or parts of the table');
  const values = new Float32Array(size);
  columns.forEach((column, index) => {
    rows.forEach((row, position) => {
      values[position * width + index] = column.values[row] ?? NaN;
    });
  });
  return tf.tensor2d(values, [rows.length, width], 'float32');
};

/** The classes of a target of texts. */
const classesOf = (
  table: Table,
  name: string,
  { values }: StringColumn,
  rows: Int32Array,
  given: readonly string[] | undefined,
): { readonly y: Tensor; readonly classNames: readonly string[] } => {
  const present = new Set<string>();
  for (const row of rows) present.add(values[row] ?? '');
  const classNames = given ?? [...present].sort(compareByCodePoints);
  const index = new Map(classNames.map((text, label) => [text, label]));
  const labels = Int32Array.from(rows, (row) => {
    const text = values[row] ?? '';
    const label = index.get(text);
    if (label !== undefined) return label;
    throw new KerasArgumentError({
      argument: 'classNames',
      expected: `\`classNames\` must have all texts of the column '${name}'`,
      received: `'${text}' in ${table.rowText(row)}`,
      advice: didYouMean(text, classNames),
    });
  });
  return { y: tf.tensor1d(labels, 'int32'), classNames };
};

const dataOf = (
  table: Table,
  options: { x?: readonly string[]; y: string | readonly string[]; classNames?: readonly string[] },
  onMissing: 'error' | 'drop',
): TableData => {
  const { x, y, classNames } = options;
  const targets = isString(y) ? [y] : y;
  // First, since what is misspelt there would be among the inputs.
  for (const name of targets) columnIn(table, name, 'y');
  const inputs = (x ?? table.names.filter((name) => !targets.includes(name))).map((name) =>
    numbersIn(table, name, 'x'),
  );
  if (inputs.length === 0) throw argumentError({ argument: 'x' }, 'at least one column besides `y`', x);
  const column = isString(y) ? columnIn(table, y, 'y') : undefined;
  if (isString(y) && column?.kind === 'string') {
    const rows = completeRows(table, inputs, { name: y, column }, onMissing);
    const classes = classesOf(table, y, column, rows, classNames);
    return { x: matrixOf(inputs, rows), ...classes };
  }
  if (classNames !== undefined) {
    const received = `classNames for ${targets.map((name) => `'${name}'`).join(', ')}`;
    throw new KerasArgumentError({
      argument: 'classNames',
      expected: '`classNames` goes with a target of texts',
      received,
      advice: 'Leave it out',
    });
  }
  const outputs = targets.map((name) => numbersIn(table, name, 'y'));
  const rows = completeRows(table, [...inputs, ...outputs], undefined, onMissing);
  const matrix = matrixOf(outputs, rows);
  const labels = isString(y) ? matrix.reshape([rows.length]) : matrix;
  if (labels !== matrix) matrix.dispose();
  return { x: matrixOf(inputs, rows), y: labels, classNames: undefined };
};

/** A function of a table, one of whose options is required. */
export interface TableDataFunction {
  (data: TableLike, options: TableDataOptions): TableData;
  (options: TableDataOptions): <Data extends TableLike>(data: Data) => TableData;
  readonly [callForm]: CallForm<['data', TableLike, [options: TableDataOptions], TableData]>;
}

/** A function of a table. */
export interface TableMatrixFunction {
  (data: TableLike, options?: TableMatrixOptions): Tensor2D;
  (options?: TableMatrixOptions): <Data extends TableLike>(data: Data) => Tensor2D;
  readonly [callForm]: CallForm<['data', TableLike, [options?: TableMatrixOptions], Tensor2D]>;
}

/**
 * Columns of a table as inputs and targets for {@link fit}, by their names: `x` float32 `[rows, columns]`, `y` float32 `[rows]`, or
 * `[rows, columns]` of a list of names. A target of texts becomes int32 `[rows]`, its classes from 0 in alphabetical order, with their
 * texts in `classNames`: give those for a test set.
 *
 * Data are whatever {@link asTable} takes. Dates are days since the beginning of 1970, truth values 0 and 1. New tensors, yours to dispose.
 *
 * @throws KerasArgumentError if a column is not there, or not of numbers, or has a row without a finite number and `missing` is `'error'`.
 * @example
 * const flowers = parseCsv('length,width,species\n5.1,3.5,setosa\n6.7,3.1,virginica\n4.9,NA,setosa\n')
 * const { x, y, classNames } = tableData(flowers, { x: ['length', 'width'], y: 'species', missing: 'drop' })
 * assert.deepStrictEqual([x.shape, y.arraySync(), classNames], [[2, 2], [0, 1], ['setosa', 'virginica']])
 * assert.throws(() => tableData(flowers, { y: 'species' }), /nothing in the column 'width', row 2 \(line 4\)/)
 * @see R `as.matrix`, `model.matrix`
 */
export const tableData: TableDataFunction = callable({
  name: 'tableData',
  subject: tableSubject(Object.keys(dataChecks)),
  optionNames: Object.keys(dataChecks),
  checkOptions: (options) => checkOptions('tableData', options, dataChecks),
  run: (data, _, { missing: onMissing, ...options }) =>
    dataOf(toTable('tableData', data), options, onMissing),
}) as unknown as TableDataFunction; // the call styles are told apart by the arguments

/**
 * Columns of a table as one matrix, float32 `[rows, columns]`: inputs without targets. {@link tableData} has more.
 *
 * Data are whatever {@link asTable} takes. A new tensor, yours to dispose.
 *
 * @throws KerasArgumentError if a column is not there, or not of numbers, or has a row without a finite number and `missing` is `'error'`.
 * @example
 * const x = tableMatrix([{ age: 41, city: 'Rome', adult: true }], { columns: ['adult', 'age'] })
 * assert.deepStrictEqual(x.arraySync(), [[1, 41]])
 * @see R `as.matrix`
 */
export const tableMatrix: TableMatrixFunction = callable({
  name: 'tableMatrix',
  subject: tableSubject(Object.keys(matrixChecks)),
  optionNames: Object.keys(matrixChecks),
  checkOptions: (options) => checkOptions('tableMatrix', options, matrixChecks),
  run: (data, _, { columns, missing: onMissing }) => {
    const table = toTable('tableMatrix', data);
    const inputs = (columns ?? table.names).map((name) => numbersIn(table, name, 'columns'));
    return matrixOf(inputs, completeRows(table, inputs, undefined, onMissing));
  },
}) as unknown as TableMatrixFunction; // the call styles are told apart by the arguments
