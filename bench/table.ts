/** What the programs print, and what they are asked. */
import { median } from './limits';

/** Median, and the least and the most. */
export const spread = (values: readonly number[], digits: number): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;

/** Prints lines of cells of given widths, the first `texts` of them aligned to the left. */
export const tableOf =
  (widths: readonly number[], texts: number) =>
  (cells: readonly string[]): void => {
    const padded = cells.map((cell, index) => {
      const width = widths[index] ?? 0;
      return index < texts ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(padded.join(''));
  };

/** Prints a table in Markdown, and an empty line. */
export const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  console.log([line(head), line(rule), ...rows.map(line), ''].join('\n'));
};

/** The models that are asked for: all of them, if none is. */
export const chosen = <Name extends string>(
  asked: readonly string[],
  names: readonly Name[],
): readonly Name[] => {
  const unknown = asked.find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`bench: unknown model '${unknown}'. Use: ${names.join(', ')}`);
  return asked.length === 0 ? names : names.filter((name) => asked.includes(name));
};

/** The value of `--rounds`. */
export const roundsOf = (text: string): number => {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`bench: --rounds must be a positive integer, not '${text}'`);
  return rounds;
};
