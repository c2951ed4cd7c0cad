import { open, type FileHandle } from 'node:fs/promises';
import { callable, type DataFunction, type SubjectKind } from '../../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  checkThat,
  isPlainObject,
  oneOf,
  optional,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { MalformedError } from '../../files/malformed';
import { isMarkedUtf16, refusePacked } from '../../files/text';
import { fileError, filename, type FileTask } from '../files';
import { CsvReader, type CsvSettings } from './csv-reader';
import { Table, type ColumnKind } from './table';

/** Options of {@link parseCsv}. */
export interface ParseCsvOptions {
  /** What stands between fields; a comma by default. */
  delimiter?: string | undefined;
  /** Whether the first row has the names of the columns; true by default. Without names they are `V1`, `V2`, …, as in R. */
  header?: boolean | undefined;
  /** Names for the columns, in place of those of the first row. */
  columns?: readonly string[] | undefined;
  /** What columns hold, by their names. By default it is found out; dates are texts then. */
  types?: Readonly<Record<string, ColumnKind>> | undefined;
  /** What stands for a missing value. Default: nothing, `NA`, `N/A`, `NaN`, `nan`, `NULL`, `null`. */
  missing?: readonly string[] | undefined;
}

/** Options of {@link readCsv}. */
export interface ReadCsvOptions extends ParseCsvOptions {
  /** How the bytes are characters; `'utf-8'` by default. Any that Node.js's `TextDecoder` knows: `'latin1'`, `'utf-16le'`, … */
  encoding?: string | undefined;
}

const MISSING = ['', 'NA', 'N/A', 'NaN', 'nan', 'NULL', 'null'];
const KINDS = ['number', 'string', 'boolean', 'date'] as const;

const isString = (value: unknown): value is string => typeof value === 'string';

const strings: Check<readonly string[]> = (value, place) => {
  if (Array.isArray(value) && value.every(isString)) return value;
  throw argumentError(place, 'a list of strings', value);
};

const delimiter = checkThat(
  'one character, and no quote or line end',
  (value): value is string => isString(value) && Array.from(value).length === 1 && !/["\r\n]/.test(value),
);

const types: Check<Readonly<Record<string, ColumnKind>>> = (value, place) => {
  if (!isPlainObject(value)) {
    const advice = "Write types: { age: 'number', born: 'date' }";
    throw argumentError(place, 'an object of names and what their columns hold', value, advice);
  }
  const kind = oneOf(...KINDS);
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    kind(one, { function: place.function, argument: `types.${name}` }),
  ]);
  return Object.fromEntries(entries) as Record<string, ColumnKind>; // as checked
};

const encoding: Check<string> = (value, place) => {
  try {
    if (isString(value)) return new TextDecoder(value).encoding;
  } catch {
    // Not known.
  }
  throw argumentError(place, "an encoding: 'utf-8', 'latin1', 'utf-16le' or another one", value);
};

const parseChecks = {
  delimiter: optional(delimiter, ','),
  header: optional(boolean, true),
  columns: optional(strings),
  types: optional(types, {}),
  missing: optional(strings, MISSING),
} as const satisfies OptionChecks<ParseCsvOptions>;

const readChecks = {
  ...parseChecks,
  encoding: optional(encoding, 'utf-8'),
} as const satisfies OptionChecks<ReadCsvOptions>;

const settingsOf = ({ columns, ...others }: CheckedOptions<typeof parseChecks>): CsvSettings => ({
  ...others,
  columns,
});

const PIECE = 1 << 20;

const parse = (csv: string, settings: CsvSettings): Table => {
  let reader = new CsvReader(settings);
  for (;;) {
    for (let start = 0; start < csv.length; start += PIECE) reader.push(csv.slice(start, start + PIECE));
    const result = reader.end();
    if (result instanceof Table) return result;
    reader = new CsvReader(settings, result);
  }
};

const text: SubjectKind<string> = {
  argument: 'text',
  is: isString,
  check: (functionName, value) => {
    if (isString(value)) return value;
    const advice = 'Write readCsv(filename) for a file, asTable(data) for rows and columns';
    throw argumentError({ function: functionName, argument: 'text' }, 'a string', value, advice);
  },
};

const EXPECTED = 'comma-separated values, a row a line, with as many fields in each';
const ADVICE = 'Correct it, or see to the options `delimiter`, `types`, `missing` and `header`';

/**
 * A text of comma-separated values as a {@link Table}.
 *
 * What a column holds is found out from all of its values: numbers, truth values (`TRUE`, `false`), else texts; `types` says so where
 * that should be checked, and for dates. Fields may be in quotes, with a quote written twice, and line ends in them. Empty lines and a
 * byte-order mark do not count.
 *
 * @throws KerasArgumentError if it is no such text, or a value is not of the type that `types` has: with the line and the column.
 * @example
 * const table = parseCsv('age,city\n41,"Köln"\nNA,Rom\n')
 * assert.deepStrictEqual([table.rows, table.names], [2, ['age', 'city']])
 * assert.deepStrictEqual(table.column('age').values, Float64Array.of(41, NaN))
 * assert.throws(() => parseCsv('age\nold', { types: { age: 'number' } }), /line 2 has 'old' in the column 'age'/)
 * @see R `read.csv(text = )`
 */
export const parseCsv: DataFunction<string, ParseCsvOptions, Table> = callable({
  name: 'parseCsv',
  subject: text,
  optionNames: Object.keys(parseChecks),
  checkOptions: (options) => checkOptions('parseCsv', options, parseChecks),
  run: (csv, _, options) => {
    try {
      return parse(csv, settingsOf(options));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new KerasArgumentError({
        argument: 'text',
        expected: `\`text\` must be ${EXPECTED}`,
        received: `a text of which ${error.message}`,
        advice: ADVICE,
        cause: error,
      });
    }
  },
}) as unknown as typeof parseCsv; // the call styles are told apart by the arguments

/** Where the bytes of a piece are first no characters: its line. */
const lineOfFault = (piece: Buffer, label: string, line: number): number => {
  let start = 0;
  for (let fault = line; ; fault++) {
    const end = piece.indexOf('\n', start);
    const stop = end === -1 ? piece.length : end + 1;
    try {
      new TextDecoder(label, { fatal: true }).decode(piece.subarray(start, stop));
    } catch {
      return fault;
    }
    if (end === -1) return fault;
    start = stop;
  }
};

/** Pushes the characters of a file into a reader, a piece at a time. */
const pushFile = async (handle: FileHandle, reader: CsvReader, label: string): Promise<void> => {
  const decoder = new TextDecoder(label, { fatal: true });
  const buffer = Buffer.alloc(PIECE);
  const { size } = await handle.stat();
  let position = 0;
  let isUtf16 = false;
  const decode = (piece: Buffer | undefined): string => {
    if (piece !== undefined && position === piece.length) {
      refusePacked(piece);
      isUtf16 = isMarkedUtf16(piece);
    }
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch (error) {
      const line = piece === undefined ? reader.line : lineOfFault(piece, label, reader.line);
      const other = isUtf16 ? ', but of UTF-16' : '';
      throw new MalformedError(`line ${line} has bytes that are no characters of ${label}${other}`, {
        cause: error,
      });
    }
  };
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    reader.push(decode(buffer.subarray(0, bytesRead)));
  }
  reader.push(decode(undefined));
  if (position < size)
    throw new MalformedError(
      `only ${position} of ${size} bytes were left when it was read: it was cut off meanwhile`,
    );
};

const readTable = async (file: string, settings: CsvSettings, label: string): Promise<Table> => {
  // Open as long, so that both readings are of the same file, whatever becomes of its name.
  const handle = await open(file, 'r');
  try {
    let reader = new CsvReader(settings);
    for (;;) {
      await pushFile(handle, reader, label);
      const result = reader.end();
      if (result instanceof Table) return result;
      reader = new CsvReader(settings, result);
    }
  } finally {
    await handle.close();
  }
};

/**
 * A file of comma-separated values as a {@link Table}: {@link parseCsv}, of a file, which is read a piece at a time.
 *
 * @throws KerasFileError if the file cannot be read, is no such text, or a value is not of the type that `types` has: with the line and
 * the column.
 * @example
 * process.getBuiltinModule('node:fs').writeFileSync('people.csv', 'age;born\n41;1985-02-01\n')
 * const people = await readCsv('people.csv', { delimiter: ';', types: { born: 'date' } })
 * assert.strictEqual(String(people), 'Table of 1 rows: age (number), born (date)')
 * assert.deepStrictEqual(people.column('born').values, Float64Array.of(5510)) // days since 1970
 * @see R `read.csv`
 */
export const readCsv: FileTask<ReadCsvOptions, Table> = callable({
  name: 'readCsv',
  subject: filename,
  optionNames: Object.keys(readChecks),
  checkOptions: (options) => checkOptions('readCsv', options, readChecks),
  run: async (file, _, { encoding: label, ...options }) => {
    try {
      return await readTable(file, settingsOf(options), label);
    } catch (error) {
      const isMalformed = error instanceof MalformedError;
      const place = { function: 'readCsv', argument: 'filename' };
      const isOfBytes = isMalformed && /bytes that are no characters/.test(error.message);
      const example = isMalformed && /UTF-16/.test(error.message) ? 'utf-16le' : 'latin1';
      const isPacked = isMalformed && /must be unpacked/.test(error.message);
      const advice = isOfBytes
        ? `Give its encoding, for example encoding: '${example}'`
        : isPacked
          ? 'Unpack it'
          : ADVICE;
      throw fileError(
        place,
        isMalformed ? `the file must be ${EXPECTED}` : 'the file must be read',
        file,
        error,
        advice,
      );
    }
  },
  givesPromise: true,
}) as unknown as typeof readCsv; // the call styles are told apart by the arguments
