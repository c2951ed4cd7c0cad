import { encodePng } from '../../files/png';
import { element } from './svg';

/** A picture of pixels: numbers from 0 to 255, row by row, of one color or of three. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Each pixel as a square of several, so that no program smooths them. */
const enlarged = ({ height, width, channels, pixels }: Raster, factor: number): Raster => {
  const large = new Uint8Array(height * width * factor * factor * channels);
  const line = width * factor * channels;
  for (let row = 0; row < height; row++) {
    const start = row * factor * line;
    for (let column = 0; column < width; column++) {
      const pixel = pixels.subarray((row * width + column) * channels, (row * width + column + 1) * channels);
      for (let copy = 0; copy < factor; copy++) large.set(pixel, start + (column * factor + copy) * channels);
    }
    const first = large.subarray(start, start + line);
    for (let copy = 1; copy < factor; copy++) large.set(first, start + copy * line);
  }
  return { height: height * factor, width: width * factor, channels, pixels: large };
};

/** A picture of pixels at a place in another one, as large as is said. */
export const rasterElement = (
  raster: Raster,
  place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): string => {
  const factor = Math.max(1, Math.ceil((2 * place.width) / raster.width));
  const { pixels, height, width, channels } = enlarged(raster, Math.min(factor, 64));
  const png = encodePng(pixels, height, width, channels).toString('base64');
  return element('image', {
    ...place,
    preserveAspectRatio: 'none',
    href: `data:image/png;base64,${png}`,
  });
};
