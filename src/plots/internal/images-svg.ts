import { rasterElement, type Raster } from './raster';
import { element, svgFile, textElement } from './svg';
import { textWidth } from './text-width';
import type { Theme } from './theme';

/** An image with what is said of it. */
export interface Tile {
  readonly raster: Raster;
  /** Lines below it. */
  readonly captions: readonly string[];
  /** Whether what was predicted is right; undefined if nothing was. */
  readonly isRight: boolean | undefined;
}

const FONT = 11;
const MARGIN = 14;
const GAP = 14;
const LINE = 15;
const FRAME = 3;

/** The frames of what was predicted rightly and wrongly, which the captions say, too. */
const FRAMES = { light: ['#0068a8', '#c24a00'], dark: ['#6cc3f2', '#ff9d5c'] } as const;

export interface GridLook {
  readonly theme: Theme;
  readonly isDark: boolean;
  readonly columns: number;
  /** Pixels of an image's longer side. */
  readonly size: number;
  readonly title: string;
  readonly description: string;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const frameElement = ({ x, y, width, height }: Place, isRight: boolean, isDark: boolean): string => {
  const [right, wrong] = FRAMES[isDark ? 'dark' : 'light'];
  return element('rect', {
    x: x - FRAME / 2,
    y: y - FRAME / 2,
    width: width + FRAME,
    height: height + FRAME,
    fill: 'none',
    stroke: isRight ? right : wrong,
    'stroke-width': FRAME,
    // Told apart without color, too.
    'stroke-dasharray': isRight ? undefined : '8 4',
  });
};

const tileElements = (
  { raster, captions, isRight }: Tile,
  place: Place,
  { theme, isDark }: GridLook,
): string[] => [
  ...(isRight === undefined ? [] : [frameElement(place, isRight, isDark)]),
  rasterElement(raster, place),
  ...captions.map((text, line) =>
    textElement(
      'text',
      {
        x: place.x + place.width / 2,
        y: place.y + place.height + FRAME + (line + 1) * LINE - 3,
        'text-anchor': 'middle',
        fill: line === 0 ? theme.text : theme.quiet,
      },
      text,
    ),
  ),
];

/** A grid of images as SVG. */
export const imagesSvg = (tiles: readonly Tile[], look: GridLook): string => {
  const { theme, size, title, description } = look;
  const columns = Math.min(look.columns, tiles.length);
  const captions = tiles.flatMap((tile) => tile.captions).map((text) => textWidth(text, FONT));
  const longest = Math.max(...tiles.map(({ raster }) => Math.max(raster.width, raster.height)));
  const scale = size / longest;
  const tileWidth = Math.max(size + 2 * FRAME, ...captions);
  const tallest = Math.max(...tiles.map(({ raster }) => raster.height)) * scale + 2 * FRAME;
  // A row is as high as what is said in it needs.
  const heights = Array.from({ length: Math.ceil(tiles.length / columns) }, (_, row) => {
    const lines = Math.max(
      ...tiles.slice(row * columns, (row + 1) * columns).map((tile) => tile.captions.length),
    );
    return tallest + (lines > 0 ? lines * LINE + 4 : 0);
  });
  const topOf = (row: number): number =>
    MARGIN + heights.slice(0, row).reduce((sum, height) => sum + height + GAP, 0);
  const along = (count: number, length: number): number => count * length + (count - 1) * GAP + 2 * MARGIN;
  return svgFile(
    {
      width: Math.ceil(along(columns, tileWidth)),
      height: Math.ceil(topOf(heights.length) - GAP + MARGIN),
      title,
      description,
      background: theme.background,
    },
    tiles.flatMap(({ raster, captions: texts, isRight }, index) => {
      const [width, height] = [raster.width * scale, raster.height * scale];
      const left = MARGIN + (index % columns) * (tileWidth + GAP) + (tileWidth - width) / 2;
      const top = topOf(Math.floor(index / columns)) + FRAME;
      return tileElements({ raster, captions: texts, isRight }, { x: left, y: top, width, height }, look);
    }),
  );
};
