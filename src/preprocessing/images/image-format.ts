/** What the first bytes of an image say. */
import { MalformedError } from '../../files/malformed';

/** The formats that TensorFlow's kernels read. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'bmp';

/** The endings of files of these formats. */
export const IMAGE_ENDINGS: readonly string[] = ['.bmp', '.gif', '.jpeg', '.jpg', '.png'];

/** What is known of an image before its pixels are read. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** Whether it has no colors. */
  readonly isGray: boolean;
  /** EXIF's number of how the camera was held: 1 to 8, of which 1 is upright. */
  readonly orientation: number;
  /** Whether it says nothing of opacity: TensorFlow makes some of it all the same, of PNG of few colors too little. */
  readonly isOpaque: boolean;
  /** How many numbers of a byte a pixel of BMP has. */
  readonly bytesPerPixel?: number;
}

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.length >= at + text.length && bytes.toString('latin1', at, at + text.length) === text;

/** Formats that are known, but not read. */
const otherFormat = (bytes: Buffer): string | undefined => {
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return 'WebP';
  if (startsWith(bytes, 'II*\0') || startsWith(bytes, 'MM\0*')) return 'TIFF';
  if (startsWith(bytes, 'ftyp', 4)) return 'HEIF or AVIF';
  if (/^P[1-6]\s/.test(bytes.toString('latin1', 0, 3))) return 'PPM';
  if (startsWith(bytes, '%PDF')) return 'PDF';
  const text = bytes.toString('latin1', 0, 256).trimStart();
  if (text.startsWith('<svg') || (text.startsWith('<?xml') && text.includes('<svg'))) return 'SVG';
  return text.startsWith('<') ? 'HTML or XML' : undefined;
};

const ORIENTATION_TAG = 0x0112;
const ENTRY_BYTES = 12;

/** The orientation in the data of EXIF, which is a TIFF file's; 1 where it says none. */
const orientationIn = (tiff: Buffer): number => {
  const isLittle = startsWith(tiff, 'II');
  if (!isLittle && !startsWith(tiff, 'MM')) return 1;
  const short = (at: number): number =>
    at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  if (tiff.length < 8) return 1;
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.length) return 1;
    if (short(at) !== ORIENTATION_TAG) continue;
    const value = short(at + 8);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
};

const EXIF = 'Exif\0\0';

/** Markers of JPEG that no length follows: the beginning, the end, restarts and padding. */
const isBare = (marker: number): boolean =>
  marker === 0x01 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd9);
/** Markers of the header of a frame: all from C0 to CF but the tables among them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const SCAN = 0xda;
const APP1 = 0xe1;

const jpegHeader = (bytes: Buffer): ImageHeader => {
  let orientation = 1;
  let isGray = false;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    if (isBare(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === SCAN) break;
    const length = bytes.readUInt16BE(at + 2);
    if (marker === APP1 && startsWith(bytes, EXIF, at + 4)) {
      orientation = orientationIn(bytes.subarray(at + 4 + EXIF.length, at + 2 + length));
    }
    // Precision, height and width come before the number of components.
    if (isFrame(marker)) isGray = bytes[at + 9] === 1;
    at += 2 + length;
  }
  return { format: 'jpeg', isGray, orientation, isOpaque: true };
};

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';
const PNG_COLOR_TYPE = 25;
const GRAY_TYPES: readonly (number | undefined)[] = [0, 4];
const CLEAR_TYPES: readonly (number | undefined)[] = [4, 6];

const pngHeader = (bytes: Buffer): ImageHeader => {
  let orientation = 1;
  const type = bytes[PNG_COLOR_TYPE];
  let isOpaque = !CLEAR_TYPES.includes(type);
  for (let at = PNG_SIGNATURE.length; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (startsWith(bytes, 'IDAT', at + 4)) break;
    if (startsWith(bytes, 'tRNS', at + 4)) isOpaque = false;
    if (startsWith(bytes, 'eXIf', at + 4))
      orientation = orientationIn(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return { format: 'png', isGray: GRAY_TYPES.includes(type), orientation, isOpaque };
};

const BMP_BITS = 28;

/**
 * What an image's first bytes say, whatever its name is.
 *
 * @throws MalformedError if it is of no format that can be read.
 */
export const headerOf = (bytes: Buffer): ImageHeader => {
  if (startsWith(bytes, '\xff\xd8\xff')) return jpegHeader(bytes);
  if (startsWith(bytes, PNG_SIGNATURE)) return pngHeader(bytes);
  const plain = { isGray: false, orientation: 1, isOpaque: true };
  if (startsWith(bytes, 'GIF8')) return { format: 'gif', ...plain };
  if (startsWith(bytes, 'BM')) {
    const bits = bytes.length < BMP_BITS + 2 ? 0 : bytes.readUInt16LE(BMP_BITS);
    return { format: 'bmp', ...plain, isOpaque: bits !== 32, bytesPerPixel: bits / 8 };
  }
  const other = otherFormat(bytes);
  throw new MalformedError(
    bytes.length === 0
      ? 'there is nothing in it'
      : `the bytes are ${other === undefined ? 'of no known format' : `those of ${other}`}, not of JPEG, PNG, GIF or BMP`,
  );
};
