/** Reads a file line by line, one piece of it after the other: how long it is does not matter, how long its lines are is bounded. */
import { createReadStream } from 'node:fs';
import { MalformedError } from './malformed';

const LINE_END = 10;
const RETURN = 13;
const PIECE = 1 << 20;

const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === RETURN ? line.subarray(0, -1) : line);

/** A line too long to be one. */
const tooLong = (number: number, limit: number): MalformedError =>
  new MalformedError(`line ${number} is longer than ${limit} bytes`);

/**
 * Calls `visit` with each line of a file, without its end, and its number from 1. The bytes are the line's only during the call. A
 * byte-order mark at the beginning is left out, an empty last line too.
 *
 * @throws MalformedError if a line is longer than `limit` bytes.
 */
export const forEachLine = async (
  file: string,
  limit: number,
  visit: (line: Buffer, number: number) => void,
): Promise<void> => {
  let number = 1;
  let rest: Buffer = Buffer.alloc(0);
  const take = (line: Buffer): void => {
    if (line.length > limit) throw tooLong(number, limit);
    const isMarked = number === 1 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
    visit(withoutReturn(isMarked ? line.subarray(3) : line), number++);
  };
  const stream: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: PIECE });
  for await (const chunk of stream) {
    const piece = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = piece.indexOf(LINE_END); end !== -1; end = piece.indexOf(LINE_END, start)) {
      take(piece.subarray(start, end));
      start = end + 1;
    }
    rest = piece.subarray(start);
    if (rest.length > limit) throw tooLong(number, limit);
  }
  if (rest.length > 0) take(rest);
};
