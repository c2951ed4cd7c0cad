import { totalmem } from 'node:os';

/** The longest array of numbers that Node.js makes. */
const MAX_ELEMENTS = 2 ** 32 - 1;

/** Bytes of memory that this process may have: those of the machine, or fewer in a container. */
const available = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * How much of the memory an array of float32 or int32 would take, in words, if it is too much: longer than arrays can be, or
 * more than half of the memory, since the tensor that is made of it is a second one. Without this, the system would end the
 * process, and say nothing.
 */
export const excessOf = (elements: number): string | undefined => {
  const bytes = 4 * elements;
  if (elements <= MAX_ELEMENTS && 2 * bytes <= available()) return undefined;
  return `${gigabytes(bytes)} of ${gigabytes(available())}`;
};
