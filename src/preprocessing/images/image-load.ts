import { callable } from '../../base/call-styles';
import { boolean, checkOptions, optional, type CheckedOptions, type OptionChecks } from '../../base/checks';
import { orNull } from '../../datasets/options';
import { tf, type Tensor3D } from '../../tfjs/tensorflow';
import { pathSubject, type FileTask } from '../files';
import { colorMode, fileInterpolation, imageSize, type ImageSize } from './options';
import type { ColorMode } from './pixels';
import { readPixels } from './read-image';
import { resample, type FileInterpolation } from './resample';

/** Options of {@link imageLoad}. */
export interface ImageLoadOptions {
  /** Whether the image is read without colors, whatever `colorMode` says; false by default. */
  grayscale?: boolean | undefined;
  /** What colors it has: `'rgb'`, the default; `'rgba'`, with opacity; `'grayscale'`. */
  colorMode?: ColorMode | undefined;
  /** The height and width that it is to have, or one number for both. Default: as it is. */
  targetSize?: ImageSize | number | null | undefined;
  /** How it is made of another size; `'nearest'` by default. */
  interpolation?: FileInterpolation | undefined;
  /** Whether what does not fit the size's proportions is left out at both sides; false by default: images are distorted. */
  keepAspectRatio?: boolean | undefined;
  /** Whether it is turned as EXIF says that the camera was held; false by default, as in Keras. */
  exifOrientation?: boolean | undefined;
}

const NAME = 'imageLoad';

const checks = {
  grayscale: optional(boolean, false),
  colorMode: optional(colorMode, 'rgb'),
  targetSize: optional(orNull(imageSize), null),
  interpolation: optional(fileInterpolation, 'nearest'),
  keepAspectRatio: optional(boolean, false),
  exifOrientation: optional(boolean, false),
} satisfies OptionChecks<ImageLoadOptions>;

const load = async (path: string, options: CheckedOptions<typeof checks>): Promise<Tensor3D> => {
  const { grayscale, targetSize, interpolation, keepAspectRatio, exifOrientation } = options;
  const pixels = await readPixels(path, {
    place: { function: NAME, argument: 'path' },
    colorMode: grayscale ? 'grayscale' : options.colorMode,
    like: 'pillow',
    isUpright: exifOrientation,
  });
  const { data, height, width, channels } =
    targetSize === null
      ? pixels
      : resample(pixels, targetSize, { interpolation, keepsAspectRatio: keepAspectRatio });
  return tf.tensor3d(data, [height, width, channels], 'int32');
};

/**
 * An image in a file: of JPEG, PNG, GIF (the first picture) or BMP, told by its content. A promise of a tensor, int32, of numbers from 0 to
 * 255, `[height, width, channels]`; {@link imageToArray} makes float32 of it.
 *
 * The numbers are those that Keras has from Pillow: colors are converted and sizes changed with its roundings. `'nearest'` takes a pixel,
 * the others the mean of those that a new pixel covers. An image that was taken with the camera held upright lies on its side where the
 * file says so by EXIF only: Keras leaves it so, and this function too unless `exifOrientation` is true. Of numbers of 16 bits the upper
 * eight are taken, where Keras keeps those of gray images.
 *
 * @throws KerasFileError if the file cannot be read, is damaged, or is of another format.
 * @example
 * await imageArraySave([[[255, 0, 0], [0, 0, 255]]], 'flag.png', { scale: false })
 * const image = await imageLoad('flag.png')
 * assert.deepStrictEqual(image.arraySync(), [[[255, 0, 0], [0, 0, 255]]])
 * const large = await pipe('flag.png', imageLoad({ targetSize: [2, 4], grayscale: true }))
 * assert.deepStrictEqual(large.shape, [2, 4, 1])
 * @see R keras `image_load`
 */
export const imageLoad: FileTask<ImageLoadOptions, Tensor3D> = callable({
  name: NAME,
  subject: pathSubject('path'),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (path, _, options) => load(path, options),
  givesPromise: true,
}) as unknown as typeof imageLoad; // the call styles are told apart by the arguments
