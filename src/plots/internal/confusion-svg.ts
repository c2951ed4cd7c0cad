import { between, hex, readableOn, SHADES } from './color-scale';
import { element, svgFile, textElement } from './svg';
import { textWidth } from './text-width';
import { THEMES, type Theme } from './theme';

/** What a confusion matrix shows: counts, row by row, and the classes' names. */
export interface Confusion {
  readonly names: readonly string[];
  /** Row: what it is; column: what it was taken for. */
  readonly counts: readonly (readonly number[])[];
}

/** Of which sum shares are shown; undefined: counts are. */
export type ShareOf = 'true' | 'predicted' | 'all' | undefined;

const FONT = 11;
const MARGIN = 14;
const LEAST_CELL = 30;
const TITLE = 22;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${String(Number(((100 * part) / whole).toFixed(1)))} %`;

/** How often a class is what is looked at, in a matrix. */
export interface Rates {
  readonly ofRow: readonly number[];
  readonly ofColumn: readonly number[];
  readonly right: readonly number[];
  readonly all: number;
}

export const ratesOf = ({ counts }: Confusion): Rates => ({
  ofRow: counts.map(sum),
  ofColumn: counts.map((_, column) => sum(counts.map((row) => row[column] ?? 0))),
  right: counts.map((row, index) => row[index] ?? 0),
  all: sum(counts.map(sum)),
});

/** The texts of cells: counts, or shares. */
export const cellTexts = (confusion: Confusion, shareOf: ShareOf): readonly (readonly string[])[] => {
  const { ofRow, ofColumn, all } = ratesOf(confusion);
  const wholes = {
    true: (row: number) => ofRow[row] ?? 0,
    predicted: (_: number, column: number) => ofColumn[column] ?? 0,
    all: () => all,
  };
  return confusion.counts.map((row, index) =>
    row.map((count, column) =>
      shareOf === undefined ? String(count) : percent(count, wholes[shareOf](index, column)),
    ),
  );
};

/** What is seen first, in sentences. */
export const confusionDescribed = (confusion: Confusion): string => {
  const { names, counts } = confusion;
  const { right, all } = ratesOf(confusion);
  const wrong = counts
    .flatMap((row, index) => row.map((count, column) => ({ count, index, column })))
    .filter(({ count, index, column }) => count > 0 && index !== column)
    .sort((a, b) => b.count - a.count)
    .slice(0, 3)
    .map(({ count, index, column }) => `${names[index] ?? ''} taken for ${names[column] ?? ''}, ${count}`);
  const most = wrong.length === 0 ? '' : ` Most often wrong: ${wrong.join('; ')}.`;
  return `Of ${all} rows of ${names.length} classes, ${percent(sum(right), all)} are right.${most}`;
};

interface Layout {
  readonly cell: number;
  readonly left: number;
  readonly top: number;
  readonly isUpright: boolean;
  readonly below: number;
  readonly beside: number;
}

const wide = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => textWidth(text, FONT)));

const layoutOf = ({ names }: Confusion, texts: readonly (readonly string[])[]): Layout => {
  const cell = Math.ceil(Math.max(LEAST_CELL, wide(texts.flat()) + 12));
  const isUpright = wide(names) > cell - 6;
  return {
    cell,
    left: MARGIN + TITLE + wide([...names, 'precision']) + 8,
    top: MARGIN,
    isUpright,
    below: isUpright ? wide(names) + 8 : 20,
    beside: wide(['recall', '100.0 %']) + 14,
  };
};

const label = (
  text: string,
  x: number,
  y: number,
  fill: string,
  more: Record<string, string | number> = {},
) => textElement('text', { x, y, fill, ...more }, text);

const turned = (text: string, x: number, y: number, fill: string, anchor: string): string =>
  textElement(
    'text',
    { transform: `translate(${x.toFixed(2)},${y.toFixed(2)}) rotate(-90)`, fill, 'text-anchor': anchor },
    text,
  );

const cells = (
  confusion: Confusion,
  texts: readonly (readonly string[])[],
  { cell, left, top }: Layout,
  theme: Theme,
) => {
  const { ofRow } = ratesOf(confusion);
  const { right, wrong } = SHADES[theme === THEMES.dark ? 'dark' : 'light'];
  return confusion.counts.flatMap((row, index) =>
    row.flatMap((count, column) => {
      // Of its row, so that a class of few rows is seen as well as one of many.
      const color = between(index === column ? right : wrong, count / Math.max(1, ofRow[index] ?? 0));
      const [x, y] = [left + column * cell, top + index * cell];
      const middle = { 'text-anchor': 'middle' };
      return [
        element('rect', { x, y, width: cell, height: cell, fill: hex(color), stroke: theme.background }),
        label(
          texts[index]?.[column] ?? '',
          x + cell / 2,
          y + cell / 2 + 4,
          count === 0 ? theme.quiet : readableOn(color),
          middle,
        ),
      ];
    }),
  );
};

const margins = (
  confusion: Confusion,
  { cell, left, top, below, beside, isUpright }: Layout,
  { text, quiet }: Theme,
) => {
  const { names } = confusion;
  const { ofRow, ofColumn, right } = ratesOf(confusion);
  const size = names.length * cell;
  const end = { 'text-anchor': 'end' };
  const middle = { 'text-anchor': 'middle' };
  const centers = names.map((_, index) => index * cell + cell / 2);
  const bottom = top + size + below + TITLE;
  return [
    turned('true class', MARGIN + 10, top + size / 2, text, 'middle'),
    label('predicted class', left + size / 2, top + size + below + 12, text, middle),
    ...names.flatMap((name, index) => {
      const at = centers[index] ?? 0;
      return [
        label(name, left - 6, top + at + 4, text, end),
        isUpright
          ? turned(name, left + at + 4, top + size + 6, text, 'end')
          : label(name, left + at, top + size + 15, text, middle),
        label(
          percent(right[index] ?? 0, ofRow[index] ?? 0),
          left + size + beside - 4,
          top + at + 4,
          quiet,
          end,
        ),
        turned(percent(right[index] ?? 0, ofColumn[index] ?? 0), left + at + 4, bottom + 4, quiet, 'end'),
      ];
    }),
    label('precision', left - 6, bottom + 26, quiet, end),
    turned('recall', left + size + beside + 12, top + size / 2, quiet, 'middle'),
  ];
};

/** A confusion matrix as SVG: what is right in blue, what is wrong in orange, recall beside it and precision below. */
export const confusionSvg = (confusion: Confusion, shareOf: ShareOf, title: string, theme: Theme): string => {
  const texts = cellTexts(confusion, shareOf);
  const layout = layoutOf(confusion, texts);
  const size = confusion.names.length * layout.cell;
  const precision = wide(['100.0 %']) + 6;
  return svgFile(
    {
      width: Math.ceil(layout.left + size + layout.beside + 20 + MARGIN),
      height: Math.ceil(layout.top + size + layout.below + TITLE + precision + MARGIN),
      title,
      description: confusionDescribed(confusion),
      background: theme.background,
    },
    [...cells(confusion, texts, layout, theme), ...margins(confusion, layout, theme)],
  );
};
