import { readdirSync, readlinkSync, truncateSync, unlinkSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseCsv, pipe, readCsv, type ParseCsvOptions, type Table } from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';

const temporaryFolder = temporaryFolders();

const inFolder = async (content: string | Buffer): Promise<string> => {
  const file = path.join(await temporaryFolder(), 'table.csv');
  await writeFile(file, content);
  return file;
};

/** The values of a table, with null for what is missing. */
const valuesOf = (table: Table): Record<string, unknown[]> =>
  Object.fromEntries(
    table.names.map((name) => [
      name,
      [...table.column(name).values].map((value) => (Number.isNaN(value) ? null : value)),
    ]),
  );
const kindsOf = (table: Table): string[] => table.names.map((name) => table.column(name).kind);

/** Reads a text both ways, and expects the same. */
const readBoth = async (text: string, options?: ParseCsvOptions): Promise<Table> => {
  const table = parseCsv(text, options);
  const same = await readCsv(await inFolder(text), options);
  expect(valuesOf(same)).toEqual(valuesOf(table));
  expect(kindsOf(same)).toEqual(kindsOf(table));
  return table;
};

const messageOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return String(error);
  }
  return 'no error';
};

test('finds out what columns hold', async () => {
  const table = await readBoth(
    'n,e,b,t,m,d\n1,-1e3,TRUE,a,,2024-02-29\n 2 ,.5,f,"b,""c""",NA,2024-03-01\n-0,Infinity,false,3,NaN,\n',
  );
  expect(kindsOf(table)).toEqual(['number', 'number', 'boolean', 'string', 'number', 'string']);
  expect(valuesOf(table)).toEqual({
    n: [1, 2, -0],
    e: [-1000, 0.5, Infinity],
    b: [1, 0, 0],
    t: ['a', 'b,"c"', '3'],
    m: [null, null, null],
    d: ['2024-02-29', '2024-03-01', null],
  });
});

test('keeps the texts of a column that seemed to be of numbers at first', async () => {
  const table = await readBoth('zip,flag\n,T\n00501,F\n1e3,maybe\nSW1A,T\n');
  expect(valuesOf(table)).toEqual({ zip: [null, '00501', '1e3', 'SW1A'], flag: ['T', 'F', 'maybe', 'T'] });
});

test('takes what columns hold from the types', async () => {
  const types = { zip: 'string', day: 'date', on: 'boolean', n: 'number' } as const;
  const table = await readBoth(
    'zip,day,on,n\n00501,1970-01-02,true,1\n7,1970-01-01T12:00Z,F,\n,1969-12-31 18:00:36.5-06:30,,3\n',
    { types },
  );
  expect(kindsOf(table)).toEqual(['string', 'date', 'boolean', 'number']);
  // By hand: 18:00:36.5 at 6.5 hours west is 0:30:36.5 of the next day in UTC, 1836.5 of 86400 seconds.
  expect(valuesOf(table)).toEqual({
    zip: ['00501', '7', null],
    day: [1, 0.5, 1836.5 / 86400],
    on: [1, 0, null],
    n: [1, null, 3],
  });
});

test.each([
  ['2023-02-29', 'no day of that year'],
  ['2024-13-01', 'no month'],
  ['2024-01-01 24:00', 'no hour'],
  ['01.02.2024', 'not of ISO 8601'],
])('%s is no date: %s', async (text) => {
  const run = () => parseCsv(`day\n${text}\n`, { types: { day: 'date' } });
  expect(await messageOf(run)).toMatch(/line 2 has '.*' in the column 'day' where a date such as/);
});

test.each([
  ['line ends of Windows', 'a,b\r\n1,"x\r\ny"\r\n2,z\r\n'],
  ['line ends of old Macs', 'a,b\r1,"x\ry"\r2,z\r'],
  ['line ends of several kinds', 'a,b\r\n1,"x\ny"\r2,z'],
  ['a byte-order mark', '\ufeffa,b\n1,"x\ny"\n2,z\n'],
  ['a byte-order mark before a quote', '\ufeff"a",b\n1,"x\ny"\n2,z\n'],
  ['empty lines', '\na,b\n\n1,"x\ny"\n\n\n2,z\n\n'],
])('reads %s', async (_, text) => {
  expect(valuesOf(await readBoth(text))).toEqual({ a: [1, 2], b: ['x\ny', 'z'] });
});

test('takes another delimiter, names, and marks of missing values', async () => {
  const options = { delimiter: ';', header: false, columns: ['a', 'b'], missing: ['-999', '?'] } as const;
  const table = await readBoth('1;?\n-999;x\n\n3;NA\n', options);
  expect(valuesOf(table)).toEqual({ a: [1, null, 3], b: [null, 'x', 'NA'] });
  expect(valuesOf(parseCsv('1\t2\n', { delimiter: '\t', header: false }))).toEqual({ V1: [1], V2: [2] });
  expect(parseCsv(',b\n1,2\n').names).toEqual(['V1', 'b']);
  expect(pipe('a\n1\n', parseCsv({ types: { a: 'string' } })).column('a').values).toEqual(['1']);
});

test('a table may have no rows', async () => {
  const table = await readBoth('a,b\n');
  expect([table.rows, table.names, kindsOf(table)]).toEqual([0, ['a', 'b'], ['number', 'number']]);
});

test('gives the same however the text is cut into pieces', async () => {
  // Longer than a piece of a megabyte, of two and three bytes a character, with quotes and line ends everywhere.
  const rows = Array.from(
    { length: 60_000 },
    (_, row) => `${row},"Zeile ""${row}""\r\näöü€𝄞",${row / 4}\r\n`,
  );
  const table = await readBoth(`id,text,quarter\r\n${rows.join('')}`);
  expect(table.rows).toBe(60_000);
  expect(table.column('quarter').values[59_999]).toBe(59_999 / 4);
  const texts = table.column('text').values;
  expect([...texts].every((text, row) => text === `Zeile "${row}"\näöü€𝄞`)).toBe(true);
  // 2 lines a row, after the first.
  const wrong = `id,text,quarter\r\n${rows.join('')}x,y\r\n`;
  expect(await messageOf(() => parseCsv(wrong))).toMatch(/line 120002 has 2 fields, not 3 as the first row/);
});

describe('names the line and the column', () => {
  test.each([
    ['a,b\n1,2\n3\n', {}, /line 3 has 1 field, not 2 as the first row/],
    ['a,b\n1,2,3\n', {}, /line 2 has 3 fields, not 2 as the first row/],
    ['a,b\n"1\n2",3\nx,"y', {}, /line 4 has a quote that has no end/],
    ['a,b\n1,"y"z\n', {}, /line 2 has a quote in the middle of a quoted field/],
    [
      'a\n"x\ny"\n\n2\n',
      { types: { a: 'number' } },
      /line 2 has 'x\ny' in the column 'a' where a number should be/,
    ],
    ['b,a\nx,1\ny,\nz,1k\n', { types: { a: 'number' } }, /line 4 has '1k' in the column 'a' where a number/],
    ['a\nyes\n', { types: { a: 'boolean' } }, /line 2 has 'yes' in the column 'a' where true or false/],
    ['a,a\n1,2\n', {}, /two of its columns have the name 'a'/],
    [
      'a,b\n1,2\n',
      { types: { c: 'number' } },
      /the columns are a, b, and none of them is 'c', of which `types`/,
    ],
    ['a,b\n1,2\n', { columns: ['a'] }, /line 1 has 2 fields, but there are 1 name in `columns`/],
    ['', {}, /it is empty/],
    ['\n\n', {}, /it is empty/],
  ] as const)('%j %j', async (text, options, message) => {
    const ofText: unknown = await messageOf(() => parseCsv(text, options));
    expect(ofText).toMatch(/^KerasArgumentError: parseCsv: `text` must be comma-separated values/);
    expect(ofText).toMatch(message);
    const file = await inFolder(text);
    const ofFile = await messageOf(() => readCsv(file, options));
    expect(ofFile).toMatch(/^KerasFileError: readCsv: the file must be comma-separated values/);
    expect(ofFile).toMatch(message);
    expect(ofFile).toContain(file);
  });
});

test('says which line has bytes of another encoding, and reads that', async () => {
  const latin1 = await inFolder(Buffer.from('name,n\nRome,1\nKöln,2\n', 'latin1'));
  expect(await messageOf(() => readCsv(latin1))).toMatch(
    /line 3 has bytes that are no characters of utf-8\. Give its encoding, for example encoding: 'latin1'/,
  );
  expect(valuesOf(await readCsv(latin1, { encoding: 'latin1' }))).toEqual({
    name: ['Rome', 'Köln'],
    n: [1, 2],
  });
  const utf16 = await inFolder(Buffer.from('\ufeffname,n\nKöln,2\n', 'utf16le'));
  expect(valuesOf(await readCsv(utf16, { encoding: 'utf-16le' }))).toEqual({ name: ['Köln'], n: [2] });
  expect(await messageOf(() => readCsv(utf16))).toMatch(
    /line 1 has bytes that are no characters of utf-8, but of UTF-16\. Give its encoding, for example encoding: 'utf-16le'\.$/,
  );
  const packed = await inFolder(gzipSync('name,n\nKöln,2\n'));
  expect(await messageOf(() => readCsv(packed))).toMatch(
    /packed by gzip: it must be unpacked first\. Unpack it\.$/,
  );
  // A character cut off at the end of the file.
  const cut = await inFolder(Buffer.from('name\nKö').subarray(0, -1));
  expect(await messageOf(() => readCsv(cut))).toMatch(/line 2 has bytes that are no characters/);
});

test.each([
  [
    'a line without end',
    Buffer.alloc(20_000_000, 'x'),
    /the row in line 1 is longer than 16777216 characters: is it no/,
  ],
  [
    'a quote without end',
    Buffer.concat([Buffer.from('a,b\n1,"'), Buffer.alloc(20_000_000, '2,3\n')]),
    /the row in line 2 is longer than 16777216 characters: a quote that has no end\?/,
  ],
])('does not gather %s', async (_, content, message) => {
  const file = await inFolder(content);
  expect(await messageOf(() => readCsv(file))).toMatch(message);
});

test('a line of 2 GB ends the reading after a few pieces', async () => {
  const file = await inFolder('a,b\n1,');
  truncateSync(file, 2 ** 31 + 10);
  const before = process.memoryUsage().rss;
  expect(await messageOf(() => readCsv(file))).toMatch(
    /the row in line 2 is longer than 16777216 characters/,
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
});

describe('a file that changes while it is read', () => {
  const LINES = `a\n${'1\n'.repeat(3_000_000)}`;
  const isOpen = (file: string): boolean =>
    readdirSync('/proc/self/fd').some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file;
      } catch {
        return false; // closed meanwhile
      }
    });
  const whenOpen = async (file: string): Promise<void> => {
    while (!isOpen(file)) await new Promise((done) => setImmediate(done));
  };

  test('may lose its name: what was opened is read', async () => {
    const file = await inFolder(LINES);
    const reading = readCsv(file);
    await whenOpen(file);
    unlinkSync(file);
    expect((await reading).rows).toBe(3_000_000);
  });

  test('is an error if it is cut off', async () => {
    const file = await inFolder(LINES);
    const reading = messageOf(() => readCsv(file));
    await whenOpen(file);
    const handle = await open(file, 'r+');
    await handle.truncate(2_000_002);
    await handle.close();
    expect(await reading).toMatch(
      /only \d+ of 6000002 bytes were left when it was read: it was cut off meanwhile/,
    );
  });
});

test('says what is wrong with a place, and with options', async () => {
  const folder = await temporaryFolder();
  expect(await messageOf(() => readCsv(path.join(folder, 'none.csv')))).toMatch(
    /^KerasFileError: readCsv: the file must be read\. Received: .*ENOENT.*Give the path of one that is there\.$/,
  );
  expect(await messageOf(() => readCsv(folder))).toMatch(/EISDIR.*Give the path of a file, not of a folder/);
  const parse = parseCsv as (...args: unknown[]) => unknown;
  expect(await messageOf(() => parse('a', { delimiter: '"' }))).toMatch(/`delimiter` must be one character/);
  expect(await messageOf(() => parse('a', { types: { a: 'int' } }))).toMatch(
    /`types\.a` must be one of 'number'/,
  );
  expect(await messageOf(() => parse('a', { types: ['number'] }))).toMatch(/`types` must be an object/);
  expect(await messageOf(() => parse(['a']))).toMatch(/`text` must be a string.*asTable\(data\) for rows/);
  expect(await messageOf(() => readCsv('a', { encoding: 'utf-9' }))).toMatch(
    /`encoding` must be an encoding/,
  );
});
