/** Arrays of bytes in the format of MNIST's own files: IDX, packed by gzip. */
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { codeOf, messageOf } from '../base/causes';
import { sizeOf } from '../base/shapes';
import { excerpt, MalformedError, type ReadLimits } from './malformed';

/** Bytes with a shape. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** The element type "unsigned byte", the only one of MNIST's files. */
const UNSIGNED_BYTE = 8;

const unpack = async (content: Buffer, limit: number): Promise<Buffer> => {
  try {
    return await promisify(gunzip)(content, { maxOutputLength: limit });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new MalformedError(`it unpacks to more than ${limit} bytes`);
    throw new MalformedError(`it is no whole gzip archive (${excerpt(messageOf(error))})`, { cause: error });
  }
};

/**
 * Reads the content of an IDX file of bytes that is packed by gzip: 0, 0, the element type, the number of axes, the size of each axis in
 * four bytes, the high one first, and the elements.
 *
 * @throws MalformedError if it is no such file, is damaged, has another number of axes, or unpacks to more than `limits` allow.
 */
export const readIdx = async (content: Buffer, axes: number, limits: ReadLimits): Promise<IdxArray> => {
  const unpacked = await unpack(content, limits.bytes);
  const start = 4 + 4 * axes;
  if (unpacked.length < start) throw new MalformedError('it ends within its header');
  const isIdx = unpacked.readUInt16BE(0) === 0 && unpacked[2] === UNSIGNED_BYTE && unpacked[3] === axes;
  if (!isIdx) throw new MalformedError(`it does not begin as an IDX file of bytes with ${axes} axes`);
  const shape = Array.from({ length: axes }, (_, axis) => unpacked.readUInt32BE(4 + 4 * axis));
  const bytes = unpacked.subarray(start);
  const expected = sizeOf(shape);
  if (bytes.length !== expected)
    throw new MalformedError(`it has ${bytes.length} bytes of data where its shape needs ${expected}`);
  return { shape, bytes };
};
