import { axisOf, tickTexts, ticksOf, type Axis } from './axis';
import { element, svgFile, textElement } from './svg';
import { textWidth } from './text-width';
import type { Theme } from './theme';

/** How often numbers are in each of equal ranges. */
export interface Histogram {
  readonly name: string;
  /** Below the name. */
  readonly note: string;
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

const BINS = 40;

/** The histogram of numbers; those that are not finite are left out. */
export const histogramOf = (
  name: string,
  values: ArrayLike<number>,
  note: (finite: number, mean: number, deviation: number) => string,
): Histogram => {
  let [least, most, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    count++;
  }
  const mean = sum / count;
  const isPoint = !(most > least);
  // A single value is in the middle.
  const [from, to] = isPoint ? [least - 0.5, least + 0.5] : [least, most];
  const counts = new Array<number>(BINS).fill(0);
  let squares = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = Math.min(BINS - 1, Math.floor(((value - from) / (to - from)) * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { name, note: note(count, mean, Math.sqrt(squares / count)), from, to, counts };
};

const FONT = 11;
const MARGIN = 14;
const GAP = 18;
const PANEL = { width: 200, height: 96, head: 34, foot: 20 } as const;

interface BarArea {
  readonly left: number;
  readonly width: number;
  readonly lower: number;
  readonly y: Axis;
}

const barElements = (
  counts: readonly number[],
  { left, width, lower, y }: BarArea,
  theme: Theme,
): string[] => {
  const bar = width / counts.length;
  return counts.flatMap((count, bin) =>
    count === 0
      ? []
      : [
          element('rect', {
            x: left + bin * bar,
            y: y.at(count),
            width: bar - 0.6,
            height: Math.max(0.8, lower - y.at(count)),
            fill: theme.series[1],
          }),
        ],
  );
};

const panelElements = (
  { name, note, from, to, counts }: Histogram,
  left: number,
  top: number,
  width: number,
  theme: Theme,
): string[] => {
  const [upper, lower] = [top + PANEL.head, top + PANEL.head + PANEL.height];
  const most = Math.max(1, ...counts);
  const x = axisOf(from, to, left + 6, left + width - 6);
  const y = axisOf(0, most, lower, upper + 6);
  const few = ticksOf(from, to, 3);
  const ticks = few.length < 2 ? ticksOf(from, to, 4) : few;
  const texts = tickTexts(ticks);
  const isEmpty = counts.every((count) => count === 0);
  return [
    textElement('text', { x: left, y: top + 12, 'font-size': FONT + 1, fill: theme.text }, name),
    textElement('text', { x: left, y: top + 27, fill: theme.quiet }, note),
    element('rect', {
      x: left,
      y: upper,
      width,
      height: PANEL.height,
      fill: theme.panel,
      stroke: theme.border,
    }),
    ...(isEmpty
      ? [
          textElement(
            'text',
            { x: left + width / 2, y: (upper + lower) / 2 + 4, 'text-anchor': 'middle', fill: theme.text },
            'no finite values',
          ),
        ]
      : [
          ...ticks.map((tick) =>
            element('line', { x1: x.at(tick), x2: x.at(tick), y1: upper, y2: lower, stroke: theme.grid }),
          ),
          ...barElements(counts, { left: left + 6, width: width - 12, lower, y }, theme),
          ...ticks.flatMap((tick, index) => {
            const text = texts[index] ?? '';
            const half = textWidth(text, FONT) / 2;
            // Not beyond the panel: the next one begins there.
            const at = Math.min(left + width - half, Math.max(left + half, x.at(tick)));
            return [
              textElement('text', { x: at, y: lower + 14, 'text-anchor': 'middle', fill: theme.quiet }, text),
            ];
          }),
        ]),
  ];
};

/** Histograms side by side as SVG, a panel each. */
export const histogramsSvg = (
  histograms: readonly Histogram[],
  {
    columns,
    theme,
    title,
    description,
  }: {
    readonly columns: number;
    readonly theme: Theme;
    readonly title: string;
    readonly description: string;
  },
): string => {
  const across = Math.min(columns, histograms.length);
  const texts = histograms.flatMap(({ name, note }) => [textWidth(name, FONT + 1), textWidth(note, FONT)]);
  const width = Math.ceil(Math.max(PANEL.width, ...texts));
  const height = PANEL.head + PANEL.height + PANEL.foot;
  const along = (count: number, length: number): number => count * length + (count - 1) * GAP + 2 * MARGIN;
  return svgFile(
    {
      width: along(across, width),
      height: along(Math.ceil(histograms.length / across), height),
      title,
      description,
      background: theme.background,
    },
    histograms.flatMap((histogram, index) =>
      panelElements(
        histogram,
        MARGIN + (index % across) * (width + GAP),
        MARGIN + Math.floor(index / across) * (height + GAP),
        width,
        theme,
      ),
    ),
  );
};
