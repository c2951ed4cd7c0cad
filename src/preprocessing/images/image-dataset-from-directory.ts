import { callable, type Always, type callForm, type CallForm } from '../../base/call-styles';
import { boolean, checkOptions, oneOf, optional, type OptionChecks } from '../../base/checks';
import { INTERPOLATIONS, type Interpolation } from '../../ops/resample';
import type { Tensor4D } from '../../tfjs/tensorflow';
import {
  datasetsIn,
  directoryChecks,
  type DirectoryOptions,
  type PartsOf,
  type Subset,
} from '../directory-options';
import { pathSubject } from '../files';
import { ImageDataset, type ImageBatch } from './image-dataset';
import { IMAGE_ENDINGS } from './image-format';
import { colorMode, imageSize, unreadableFiles, type ImageSize, type UnreadableFiles } from './options';
import type { ColorMode } from './pixels';

/** Options of {@link imageDatasetFromDirectory}; `null` switches an option off. */
export interface ImageDatasetOptions extends DirectoryOptions {
  /** What colors images have: `'rgb'`, the default, `'rgba'`, or `'grayscale'`. */
  colorMode?: ColorMode | undefined;
  /** The height and width of all images, or one number for both; 256 by default. */
  imageSize?: ImageSize | number | undefined;
  /** How images are made of this size; `'bilinear'` by default. */
  interpolation?: Interpolation | undefined;
  /** Whether what does not fit the size's proportions is cut off at both sides; false by default: images are distorted. */
  cropToAspectRatio?: boolean | undefined;
  /** Whether images are turned as EXIF says that the camera was held; false by default, as in Keras. */
  exifOrientation?: boolean | undefined;
  /** What is done about files that cannot be read: `'error'`, the default, or `'skip'`, which names and leaves them out. */
  unreadableFiles?: UnreadableFiles | undefined;
}

const NAME = 'imageDatasetFromDirectory';

const checks = {
  ...directoryChecks,
  colorMode: optional(colorMode, 'rgb'),
  imageSize: optional(imageSize, [256, 256] as const),
  interpolation: optional(oneOf(...INTERPOLATIONS), 'bilinear'),
  cropToAspectRatio: optional(boolean, false),
  exifOrientation: optional(boolean, false),
  unreadableFiles: optional(unreadableFiles, 'error'),
} satisfies OptionChecks<ImageDatasetOptions>;

/** The batches of a data set: of images alone, where it is said that there are no labels. */
type BatchOf<Given> = Given extends { readonly labels: null } | { readonly labelMode: null }
  ? Tensor4D
  : ImageBatch;

/** Options of what gives one data set. */
type OfOnePart = ImageDatasetOptions & { subset?: Subset | null | undefined };

/** A function of a folder that gives a promise of a data set, or of two with `subset: 'both'`. */
export interface ImageDatasetTask {
  <const Given extends ImageDatasetOptions>(
    directory: string,
    options?: Given & ImageDatasetOptions,
  ): Promise<PartsOf<Given, ImageDataset<BatchOf<Given>>>>;
  <const Given extends ImageDatasetOptions>(
    options?: Given & ImageDatasetOptions,
  ): (directory: string) => Promise<PartsOf<Given, ImageDataset<BatchOf<Given>>>>;
  readonly [callForm]: CallForm<['task', [options?: OfOnePart], Always<ImageDataset>, string]>;
}

/**
 * The images in a folder that has a folder for each class: files of JPEG, PNG, GIF (the first picture) and BMP, as batches of images of one
 * size, float32 `[n, height, width, channels]` of numbers from 0 to 255, and their labels. `fit`, `evaluate` and `predict` take it, and
 * `for await` goes through it. A promise of the {@link ImageDataset}; the files themselves are read batch by batch, by other threads while
 * the model computes.
 *
 * Files are in Keras's order: by their paths, and shuffled by NumPy's generator where there is a `seed`, so that both parts of
 * `validationSplit` are Keras's; `subset: 'both'` gives a list of both. The order within an epoch is another than TensorFlow's. Pixels are those of TensorFlow's kernels, as
 * Keras has them, but for the opacity of PNG files of few colors, which TensorFlow makes 15 in place of 255. Keras refuses JPEG files with `'rgba'`, and GIF and BMP files with other channels than they have: here they are
 * converted. EXIF's orientation is not looked at, as in Keras, unless `exifOrientation` is true.
 *
 * @throws KerasArgumentError if options do not go together, or there are not as many labels as files.
 * @throws KerasFileError if the folder cannot be read, or has no folders, or no images; while reading, if a file cannot be read: it is named.
 * @example
 * for (const name of ['dark', 'light'])
 *   for (const level of [0, 10, 20]) await imageArraySave([[name === 'dark' ? level : 255 - level]], `photos/${name}/${level}.png`, { scale: false })
 * const photos = await imageDatasetFromDirectory('photos', { imageSize: 2, colorMode: 'grayscale', labelMode: 'binary', seed: 1 })
 * assert.strictEqual(String(photos), 'ImageDataset: 6 images of 2 classes in 1 batches')
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [2, 2, 1] }),
 *   layerRescaling({ scale: 1 / 255 }),
 *   layerFlatten(),
 *   layerDense({ units: 1, activation: 'sigmoid' }),
 *   compile({ optimizer: 'adam', loss: 'binary_crossentropy' }),
 * )
 * const history = await fit(model, photos, { epochs: 2, verbose: 0 })
 * assert.strictEqual(history.metrics.loss?.length, 2)
 * @see R keras `image_dataset_from_directory`
 */
export const imageDatasetFromDirectory: ImageDatasetTask = callable({
  name: NAME,
  subject: pathSubject('directory'),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: async (directory, _, options) =>
    datasetsIn(
      [NAME, directory],
      options,
      IMAGE_ENDINGS,
      (samples) =>
        new ImageDataset({
          ...samples,
          functionName: NAME,
          colorMode: options.colorMode,
          size: options.imageSize,
          interpolation: options.interpolation,
          isCropped: options.cropToAspectRatio,
          isUpright: options.exifOrientation,
          unreadable: options.unreadableFiles,
        }),
    ),
  givesPromise: true,
}) as unknown as ImageDatasetTask; // the call styles are told apart by the arguments
