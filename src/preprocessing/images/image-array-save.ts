import { callable, type Itself, type callForm, type CallForm } from '../../base/call-styles';
import {
  boolean,
  checkOptions,
  isPlainObject,
  oneOf,
  optional,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { isArrayLike } from '../../arrays/tensors';
import { orNull } from '../../datasets/options';
import { fileError, pathSubject } from '../files';
import { fileImage, withTensor, type ImageArray } from './arrays';
import { imageDataFormat, type ImageDataFormat } from './options';
import {
  bytesOf,
  FORMAT_NAMES,
  formatOf,
  formatOfPath,
  isByte,
  writeImage,
  type FormatName,
  type WrittenFormat,
} from './save-image';
import type { Channels, Pixels } from './pixels';

/** Options of {@link imageArraySave}. */
export interface ImageArraySaveOptions {
  /** Where the channels are: `'channels_last'`, the default, or `'channels_first'`. */
  dataFormat?: ImageDataFormat | null | undefined;
  /** `'png'` or `'jpeg'`; by default as the path ends. */
  fileFormat?: FormatName | null | undefined;
  /** Whether the least number becomes 0 and the largest 255; true by default. Else they must be from 0 to 255. */
  scale?: boolean | undefined;
}

const NAME = 'imageArraySave';

const checks = {
  dataFormat: optional(orNull(imageDataFormat), null),
  fileFormat: optional(orNull(oneOf(...FORMAT_NAMES)), null),
  scale: optional(boolean, true),
} satisfies OptionChecks<ImageArraySaveOptions>;

type Options = CheckedOptions<typeof checks>;

const formatFor = (path: string, { fileFormat }: Options): WrittenFormat => {
  const format = fileFormat === null ? formatOfPath(path) : formatOf(fileFormat);
  if (format !== undefined) return format;
  throw new KerasArgumentError({
    argument: 'path',
    expected: '`path` must end in the name of a format that can be written: .png, .jpg, .jpeg',
    received: `'${path}'`,
    advice: "Write 'image.png', or name it: fileFormat: 'png'",
  });
};

/** The pixels of an array. */
const pixelsOf = (img: unknown, { dataFormat, scale }: Options): Pixels => {
  const place = { function: NAME, argument: 'img' };
  return withTensor(img, place, (tensor) => {
    const image = fileImage(tensor, dataFormat ?? 'channels_last', place);
    const [height, width, channels] = image.shape as [number, number, Channels];
    const data = Float32Array.from(image.dataSync());
    if (image !== tensor) image.dispose();
    const outside = data.find((value) => (scale ? !Number.isFinite(value) : !isByte(value)));
    if (outside !== undefined) {
      throw new KerasArgumentError({
        ...place,
        expected: scale
          ? '`img` must be of finite numbers'
          : '`img` must be of numbers from 0 to 255, as `scale` is false',
        received: String(outside),
        advice: scale ? 'Look where it comes from' : 'Leave scale: false out, or scale them yourself',
      });
    }
    return bytesOf({ data, height, width, channels }, scale);
  });
};

const path = pathSubject('path');

/** A function of an image that gives a promise of it. */
export interface ImageTask {
  (path: string, options?: ImageArraySaveOptions): <Image extends ImageArray>(img: Image) => Promise<Image>;
  <Image extends ImageArray>(img: Image, path: string, options?: ImageArraySaveOptions): Promise<Image>;
  readonly [callForm]: CallForm<
    ['task', [path: string, options?: ImageArraySaveOptions], Itself, ImageArray]
  >;
}

/**
 * Saves an image to a file, as PNG or JPEG by the ending of its path. Gives the image.
 *
 * In `[height, width, channels]` with 1, 3 or 4 channels, or `[height, width]`. Numbers are scaled so that the least becomes 0 and the
 * largest 255, unless `scale` is false; then their fractions are cut off. JPEG has Pillow's quality of 75, and no opacity: it is left
 * out. The old file or the new one is there whole, whatever happens meanwhile; folders that are missing are made.
 *
 * @throws KerasArgumentError if the path ends otherwise, or numbers that are not scaled are no bytes.
 * @throws KerasShapeError if it is no image.
 * @throws KerasFileError if the file cannot be written.
 * @example
 * await imageArraySave([[0, 0.5], [0.5, 1]], 'gray.png')
 * const gray = await imageLoad('gray.png', { grayscale: true })
 * assert.deepStrictEqual(gray.squeeze().arraySync(), [[0, 127], [127, 255]])
 * @see R keras `image_array_save`
 */
export const imageArraySave: ImageTask = callable({
  name: NAME,
  subject: {
    argument: 'img',
    is: (value) =>
      typeof value !== 'string' && value !== undefined && (!isPlainObject(value) || isArrayLike(value)),
    check: (_, value) => value,
  },
  data: ['path'],
  isData: (value) => typeof value === 'string',
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: async (img, [given]: readonly [unknown], options) => {
    const file = path.check(NAME, given);
    const format = formatFor(file, options);
    const pixels = pixelsOf(img, options);
    try {
      await writeImage(file, pixels, format);
    } catch (error) {
      throw fileError({ function: NAME, argument: 'path' }, 'the file must be written', file, error);
    }
    return img;
  },
  givesPromise: true,
}) as unknown as typeof imageArraySave; // the call styles are told apart by the arguments
