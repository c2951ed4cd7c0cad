/** Options of generators of changed images. */
import {
  anyNumber,
  argumentError,
  boolean,
  checkThat,
  nonNegativeNumber,
  oneOf,
  optional,
  positiveNumber,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import type { DataArray } from '../../arrays/tensors';
import { orNull } from '../../datasets/options';
import type { Tensor3D } from '../../tfjs/tensorflow';
import { imageDataFormat, type ImageDataFormat } from './options';
import { FILL_MODES, type ImageFillMode } from './transform';

/** Options of {@link imageDataGenerator}. */
export interface ImageDataGeneratorOptions {
  /** Whether the mean of each channel over the data that it was fitted to is subtracted; false by default. */
  featurewiseCenter?: boolean | undefined;
  /** Whether the mean of each image is subtracted; false by default. */
  samplewiseCenter?: boolean | undefined;
  /** Whether numbers are divided by the deviation of each channel over that data, which then is centered, too; false by default. */
  featurewiseStdNormalization?: boolean | undefined;
  /** Whether each image is divided by its deviation, and centered; false by default. */
  samplewiseStdNormalization?: boolean | undefined;
  /** Whether numbers are made independent of each other over that data, which then is centered; false by default. */
  zcaWhitening?: boolean | undefined;
  /** What is added to the singular values then; 1e-6 by default. */
  zcaEpsilon?: number | undefined;
  /** Images are rotated by up to so many degrees to either side; 0 by default. */
  rotationRange?: number | undefined;
  /** Shifts: up to this fraction of the size if below 1, else up to so many pixels, or one of a list of such; 0 by default. */
  widthShiftRange?: number | readonly number[] | undefined;
  /** The same of the other axis. */
  heightShiftRange?: number | readonly number[] | undefined;
  /** Factors of the brightness, from and to; none by default. */
  brightnessRange?: readonly [number, number] | null | undefined;
  /** Images are sheared by up to so many degrees to either side; 0 by default. */
  shearRange?: number | undefined;
  /** Zooms from 1 − this to 1 + this, or from one number to another, along each axis by itself; 0 by default. */
  zoomRange?: number | readonly [number, number] | undefined;
  /** Up to so much is added to, or subtracted from, all channels; 0 by default. */
  channelShiftRange?: number | undefined;
  /** What there is beyond the borders: `'nearest'`, the default, `'constant'`, `'reflect'`, `'wrap'`. */
  fillMode?: ImageFillMode | undefined;
  /** The number there with `'constant'`; 0 by default. */
  cval?: number | undefined;
  /** Whether half of the images are mirrored left and right; false by default. */
  horizontalFlip?: boolean | undefined;
  /** Whether half of the images are mirrored top and bottom; false by default. */
  verticalFlip?: boolean | undefined;
  /** What numbers are multiplied by; nothing by default. */
  rescale?: number | null | undefined;
  /** What is called with each image once it is changed, float32, before it is rescaled; it gives an array of the same shape. */
  preprocessingFunction?: ((image: Tensor3D) => DataArray) | null | undefined;
  /** Where the channels are: `'channels_last'`, the default, or `'channels_first'`. */
  dataFormat?: ImageDataFormat | null | undefined;
  /** The fraction of the images that are for validation, which `subset` of the flows chooses; 0 by default. */
  validationSplit?: number | undefined;
  /** How numbers between pixels are made: 1, the default, linearly; 0, those of the nearest pixel. */
  interpolationOrder?: 0 | 1 | undefined;
}

const pair = (expected: string): Check<readonly [number, number]> =>
  checkThat(
    expected,
    (value): value is readonly [number, number] =>
      Array.isArray(value) && value.length === 2 && value.every((one) => Number.isFinite(one)),
  );

const brightness: Check<readonly [number, number]> = (value, place) => {
  const [from, to] = pair('two numbers, from and to')(value, place);
  if (from >= 0 && to >= from) return [from, to];
  throw argumentError(place, 'two numbers of 0 or more, the smaller first', value);
};

const shift: Check<number | readonly number[]> = (value, place) => {
  if (!Array.isArray(value)) return nonNegativeNumber(value, place);
  if (value.length === 0) throw argumentError(place, 'a number, or a list of some', value);
  return value.map((one) => anyNumber(one, place));
};

const zoom: Check<readonly [number, number]> = (value, place) => {
  if (typeof value === 'number') {
    const range = nonNegativeNumber(value, place);
    return [1 - range, 1 + range];
  }
  return pair('a number, or two of them, from and to')(value, place);
};

const splitFraction = checkThat(
  'a fraction of at least 0 and below 1',
  (value): value is number => typeof value === 'number' && value >= 0 && value < 1,
);

const preprocessing = checkThat(
  'a function of an image',
  (value): value is (image: Tensor3D) => DataArray => typeof value === 'function',
);

const interpolationOrder: Check<0 | 1> = (value, place) => {
  if (value === 0 || value === 1) return value;
  throw argumentError(place, '0, the nearest pixel, or 1, linear', value);
};

/** As zoomRange's check makes two of a number, so is its default one of Keras's, of which two are made then. */
export const generatorChecks = {
  featurewiseCenter: optional(boolean, false),
  samplewiseCenter: optional(boolean, false),
  featurewiseStdNormalization: optional(boolean, false),
  samplewiseStdNormalization: optional(boolean, false),
  zcaWhitening: optional(boolean, false),
  zcaEpsilon: optional(positiveNumber, 1e-6),
  rotationRange: optional(nonNegativeNumber, 0),
  widthShiftRange: optional(shift, 0),
  heightShiftRange: optional(shift, 0),
  brightnessRange: optional(orNull(brightness), null),
  shearRange: optional(nonNegativeNumber, 0),
  zoomRange: optional(zoom),
  channelShiftRange: optional(nonNegativeNumber, 0),
  fillMode: optional(oneOf(...FILL_MODES), 'nearest'),
  cval: optional(anyNumber, 0),
  horizontalFlip: optional(boolean, false),
  verticalFlip: optional(boolean, false),
  rescale: optional(orNull(anyNumber), null),
  preprocessingFunction: optional(orNull(preprocessing), null),
  dataFormat: optional(orNull(imageDataFormat), null),
  validationSplit: optional(splitFraction, 0),
  interpolationOrder: optional(interpolationOrder, 1),
} satisfies OptionChecks<ImageDataGeneratorOptions>;

export type GeneratorOptions = CheckedOptions<typeof generatorChecks>;
