import { axisOf, integerTicksOf, rangeOf, tickTexts, ticksOf } from './axis';
import { epochsIn, nameOf, pointsOf, type Panel, type Series } from './series';

/** Dots of a braille character: two columns of four. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BLANK = 0x2800;
/** Lines of a panel. */
const ROWS = 8;
/** The least and the most columns of a panel. */
const LEAST = 8;
const MOST = 100;
/** Columns of numbers' distance from a panel, and of its border. */
const BORDER = 2;

/** A field of dots that is drawn in characters. */
class Dots {
  readonly #cells: number[][];

  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.#cells = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  }

  set(x: number, y: number): void {
    const [column, row] = [Math.floor(x / 2), Math.floor(y / 4)];
    const cells = this.#cells[row];
    if (cells === undefined || column < 0 || column >= this.columns) return;
    cells[column] = (cells[column] ?? 0) | (DOTS[x % 2]?.[y % 4] ?? 0);
  }

  /** A line between two dots; of a dashed one every other part is left out. */
  line([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number], isDashed: boolean): void {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let step = 0; step <= steps; step++) {
      const x = Math.round(x0 + ((x1 - x0) * step) / steps);
      const y = Math.round(y0 + ((y1 - y0) * step) / steps);
      if (!isDashed || x % 4 < 2) this.set(x, y);
    }
  }

  lines(): string[] {
    return this.#cells.map((row) => String.fromCodePoint(...row.map((cell) => BLANK + cell)));
  }

  get height(): number {
    return this.rows * 4;
  }
}

const drawn = (
  lines: readonly Series[],
  range: readonly [number, number],
  epochs: number,
  columns: number,
): Dots => {
  const dots = new Dots(columns, ROWS);
  const x = axisOf(1, Math.max(2, epochs), 0, columns * 2 - 1);
  const y = axisOf(range[0], range[1], dots.height - 1, 0);
  for (const line of lines) {
    const points = pointsOf(line).map(
      ([epoch, value]) => [Math.round(x.at(epoch)), Math.round(y.at(value))] as const,
    );
    points.forEach((point, index) =>
      dots.line(points[index - 1] ?? point, point, line.data === 'validation'),
    );
    // The points of a dashed line are all there.
    for (const point of points) dots.set(...point);
  }
  return dots;
};

/** A panel: its name, its lines with numbers before them. */
const panelLines = ({ metric, series }: Panel, epochs: number, columns: number, margin: number): string[] => {
  const values = series.flatMap((line) => pointsOf(line).map(([, value]) => value));
  if (values.length === 0) return [metric, `${' '.repeat(margin)} no finite values`];
  const range = rangeOf(values);
  const ticks = ticksOf(...range, 3);
  const texts = tickTexts(ticks);
  const row = axisOf(range[0], range[1], ROWS - 1, 0);
  const numbers = new Map(ticks.map((tick, index) => [Math.round(row.at(tick)), texts[index] ?? '']));
  const unseen = series.filter((line) => pointsOf(line).length === 0).map(nameOf);
  return [
    unseen.length === 0 ? metric : `${metric} (no finite values of ${unseen.join('; ')})`,
    ...drawn(series, range, epochs, columns)
      .lines()
      .map((line, index) => {
        const text = numbers.get(index);
        return `${(text ?? '').padStart(margin)} ${text === undefined ? '│' : '┤'}${line}`.trimEnd();
      }),
  ];
};

/** The numbers below the panels. */
const epochLine = (epochs: number, columns: number): string => {
  const x = axisOf(1, Math.max(2, epochs), 0, columns - 1);
  const ticks = epochs === 1 ? [1] : integerTicksOf(1, epochs, Math.max(2, Math.floor(columns / 12)));
  return ticks.reduce((line, tick) => {
    const text = String(tick);
    const place = Math.min(columns - text.length, Math.round(x.at(tick)));
    return place < line.length + (line === '' ? 0 : 1) ? line : line.padEnd(place) + text;
  }, '');
};

/** Parts in lines of at most `width` characters, if none of them is longer, after so many blanks; fewer where room is short. */
const wrapped = (parts: readonly string[], gap: string, width: number, indent: number): string[] => {
  const longest = Math.max(0, ...parts.map((part) => part.length));
  const blanks = ' '.repeat(Math.max(0, Math.min(indent, width - longest)));
  return parts.reduce<string[]>((lines, part) => {
    const last = lines.at(-1);
    const joined = `${last ?? ''}${gap}${part}`;
    return last !== undefined && joined.length <= width
      ? [...lines.slice(0, -1), joined]
      : [...lines, blanks + part];
  }, []);
};

/** The plot of a history in characters of braille, in lines of at most `width` characters: points, and lines between them. */
export const historyText = (panels: readonly Panel[], width: number): string => {
  const numbers = panels.flatMap(({ series }) => {
    const values = series.flatMap((line) => pointsOf(line).map(([, value]) => value));
    return values.length === 0 ? [] : tickTexts(ticksOf(...rangeOf(values), 3));
  });
  const margin = Math.max(0, ...numbers.map((text) => text.length));
  const indent = margin + BORDER;
  const columns = Math.max(LEAST, Math.min(MOST, width - indent));
  const epochs = epochsIn(panels);
  const names = [...new Set(panels.flatMap(({ series }) => series.map(nameOf)))];
  const hasValidation = panels.some(({ series }) => series.some(({ data }) => data === 'validation'));
  const listed = names.map(
    (name, index) => `${index === 0 ? 'of ' : ''}${name}${index < names.length - 1 ? ';' : ''}`,
  );
  return [
    ...panels.flatMap((panel) => panelLines(panel, epochs, columns, margin)),
    `${' '.repeat(indent)}${epochLine(epochs, columns)}`,
    `${' '.repeat(indent)}epoch`,
    ...(hasValidation ? wrapped(['⠤⠤⠤ training', '⠤ ⠤ validation'], '  ', width, indent) : []),
    ...(names.length > 2 ? wrapped(listed, ' ', width, indent) : []),
  ].join('\n');
};
