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
  throw new MalformedError(
    isMarkedUtf16(bytes)
      ? 'the bytes are no characters of UTF-8, but of UTF-16'
      : `the bytes are no characters of UTF-8, in line ${lineOfFault(bytes)}`,
  );
};
