import { totalmem } from 'node:os';
import type { Place } from '../base/checks';
import { KerasArgumentError } from '../base/errors';

/** The longest array of numbers that Node.js makes. */
const MAX_ELEMENTS = 2 ** 32 - 1;

/** Bytes of memory that this process may have: those of the machine, or fewer in a container. */
const memory = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * Throws if an array of float32 or int32 would be longer than arrays can be, or would take more than half of the memory: the
 * tensor that is made of it is a second one. The system would end the process instead, without a word.
 *
 * @param what what becomes so large, as a clause's subject: `2 rows of 5 columns`
 */
export const checkAllocation = (place: Place, elements: number, what: string, advice: string): void => {
  const bytes = 4 * elements;
  if (elements <= MAX_ELEMENTS && 2 * bytes <= memory()) return;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: 'the result must fit into memory twice',
    received: `${what}, which take ${gigabytes(bytes)} of ${gigabytes(memory())}`,
    advice,
  });
};
