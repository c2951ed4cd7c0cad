/**
 * What leads HDF5's library in circles: a global heap, where a file has its texts, with an object whose size leads nowhere. The library
 * adds the sizes up until it comes to the heap's end.
 */
import { open } from 'node:fs/promises';

/** How such a heap begins: its name, the version, and three bytes of nothing. */
const START = Buffer.from('GCOL\u0001\0\0\0', 'latin1');
const HEADER = 16;

/** Bytes that are looked at, at a time. */
const PIECE = 2 ** 20;

/** The sizes of the library's own numbers. */
const WORD = 2 ** 32;

/** Whether the sizes of a heap's objects, one after the other, do not come to its end. */
const isEndless = (heap: Buffer): boolean => {
  const end = Number(heap.readBigUInt64LE(8));
  for (let at = HEADER; at + HEADER <= Math.min(end, heap.length);) {
    const size = Number(heap.readBigUInt64LE(at + 8) % BigInt(WORD));
    // What is free has no head of its own.
    const whole = heap.readUInt16LE(at) === 0 ? size : HEADER + Math.ceil(size / 8) * 8;
    if (whole % WORD === 0 || at + whole > end) return true;
    at += whole;
  }
  return false;
};

/** Whether a file, or a part of one, has a global heap without end; it is looked for as long as `isWanted`. */
export const hasEndlessHeap = async (
  file: string,
  part: { readonly offset: number; readonly length: number } | undefined,
  isWanted: () => boolean,
): Promise<boolean> => {
  const handle = await open(file, 'r');
  try {
    const from = part?.offset ?? 0;
    const end = part === undefined ? (await handle.stat()).size : from + part.length;
    const piece = Buffer.alloc(Math.min(PIECE, Math.max(0, end - from)));
    for (let at = from; at < end && isWanted(); at += PIECE - START.length) {
      const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, end - at), at);
      const read = piece.subarray(0, bytesRead);
      for (let found = read.indexOf(START); found >= 0; found = read.indexOf(START, found + 1)) {
        const heap = Buffer.alloc(Math.min(PIECE, end - at - found));
        const { bytesRead: heapBytes } = await handle.read(heap, 0, heap.length, at + found);
        if (heapBytes >= HEADER && isEndless(heap.subarray(0, heapBytes))) return true;
      }
    }
    return false;
  } finally {
    await handle.close();
  }
};
