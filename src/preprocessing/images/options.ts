/** Options that functions of images have in common. */
import { argumentError, oneOf, positiveInteger, type Check } from '../../base/checks';
import { FILE_INTERPOLATIONS } from './resample';

/** A height and a width. */
export type ImageSize = readonly [height: number, width: number];

/** Where the channels of images are: behind rows and columns, or before them. */
export type ImageDataFormat = 'channels_last' | 'channels_first';

export const colorMode = oneOf('rgb', 'rgba', 'grayscale');
export const fileInterpolation = oneOf(...FILE_INTERPOLATIONS);
export const imageDataFormat = oneOf('channels_last', 'channels_first');

/** A size, of which one number stands for both. */
export const imageSize: Check<ImageSize> = (value, place) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  if (list.length !== 2) {
    throw argumentError(
      place,
      'a height and a width, in pixels',
      value,
      `Write ${place.argument}: [256, 256]`,
    );
  }
  return [positiveInteger(list[0], place), positiveInteger(list[1], place)];
};

/** What is done about a file that cannot be read: an error, or it is left out. */
export type UnreadableFiles = 'error' | 'skip';
export const unreadableFiles = oneOf('error', 'skip');
