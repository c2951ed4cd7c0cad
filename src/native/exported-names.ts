import { closeSync, openSync, readSync } from 'node:fs';
import { elfSegmentList, elfSegments, LOADED_SEGMENT } from './executable-header';

/** Reads a part of a file. @throws RangeError if it is not all there. */
type Read = (at: number, length: number) => Buffer;

const DYNAMIC_SEGMENT = 2; // PT_DYNAMIC
const STRINGS = 5; // DT_STRTAB
const SYMBOLS = 6; // DT_SYMTAB
const HASHES = 0x6ffffef5; // DT_GNU_HASH

const SYMBOL_BYTES = 24;
const WORD = 4;

const number64 = (from: Buffer, at: number): number => Number(from.readBigUInt64LE(at));

/** Where in a 64-bit file the tables are by which the loader finds functions: by their tags, of those that say an address. */
const tablesOf = (read: Read): ReadonlyMap<number, number> => {
  const header = read(0, 64);
  const { first, entry, bytes } = elfSegmentList(header);
  const segments = elfSegments(read(first, bytes), entry);
  const dynamic = segments.find(({ type }) => type === DYNAMIC_SEGMENT);
  const entries = dynamic === undefined ? Buffer.alloc(0) : read(dynamic.offset, dynamic.bytes);
  const places = new Map<number, number>();
  for (let at = 0; at < entries.length; at += 16) {
    const address = number64(entries, at + 8);
    const within = segments.find(
      (segment) =>
        segment.type === LOADED_SEGMENT &&
        segment.address <= address &&
        address < segment.address + segment.bytes,
    );
    if (within !== undefined) places.set(number64(entries, at), address - within.address + within.offset);
  }
  return places;
};

/** The loader's hash of a name. */
const hashOf = (name: string): number =>
  Buffer.from(name).reduce((hash, byte) => (Math.imul(hash, 33) + byte) >>> 0, 5381);

/** Looks names up as the loader does. */
const finder = (read: Read): ((name: string) => boolean) => {
  const tables = tablesOf(read);
  const [hashes, symbols, strings] = [HASHES, SYMBOLS, STRINGS].map((tag) => tables.get(tag));
  if (hashes === undefined || symbols === undefined || strings === undefined) return () => false;
  const header = read(hashes, 4 * WORD);
  const [bucketCount, firstHashed, filterLength] = [0, 1, 2].map((index) =>
    header.readUInt32LE(WORD * index),
  ) as [number, number, number]; // of three, three
  const buckets = hashes + 4 * WORD + 8 * filterLength;
  const chains = buckets + WORD * bucketCount;
  const word = (at: number): number => read(at, WORD).readUInt32LE(0);
  return (name) => {
    const hash = hashOf(name);
    let index = word(buckets + WORD * (hash % bucketCount));
    if (index === 0) return false;
    for (;;) {
      const found = word(chains + WORD * (index - firstHashed));
      // The last bit says that a chain ends.
      if ((found | 1) === (hash | 1)) {
        const text = read(strings + word(symbols + SYMBOL_BYTES * index), name.length + 1);
        if (text.toString('latin1') === `${name}\0`) return true;
      }
      if ((found & 1) === 1) return false;
      index += 1;
    }
  };
};

/**
 * Which of some names a shared library of 64-bit Linux exports. A few reads of as many bytes as are needed, however large it is; it is not
 * loaded.
 *
 * @throws Error if it cannot be read, or ends before its tables do.
 */
export const exportedOf = (file: string, names: readonly string[]): string[] => {
  const descriptor = openSync(file, 'r');
  try {
    const read: Read = (at, length) => {
      const part = Buffer.alloc(length);
      if (readSync(descriptor, part, 0, length, at) < length)
        throw new RangeError(`${file} ends before ${at + length}`);
      return part;
    };
    return names.filter(finder(read));
  } finally {
    closeSync(descriptor);
  }
};
