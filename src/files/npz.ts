import zlib from 'node:zlib';
import type * as Yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { messageOf } from '../base/causes';
import { sizeOf } from '../base/shapes';
import { excerpt, MalformedError, type ReadLimits } from './malformed';
import { readNpyHeader, readNpyNumbers, type NpyNumbers } from './npy';
import { readPickledLists } from './pickle';

/** An array of numbers from an `.npz` file, row-major. */
export interface NumberMember {
  readonly kind: 'numbers';
  readonly type: string;
  readonly shape: readonly number[];
  readonly numbers: NpyNumbers;
}

/** An array of lists of whole numbers from an `.npz` file. */
export interface ListMember {
  readonly kind: 'lists';
  readonly shape: readonly number[];
  readonly lists: number[][];
}

export type NpzMember = NumberMember | ListMember;

/** Files of arrays have a handful of members; an endless list of them is no such file. */
const MAX_ENTRIES = 1000;

let crcTable: Uint32Array | undefined;

/** The CRC-32 of zip files, for the Node.js releases whose zlib has none. */
export const crc32Fallback = (bytes: Uint8Array): number => {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    return crc;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
};

// The types say that it is always there; Node.js got it in 20.15.
const crc32: (bytes: Uint8Array) => number = (zlib as Partial<typeof zlib>).crc32 ?? crc32Fallback;

/**
 * Inflates one member, never past what its own head says it holds, nor what the archive says: yauzl ends the stream with an
 * error there.
 */
const inflate = async (zip: ZipFile, entry: Entry, maxBytes: number): Promise<Buffer> => {
  if (entry.uncompressedSize > maxBytes) {
    throw new MalformedError(
      `it would unpack to ${entry.uncompressedSize} bytes, more than the ${maxBytes} allowed`,
    );
  }
  const chunks: Buffer[] = [];
  let length = 0;
  let allowed = entry.uncompressedSize;
  let headed = false;
  const stream = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (!headed) {
      const header = readNpyHeader(chunks.length === 1 ? chunk : Buffer.concat(chunks));
      headed = header !== undefined;
      // The length of a pickle is not in its head.
      if (header !== undefined && header.itemBytes > 0) {
        allowed = header.dataStart + sizeOf(header.shape) * header.itemBytes;
      }
    }
    if (length > allowed)
      throw new MalformedError(`it holds more than the ${allowed} bytes that its shape needs`);
  }
  const bytes = Buffer.concat(chunks, length);
  if (crc32(bytes) !== entry.crc32) throw new MalformedError('its checksum is wrong: the file is damaged');
  return bytes;
};

const readMember = (bytes: Buffer, maxLists: number): NpzMember => {
  const header = readNpyHeader(bytes);
  if (header === undefined) throw new MalformedError('it ends within its header');
  const { type, shape } = header;
  if (type !== 'O') return { kind: 'numbers', type, shape, numbers: readNpyNumbers(bytes, header) };
  const [rows = 0] = shape;
  if (shape.length !== 1) throw new MalformedError(`its lists are of shape (${shape.join(', ')}), not (n)`);
  // Where no lists are wanted none are read: whoever asks for numbers says what it got.
  if (maxLists === 0) return { kind: 'lists', shape, lists: [] };
  if (rows > maxLists) throw new MalformedError(`its ${rows} lists are more than the ${maxLists} allowed`);
  const lists = readPickledLists(bytes.subarray(header.dataStart), rows);
  if (rows !== lists.length) {
    throw new MalformedError(`its header says the shape (${rows}), its pickle has ${lists.length} lists`);
  }
  return { kind: 'lists', shape, lists };
};

/**
 * Reads arrays by name out of the content of an `.npz` file (a zip of `.npy` files): numbers, and lists of whole
 * numbers. Other members are not looked at. Nothing in the file can make it run code, or hold more than
 * `limits` allow.
 *
 * @throws MalformedError if it is no such file, is damaged, or lacks one of the names.
 */
export const readNpz = async <Name extends string>(
  content: Buffer,
  names: readonly Name[],
  limits: ReadLimits,
): Promise<Record<Name, NpzMember>> => {
  if (content.length === 0) throw new MalformedError('the file is empty');
  const found = new Map<string, NpzMember>();
  const seen: string[] = [];
  let bytesLeft = limits.bytes;
  let zip: ZipFile;
  // Loaded when there is something to read: most programs read no archive.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` does not work under Jest's CommonJS
  const { fromBufferPromise } = require('yauzl') as typeof Yauzl;
  try {
    zip = await fromBufferPromise(content, { lazyEntries: true });
  } catch (error) {
    throw new MalformedError(`it is no whole zip archive (${messageOf(error)})`, { cause: error });
  }
  try {
    for await (const entry of zip.eachEntry()) {
      if (seen.push(excerpt(entry.fileName)) > MAX_ENTRIES)
        throw new MalformedError('it has too many members');
      const name = names.find((candidate) => `${candidate}.npy` === entry.fileName);
      if (name === undefined || found.has(name)) continue;
      try {
        const bytes = await inflate(zip, entry, bytesLeft);
        bytesLeft -= bytes.length;
        found.set(name, readMember(bytes, limits.lists));
      } catch (error) {
        throw new MalformedError(`its array \`${name}\` cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      }
      if (found.size === names.length) break;
    }
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    throw new MalformedError(`its list of members cannot be read (${messageOf(error)})`, { cause: error });
  } finally {
    zip.close();
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new MalformedError(
      `it lacks ${missing.map((name) => `\`${name}\``).join(', ')}; it has ${seen.slice(0, 8).join(', ') || 'nothing'}`,
    );
  }
  // Every name was found.
  return Object.fromEntries(found) as Record<Name, NpzMember>;
};

const patternText = (pattern: readonly (number | null)[]): string =>
  `(${pattern.map((axis) => axis ?? 'n').join(', ')})`;

/**
 * The member as numbers of the given shape, where `null` fits any length, and of one of the given types.
 *
 * @throws MalformedError if it is something else.
 */
export const numbersOf = (
  name: string,
  member: NpzMember,
  shape: readonly (number | null)[],
  types: readonly string[],
): NumberMember => {
  const fits =
    member.kind === 'numbers' &&
    types.includes(member.type) &&
    member.shape.length === shape.length &&
    shape.every((axis, index) => axis === null || axis === member.shape[index]);
  if (fits) return member;
  const what = member.kind === 'lists' ? 'lists' : `'${member.type}'`;
  throw new MalformedError(
    `its array \`${name}\` is of shape (${member.shape.join(', ')}) and type ${what}, ` +
      `not of shape ${patternText(shape)} and type ${types.map((type) => `'${type}'`).join(' or ')}`,
  );
};

/**
 * The member as whole-number labels from 0 to `classes − 1`, `rows` of them.
 *
 * @throws MalformedError if it is something else.
 */
export const labelsOf = (name: string, member: NpzMember, rows: number, classes: number): Int32Array => {
  const { numbers } = numbersOf(name, member, [rows], ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8']);
  const wrong = numbers.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new MalformedError(
      `its array \`${name}\` has the label ${numbers[wrong]} at ${wrong}, outside 0 to ${classes - 1}`,
    );
  }
  return Int32Array.from(numbers);
};
