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
/** Few classes have larger cells: as large, and all of them together. */
const LARGE_CELL = 56;
const LARGE = 320;
const TITLE = 22;
const HEADING = 20;

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
  /** Whether there is no room below a column for its name, and for its precision, but from the top down. */
  readonly isUpright: boolean;
  readonly areRatesUpright: boolean;
  /** For names below. */
  readonly below: number;
  /** For recall. */
  readonly beside: number;
}

const wide = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => textWidth(text, FONT)));

const WIDEST_RATE = wide(['100.0 %']);

const layoutOf = ({ names }: Confusion, texts: readonly (readonly string[])[]): Layout => {
  const large = Math.min(LARGE_CELL, LARGE / names.length);
  const cell = Math.ceil(Math.max(LEAST_CELL, large, wide(texts.flat()) + 12));
  const isUpright = wide(names) > cell - 6;
  return {
    cell,
    left: MARGIN + TITLE + wide([...names, 'precision']) + 8,
    top: MARGIN + HEADING,
    isUpright,
    areRatesUpright: WIDEST_RATE > cell - 6,
    below: isUpright ? wide(names) + 8 : 20,
    beside: Math.max(wide(['recall']), WIDEST_RATE) + 14,
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
      const share = count / Math.max(1, ofRow[index] ?? 0);
      // What is wrong is seen from the beginning: one in a hundred is a tenth of the way.
      const color = index === column ? between(right, share) : between(wrong, Math.sqrt(share));
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

/** Recall beside each row, and precision below each column. */
const rateElements = (
  confusion: Confusion,
  { cell, left, top, below, beside, areRatesUpright }: Layout,
  { quiet }: Theme,
) => {
  const { ofRow, ofColumn, right } = ratesOf(confusion);
  const size = confusion.names.length * cell;
  const end = { 'text-anchor': 'end' };
  const edge = left + size + beside - 2;
  const bottom = top + size + below + TITLE;
  const baseline = bottom + (areRatesUpright ? WIDEST_RATE / 2 + 6 : 14);
  return [
    label('recall', edge, top - 8, quiet, end),
    label('precision', left - 6, baseline, quiet, end),
    ...right.flatMap((count, index) => {
      const [recall, precision] = [percent(count, ofRow[index] ?? 0), percent(count, ofColumn[index] ?? 0)];
      const at = index * cell + cell / 2;
      return [
        label(recall, edge, top + at + 4, quiet, end),
        areRatesUpright
          ? turned(precision, left + at + 4, bottom + 4, quiet, 'end')
          : label(precision, left + at, baseline, quiet, { 'text-anchor': 'middle' }),
      ];
    }),
  ];
};

const nameElements = (
  { names }: Confusion,
  { cell, left, top, below, isUpright }: Layout,
  { text }: Theme,
) => {
  const size = names.length * cell;
  const middle = { 'text-anchor': 'middle' };
  return [
    turned('true class', MARGIN + 10, top + size / 2, text, 'middle'),
    label('predicted class', left + size / 2, top + size + below + 12, text, middle),
    ...names.flatMap((name, index) => {
      const at = index * cell + cell / 2;
      return [
        label(name, left - 6, top + at + 4, text, { 'text-anchor': 'end' }),
        isUpright
          ? turned(name, left + at + 4, top + size + 6, text, 'end')
          : label(name, left + at, top + size + 15, text, middle),
      ];
    }),
  ];
};

/** A confusion matrix as SVG: what is right in blue, what is wrong in orange, recall beside it and precision below. */
export const confusionSvg = (confusion: Confusion, shareOf: ShareOf, title: string, theme: Theme): string => {
  const texts = cellTexts(confusion, shareOf);
  const layout = layoutOf(confusion, texts);
  const size = confusion.names.length * layout.cell;
  const precision = layout.areRatesUpright ? WIDEST_RATE + 6 : TITLE;
  return svgFile(
    {
      width: Math.ceil(layout.left + size + layout.beside + MARGIN),
      height: Math.ceil(layout.top + size + layout.below + TITLE + precision + MARGIN),
      title,
      description: confusionDescribed(confusion),
      background: theme.background,
    },
    [
      ...cells(confusion, texts, layout, theme),
      ...nameElements(confusion, layout, theme),
      ...rateElements(confusion, layout, theme),
    ],
  );
};
