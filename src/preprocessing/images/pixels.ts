/** Pixels of an image in JavaScript's memory. */

/** How many numbers a pixel has: gray, gray and alpha, colors, colors and alpha. */
export type Channels = 1 | 2 | 3 | 4;

/** An image of eight bits a number, row by row from the top, the numbers of a pixel side by side. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
}

/** What colors an image is read in. */
export type ColorMode = 'grayscale' | 'rgb' | 'rgba';

/** The numbers of a pixel in a mode. */
export const CHANNELS = { grayscale: 1, rgb: 3, rgba: 4 } as const satisfies Record<ColorMode, Channels>;

/** The brightness of a color, in ITU-R 601-2's weights as Pillow rounds them. */
const luma = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;

const OPAQUE = 255;

/** The same image with other channels, as Pillow converts it: transparency is left out, or there is none. */
export const withChannels = (pixels: Pixels, channels: Channels): Pixels => {
  const { data, height, width, channels: from } = pixels;
  if (from === channels) return pixels;
  const count = height * width;
  const converted = new Uint8Array(count * channels);
  const hasColors = from >= 3;
  const hasAlpha = from === 2 || from === 4;
  for (let pixel = 0; pixel < count; pixel++) {
    const source = pixel * from;
    const target = pixel * channels;
    const red = data[source] ?? 0;
    const green = hasColors ? (data[source + 1] ?? 0) : red;
    const blue = hasColors ? (data[source + 2] ?? 0) : red;
    if (channels >= 3) {
      converted[target] = red;
      converted[target + 1] = green;
      converted[target + 2] = blue;
    } else converted[target] = hasColors ? luma(red, green, blue) : red;
    if (channels === 2 || channels === 4) {
      converted[target + channels - 1] = hasAlpha ? (data[source + from - 1] ?? OPAQUE) : OPAQUE;
    }
  }
  return { data: converted, height, width, channels };
};

/** A rectangle of an image. */
export const cropped = (
  { data, width, channels }: Pixels,
  [top, left]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): Pixels => {
  const line = columns * channels;
  const cut = new Uint8Array(rows * line);
  for (let row = 0; row < rows; row++) {
    const from = ((top + row) * width + left) * channels;
    cut.set(data.subarray(from, from + line), row * line);
  }
  return { data: cut, height: rows, width: columns, channels };
};

/**
 * The image upright, from EXIF's number of how the camera was held: 2 is mirrored left and right, 3 upside down, 4 mirrored top and
 * bottom, 5 to 8 have rows for columns.
 */
export const upright = (pixels: Pixels, orientation: number): Pixels => {
  if (orientation === 1) return pixels;
  const { data, height, width, channels } = pixels;
  const isTransposed = orientation >= 5;
  const [rows, columns] = isTransposed ? [width, height] : [height, width];
  // Whether the source is gone through from its end as the result's columns, or rows, go on.
  const isFlippedX = [2, 3, 7, 6].includes(orientation);
  const isFlippedY = [3, 4, 7, 8].includes(orientation);
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < rows; row++) {
    const y = isFlippedY ? rows - 1 - row : row;
    for (let column = 0; column < columns; column++) {
      const x = isFlippedX ? columns - 1 - column : column;
      const from = (isTransposed ? x * width + y : y * width + x) * channels;
      const to = (row * columns + column) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to + channel] = data[from + channel] ?? 0;
    }
  }
  return { data: turned, height: rows, width: columns, channels };
};
