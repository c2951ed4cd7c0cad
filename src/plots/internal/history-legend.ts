import { distinctLines, mark, stroke, type Style } from './history-style';
import { nameOf, pointsOf, type Panel, type Series } from './series';
import { element, textElement } from './svg';
import { fitted, textWidth } from './text-width';
import type { Theme } from './theme';

const FONT = 11;
const MARK = 22;
const LINE = 19;
/** Below a name, what is to be said of it. */
const NOTE = 14;
const MOST_WIDTH = 220;
const LEAST_WIDTH = 40;
const HEADING = 'data';

/** A line, and what is to be said of it: nothing, or that it is not to be seen. */
export interface LegendEntry {
  readonly line: Series;
  readonly note: string | undefined;
}

/** What of a line is nowhere to be seen, since it has no finite value. */
const noteOf = (panels: readonly Panel[], name: string): string | undefined => {
  const own = panels.flatMap(({ metric, series }) =>
    series.filter((line) => nameOf(line) === name).map((line) => ({ metric, line })),
  );
  const unseen = own.filter(({ line }) => pointsOf(line).length === 0).map(({ metric }) => metric);
  if (unseen.length === 0) return undefined;
  return unseen.length === own.length ? 'no finite values' : `no finite ${unseen.join(', ')}`;
};

/** What a legend tells apart. */
export const legendOf = (panels: readonly Panel[]): readonly LegendEntry[] =>
  distinctLines(panels).map((line) => ({ line, note: noteOf(panels, nameOf(line)) }));

const heightOf = ({ note }: LegendEntry): number => LINE + (note === undefined ? 0 : NOTE);

/** How high a legend is with its heading. */
export const legendHeight = (legend: readonly LegendEntry[]): number =>
  LINE + legend.reduce((sum, entry) => sum + heightOf(entry), 0) + 6;

/** How wide a legend is where there is so much room for what it says. */
export const legendWidth = (legend: readonly LegendEntry[], room: number): number => {
  const texts = legend.flatMap(({ line, note }) => [nameOf(line), note ?? '']);
  const widest = Math.max(textWidth(HEADING, FONT + 1), ...texts.map((text) => textWidth(text, FONT)));
  return MARK + Math.max(LEAST_WIDTH, Math.min(room - MARK, MOST_WIDTH, widest));
};

/** Those entries for which there is room; where not all have it, one line is left to say so. */
const fitting = (legend: readonly LegendEntry[], room: number): readonly LegendEntry[] => {
  if (legendHeight(legend) <= room) return legend;
  const count = legend.findIndex((_, index) => legendHeight(legend.slice(0, index + 1)) + LINE > room);
  return legend.slice(0, count);
};

/** Where a legend is, and how much room there is for it. */
export interface LegendPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A legend: marks, names, and what is to be said of them. */
export const legendElements = (
  legend: readonly LegendEntry[],
  { left, top, width, height }: LegendPlace,
  theme: Theme,
  style: (line: Series) => Style,
): string[] => {
  const shown = fitting(legend, height);
  let y = top + LINE + 8;
  const named = (text: string, fill: string, x: number): string =>
    textElement('text', { x, y: y + 4, fill }, fitted(text, FONT, left + width - x));
  const entries = shown.flatMap(({ line, note }) => {
    const drawn = [
      element('line', { x1: left, x2: left + 16, y1: y, y2: y, ...stroke(line, style(line)) }),
      mark(line, left + 8, y, style(line), theme, theme.background),
      named(nameOf(line), theme.text, left + MARK),
    ];
    if (note !== undefined) {
      y += NOTE;
      drawn.push(named(note, theme.quiet, left + MARK));
    }
    y += LINE;
    return drawn;
  });
  return [
    textElement('text', { x: left, y: top + 12, 'font-size': FONT + 1, fill: theme.text }, HEADING),
    ...entries,
    ...(shown.length < legend.length
      ? [named(`and ${legend.length - shown.length} more`, theme.quiet, left)]
      : []),
  ];
};
