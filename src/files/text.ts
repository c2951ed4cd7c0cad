/** Bytes of files as text. */
import { constants, isUtf8 } from 'node:buffer';
import { MalformedError } from './malformed';

const LINE_END = 10;

/** In which line bytes are first none of UTF-8: a character does not go beyond its line. */
const lineOfFault = (bytes: Uint8Array): number => {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(LINE_END, start);
    const stop = end === -1 ? bytes.length : end;
    if (!isUtf8(bytes.subarray(start, stop))) return line;
    start = stop + 1;
  }
  return line;
};

const PACKINGS: readonly (readonly [name: string, ...start: number[]])[] = [
  ['gzip', 0x1f, 0x8b],
  ['zip', 0x50, 0x4b, 3, 4],
  ['bzip2', 0x42, 0x5a, 0x68],
  ['xz', 0xfd, 0x37, 0x7a, 0x58],
  ['zstd', 0x28, 0xb5, 0x2f, 0xfd],
];

/** @throws MalformedError if the first bytes of a file are those of a packed one. */
export const refusePacked = (bytes: Uint8Array): void => {
  const packing = PACKINGS.find(([, ...start]) => start.every((byte, index) => bytes[index] === byte));
  if (packing !== undefined)
    throw new MalformedError(`the bytes are packed by ${packing[0]}: it must be unpacked first`);
};

/** Whether bytes begin with the mark of UTF-16. */
export const isMarkedUtf16 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/**
 * The characters of a file's bytes, which are of UTF-8, with or without a byte-order mark: that is left out.
 *
 * @throws MalformedError if they are of another encoding, or too many for a text.
 */
export const utf8Of = (bytes: Uint8Array): string => {
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw new MalformedError(
      `the ${bytes.length} bytes are more than a text can have, ${constants.MAX_STRING_LENGTH}`,
    );
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  refusePacked(bytes);
  throw new MalformedError(
    isMarkedUtf16(bytes)
      ? 'the bytes are no characters of UTF-8, but of UTF-16'
      : `the bytes are no characters of UTF-8, in line ${lineOfFault(bytes)}`,
  );
};
