/** Options that flows of changed images have in common. */
import {
  boolean,
  checkThat,
  nonEmptyString,
  oneOf,
  optional,
  positiveInteger,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { orNull, seed } from '../../datasets/options';
import { folderNames, subset, type Subset } from '../directory-options';
import { ImageDataGenerator } from './generator';
import { imageDataGenerator } from './image-data-generator';
import type { FlowSource, SavedImages } from './image-flow';
import {
  colorMode,
  fileInterpolation,
  imageSize,
  unreadableFiles,
  type ImageSize,
  type UnreadableFiles,
} from './options';
import { CHANNELS, type ColorMode } from './pixels';
import { readPixels } from './read-image';
import { resample, type FileInterpolation } from './resample';
import { FORMAT_NAMES, type FormatName } from './save-image';

/** Options of all flows; `null` switches an option off. */
export interface FlowOptions {
  /** What changes the images; none by default. */
  generator?: ImageDataGenerator | null | undefined;
  /** How many images a batch has; 32 by default. */
  batchSize?: number | undefined;
  /** Whether they come in another order in each epoch; true by default. */
  shuffle?: boolean | undefined;
  /** The seed of the order and of the changes. */
  seed?: number | null | undefined;
  /** A folder to which the images are saved that a model will see; none by default. */
  saveToDir?: string | null | undefined;
  /** How their names begin; with nothing by default. */
  savePrefix?: string | undefined;
  /** `'png'`, the default, or `'jpeg'`. */
  saveFormat?: FormatName | undefined;
  /** Which part is wanted of those that the generator's `validationSplit` makes; all by default. */
  subset?: Subset | null | undefined;
}

const generator = checkThat(
  'what imageDataGenerator() gave',
  (value): value is ImageDataGenerator => value instanceof ImageDataGenerator,
);

const text = checkThat('a string', (value): value is string => typeof value === 'string');

export const flowChecks = {
  generator: optional(orNull(generator), null),
  batchSize: optional(positiveInteger, 32),
  shuffle: optional(boolean, true),
  seed: optional(orNull(seed), null),
  saveToDir: optional(orNull(nonEmptyString), null),
  savePrefix: optional(text, ''),
  saveFormat: optional(oneOf(...FORMAT_NAMES), 'png'),
  subset: optional(orNull(subset), null),
} satisfies OptionChecks<FlowOptions>;

type CheckedFlow = CheckedOptions<typeof flowChecks>;

/** The endings that Keras lists; files of PPM and TIFF are named as what cannot be read when it is their turn. */
export const FLOW_ENDINGS: readonly string[] = ['.png', '.jpg', '.jpeg', '.bmp', '.ppm', '.tif', '.tiff'];

/** Options of flows of files. */
export interface FileFlowOptions extends FlowOptions {
  /** The height and width of all images, or one number for both; 256 by default. */
  targetSize?: ImageSize | number | undefined;
  /** What colors they have: `'rgb'`, the default, `'rgba'`, or `'grayscale'`. */
  colorMode?: ColorMode | undefined;
  /** The classes, in the order of their labels; by default all, in alphabetical order. */
  classes?: readonly string[] | null | undefined;
  /** How images are made of this size; `'nearest'` by default. */
  interpolation?: FileInterpolation | undefined;
  /** Whether what does not fit the size's proportions is left out at both sides; false by default: images are distorted. */
  keepAspectRatio?: boolean | undefined;
  /** Whether images are turned as EXIF says that the camera was held; false by default, as in Keras. */
  exifOrientation?: boolean | undefined;
  /** What is done about files that cannot be read: `'error'`, the default, or `'skip'`, which names and leaves them out. */
  unreadableFiles?: UnreadableFiles | undefined;
}

export const fileFlowChecks = {
  ...flowChecks,
  targetSize: optional(imageSize, [256, 256] as const),
  colorMode: optional(colorMode, 'rgb'),
  classes: optional(orNull(folderNames), null),
  interpolation: optional(fileInterpolation, 'nearest'),
  keepAspectRatio: optional(boolean, false),
  exifOrientation: optional(boolean, false),
  unreadableFiles: optional(unreadableFiles, 'error'),
} satisfies OptionChecks<FileFlowOptions>;

type CheckedFileFlow = CheckedOptions<typeof fileFlowChecks>;

/** From which fraction of the images to which a part goes: those for validation come first, as in Keras. */
export const splitOf = ({ subset: part, generator: by }: CheckedFlow): readonly [number, number] => {
  if (part === null) return [0, 1];
  const split = by?.options.validationSplit ?? 0;
  if (split > 0) return part === 'validation' ? [0, split] : [split, 1];
  throw new KerasArgumentError({
    argument: 'subset',
    expected: '`subset` goes with a generator that has a `validationSplit`',
    received: by === null ? 'no generator' : 'one that has none',
    advice: 'Write generator: imageDataGenerator({ validationSplit: 0.2 })',
  });
};

/** A part of a list. */
export const partOfList = <T extends { readonly length: number; slice(from: number, to: number): T }>(
  list: T,
  [from, to]: readonly [number, number],
): T => list.slice(Math.trunc(from * list.length), Math.trunc(to * list.length));

/** What changes the images: by default nothing, though it draws as many random numbers as Keras's. */
export const generatorOf = ({ generator: by }: CheckedFlow): ImageDataGenerator => by ?? imageDataGenerator();

const savedOf = (options: CheckedFlow, names: number): SavedImages => ({
  folder: options.saveToDir,
  prefix: options.savePrefix,
  format: options.saveFormat,
  names,
});

type Common = 'generator' | 'batchSize' | 'shuffle' | 'seed' | 'saved' | 'isFirst';

/** What all flows have. Keras draws the numbers in names below different ones. */
export const commonSource = (options: CheckedFlow, names: number): Pick<FlowSource, Common> => ({
  generator: generatorOf(options),
  batchSize: options.batchSize,
  shuffle: options.shuffle,
  seed: options.seed,
  saved: savedOf(options, names),
  isFirst: options.generator?.dataFormat === 'channels_first',
});

const FILE_NAMES = 1e7;

/** What flows of files have. */
export const fileSource = (functionName: string, options: CheckedFileFlow, files: readonly string[]) => {
  const { targetSize, interpolation, keepAspectRatio, exifOrientation } = options;
  const [height, width] = targetSize;
  const place = { function: functionName, argument: 'directory' };
  return {
    ...commonSource(options, FILE_NAMES),
    functionName,
    files,
    count: files.length,
    height,
    width,
    unreadable: options.unreadableFiles,
    nameOf: (row: number) => files[row] ?? '',
    image: async (row: number) => {
      const pixels = await readPixels(files[row] ?? '', {
        place,
        colorMode: options.colorMode,
        like: 'pillow',
        isUpright: exifOrientation,
      });
      const { data } = resample(pixels, targetSize, { interpolation, keepsAspectRatio: keepAspectRatio });
      return { data: Float32Array.from(data), height, width, channels: CHANNELS[options.colorMode] };
    },
  };
};
