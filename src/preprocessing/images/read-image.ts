/** Files as pixels. */
import { readFile } from 'node:fs/promises';
import type { KerasError } from '../../base/errors';
import { MalformedError } from '../../files/malformed';
import type { Interpolation } from '../../ops/resample';
import type { Tensor } from '../../tfjs/tensorflow';
import { fileError } from '../files';
import { headerOf, type ImageHeader } from './image-format';
import { canResizeDecoded, decode, decodeResized, resizeByKernel, type Decoding } from './kernels';
import type { ImageSize } from './options';
import { CHANNELS, upright, withChannels, type ColorMode, type Pixels } from './pixels';

/** How a file becomes pixels. */
export interface ReadRequest {
  /** Where an error arises. */
  readonly place: { readonly function: string; readonly argument: string };
  readonly colorMode: ColorMode;
  /** Whose numbers they are: those of Pillow, or of TensorFlow's `decode_image`, which differ in rounding. */
  readonly like: 'pillow' | 'tensorflow';
  /** Whether EXIF's orientation is made good. */
  readonly isUpright: boolean;
}

/** What the kernel makes of a file, from which the channels that are wanted are made. */
const decodedChannels = (
  { format, isGray, isOpaque, bytesPerPixel = 3 }: ImageHeader,
  { colorMode, like }: ReadRequest,
): number => {
  // The kernel gives what the file has.
  if (format === 'bmp') return bytesPerPixel;
  const wanted = CHANNELS[colorMode];
  // Pillow makes gray of colors after decoding; TensorFlow's kernels do so while they decode.
  const known = wanted === 1 && like === 'pillow' && !isGray ? 3 : wanted;
  return known === 4 && isOpaque ? 3 : known;
};

const BMP = { headerSize: 14, bitsPerPixel: 28, paletteAt: 14 } as const;

/** The colors of a BMP file of eight bits a pixel, where they are no grays: TensorFlow gives their numbers. */
const withPalette = (pixels: Pixels, bytes: Buffer): Pixels => {
  if (pixels.channels !== 1 || bytes.length < 54 || bytes.readUInt16LE(BMP.bitsPerPixel) !== 8) return pixels;
  const first = BMP.paletteAt + bytes.readUInt32LE(BMP.headerSize);
  const colors = new Uint8Array(pixels.data.length * 3);
  pixels.data.forEach((number, pixel) => {
    const at = first + number * 4;
    // Blue comes first.
    for (let channel = 0; channel < 3; channel++) colors[pixel * 3 + channel] = bytes[at + 2 - channel] ?? 0;
  });
  return { ...pixels, data: colors, channels: 3 };
};

const decodingOf = (header: ImageHeader, request: ReadRequest): Decoding => ({
  format: header.format,
  channels: decodedChannels(header, request),
  isAccurate: request.like === 'pillow',
});

/**
 * The pixels in the bytes of a file.
 *
 * @throws MalformedError if they are damaged, or of no format that can be read.
 */
export const pixelsIn = async (bytes: Buffer, request: ReadRequest): Promise<Pixels> => {
  const header = headerOf(bytes);
  const decoded = await decode(bytes, decodingOf(header, request));
  const colored = header.format === 'bmp' ? withPalette(decoded, bytes) : decoded;
  const pixels = withChannels(colored, CHANNELS[request.colorMode]);
  return request.isUpright ? upright(pixels, header.orientation) : pixels;
};

/** How an image becomes one of another size. */
export interface ResizeRequest {
  readonly size: ImageSize;
  readonly interpolation: Interpolation;
  /** What part of it, if not all. */
  readonly cut: ((pixels: Pixels) => Pixels) | undefined;
}

/** The image in the bytes of a file in another size: float32 `[1, height, width, channels]`. */
const resizedIn = async (bytes: Buffer, request: ReadRequest, resizing: ResizeRequest): Promise<Tensor> => {
  const { size, interpolation, cut } = resizing;
  const header = headerOf(bytes);
  const decoding = decodingOf(header, request);
  const isWholeAsDecoded =
    cut === undefined &&
    decoding.channels === CHANNELS[request.colorMode] &&
    !(request.isUpright && header.orientation !== 1);
  if (isWholeAsDecoded && canResizeDecoded(header.format, interpolation)) {
    return decodeResized(bytes, decoding, size, interpolation);
  }
  const pixels = await pixelsIn(bytes, request);
  return resizeByKernel(cut === undefined ? pixels : cut(pixels), size, interpolation);
};

/** What is wrong with a file, in one form. */
export const imageError = (place: ReadRequest['place'], file: string, cause: unknown): KerasError =>
  fileError(
    place,
    'each file must be a whole image of JPEG, PNG, GIF or BMP',
    file,
    cause,
    cause instanceof MalformedError ? 'Save it again, or move it away' : undefined,
  );

const reading = async <Made>(
  file: string,
  { place }: ReadRequest,
  make: (bytes: Buffer) => Promise<Made>,
): Promise<Made> => {
  try {
    return await make(await readFile(file));
  } catch (error) {
    throw imageError(place, file, error);
  }
};

/** @throws KerasFileError if a file cannot be read, or is no image. */
export const readPixels = (file: string, request: ReadRequest): Promise<Pixels> =>
  reading(file, request, (bytes) => pixelsIn(bytes, request));

/**
 * The image in a file in another size, as `tf.image.resize` makes it: float32 `[1, height, width, channels]`.
 *
 * @throws KerasFileError if a file cannot be read, or is no image.
 */
export const readResized = (file: string, request: ReadRequest, resizing: ResizeRequest): Promise<Tensor> =>
  reading(file, request, (bytes) => resizedIn(bytes, request, resizing));
