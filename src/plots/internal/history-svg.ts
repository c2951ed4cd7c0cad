import { axisOf, integerTicksOf, rangeOf, tickTexts, ticksOf, type Axis } from './axis';
import { legendElements, legendHeight, legendOf, legendWidth, type LegendEntry } from './history-legend';
import { mark, stroke, styleOf, type Style } from './history-style';
import { loess } from './loess';
import { described, epochsIn, pointsOf, type Panel, type Series } from './series';
import { element, pointList, short, svgFile, textElement } from './svg';
import { fitted, textWidth } from './text-width';
import type { Theme } from './theme';

/** How the plot of a history looks. */
export interface HistoryLook {
  readonly theme: Theme;
  readonly smooth: boolean;
  readonly width: number;
  /** Undefined: as the panels need. */
  readonly height: number | undefined;
  readonly title: string;
}

/** Epochs from which on R draws a smooth line. */
const SMOOTH_FROM = 10;
/** Places at which a smooth line is reckoned, as in ggplot2. */
const SMOOTH_PLACES = 80;
/** Points that a smooth line is reckoned from: of more, means of neighbors stand for them, which nobody can see. */
const SMOOTH_MOST = 1000;
/** Points that are drawn; where there are more, it is drawn how far they reach. */
const DRAWN_MOST = 1000;

/** Points that are joined. */
type Line = readonly (readonly [number, number])[];

const FONT = 11;
const MARGIN = 10;
const STRIP = 20;
/** From one line of a metric's name to the next. */
const NAME_LINE = 15;
const GAP = 12;
const PANEL = 165;
const LEAST_PANEL = 40;
const BELOW = 40;
const LEGEND_DEEPEST = 300;
const LEAST_PANEL_WIDTH = 120;

interface Layout {
  /** The room for names of metrics. */
  readonly strip: number;
  readonly left: number;
  readonly right: number;
  readonly panelHeight: number;
  readonly height: number;
  readonly top: (index: number) => number;
}

const layoutOf = (
  look: HistoryLook,
  panels: readonly Panel[],
  legend: readonly LegendEntry[],
  labels: readonly (readonly string[])[],
): Layout => {
  const numbers = Math.max(...labels.flat().map((text) => textWidth(text, FONT)));
  const forLegend = legend.length > 1 ? legendHeight(legend) + 2 * MARGIN : 0;
  const given = look.height ?? Math.max(panels.length * (PANEL + GAP) - GAP + MARGIN + BELOW, forLegend);
  const panelHeight = Math.max(
    LEAST_PANEL,
    (given - MARGIN - BELOW - (panels.length - 1) * GAP) / panels.length,
  );
  const lines = Math.max(...panels.map(({ metric }) => nameLines(metric, panelHeight).length));
  const strip = STRIP + (lines - 1) * NAME_LINE;
  const left = MARGIN + strip + numbers + 6;
  const beside = legendWidth(legend, look.width - left - 2 * MARGIN - LEAST_PANEL_WIDTH);
  return {
    strip,
    left,
    right: legend.length > 1 ? look.width - beside - 2 * MARGIN : look.width - MARGIN,
    panelHeight,
    height: MARGIN + BELOW + panels.length * (panelHeight + GAP) - GAP,
    top: (index) => MARGIN + index * (panelHeight + GAP),
  };
};

/** Means of neighbors, so that there are not too many points, and how many each stands for. */
const averaged = (points: readonly (readonly [number, number])[]) => {
  const size = Math.ceil(points.length / SMOOTH_MOST);
  const parts = Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
    points.slice(index * size, (index + 1) * size),
  );
  const mean = (part: typeof points, of: 0 | 1): number =>
    part.reduce((sum, point) => sum + point[of] / part.length, 0);
  return {
    xs: parts.map((part) => mean(part, 0)),
    ys: parts.map((part) => mean(part, 1)),
    counts: parts.map((part) => part.length),
  };
};

/** Of more points than can be told apart: how far those in each column of pixels reach. */
const bandOf = (points: Line, x: Axis): ReadonlyMap<number, readonly [least: number, most: number]> => {
  const columns = new Map<number, readonly [number, number]>();
  for (const [epoch, value] of points) {
    const column = Math.round(x.at(epoch));
    const [least, most] = columns.get(column) ?? [value, value];
    columns.set(column, [Math.min(least, value), Math.max(most, value)]);
  }
  return columns;
};

const isDense = (line: Series): boolean => line.values.length > DRAWN_MOST;

/** What stands for the points of a line where there are too many: from the lowest to the highest of them, beside each other. */
const bandElement = (line: Series, x: Axis, y: Axis, { color }: Style): string =>
  element('path', {
    class: 'band',
    d: [...bandOf(pointsOf(line), x)]
      .map(([column, [least, most]]) => `M${column},${short(y.at(least) + 0.5)}V${short(y.at(most) - 0.5)}`)
      .join(''),
    fill: 'none',
    stroke: color,
    'stroke-width': 1,
    'stroke-opacity': 0.35,
  });

/** A line that is smooth, or goes from point to point where there are too few for that. */
export const lineOf = (line: Series, smooth: boolean): readonly (readonly [number, number])[] => {
  const points = pointsOf(line);
  if (!smooth || line.values.length < SMOOTH_FROM || points.length < SMOOTH_FROM) return points;
  const [first = 1, last = 1] = [points[0]?.[0], points.at(-1)?.[0]];
  const places = Array.from(
    { length: SMOOTH_PLACES },
    (_, index) => first + ((last - first) * index) / (SMOOTH_PLACES - 1),
  );
  const { xs, ys, counts } = averaged(points);
  const values = loess(xs, ys, places, counts);
  return places
    .map((place, index) => [place, values[index] ?? NaN] as const)
    .filter(([, value]) => Number.isFinite(value));
};

interface Drawn {
  readonly panel: Panel;
  /** Of each series its line. */
  readonly lines: readonly Line[];
  readonly x: Axis;
  readonly y: Axis;
  readonly yTicks: readonly number[];
  readonly yTexts: readonly string[];
  readonly xTicks: readonly number[];
}

/** A metric's name in one line, or in two where it is longer than its panel is high. */
const nameLines = (metric: string, room: number): readonly string[] => {
  const size = FONT + 1;
  if (textWidth(metric, size) <= room) return [metric];
  const parts = metric.split(/(?<=[_ ])/);
  const widest = (cut: number): number =>
    Math.max(...[parts.slice(0, cut), parts.slice(cut)].map((some) => textWidth(some.join('').trim(), size)));
  const cuts = parts.slice(1).map((_, index) => index + 1);
  const best = cuts.reduce((one, cut) => (widest(cut) < widest(one) ? cut : one), 1);
  const lines = [parts.slice(0, best), parts.slice(best)].map((some) => some.join('').trim());
  return lines.filter((line) => line !== '').map((line) => fitted(line, size, room));
};

/** A metric's name, upright at the left of its panel. */
const nameElements = (metric: string, middle: number, room: number, strip: number, fill: string) =>
  nameLines(metric, room).map((line, index, { length }) =>
    textElement(
      'text',
      {
        transform: `translate(${short(MARGIN + strip / 2 + 2 + (index - (length - 1) / 2) * NAME_LINE)},${short(middle)}) rotate(-90)`,
        'text-anchor': 'middle',
        'font-size': FONT + 1,
        fill,
      },
      line,
    ),
  );

/** The lines of a panel, and the points that they go through. */
const seriesElements = (
  { panel, lines, x, y }: Pick<Drawn, 'panel' | 'lines' | 'x' | 'y'>,
  { smooth, theme }: HistoryLook,
  style: (line: Series) => Style,
): string[] => [
  ...panel.series.filter(isDense).map((line) => bandElement(line, x, y, style(line))),
  ...panel.series.flatMap((line, index) =>
    // From point to point there is nothing to see but the band.
    isDense(line) && !smooth
      ? []
      : [
          element('polyline', {
            points: pointList((lines[index] ?? []).map(([epoch, value]) => [x.at(epoch), y.at(value)])),
            ...stroke(line, style(line)),
          }),
        ],
  ),
  ...panel.series.flatMap((line) =>
    isDense(line)
      ? []
      : pointsOf(line).map(([epoch, value]) => mark(line, x.at(epoch), y.at(value), style(line), theme)),
  ),
];

const panelElements = (
  { panel, lines, x, y, yTicks, yTexts, xTicks }: Drawn,
  { left, right, strip, panelHeight }: Layout,
  top: number,
  look: HistoryLook,
  style: (line: Series) => Style,
): string[] => {
  const { theme } = look;
  const bottom = top + panelHeight;
  const middle = top + panelHeight / 2;
  const grid = { stroke: theme.grid, 'stroke-width': 1 };
  const isEmpty = panel.series.every((line) => pointsOf(line).length === 0);
  return [
    element('rect', {
      x: left,
      y: top,
      width: right - left,
      height: panelHeight,
      fill: theme.panel,
      stroke: theme.border,
    }),
    ...yTicks.map((tick) =>
      element('line', { x1: left, x2: right, y1: y.at(tick), y2: y.at(tick), ...grid }),
    ),
    ...xTicks.map((tick) =>
      element('line', { x1: x.at(tick), x2: x.at(tick), y1: top, y2: bottom, ...grid }),
    ),
    ...yTicks.map((tick, index) =>
      textElement(
        'text',
        { x: left - 6, y: y.at(tick) + 4, 'text-anchor': 'end', fill: theme.quiet },
        yTexts[index] ?? '',
      ),
    ),
    ...nameElements(panel.metric, middle, panelHeight, strip, theme.text),
    ...seriesElements({ panel, lines, x, y }, look, style),
    ...(isEmpty
      ? [
          textElement(
            'text',
            { x: (left + right) / 2, y: middle + 4, 'text-anchor': 'middle', fill: theme.text },
            'no finite values',
          ),
        ]
      : []),
  ];
};

/** The legend beside the panels: in their middle, and of a tall plot where it begins, which is seen first. */
const legendBeside = (
  legend: readonly LegendEntry[],
  { right, height }: Layout,
  { theme, width }: HistoryLook,
  style: (line: Series) => Style,
): string[] => {
  const middle = (height - BELOW - legendHeight(legend)) / 2;
  const top = Math.max(MARGIN, Math.min(middle, LEGEND_DEEPEST));
  const left = right + MARGIN;
  const place = { left, top, width: width - left - 4, height: height - top - MARGIN };
  return legendElements(legend, place, theme, style);
};

/** The plot of a history: a panel for each metric, points, and smooth lines through them. */
export const historySvg = (panels: readonly Panel[], look: HistoryLook): string => {
  const scales = panels.map(({ series }) => {
    const values = series.flatMap((line) => pointsOf(line).map(([, value]) => value));
    const lines: readonly Line[] = series.map((line) => lineOf(line, look.smooth));
    const all = [...values, ...lines.flatMap((line) => line.map(([, value]) => value))];
    const range = values.length === 0 ? ([0, 1] as const) : rangeOf(all);
    const ticks = values.length === 0 ? [] : ticksOf(...range, 4);
    return { lines, range, ticks, texts: tickTexts(ticks) };
  });
  const legend = legendOf(panels);
  const layout = layoutOf(
    look,
    panels,
    legend,
    scales.map(({ texts }) => ['0', ...texts]),
  );
  const epochs = epochsIn(panels);
  const [from, to] = rangeOf([1, epochs]);
  const x = axisOf(from, to, layout.left, layout.right);
  const xTicks = integerTicksOf(1, epochs, Math.max(2, Math.floor((layout.right - layout.left) / 70)));
  const lines = legend.map(({ line }) => line);
  const style = styleOf(look.theme, lines);
  const bottom = layout.top(panels.length - 1) + layout.panelHeight;
  const drawn = panels.flatMap((panel, index) => {
    const { lines, range, ticks, texts } = scales[index] as (typeof scales)[number]; // one for each
    const top = layout.top(index);
    const y = axisOf(...range, top + layout.panelHeight, top);
    const drawing = { panel, lines, x, y, yTicks: ticks, yTexts: texts, xTicks };
    return panelElements(drawing, layout, top, look, style);
  });
  const frame = {
    width: look.width,
    height: layout.height,
    title: look.title,
    description: described(panels),
    background: look.theme.background,
  };
  return svgFile(frame, [
    ...drawn,
    ...xTicks.map((tick) =>
      textElement(
        'text',
        { x: x.at(tick), y: bottom + 15, 'text-anchor': 'middle', fill: look.theme.quiet },
        String(tick),
      ),
    ),
    textElement(
      'text',
      {
        x: (layout.left + layout.right) / 2,
        y: bottom + 32,
        'text-anchor': 'middle',
        'font-size': FONT + 1,
        fill: look.theme.text,
      },
      'epoch',
    ),
    ...(legend.length > 1 ? legendBeside(legend, layout, look, style) : []),
  ]);
};
