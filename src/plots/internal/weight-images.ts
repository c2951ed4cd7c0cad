import { encodePng } from '../../files/png';

/** Pictures of one size. */
export interface Images {
  readonly width: number;
  readonly height: number;
  /** PNG files. */
  readonly files: readonly Uint8Array[];
}

/** How many pictures of a weight are shown, as in Keras. */
const MOST = 3;

type Numbers = ArrayLike<number>;

/** A number from 0 to 1 as a pixel, as TensorFlow makes it, in its precision; what is outside is cut. */
const pixel = (value: number): number => Math.trunc(Math.min(255, Math.max(0, Math.fround(value * 255.5))));

/** How a weight is looked at: pictures, rows, columns, channels, and where each number of theirs is in the weight. */
interface View {
  readonly size: readonly [images: number, height: number, width: number, channels: number];
  readonly place: (image: number, row: number, column: number, channel: number) => number;
}

/** Keras's view of a weight: a vector is a line, a matrix lies, of three axes each slice of the last is a picture. */
const viewOf = (shape: readonly number[]): View | undefined => {
  const [a = 1, b = 1, c = 1, d = 1] = shape.filter((size) => size !== 1);
  switch (shape.filter((size) => size !== 1).length) {
    case 1:
      return { size: [1, a, 1, 1], place: (_, row) => row };
    case 2:
      // Wide rather than high.
      return a > b
        ? { size: [1, b, a, 1], place: (_, row, column) => column * b + row }
        : { size: [1, a, b, 1], place: (_, row, column) => row * b + column };
    case 3:
      return { size: [c, a, b, 1], place: (image, row, column) => (row * b + column) * c + image };
    case 4:
      return {
        size: [a, b, c, d],
        place: (image, row, column, channel) => ((image * b + row) * c + column) * d + channel,
      };
    default:
      return undefined;
  }
};

/**
 * A weight as pictures, as Keras's TensorBoard callback makes them: numbers from 0 to 1 are from black to white. Undefined if it has too
 * many axes, or its last of four is no number of channels.
 */
export const weightImages = (values: Numbers, shape: readonly number[]): Images | undefined => {
  const view = viewOf(shape);
  if (view === undefined) return undefined;
  const [images, height, width, channels] = view.size;
  if (channels !== 1 && channels !== 3 && channels !== 4) return undefined;
  if (images * height * width === 0) return undefined;
  const files = Array.from({ length: Math.min(MOST, images) }, (_, image) => {
    const pixels = new Uint8Array(height * width * channels);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let channel = 0; channel < channels; channel++) {
          pixels[(row * width + column) * channels + channel] = pixel(
            values[view.place(image, row, column, channel)] ?? 0,
          );
        }
      }
    }
    return encodePng(pixels, height, width, channels);
  });
  return { width, height, files };
};
