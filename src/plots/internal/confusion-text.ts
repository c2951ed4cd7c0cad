import {
  cellTexts,
  confusionDescribed,
  percent,
  ratesOf,
  type Confusion,
  type ShareOf,
} from './confusion-svg';

const CORNER = 'true \\ predicted';

/** Rows of texts below each other: the first column at the left, the others at the right. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
};

/** How a class fares, a line each: where there is no room for all cells. */
const classTable = (confusion: Confusion): string[] => {
  const { ofRow, ofColumn, right } = ratesOf(confusion);
  return table([
    ['class', 'rows', 'recall', 'precision'],
    ...confusion.names.map((name, index) => [
      name,
      String(ofRow[index] ?? 0),
      percent(right[index] ?? 0, ofRow[index] ?? 0),
      percent(right[index] ?? 0, ofColumn[index] ?? 0),
    ]),
  ]);
};

/**
 * A confusion matrix in characters. Where its lines would be longer than so many, columns have numbers in the place of names; where they
 * still were, there is no more than recall and precision.
 */
export const confusionText = (confusion: Confusion, shareOf: ShareOf, width: number): string => {
  const { names } = confusion;
  const cells = cellTexts(confusion, shareOf);
  const numbers = names.map((_, index) => String(index + 1));
  const numbered = names.map(
    (name, index) => `${(numbers[index] ?? '').padStart(String(names.length).length)} ${name}`,
  );
  const matrix = (heads: readonly string[], rows: readonly string[]): string[] =>
    table([[CORNER, ...heads], ...rows.map((name, index) => [name, ...(cells[index] ?? [])])]);
  const fits = (lines: readonly string[]): boolean => lines.every((line) => line.length <= width);
  const lines = [matrix(names, names), matrix(numbers, numbered)].find(fits) ?? classTable(confusion);
  return [...lines, confusionDescribed(confusion)].join('\n');
};
