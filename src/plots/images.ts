import { dataFunction } from '../arrays/call-styles';
import type { ArrayLike, DataArray } from '../arrays/tensors';
import type { DataFunction } from '../base/call-styles';
import {
  argumentError,
  checkOptions,
  checkThat,
  optional,
  positiveInteger,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { imagesSvg, type Tile } from './internal/images-svg';
import { classNameOf, readClasses, readNumbers, type Classes, type Numbers } from './internal/numbers';
import { names, pictureChecks, type PictureOptions } from './internal/options';
import type { Raster } from './internal/raster';
import { shownPicture } from './internal/shown';
import { THEMES } from './internal/theme';
import type { Picture } from './picture';

/** Options of {@link plotImages}. */
export interface PlotImagesOptions extends PictureOptions {
  /** What each image is: class numbers, or one-hot rows. */
  readonly labels?: ArrayLike | undefined;
  /** What each was taken for: class numbers, or what `predict` gives, rows of probabilities. */
  readonly predictions?: ArrayLike | undefined;
  /** The names of the classes. By default their numbers. */
  readonly classNames?: readonly string[] | undefined;
  /** How many images are shown, from the first. Default 25. */
  readonly count?: number | undefined;
  /** How many in a row. By default so many that the picture is about square, and not more than ten. */
  readonly columns?: number | undefined;
  /** Pixels of an image's longer side. Default 84. */
  readonly size?: number | undefined;
  /** The numbers that are black and white. By default 0 and 1, or 0 and 255 if a number is above 1, and their own range if one is below 0. */
  readonly range?: readonly [black: number, white: number] | undefined;
}

const NAME = 'plotImages';
const anything: Check<ArrayLike> = (value) => value as ArrayLike; // it is read, and then checked, when it is known how many there are
const checks = {
  labels: optional(anything),
  predictions: optional(anything),
  classNames: optional(names),
  count: optional(positiveInteger, 25),
  columns: optional(positiveInteger),
  size: optional(positiveInteger, 84),
  range: optional(
    checkThat(
      'a list of two numbers, the second one larger',
      (value): value is readonly [number, number] =>
        Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1],
    ),
  ),
  ...pictureChecks('Images'),
} satisfies OptionChecks<PlotImagesOptions>;

interface Images extends Numbers {
  readonly size: readonly [count: number, height: number, width: number, channels: 1 | 3 | 4];
}

const readImages = (value: unknown): Images => {
  const numbers = readNumbers(NAME, 'images', value);
  const { shape } = numbers;
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const isImages = (shape.length === 3 || shape.length === 4) && count * height * width > 0;
  if (!isImages || (channels !== 1 && channels !== 3 && channels !== 4)) {
    throw argumentError(
      { function: NAME, argument: 'images' },
      'images, [count, height, width] or [count, height, width, channels], of 1, 3 or 4 channels',
      value,
      'Give for example arrayReshape(x, [-1, 28, 28])',
    );
  }
  return { ...numbers, size: [count, height, width, channels] };
};

/** The numbers that are black and white, if nothing is said of it. */
const rangeOf = ({ values }: Numbers): readonly [number, number] => {
  let [least, most] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least < 0) return [least, Math.max(most, least + 1e-9)];
  return [0, most > 1 ? 255 : 1];
};

const rasterOf = (
  { values, size: [, height, width, channels] }: Images,
  image: number,
  [black, white]: readonly [number, number],
): Raster => {
  const colors = channels === 1 ? 1 : 3;
  const pixels = new Uint8Array(height * width * colors);
  const start = image * height * width * channels;
  const byte = (at: number): number => {
    const value = ((values[at] ?? 0) - black) / (white - black);
    return Number.isNaN(value) ? 0 : Math.round(255 * Math.min(1, Math.max(0, value)));
  };
  for (let pixel = 0; pixel < height * width; pixel++) {
    const at = start + pixel * channels;
    // What is seen through is seen on white.
    const alpha = channels === 4 ? byte(at + 3) / 255 : 1;
    for (let color = 0; color < colors; color++) {
      pixels[pixel * colors + color] = Math.round(byte(at + color) * alpha + 255 * (1 - alpha));
    }
  }
  return { height, width, channels: colors, pixels };
};

const certaintyText = ({ certainties }: Classes, image: number): string => {
  const certainty = certainties?.[image];
  return certainty === undefined ? '' : ` (${Math.round(100 * certainty)} %)`;
};

interface Said {
  readonly labels: Classes | undefined;
  readonly predictions: Classes | undefined;
  readonly classNames: readonly string[] | undefined;
}

/** What is said of an image: what it was taken for, and what it is if it is something else. */
const captionsOf = (
  { labels, predictions, classNames }: Said,
  image: number,
): Pick<Tile, 'captions' | 'isRight'> => {
  const [label, predicted] = [labels?.numbers[image], predictions?.numbers[image]];
  const name = (number: number): string => classNameOf(classNames, number);
  if (predictions === undefined || predicted === undefined) {
    return { captions: label === undefined ? [] : [name(label)], isRight: undefined };
  }
  const said = name(predicted) + certaintyText(predictions, image);
  if (label === undefined) return { captions: [said], isRight: undefined };
  return label === predicted
    ? { captions: [said], isRight: true }
    : { captions: [said, `not ${name(label)}`], isRight: false };
};

const describedAs = (tiles: readonly Tile[], all: number): string => {
  const captions = tiles.map((tile, index) => `${index + 1}: ${tile.captions.join(', ')}`);
  const wrong = tiles.filter(({ isRight }) => isRight === false).length;
  return [
    `${tiles.length} of ${all} images.`,
    ...(tiles.some(({ isRight }) => isRight !== undefined)
      ? [`${wrong} of them are taken for something else.`]
      : []),
    ...(tiles.some((tile) => tile.captions.length > 0) ? [`${captions.join('; ')}.`] : []),
  ].join(' ');
};

/**
 * Draws images in a grid, with what they are and what they were taken for: those that were taken for something else have a dashed orange
 * frame, the others a blue one.
 *
 * Takes `[count, height, width]`, or `[count, height, width, channels]` of 1, 3 or 4 channels, of numbers from 0 to 1 or from 0 to 255. The
 * picture is SVG, and shows itself in a notebook; in the terminal there is what is said of each.
 *
 * @throws KerasArgumentError if these are no images, or there are not as many labels or predictions.
 * @throws KerasFileError if the file cannot be written.
 * @example
 * const images = tf.tensor3d([0, 1, 1, 0, 1, 1, 0, 0], [2, 2, 2])
 * plotImages(images, { labels: [0, 1], predictions: [[0.9, 0.1], [0.6, 0.4]], classNames: ['cross', 'bar'], file: 'images.svg' })
 * pipe(images, plotImages({ columns: 1 }))
 * @see R `plot(as.raster(image))`
 */
export const plotImages: DataFunction<DataArray, PlotImagesOptions, Picture> = dataFunction('images', {
  name: NAME,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (value, _, { labels, predictions, classNames, count, columns, size, range, theme, title, ...how }) => {
    const images = readImages(value);
    const [all] = images.size;
    const said: Said = {
      labels: labels === undefined ? undefined : readClasses(NAME, 'labels', labels, all),
      predictions: predictions === undefined ? undefined : readClasses(NAME, 'predictions', predictions, all),
      classNames,
    };
    const shades = range ?? rangeOf(images);
    const tiles = Array.from({ length: Math.min(count, all) }, (_each, image) => ({
      raster: rasterOf(images, image, shades),
      ...captionsOf(said, image),
    }));
    const description = describedAs(tiles, all);
    const svg = imagesSvg(tiles, {
      theme: THEMES[theme],
      isDark: theme === 'dark',
      columns: columns ?? Math.min(10, Math.ceil(Math.sqrt(tiles.length))),
      size,
      title,
      description,
    });
    return shownPicture(title, svg, () => description, how);
  },
});
