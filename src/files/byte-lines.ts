/** Reads a file line by line, one piece of it after the other: how long it is does not matter, how long its lines are is bounded. */
import { open } from 'node:fs/promises';
import { MalformedError } from './malformed';
import { refusePacked } from './text';

const LINE_END = 10;
const RETURN = 13;
const PIECE = 1 << 20;

const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === RETURN ? line.subarray(0, -1) : line);

/** A line too long to be one. */
const tooLong = (number: number, limit: number): MalformedError =>
  new MalformedError(`line ${number} is longer than ${limit} bytes`);

/** What is left of a file that another program shortens while it is read looks like a whole one. */
const checkWhole = (read: number, size: number): void => {
  if (read < size)
    throw new MalformedError(
      `only ${read} of ${size} bytes were left when it was read: it was cut off meanwhile`,
    );
};

/**
 * Calls `visit` with each line of a file, without its end, and its number from 1. The bytes are the line's only during the call. A
 * byte-order mark at the beginning is left out, an empty last line too.
 *
 * @throws MalformedError if a line is longer than `limit` bytes, the file is a packed one, or it is cut off while it is read.
 */
export const forEachLine = async (
  file: string,
  limit: number,
  visit: (line: Buffer, number: number) => void,
): Promise<void> => {
  let number = 1;
  let read = 0;
  let rest: Buffer = Buffer.alloc(0);
  const take = (line: Buffer): void => {
    if (line.length > limit) throw tooLong(number, limit);
    const isMarked = number === 1 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
    visit(withoutReturn(isMarked ? line.subarray(3) : line), number++);
  };
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const stream: AsyncIterable<Buffer> = handle.createReadStream({ highWaterMark: PIECE, autoClose: false });
    for await (const chunk of stream) {
      if (read === 0) refusePacked(chunk);
      read += chunk.length;
      const piece = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = piece.indexOf(LINE_END); end !== -1; end = piece.indexOf(LINE_END, start)) {
        take(piece.subarray(start, end));
        start = end + 1;
      }
      rest = piece.subarray(start);
      if (rest.length > limit) throw tooLong(number, limit);
    }
    checkWhole(read, size);
  } finally {
    await handle.close();
  }
  if (rest.length > 0) take(rest);
};
