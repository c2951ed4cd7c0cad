import { asTable, parseCsv, pipe, tableData, tableMatrix, type Table } from '../../../src/index';
import { compareByCodePoints } from '../../../src/preprocessing/compare';
import { tensorCount } from '../../support/tensors';

const valuesOf = (table: Table): Record<string, unknown[]> =>
  Object.fromEntries(
    table.names.map((name) => [
      name,
      [...table.column(name).values].map((value) => (Number.isNaN(value) ? null : value)),
    ]),
  );

const day = new Date('1970-01-02T12:00:00Z');
const EXPECTED = { n: [1, null, 3], t: ['a', null, 'c'], b: [1, 0, null], d: [1.5, null, 1.5], i: [7, 8, 9] };

/** Columns as Arrow, polars and Arquero have them. */
const COLUMNS = {
  n: [1, null, 3],
  t: ['a', undefined, 'c'],
  b: [true, false, null],
  d: [day, null, day],
  i: BigInt64Array.of(7n, 8n, 9n),
};
type Name = keyof typeof COLUMNS;
const names = Object.keys(COLUMNS) as Name[];

class Vector {
  constructor(private readonly values: ArrayLike<unknown>) {}
  get length(): number {
    return this.values.length;
  }
  get(row: number): unknown {
    return this.values[row];
  }
}

const FORMS: readonly [string, unknown][] = [
  ['columns', COLUMNS],
  ['rows', [0, 1, 2].map((row) => Object.fromEntries(names.map((name) => [name, COLUMNS[name][row]])))],
  [
    'a table of Arrow’s shape',
    {
      schema: { fields: names.map((name) => ({ name })) },
      getChild: (name: Name) => new Vector(COLUMNS[name]),
    },
  ],
  [
    'a table of polars’ shape',
    { columns: names, getColumn: (name: Name) => ({ toArray: () => COLUMNS[name] }) },
  ],
  [
    'a table of Arquero’s shape',
    { columnNames: () => names, column: (name: Name) => new Vector(COLUMNS[name]) },
  ],
  ['a table', asTable(COLUMNS as never)],
];

test.each(FORMS)('takes %s', (_, data) => {
  const table = asTable(data as never);
  expect(valuesOf(table)).toEqual(EXPECTED);
  expect(table.names.map((name) => table.column(name).kind)).toEqual([
    ...['number', 'string', 'boolean', 'date', 'number'],
  ]);
});

test('takes points in time from Arrow, which gives them as milliseconds', () => {
  // As apache-arrow gives them: dates have the type 8, timestamps 10, integers 2.
  const types = { day: 8, time: 10, count: 2 };
  const values = { day: [129_600_000, null], time: [43_200_000, 0], count: [5, 6] };
  const table = asTable({
    schema: { fields: Object.entries(types).map(([name, typeId]) => ({ name, type: { typeId } })) },
    getChild: (name: keyof typeof values) => new Vector(values[name]),
  } as never);
  expect(String(table)).toBe('Table of 2 rows: day (date), time (date), count (number)');
  expect(valuesOf(table)).toEqual({ day: [1.5, null], time: [0.5, 0], count: [5, 6] });
});

test.each<[unknown, RegExp]>([
  [{ a: [1, 2], b: [1] }, /`data\.b` must be as long as the column 'a', 2/],
  [
    { a: [1, 'x'] },
    /`data\.a` must have values of one kind: numbers, as `\[0\]` is\. Received: 'x' at \[1\]/,
  ],
  [{ a: [null, true, 1] }, /truth values, as `\[1\]` is\. Received: 1 at \[2\]/],
  [{ a: [[1]] }, /`data\.a\[0\]` must be a number, a text, true or false, or a Date/],
  [{ a: [2n ** 60n] }, /`data\.a\[0\]` must be an integer of at most 53 bits/],
  [{ a: 5 }, /`data\.a` must be a list or a typed array of values/],
  [
    [{ age: 1 }, { agee: 2 }],
    /rows must have the names that the first row has\. Received: 'agee' in data\[1\]\. Did you mean 'age'/,
  ],
  [[{ a: 1 }, 5], /`data\[1\]` must be a row/],
  [[], /must be a table of at least one row/],
  [[{}], /`data\[0\]` must be a row with names/],
  [[null], /`data\[0\]` must be a row/],
  [null, /must be a table/],
  [{}, /must be a table/],
  [5, /must be a table/],
])('says what is wrong: %j', (data, message) => {
  // JSON has no integers of 64 bits.
  expect(() => asTable(data as never)).toThrow(message);
});

const PEOPLE = parseCsv('age,income,city,adult\n41,1.5,Rome,T\n17,,Köln,F\n30,2,Rome,T\n');

test('gives inputs and targets by their names', () => {
  const before = tensorCount();
  const people = parseCsv('age,income,adult\n41,1.5,T\n17,0.5,F\n');
  const { x, y, classNames } = tableData(people, { y: 'adult' });
  expect([x.arraySync(), y.arraySync(), classNames]).toEqual([
    [
      [41, 1.5],
      [17, 0.5],
    ],
    [1, 0],
    undefined,
  ]);
  const several = pipe(people, tableData({ x: ['income'], y: ['age', 'adult'] }));
  expect([several.x.arraySync(), several.y.arraySync()]).toEqual([
    [[1.5], [0.5]],
    [
      [41, 1],
      [17, 0],
    ],
  ]);
  for (const tensor of [x, y, several.x, several.y]) tensor.dispose();
  expect(tensorCount()).toBe(before);
});

test('makes classes of texts, in alphabetical order or the one given', () => {
  const rows = [
    { n: 1, kind: 'b' },
    { n: 2, kind: 'a' },
    { n: 3, kind: 'b' },
  ];
  const { y, classNames } = tableData(rows, { y: 'kind' });
  expect([y.dtype, y.arraySync(), classNames]).toEqual(['int32', [1, 0, 1], ['a', 'b']]);
  expect(tableData(rows, { y: 'kind', classNames: ['b', 'x', 'a'] }).y.arraySync()).toEqual([0, 2, 0]);
  expect(() => tableData(rows, { y: 'kind', classNames: ['bb', 'x'] })).toThrow(
    "tableData: `classNames` must have all texts of the column 'kind'. Received: 'b' in row 0. ",
  );
  expect(() => tableData(rows, { x: ['n'], y: 'n', classNames: ['a'] })).toThrow(
    /goes with a target of texts/,
  );
});

test('says where a value is missing, or leaves the row out', () => {
  expect(() => tableMatrix(PEOPLE, { columns: ['age', 'income'] })).toThrow(
    "tableMatrix: columns must have a finite number in each row. Received: nothing in the column 'income', " +
      "row 1 (line 3). Give missing: 'drop' to leave such rows out, or fill them in.",
  );
  expect(tableMatrix(PEOPLE, { columns: ['age', 'income'], missing: 'drop' }).arraySync()).toEqual([
    [41, 1.5],
    [30, 2],
  ]);
  const { x, y, classNames } = tableData(PEOPLE, { x: ['income'], y: 'city', missing: 'drop' });
  expect([x.arraySync(), y.arraySync(), classNames]).toEqual([[[1.5], [2]], [0, 0], ['Rome']]);
  // A float32 holds no 1e39.
  expect(() => tableMatrix({ a: [1, 1e39] })).toThrow(/Received: 1e\+39 in the column 'a', row 1\./);
  expect(() => tableData({ a: [1], t: [null, 'b'].slice(0, 1) as string[] }, { y: 't' })).toThrow(
    /'t', row 0/,
  );
  expect(() => tableMatrix({ a: [NaN] }, { missing: 'drop' })).toThrow(
    /at least one row in which nothing is missing/,
  );
});

test('says which columns there are', () => {
  expect(() => tableData(PEOPLE, { y: 'citty' })).toThrow(
    "tableData: `y` must name columns of the table. Received: 'citty'. Did you mean 'city'?",
  );
  expect(() => tableMatrix(PEOPLE)).toThrow(
    "tableMatrix: `columns` must name columns of numbers. Received: 'city', which is of texts, 'Rome' in row 0 (line 2) " +
      'for one. Leave it out, turn it into numbers, or correct what should be a number.',
  );
  const typo = parseCsv('a\n1\n2\n3k\n');
  expect(() => tableMatrix(typo)).toThrow(/'a', which is of texts, '3k' in row 2 \(line 4\) for one/);
  expect(() => tableData({ y: [1] }, { y: 'y' })).toThrow(/at least one column besides `y`/);
  expect(() => PEOPLE.column('none')).toThrow(/must be one of the table/);
  const call = tableData as unknown as (...args: unknown[]) => unknown;
  expect(() => call(PEOPLE, { y: 5 })).toThrow(/`y` must be the name of a column, or a list of names/);
  expect(() => call(PEOPLE, { x: [], y: 'age' })).toThrow(/`x` must be a list of names of columns/);
});

test('a table without rows has no data', () => {
  for (const table of [parseCsv('age,city\n'), asTable({ age: [], city: [] })]) {
    expect(() => tableMatrix(table, { columns: ['age'] })).toThrow(
      /`data` must be a table with at least one row in which nothing is missing\. Received: Table of 0 rows/,
    );
    expect(() => tableData(table, { x: ['age'], y: 'city' })).toThrow(/at least one row/);
  }
});

test('orders texts as Python does', () => {
  const texts = ['b', '\u{1d518}', '\uff01', 'a', 'ab', '', 'B', '\u{1d518}a'];
  // sorted(texts) in Python.
  const expected = ['', 'B', 'a', 'ab', 'b', '\uff01', '\u{1d518}', '\u{1d518}a'];
  expect(texts.toSorted(compareByCodePoints)).toEqual(expected);
});
