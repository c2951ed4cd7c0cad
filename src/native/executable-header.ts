import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What the first bytes of a shared library or program say. */
export interface ExecutableHeader {
  readonly format: 'ELF' | 'Mach-O' | 'PE';
  /** Processors it has code for, as `process.arch` names them; others by their number. */
  readonly architectures: readonly string[];
  /** How long the file must be to hold all that is loaded of it: 0 if the header does not say. */
  readonly minBytes: number;
  /** Linux: the program that loads it, whose name tells glibc from musl. Libraries have none. */
  readonly interpreter: string | undefined;
}

/** A file and what its header says; the header is undefined if it is none of a program or library. */
export interface ExecutableFile {
  readonly bytes: number;
  readonly header: ExecutableHeader | undefined;
}

type Names = Readonly<Record<number, string>>;

const ELF_MACHINES: Names = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' };
const MACH_O_PROCESSORS: Names = { 0x7: 'ia32', 0x1000007: 'x64', 0x100000c: 'arm64' };
const PE_MACHINES: Names = { 0x14c: 'ia32', 0x8664: 'x64', 0xaa64: 'arm64' };

const nameOf = (names: Names, machine: number): string =>
  names[machine] ?? `processor 0x${machine.toString(16)}`;

/** A part of a 64-bit ELF file, and where in memory it comes to lie. */
export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

/** Of a 64-bit ELF file, from its header: where the list of its segments is, and how many bytes it and each entry has. */
export const elfSegmentList = (header: Buffer): { first: number; entry: number; bytes: number } => {
  const entry = header.readUInt16LE(54);
  return { first: Number(header.readBigUInt64LE(32)), entry, bytes: entry * header.readUInt16LE(56) };
};

/** The segments of such a list, or as many as are there of it. */
export const elfSegments = (list: Buffer, entry: number): ElfSegment[] => {
  const segments: ElfSegment[] = [];
  const number = (at: number): number => Number(list.readBigUInt64LE(at));
  for (let at = 0; at + 40 <= list.length; at += entry)
    segments.push({
      type: list.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      bytes: number(at + 32),
    });
  return segments;
};

export const LOADED_SEGMENT = 1; // PT_LOAD
const INTERPRETER_SEGMENT = 3; // PT_INTERP

/** Only 64-bit files have the layout that is read here; of others the processor is enough to refuse them. */
const readElf = (start: Buffer): ExecutableHeader => {
  const architectures = [nameOf(ELF_MACHINES, start.readUInt16LE(18))];
  if (start[4] !== 2) return { format: 'ELF', architectures, minBytes: 0, interpreter: undefined };
  const list = elfSegmentList(start);
  const end = list.first + list.bytes;
  let minBytes = end;
  let interpreter: string | undefined;
  for (const { type, offset, bytes } of elfSegments(start.subarray(list.first, end), list.entry)) {
    if (type === LOADED_SEGMENT) minBytes = Math.max(minBytes, offset + bytes);
    if (type === INTERPRETER_SEGMENT) interpreter = start.toString('latin1', offset, offset + bytes - 1);
  }
  return { format: 'ELF', architectures, minBytes, interpreter };
};

const MACH_O_64 = 0xfeedfacf;
const MACH_O_UNIVERSAL = 0xcafebabe;
const SEGMENT_64 = 0x19;

const readMachO = (start: Buffer): ExecutableHeader => {
  const architectures = [nameOf(MACH_O_PROCESSORS, start.readUInt32LE(4))];
  let minBytes = 0;
  let at = 32;
  for (let left = start.readUInt32LE(16); left > 0 && at + 56 <= start.length; left--) {
    if (start.readUInt32LE(at) === SEGMENT_64) {
      const end = Number(start.readBigUInt64LE(at + 40) + start.readBigUInt64LE(at + 48));
      minBytes = Math.max(minBytes, end);
    }
    at += start.readUInt32LE(at + 4);
  }
  return { format: 'Mach-O', architectures, minBytes, interpreter: undefined };
};

/** Several libraries in one file, for processors of different kinds. */
const readUniversal = (start: Buffer): ExecutableHeader => {
  const architectures: string[] = [];
  let minBytes = 0;
  for (let index = 0; index < start.readUInt32BE(4) && 28 + 20 * index <= start.length; index++) {
    const at = 8 + 20 * index;
    architectures.push(nameOf(MACH_O_PROCESSORS, start.readUInt32BE(at)));
    minBytes = Math.max(minBytes, start.readUInt32BE(at + 8) + start.readUInt32BE(at + 12));
  }
  return { format: 'Mach-O', architectures, minBytes, interpreter: undefined };
};

const readPe = (start: Buffer): ExecutableHeader | undefined => {
  const at = start.readUInt32LE(0x3c);
  if (at + 24 > start.length || start.readUInt32LE(at) !== 0x4550) return undefined;
  const architectures = [nameOf(PE_MACHINES, start.readUInt16LE(at + 4))];
  const sections = at + 24 + start.readUInt16LE(at + 20);
  let minBytes = 0;
  for (let index = 0; index < start.readUInt16LE(at + 6); index++) {
    const section = sections + 40 * index;
    if (section + 24 > start.length) break;
    minBytes = Math.max(minBytes, start.readUInt32LE(section + 16) + start.readUInt32LE(section + 20));
  }
  return { format: 'PE', architectures, minBytes, interpreter: undefined };
};

/** What a header says, from the first bytes of a file; undefined if it is none. */
export const parseHeader = (start: Buffer): ExecutableHeader | undefined => {
  if (start.length < 64) return undefined;
  if (start.readUInt32BE(0) === 0x7f454c46) return readElf(start);
  if (start.readUInt32LE(0) === MACH_O_64) return readMachO(start);
  if (start.readUInt32BE(0) === MACH_O_UNIVERSAL) return readUniversal(start);
  return start.toString('latin1', 0, 2) === 'MZ' ? readPe(start) : undefined;
};

/** More than any header's tables take, and less than a page cache miss is worth. */
const HEADER_BYTES = 65536;

/** Reads the header of a file. */
export const readExecutable = (file: string): ExecutableFile => {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(HEADER_BYTES);
    const length = readSync(descriptor, start, 0, HEADER_BYTES, 0);
    return { bytes: fstatSync(descriptor).size, header: parseHeader(start.subarray(0, length)) };
  } finally {
    closeSync(descriptor);
  }
};
