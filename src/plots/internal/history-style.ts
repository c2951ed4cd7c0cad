import { nameOf, type Panel, type Series } from './series';
import { element, short } from './svg';
import type { Theme } from './theme';

/** How a line is told apart from others. */
export interface Style {
  readonly color: string;
  readonly shape: (typeof SHAPES)[number];
}

/** Marks of points: another one where the colors begin anew. */
const SHAPES = ['circle', 'square', 'diamond', 'triangle'] as const;

/** The lines that a legend tells apart, once each. */
export const distinctLines = (panels: readonly Panel[]): readonly Series[] => {
  const all = panels.flatMap(({ series }) => series);
  return all.filter((line, index) => all.findIndex((other) => nameOf(other) === nameOf(line)) === index);
};

/** A color for each history, or, where there is one, for training and for validation. */
export const styleOf = (theme: Theme, lines: readonly Series[]): ((line: Series) => Style) => {
  const keyOf = ({ history, data }: Series): string => history ?? data;
  const places = new Map([...new Set(lines.map(keyOf))].map((key, index) => [key, index]));
  const { length } = theme.series;
  return (line) => {
    const place = places.get(keyOf(line)) ?? 0;
    return {
      color: theme.series[place % length] ?? theme.text,
      shape: SHAPES[Math.floor(place / length) % SHAPES.length] ?? 'circle',
    };
  };
};

/** The shape of a mark around a point, as large as a circle of this radius. */
const RADIUS = 2.8;
const OUTLINES: Readonly<Record<Exclude<Style['shape'], 'circle'>, string>> = {
  square: 'm-2.6,-2.6h5.2v5.2h-5.2z',
  diamond: 'm0,-3.8l3.8,3.8l-3.8,3.8l-3.8,-3.8z',
  triangle: 'm0,-3.6l3.3,6h-6.6z',
};

/** The mark of a point. */
export const mark = (
  line: Series,
  x: number,
  y: number,
  { color, shape }: Style,
  theme: Theme,
  behind = theme.panel,
): string => {
  const look = {
    // Validation is told apart without color, too.
    fill: line.data === 'training' ? color : behind,
    stroke: color,
    'stroke-width': 1.4,
  };
  return shape === 'circle'
    ? element('circle', { cx: x, cy: y, r: RADIUS, ...look })
    : element('path', { d: `M${short(x)},${short(y)}${OUTLINES[shape]}`, ...look });
};

/** How a line is drawn. */
export const stroke = (line: Series, { color }: Style): Record<string, string | number | undefined> => ({
  fill: 'none',
  stroke: color,
  'stroke-width': 1.8,
  'stroke-dasharray': line.data === 'validation' ? '6 3' : undefined,
});
