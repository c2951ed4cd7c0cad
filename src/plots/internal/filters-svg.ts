import { AROUND_ZERO, between, hex } from './color-scale';
import { rasterElement, type Raster } from './raster';
import { element, svgFile, textElement } from './svg';
import { textWidth } from './text-width';
import type { Theme } from './theme';

/** The kernel of a convolution: `[height, width, channels, filters]`, row by row. */
export interface Kernel {
  readonly values: ArrayLike<number>;
  readonly shape: readonly [height: number, width: number, channels: number, filters: number];
}

export interface FiltersLook {
  readonly theme: Theme;
  readonly title: string;
  readonly description: string;
  /** Filters shown, and channels of each. */
  readonly filters: number;
  readonly channels: number;
  /** Filters in a row, where each is one picture. */
  readonly columns: number;
}

const FONT = 11;
const MARGIN = 14;
const GAP = 8;
const TILE = 44;
const SCALE = { width: 160, height: 12 } as const;

/** The largest number of a kernel, by size. */
const largestOf = ({ values }: Kernel): number => {
  let largest = 0;
  for (let index = 0; index < values.length; index++) {
    const size = Math.abs(values[index] ?? 0);
    if (Number.isFinite(size) && size > largest) largest = size;
  }
  return largest === 0 ? 1 : largest;
};

/** One channel of a filter in colors around zero; or all three of one that has three, as its colors. */
const rasterOf = (
  { values, shape: [height, width, channels, filters] }: Kernel,
  filter: number,
  channel: number | undefined,
  largest: number,
): Raster => {
  const pixels = new Uint8Array(height * width * 3);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const at = (of: number): number =>
      ((values[(pixel * channels + of) * filters + filter] ?? 0) / largest + 1) / 2;
    pixels.set(
      channel === undefined
        ? [at(0), at(1), at(2)].map((share) => Math.round(255 * share))
        : between(AROUND_ZERO, at(channel)),
      pixel * 3,
    );
  }
  return { height, width, channels: 3, pixels };
};

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** What colors stand for: from the least number to the largest. */
const scaleElements = (largest: number, top: number, { text }: Theme): string[] => {
  const steps = 32;
  const step = SCALE.width / steps;
  const label = (value: string, x: number, anchor: string): string =>
    textElement('text', { x, y: top + SCALE.height + 13, 'text-anchor': anchor, fill: text }, value);
  return [
    ...Array.from({ length: steps }, (_, index) =>
      element('rect', {
        x: MARGIN + index * step,
        y: top,
        width: step + 0.3,
        height: SCALE.height,
        fill: hex(between(AROUND_ZERO, index / (steps - 1))),
      }),
    ),
    label(short(-largest), MARGIN, 'start'),
    label('0', MARGIN + SCALE.width / 2, 'middle'),
    label(short(largest), MARGIN + SCALE.width, 'end'),
  ];
};

/** The filters of a convolution as SVG: a picture each, of its channels in a row where there are several. */
export const filtersSvg = (kernel: Kernel, look: FiltersLook): string => {
  const { theme, filters } = look;
  const [height, width, all] = kernel.shape;
  const isOne = all === 1 || all === 3;
  const largest = largestOf(kernel);
  const numbers = Array.from({ length: filters }, (_, filter) => String(filter));
  const unit = TILE / Math.max(height, width);
  const tile = { width: width * unit, height: height * unit };
  const margin = Math.max(...numbers.map((text) => textWidth(text, FONT))) + 8;
  const columns = isOne ? Math.min(look.columns, filters) : look.channels;
  const rows = isOne ? Math.ceil(filters / columns) : filters;
  const line = tile.height + GAP;
  const places = numbers.flatMap((number, filter) => {
    const [row, column] = isOne ? [Math.floor(filter / columns), filter % columns] : [filter, 0];
    const y = MARGIN + row * line;
    const channels = isOne
      ? [all === 3 ? undefined : 0]
      : Array.from({ length: look.channels }, (_, channel) => channel);
    const step = tile.width + GAP;
    const left = MARGIN + column * (margin + step);
    return [
      textElement(
        'text',
        { x: left + margin - 6, y: y + tile.height / 2 + 4, 'text-anchor': 'end', fill: theme.quiet },
        number,
      ),
      ...channels.flatMap((channel, index) => {
        const place = { x: left + margin + index * step, y, ...tile };
        return [
          rasterElement(rasterOf(kernel, filter, channel, largest), place),
          element('rect', { ...place, fill: 'none', stroke: theme.grid }),
        ];
      }),
    ];
  });
  const across = isOne ? columns * (margin + tile.width + GAP) : margin + columns * (tile.width + GAP);
  const top = MARGIN + rows * line + 4;
  const hasScale = all !== 3;
  return svgFile(
    {
      width: Math.ceil(Math.max(across + 2 * MARGIN - GAP, hasScale ? SCALE.width + 2 * MARGIN : 0)),
      height: Math.ceil(hasScale ? top + SCALE.height + 20 + MARGIN : top + MARGIN - GAP),
      title: look.title,
      description: look.description,
      background: theme.background,
    },
    [...places, ...(hasScale ? scaleElements(largest, top, theme) : [])],
  );
};
