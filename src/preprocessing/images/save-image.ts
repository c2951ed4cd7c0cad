/** Arrays as files. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../files/replace-file';
import { rangeOf, type FloatImage } from './float-image';
import { encode } from './kernels';
import { withChannels, type Channels, type Pixels } from './pixels';

/** Formats that are written. */
export type WrittenFormat = 'png' | 'jpeg';

/** How they are called, as endings of files, too. */
export const FORMAT_NAMES = ['png', 'jpeg', 'jpg'] as const;
/** A name of a format that is written. */
export type FormatName = (typeof FORMAT_NAMES)[number];

export const formatOf = (name: FormatName): WrittenFormat => (name === 'png' ? 'png' : 'jpeg');

/** The format that the ending of a path says; undefined where it says none. */
export const formatOfPath = (file: string): WrittenFormat | undefined => {
  const ending = path.extname(file).slice(1).toLowerCase();
  const name = FORMAT_NAMES.find((one) => one === ending);
  return name === undefined ? undefined : formatOf(name);
};

/** Numbers as bytes: fractions are cut off, and what is beyond a byte begins anew, as NumPy's `astype('uint8')` has it. */
const byteOf = (value: number): number => Math.trunc(value) & 0xff;

/** Whether a number is a byte when its fraction is cut off. */
export const isByte = (value: number): boolean => value > -1 && value < 256;

/** Numbers as pixels; scaled, the least becomes 0 and the largest 255. All in float32, as in Keras. */
export const bytesOf = (image: FloatImage, isScaled: boolean): Pixels => {
  const { data } = image;
  const bytes = new Uint8Array(data.length);
  const shape = { height: image.height, width: image.width, channels: image.channels as Channels }; // a file's, or one that was checked
  if (!isScaled) {
    for (let at = 0; at < data.length; at++) bytes[at] = byteOf(data[at] ?? 0);
    return { ...shape, data: bytes };
  }
  const [least] = rangeOf(data);
  const shifted = data.map((value) => value - least);
  const [, largest] = rangeOf(shifted);
  const scale = largest === 0 ? 1 : largest;
  for (let at = 0; at < data.length; at++) {
    bytes[at] = byteOf(Math.fround(Math.fround((shifted[at] ?? 0) / scale) * 255));
  }
  return { ...shape, data: bytes };
};

/** Writes pixels to a file. JPEG knows no opacity. */
export const writeImage = async (file: string, pixels: Pixels, format: WrittenFormat): Promise<void> => {
  const known = format === 'jpeg' && pixels.channels === 4 ? withChannels(pixels, 3) : pixels;
  const bytes = await encode(known, format);
  await replaceFile(file, (temporary) => writeFile(temporary, bytes));
};
