/** The table of R keras's functions: each by its R name, with what it is here, or why it is not here. */
import { camelCase, matches } from '../test/support/r-keras';
import { readSource } from './pages';

/** A function of R keras. */
export interface RFunction {
  readonly r: string;
  /** The function of this library, if there is one. */
  readonly here: string | undefined;
  /** What stands in its place, or why nothing does, in Markdown. */
  readonly note: string;
}

/** Rows of a table in Markdown, whose first cell is a name in backticks. */
const rowsOf = (file: string): string[][] =>
  readSource(file)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map(([, ...cells]) => cells);

const unquoted = (text = ''): string => text.replaceAll('`', '');

/** Whole functions in docs/coverage.md: names, or beginnings of names with a star, and the reasons. */
const leftOut = (): { readonly name: string; readonly reason: string }[] =>
  rowsOf('docs/coverage.md')
    .filter(([, argument]) => argument === '')
    .map(([name, , , reason = '']) => ({ name: unquoted(name), reason }));

/** All functions that R keras exports. `exported`: the names of what is exported here. */
export const rFunctions = (exported: ReadonlySet<string>): RFunction[] => {
  const names = JSON.parse(readSource('test/reference/r-keras/exports.json')) as string[];
  const reasons = leftOut();
  const operations = new Map(
    rowsOf('docs/backend.md').map(([name, here = '', note = '']) => [unquoted(name), { here, note }]),
  );
  return names.map((r) => {
    const here = camelCase(r);
    if (exported.has(here)) return { r, here, note: '' };
    const operation = operations.get(r);
    if (operation !== undefined && operation.here !== '—') {
      return { r, here: undefined, note: [operation.here, operation.note].filter(Boolean).join(': ') };
    }
    const reason = operation?.note ?? reasons.find(({ name }) => matches(name, r))?.reason;
    return { r, here: undefined, note: reason === undefined ? 'Not here yet' : reason };
  });
};

/** A name in a table, that may go on in a next line after each of its words. */
const breakable = (name: string): string => `<code>${name.replaceAll('_', '_<wbr>')}</code>`;

/** The table, in Markdown; `summaryOf` says what a function here does. */
export const rTable = (exported: ReadonlySet<string>, summaryOf: (name: string) => string): string =>
  [
    '| in R | here | what it does, or why it is not here |',
    '| --- | --- | --- |',
    ...rFunctions(exported).map(({ r, here, note }) => {
      const what = (here === undefined ? note : summaryOf(here)).replaceAll(/(?<!\\)\|/g, '\\|');
      return `| ${breakable(r)} | ${here === undefined ? '' : `[\`${here}\`](ref:${here})`} | ${what} |`;
    }),
  ].join('\n');
