/** Model files, damaged by chance: bytes, blocks, headers, values of their JSON. */
import { crc32, deflateRawSync } from 'node:zlib';
import type { Chance } from './campaign';

/** Damages bytes in one way. */
export type Mutator = (content: Buffer, chance: Chance) => Buffer;

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x2c, 0x5b, 0x7b] as const;
const SIZES = [0, 1, 0xff, 0xffff, 65_536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff] as const;

const isBlock = (content: Buffer, chance: Chance): readonly [start: number, end: number] => {
  const start = chance.below(content.length);
  return [start, Math.min(content.length, start + 1 + chance.below(chance.fraction() < 0.8 ? 64 : 4096))];
};

const several = (chance: Chance): number => 1 + chance.below(chance.fraction() < 0.7 ? 2 : 12);

/** Some bits are others. */
const flipBits: Mutator = (content, chance) => {
  const bytes = Buffer.from(content);
  for (let left = several(chance); left > 0; left--) {
    const at = chance.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
  }
  return bytes;
};

/** Some bytes, or numbers of two, four or eight bytes, are others. */
const setNumbers: Mutator = (content, chance) => {
  const bytes = Buffer.from(content);
  for (let left = several(chance); left > 0; left--) {
    const at = chance.below(Math.max(1, bytes.length - 8));
    const size = chance.pick(SIZES);
    const width = chance.below(4);
    if (width === 0) bytes[at] = chance.pick(INTERESTING);
    else if (width === 1) bytes.writeUInt16LE(size & 0xffff, at);
    else if (width === 2) bytes.writeUInt32LE(size, at);
    else bytes.writeBigUInt64LE(BigInt(size) * BigInt(chance.pick([1, 0x10001, 0x100000000])), at);
  }
  return bytes;
};

const truncate: Mutator = (content, chance) => content.subarray(0, chance.below(content.length + 1));

const swapBlocks: Mutator = (content, chance) => {
  const bytes = Buffer.from(content);
  const [from, end] = isBlock(content, chance);
  const to = chance.below(content.length - (end - from) + 1);
  const moved = Buffer.from(content.subarray(to, to + (end - from)));
  content.copy(bytes, to, from, end);
  moved.copy(bytes, from);
  return bytes;
};

const duplicateBlock: Mutator = (content, chance) => {
  const [from, end] = isBlock(content, chance);
  const at = chance.below(content.length + 1);
  return Buffer.concat([content.subarray(0, at), content.subarray(from, end), content.subarray(at)]);
};

const removeBlock: Mutator = (content, chance) => {
  const [from, end] = isBlock(content, chance);
  return Buffer.concat([content.subarray(0, from), content.subarray(end)]);
};

/** What can happen to any file. */
export const BYTES: readonly [Mutator, ...Mutator[]] = [
  flipBits,
  setNumbers,
  truncate,
  swapBlocks,
  duplicateBlock,
  removeBlock,
];

/** A text in a file of another format gets other digits, letters or signs, and stays as long as it is. */
export const textOf =
  (begin: RegExp): Mutator =>
  (content, chance) => {
    const latin = content.toString('latin1');
    const starts = [...latin.matchAll(new RegExp(begin, 'g'))].map(({ index }) => index);
    const start = starts[chance.below(starts.length)] ?? 0;
    const length = latin.slice(start).search(/[^\x20-\x7e]/);
    const bytes = Buffer.from(content);
    for (let left = several(chance); left > 0; left--) {
      const at = start + chance.below(length < 1 ? bytes.length - start : length);
      const old = String.fromCharCode(bytes[at] ?? 0);
      const letters = /\d/.test(old) ? '0123456789-.' : /[a-z]/i.test(old) ? 'aeinrstux_' : '"{}[],: 0';
      bytes[at] = letters.charCodeAt(chance.below(letters.length));
    }
    return bytes;
  };

const VALUES: readonly [unknown, ...unknown[]] = [
  ...[0, -1, 1, 1.5, 1e9, 2 ** 53, 1e308, null, true, false, '', 'relu', 'x', [], {}, [null], [[]]],
  ...[[1e9, 1e9], { class_name: 'Dense', config: { units: 1e9 } }, { class_name: '__lambda__', config: {} }],
  { class_name: 'Sequential', config: { layers: [] } },
] as unknown as readonly [unknown, ...unknown[]]; // there are some

type Holder = Record<string, unknown> | unknown[];

/** All places of values in JSON, with what holds them. */
const placesIn = (value: unknown, found: [Holder, string][] = []): [Holder, string][] => {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    found.push([value as Holder, key]);
    placesIn(inner, found);
  }
  return found;
};

/** A value of a JSON text is another one, is gone, comes twice, or is one from another place. */
export const editJson: Mutator = (content, chance) => {
  const json: unknown = JSON.parse(content.toString('utf8'));
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const places = placesIn(json);
    const [holder, key] = places[chance.below(places.length)] ?? [[], '0'];
    const [otherHolder, otherKey] = places[chance.below(places.length)] ?? [[], '0'];
    const at = holder as Record<string, unknown>; // a list has its places as keys
    const other = structuredClone((otherHolder as Record<string, unknown>)[otherKey]);
    const kind = chance.below(6);
    if (kind === 0) {
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(at, key);
    } else if (kind === 1) at[key] = other;
    else if (kind === 2 && Array.isArray(holder))
      holder.splice(Number(key), 0, structuredClone(holder[Number(key)]));
    else if (kind === 2) at[otherKey] = at[key];
    else if (kind === 3 && typeof at[key] === 'number') at[key] += chance.pick([-1, 1, 0.5, 1000]);
    else at[key] = chance.pick(VALUES);
  }
  return Buffer.from(JSON.stringify(json));
};

/** An entry of an archive. */
export interface Entry {
  readonly name: string;
  readonly content: Buffer;
  readonly isPacked?: boolean;
  /** How many bytes it is said to have, where that is a lie. */
  readonly size?: number;
}

/** A zip of entries, which need not be honest. */
export const zipOf = (entries: readonly Entry[]): Buffer => {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isPacked = false, size = content.length } of entries) {
    const data = isPacked ? deflateRawSync(content) : content;
    const title = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isPacked ? 8 : 0, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(title.length, 22);
    parts.push(Buffer.from('PK\u0003\u0004', 'latin1'), common, title, data);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\u0001\u0002', 'latin1'), Buffer.from([20, 0]), common, tail, title);
    offset += 30 + title.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
};

/** The entries of a zip whose entries are stored. */
export const entriesOf = (zip: Buffer): Entry[] => {
  const entries: Entry[] = [];
  const end = zip.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [size, nameLength, extra, comment] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)]; // prettier-ignore
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString();
    entries.push({ name, content: zip.subarray(start, start + size) });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
};

/** One field of a header of a zip is another. */
export const editHeader: Mutator = (content, chance) => {
  const bytes = Buffer.from(content);
  const latin = content.toString('latin1');
  const headers = [...latin.matchAll(/PK(?:\u0003\u0004|\u0001\u0002|\u0005\u0006)/g)].map(
    ({ index }) => index,
  );
  for (let left = several(chance); left > 0; left--) {
    const header = headers[chance.below(headers.length)] ?? 0;
    const at = Math.min(bytes.length - 4, header + 4 + chance.below(44));
    if (chance.fraction() < 0.5) bytes.writeUInt32LE(chance.pick(SIZES), at);
    else bytes.writeUInt16LE(chance.below(65_536), at);
  }
  return bytes;
};

/** Damages the content of one entry of a zip, whose checksum is right again. */
export const inEntry =
  (name: string, mutators: readonly [Mutator, ...Mutator[]]): Mutator =>
  (content, chance) =>
    zipOf(
      entriesOf(content).map((entry) =>
        entry.name === name ? { ...entry, content: chance.pick(mutators)(entry.content, chance) } : entry,
      ),
    );

const NAMES = [
  'config.json',
  'model.weights.h5',
  'metadata.json',
  '../outside',
  '/outside',
  'a/../../b',
  'assets/',
] as const;

/** Entries are packed, others', twice there, gone, or lie about their size. */
export const editEntries: Mutator = (content, chance) => {
  let entries = entriesOf(content);
  const chosen = chance.below(entries.length);
  const change = (make: (entry: Entry) => Entry): Entry[] =>
    entries.map((entry, index) => (index === chosen ? make(entry) : entry));
  const kind = chance.below(6);
  if (kind === 0) entries = change((entry) => ({ ...entry, isPacked: true }));
  else if (kind === 1) entries = change((entry) => ({ ...entry, name: chance.pick(NAMES) }));
  else if (kind === 2) entries = [...entries, { ...(entries[chosen] as Entry), name: chance.pick(NAMES) }];
  else if (kind === 3) entries = entries.filter((_, index) => index !== chosen);
  else if (kind === 4)
    entries = change((entry) => ({ ...entry, isPacked: chance.fraction() < 0.5, size: chance.pick(SIZES) }));
  // A bomb: a thousandth of what it unpacks to.
  else
    entries = change((entry) => ({
      ...entry,
      isPacked: true,
      content: Buffer.concat([entry.content, Buffer.alloc(2 ** 25)]),
    }));
  return zipOf(entries);
};
