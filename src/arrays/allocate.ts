import type { Place } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { excessOf } from '../base/memory';

/**
 * Throws if an array of float32 or int32 does not fit into memory twice, as an array and as a tensor.
 *
 * @param what what becomes so large, as a clause's subject: `2 rows of 5 columns`
 */
export const checkAllocation = (place: Place, elements: number, what: string, advice: string): void => {
  const excess = excessOf(elements);
  if (excess === undefined) return;
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: 'the result must fit into memory twice',
    received: `${what}, which take ${excess}`,
    advice,
  });
};
