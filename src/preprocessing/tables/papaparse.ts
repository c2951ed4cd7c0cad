/** The part of papaparse that cuts a text into rows, which its types do not have. */
interface ParserResult {
  readonly data: string[][];
  readonly errors: readonly { readonly code?: string; readonly row?: number }[];
  readonly meta: { readonly cursor: number };
}

type ParserClass = new (config: {
  readonly delimiter: string;
  readonly newline: '\n';
  readonly quoteChar: string;
}) => { parse(text: string, start: number, ignoreLastRow: boolean): ParserResult };

// Loaded when there is something to read: most programs read no tables.
const parserClass = (): ParserClass =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` does not work under Jest's CommonJS
  (require('papaparse') as { readonly Parser: ParserClass }).Parser;

/** What is wrong with a row, in words. */
export interface RowError {
  readonly row: number;
  readonly what: string;
}

const whatOf = (code: string | undefined): string =>
  code === 'MissingQuotes'
    ? 'a quote that has no end'
    : 'a quote in the middle of a quoted field, which must be written twice';

/** The rows of a text, up to the last line end unless it `isEnd`, and how much of the text they are. */
export const rowsIn = (
  text: string,
  delimiter: string,
  isEnd: boolean,
): { readonly rows: string[][]; readonly error: RowError | undefined; readonly used: number } => {
  if (text === '') return { rows: [], error: undefined, used: 0 };
  const Parser = parserClass();
  const { data, errors, meta } = new Parser({ delimiter, newline: '\n', quoteChar: '"' }).parse(
    text,
    0,
    !isEnd,
  );
  const [first] = errors;
  const error = first === undefined ? undefined : { row: first.row ?? 0, what: whatOf(first.code) };
  return { rows: data, error, used: isEnd ? text.length : meta.cursor };
};
