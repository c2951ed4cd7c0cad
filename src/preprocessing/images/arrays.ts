/** Arrays as images. */
import type { Place } from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { toTensor, type DataArray } from '../../arrays/tensors';
import { tf, type Tensor, type Tensor3D } from '../../tfjs/tensorflow';
import type { ImageDataFormat } from './options';
import type { Channels } from './pixels';

/** An image as an array: `[height, width, channels]`, or `[height, width]` of one without colors. */
export type ImageArray = DataArray;

/** Calls with an array as a tensor of numbers, which is freed afterwards unless it is the user's. */
export const withTensor = <T>(value: unknown, place: Place, use: (tensor: Tensor) => T): T => {
  const { tensor, isNew } = toTensor(value, place);
  try {
    return use(tensor);
  } finally {
    if (isNew) tensor.dispose();
  }
};

const wrongShape = (place: Place, expected: string, shape: readonly number[]): KerasShapeError =>
  new KerasShapeError({
    ...place,
    expected: `\`${place.argument}\` must be ${expected}`,
    received: describeShape(shape),
    advice: 'Give the images one by one, or with arrayReshape() their axes',
  });

/** Rows, columns and channels of an image, wherever its channels are. A matrix is an image of one channel. */
export const channelsLast = (image: Tensor, format: ImageDataFormat, place: Place): Tensor3D => {
  const { shape } = image;
  if (image.rank === 2 && image.size > 0) return tf.expandDims(image, 2);
  if (image.rank !== 3 || image.size === 0) {
    const axes = format === 'channels_last' ? '[height, width, channels]' : '[channels, height, width]';
    throw wrongShape(place, `one image, ${axes}`, shape);
  }
  return format === 'channels_last' ? (image as Tensor3D) : (tf.transpose(image, [1, 2, 0]) as Tensor3D);
};

/** As that, with the numbers of channels that files can have. */
export const fileImage = (
  image: Tensor,
  format: ImageDataFormat,
  place: Place,
): Tensor3D & { channels?: Channels } => {
  const placed = channelsLast(image, format, place);
  const channels = placed.shape[2];
  if (channels === 1 || channels === 3 || channels === 4) return placed;
  throw wrongShape(place, 'an image of 1, 3 or 4 channels', image.shape);
};
