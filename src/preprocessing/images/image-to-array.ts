import { dataFunction } from '../../arrays/call-styles';
import type { DataFunction } from '../../base/call-styles';
import { checkOptions, optional, type OptionChecks } from '../../base/checks';
import { tf, type Tensor3D } from '../../tfjs/tensorflow';
import { channelsLast, withTensor, type ImageArray } from './arrays';
import { imageDataFormat, type ImageDataFormat } from './options';

/** Options of {@link imageToArray}. */
export interface ImageToArrayOptions {
  /** `'channels_last'`, the default: `[height, width, channels]`; or `'channels_first'`: `[channels, height, width]`. */
  dataFormat?: ImageDataFormat | undefined;
}

const NAME = 'imageToArray';
const checks = {
  dataFormat: optional(imageDataFormat, 'channels_last'),
} satisfies OptionChecks<ImageToArrayOptions>;

/**
 * An image as an array that a model takes: float32, of the numbers that it has.
 *
 * In `[height, width, channels]`, as {@link imageLoad} gives it, or `[height, width]`; out `[height, width, channels]`, or
 * `[channels, height, width]` with `'channels_first'`. A model takes batches: `tf.stack([array])` is one of one image.
 *
 * @throws KerasShapeError if it is not one image.
 * @example
 * const array = imageToArray([[0, 128], [255, 64]])
 * assert.deepStrictEqual([array.shape, array.dtype], [[2, 2, 1], 'float32'])
 * assert.deepStrictEqual(imageToArray([[[1, 2, 3]]], { dataFormat: 'channels_first' }).shape, [3, 1, 1])
 * @see R keras `image_to_array`
 */
export const imageToArray: DataFunction<ImageArray, ImageDataFormat | ImageToArrayOptions, Tensor3D> =
  dataFunction('img', {
    name: NAME,
    optionNames: Object.keys(checks),
    bare: { name: 'dataFormat', is: (value) => typeof value === 'string' },
    checkOptions: (options) => checkOptions(NAME, options, checks),
    run: (img, _, { dataFormat }) => {
      const place = { function: NAME, argument: 'img' };
      return withTensor(img, place, (tensor) =>
        tf.tidy(() => {
          const image = channelsLast(tensor, 'channels_last', place);
          const placed = dataFormat === 'channels_last' ? image : tf.transpose(image, [2, 0, 1]);
          // A tensor of its own, also where nothing is to be done.
          return tf.clone<Tensor3D>(tf.cast(placed, 'float32'));
        }),
      );
    },
  });
