/** Comma-separated values, piece by piece, into columns. */
import { excerpt, MalformedError } from '../../files/malformed';
import { ColumnBuilder } from './column-builder';
import { rowsIn } from './papaparse';
import { Table, type ColumnKind } from './table';

/** How a text of comma-separated values is read. */
export interface CsvSettings {
  readonly delimiter: string;
  readonly header: boolean;
  readonly columns: readonly string[] | undefined;
  readonly types: Readonly<Record<string, ColumnKind>>;
  readonly missing: readonly string[];
}

/** No row is so long, but a text without line ends, or a quote without its end, makes one. */
const MAX_ROW = 1 << 24;

const isNumber = (text: string): boolean => text.trim() !== '' && !Number.isNaN(Number(text));

const countLineEnds = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

const pluralOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The names of columns: given, or those of the first row, or as R names them. Those without a name are named by their place. */
const namesFor = (row: readonly string[], { header, columns }: CsvSettings, line: number): string[] => {
  const names = columns ?? (header ? row : row.map(() => ''));
  if (names.length !== row.length) {
    throw new MalformedError(
      `line ${line} has ${pluralOf(row.length, 'field')}, but there are ${pluralOf(names.length, 'name')} in \`columns\``,
    );
  }
  const named = names.map((name, index) => (name.trim() === '' ? `V${index + 1}` : name.trim()));
  const twice = named.find((name, index) => named.indexOf(name) !== index);
  if (twice !== undefined) throw new MalformedError(`two of its columns have the name '${excerpt(twice)}'`);
  return named;
};

/** Reads a text that comes in pieces. */
export class CsvReader {
  #builders: ColumnBuilder[] | undefined;
  #rest = '';
  #line = 1;
  #isFirst = true;
  #endsInReturn = false;
  readonly #lines: number[] = [];
  readonly #missing: ReadonlySet<string>;
  readonly #missingNumbers: boolean;

  constructor(
    private readonly settings: CsvSettings,
    /** Kinds that were found out when the text was read before. */
    private readonly found: ReadonlyMap<string, ColumnKind> = new Map(),
  ) {
    this.#missing = new Set(settings.missing);
    this.#missingNumbers = settings.missing.some(isNumber);
  }

  /** The line that the next piece begins in. */
  get line(): number {
    return this.#line + countLineEnds(this.#rest);
  }

  /** Reads a piece. All line ends become `\n`, in quotes as well. */
  push(piece: string): void {
    let text = this.#endsInReturn && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.#endsInReturn = piece.endsWith('\r');
    if (text.includes('\r')) text = text.replaceAll(/\r\n?/g, '\n');
    if (this.#isFirst && text.startsWith('\ufeff')) text = text.slice(1);
    this.#isFirst = false;
    this.#read(this.#rest + text, false);
    if (this.#rest.length > MAX_ROW) {
      const quote = this.#rest.includes('"') ? ': a quote that has no end?' : ': is it no text of rows?';
      throw new MalformedError(`the row in line ${this.#line} is longer than ${MAX_ROW} characters${quote}`);
    }
  }

  /** Reads what is left, and gives the table; or the kinds of columns, where it has to be read once more. */
  end(): Table | ReadonlyMap<string, ColumnKind> {
    this.#read(this.#rest, true);
    const builders = this.#builders;
    if (builders === undefined) throw new MalformedError('it is empty');
    if (builders.some(({ contradicted }) => contradicted)) {
      const kinds = builders.map(
        ({ name, kind, contradicted }) => [name, contradicted ? 'string' : kind] as const,
      );
      return new Map(kinds.filter((one): one is readonly [string, ColumnKind] => one[1] !== undefined));
    }
    return new Table({
      columns: new Map(builders.map((builder) => [builder.name, builder.build()])),
      rows: this.#lines.length,
      lines: Int32Array.from(this.#lines),
    });
  }

  #read(text: string, isEnd: boolean): void {
    const { rows, error, used } = rowsIn(text, this.settings.delimiter, isEnd);
    // A row is a line, unless there are line ends in quotes.
    const isSimple = !text.includes('"');
    for (const [index, row] of rows.entries()) {
      const line = this.#line;
      this.#line += isSimple ? 1 : 1 + row.reduce((count, field) => count + countLineEnds(field), 0);
      if (error?.row === index) throw new MalformedError(`line ${line} has ${error.what}`);
      // An empty line.
      if (row.length === 1 && row[0] === '') continue;
      this.#add(row, line);
    }
    if (error !== undefined) throw new MalformedError(`line ${this.#line} has ${error.what}`);
    this.#rest = text.slice(used);
  }

  #add(row: readonly string[], line: number): void {
    if (this.#builders === undefined) {
      this.#builders = this.#start(row, line);
      if (this.settings.header) return;
    }
    const builders = this.#builders;
    if (row.length !== builders.length) {
      throw new MalformedError(
        `line ${line} has ${pluralOf(row.length, 'field')}, not ${builders.length} as the first row`,
      );
    }
    for (let index = 0; index < row.length; index++) builders[index]?.add(row[index] ?? '', line);
    this.#lines.push(line);
  }

  #start(row: readonly string[], line: number): ColumnBuilder[] {
    const names = namesFor(row, this.settings, line);
    const unknown = Object.keys(this.settings.types).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new MalformedError(
        `the columns are ${excerpt(names.join(', '))}, and none of them is '${excerpt(unknown)}', of which \`types\` speaks`,
      );
    }
    return names.map((name) => {
      const declared = Object.hasOwn(this.settings.types, name) ? this.settings.types[name] : undefined;
      return new ColumnBuilder(name, declared ?? this.found.get(name), this.#missing, this.#missingNumbers);
    });
  }
}
