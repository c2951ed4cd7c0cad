import { dataFunction } from '../../arrays/call-styles';
import type { OptionedDataFunction } from '../../base/call-styles';
import {
  checkOptions,
  optional,
  positiveInteger,
  required,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { tf, type Tensor, type Tensor4D } from '../../tfjs/tensorflow';
import { withTensor, type ImageArray } from './arrays';
import { imageDataFormat, type ImageDataFormat } from './options';

/** Options of {@link imageArrayResize}. */
export interface ImageArrayResizeOptions {
  /** The height afterwards, in pixels. */
  height: number;
  /** The width afterwards. */
  width: number;
  /** Where the channels are: `'channels_last'`, the default, or `'channels_first'`. */
  dataFormat?: ImageDataFormat | undefined;
}

const NAME = 'imageArrayResize';

const checks = {
  height: required(positiveInteger),
  width: required(positiveInteger),
  dataFormat: optional(imageDataFormat, 'channels_last'),
} satisfies OptionChecks<ImageArrayResizeOptions>;

const resize = (images: Tensor, { height, width, dataFormat }: CheckedOptions<typeof checks>): Tensor => {
  const { rank, shape } = images;
  if ((rank !== 3 && rank !== 4) || shape.includes(0)) {
    throw new KerasShapeError({
      argument: 'img',
      expected: '`img` must be an image of three axes, or a batch of images of four',
      received: describeShape(shape),
      advice: 'Give an image without colors an axis more: tf.expandDims(img, 2)',
    });
  }
  const isFirst = dataFormat === 'channels_first';
  return tf.tidy(() => {
    const batch = tf.cast(rank === 3 ? tf.expandDims(images, 0) : images, 'float32');
    const last = isFirst ? tf.transpose(batch, [0, 2, 3, 1]) : batch;
    // The corners stay where they are.
    const resized = tf.image.resizeBilinear(last as Tensor4D, [height, width], true);
    const placed = isFirst ? tf.transpose(resized, [0, 3, 1, 2]) : resized;
    return rank === 3 ? tf.squeeze(placed, [0]) : placed;
  });
};

/**
 * An image, or a batch of images, in another size: each new pixel is interpolated linearly between the four old ones around it, of which
 * the corners stay the corners: new row `i` is old row `i (oldHeight − 1) / (height − 1)`, as of SciPy's `zoom` with `order = 1`, which R calls.
 *
 * In `[height, width, channels]` or `[batch, height, width, channels]`, or with the channels first; out the same axes, float32. Smaller
 * images are not smoothed: {@link imageLoad} with `interpolation: 'bilinear'` does that.
 *
 * @throws KerasShapeError if it has neither three nor four axes.
 * @example
 * const image = imageArrayResize([[[0], [2]], [[4], [6]]], { height: 3, width: 3 })
 * assert.deepStrictEqual(image.squeeze().arraySync(), [[0, 1, 2], [2, 3, 4], [4, 5, 6]])
 * @see R keras `image_array_resize`
 */
export const imageArrayResize: OptionedDataFunction<ImageArray, ImageArrayResizeOptions, Tensor> =
  dataFunction('img', {
    name: NAME,
    optionNames: Object.keys(checks),
    checkOptions: (options) => checkOptions(NAME, options, checks),
    run: (img, _, options) =>
      withTensor(img, { function: NAME, argument: 'img' }, (tensor) => resize(tensor, options)),
  });
