import { axisOf, rangeOf, tickTexts, ticksOf, type Axis } from './axis';
import { element, svgFile, textElement } from './svg';
import { textWidth } from './text-width';
import type { Theme } from './theme';

/** A point, its group, and its name. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly group: number | undefined;
  readonly name: string | undefined;
}

export interface ScatterLook {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly description: string;
  readonly axisTitles: readonly [string, string];
  /** Names of groups, by their numbers; none: there is one group. */
  readonly groups: readonly string[];
}

const FONT = 11;
const MARGIN = 12;
const BELOW = 44;
const MARK = 18;
const LINE = 18;

/** Shapes of marks around a point: groups are told apart without color, too. */
const SHAPES: readonly ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`,
  (x, y, r) => `M${x - r * 0.9},${y - r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}Z`,
  (x, y, r) => `M${x},${y - r * 1.2}L${x + r * 1.1},${y + r * 0.8}L${x - r * 1.1},${y + r * 0.8}Z`,
  (x, y, r) => `M${x},${y - r * 1.3}L${x + r * 1.3},${y}L${x},${y + r * 1.3}L${x - r * 1.3},${y}Z`,
  (x, y, r) => `M${x},${y + r * 1.2}L${x + r * 1.1},${y - r * 0.8}L${x - r * 1.1},${y - r * 0.8}Z`,
];

const rounded = (value: number): number => Number(value.toFixed(1));

const markOf = (group: number, x: number, y: number, radius: number, { series, panel }: Theme): string =>
  element('path', {
    d: (SHAPES[group % SHAPES.length] ?? SHAPES[0])?.(rounded(x), rounded(y), radius).replaceAll(
      /\d+\.\d+/g,
      (number) => String(rounded(Number(number))),
    ),
    fill: series[group % series.length],
    stroke: panel,
    'stroke-width': 0.5,
  });

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const overlaps = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Names beside points, where there is room for them: those that would be in the way of others before them are left out. */
const nameElements = (
  points: readonly Point[],
  x: Axis,
  y: Axis,
  area: Box,
  { text, panel }: Theme,
): string[] => {
  const taken: Box[] = [];
  return points.flatMap(({ x: across, y: up, name }) => {
    if (name === undefined || name === '') return [];
    const width = textWidth(name, FONT);
    const [px, py] = [x.at(across), y.at(up)];
    // At its right, at its left, above it, below it.
    const corners = [
      [px + 6, py - 7],
      [px - 6 - width, py - 7],
      [px - width / 2, py - 22],
      [px - width / 2, py + 8],
    ] as const;
    const places = corners.map(([left, top]) => ({ left, right: left + width, top, bottom: top + 14 }));
    const place = places.find(
      (box) =>
        box.left > area.left &&
        box.right < area.right &&
        box.top > area.top &&
        box.bottom < area.bottom &&
        !taken.some((other) => overlaps(box, other)),
    );
    if (place === undefined) return [];
    taken.push(place);
    // Around its letters it has the color of what is behind them, so that it is read over points.
    const halo = { stroke: panel, 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' };
    return [textElement('text', { x: place.left, y: place.top + 11, fill: text, ...halo }, name)];
  });
};

const titleElements = (
  { left, right, top, bottom }: Box,
  theme: Theme,
  titles: readonly [string, string],
): string[] => [
  textElement(
    'text',
    {
      x: (left + right) / 2,
      y: bottom + 34,
      'text-anchor': 'middle',
      'font-size': FONT + 1,
      fill: theme.text,
    },
    titles[0],
  ),
  textElement(
    'text',
    {
      transform: `translate(${MARGIN + 10},${rounded((top + bottom) / 2)}) rotate(-90)`,
      'text-anchor': 'middle',
      'font-size': FONT + 1,
      fill: theme.text,
    },
    titles[1],
  ),
];

const axisElements = (
  x: Axis,
  y: Axis,
  area: Box,
  theme: Theme,
  titles: readonly [string, string],
): string[] => {
  const { left, right, top, bottom } = area;
  const grid = { stroke: theme.grid, 'stroke-width': 1 };
  const [xTicks, yTicks] = [ticksOf(x.from, x.to, 5), ticksOf(y.from, y.to, 5)];
  const [xTexts, yTexts] = [tickTexts(xTicks), tickTexts(yTicks)];
  return [
    element('rect', {
      x: left,
      y: top,
      width: right - left,
      height: bottom - top,
      fill: theme.panel,
      stroke: theme.border,
    }),
    ...xTicks.map((tick) =>
      element('line', { x1: x.at(tick), x2: x.at(tick), y1: top, y2: bottom, ...grid }),
    ),
    ...yTicks.map((tick) =>
      element('line', { x1: left, x2: right, y1: y.at(tick), y2: y.at(tick), ...grid }),
    ),
    ...xTicks.map((tick, index) =>
      textElement(
        'text',
        { x: x.at(tick), y: bottom + 15, 'text-anchor': 'middle', fill: theme.quiet },
        xTexts[index] ?? '',
      ),
    ),
    ...yTicks.map((tick, index) =>
      textElement(
        'text',
        { x: left - 6, y: y.at(tick) + 4, 'text-anchor': 'end', fill: theme.quiet },
        yTexts[index] ?? '',
      ),
    ),
    ...titleElements(area, theme, titles),
  ];
};

/** Points in a plane as SVG: groups by color and shape, names where there is room. */
export const scatterSvg = (points: readonly Point[], look: ScatterLook): string => {
  const { theme, width, height, groups } = look;
  const legend = groups.map((name) => textWidth(name, FONT));
  const beside = groups.length === 0 ? 0 : MARK + Math.max(...legend) + MARGIN;
  const ranges = [rangeOf(points.map((point) => point.x)), rangeOf(points.map((point) => point.y))] as const;
  const numbers = Math.max(...tickTexts(ticksOf(...ranges[1], 5)).map((text) => textWidth(text, FONT)));
  const tall = Math.max(height, groups.length * LINE + 2 * MARGIN);
  const area = {
    left: MARGIN + 20 + numbers + 6,
    right: width - MARGIN - beside,
    top: MARGIN,
    bottom: tall - BELOW,
  };
  const x = axisOf(...ranges[0], area.left, area.right);
  const y = axisOf(...ranges[1], area.bottom, area.top);
  const radius = points.length > 500 ? 2 : 3.2;
  return svgFile(
    { width, height: tall, title: look.title, description: look.description, background: theme.background },
    [
      ...axisElements(x, y, area, theme, look.axisTitles),
      ...points.map((point) => markOf(point.group ?? 0, x.at(point.x), y.at(point.y), radius, theme)),
      ...nameElements(points, x, y, area, theme),
      ...groups.flatMap((name, group) => {
        const [left, middle] = [area.right + MARGIN, MARGIN + (group + 0.5) * LINE];
        return [
          markOf(group, left + 4, middle, 4, theme),
          textElement('text', { x: left + MARK, y: middle + 4, fill: theme.text }, name),
        ];
      }),
    ],
  );
};
