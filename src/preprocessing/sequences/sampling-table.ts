import { checkAllocation } from '../../arrays/allocate';
import {
  checkOptions,
  optional,
  positiveInteger,
  positiveNumber,
  type OptionChecks,
} from '../../base/checks';
import { refuseSurplus } from '../../base/function-name';

/** Options of {@link makeSamplingTable}. */
export interface SamplingTableOptions {
  /** The threshold of frequent words; 1e-5 by default. */
  samplingFactor?: number | undefined;
}

const NAME = 'makeSamplingTable';

const CHECKS = {
  samplingFactor: optional(positiveNumber, 1e-5),
} satisfies OptionChecks<SamplingTableOptions>;

/** Euler's constant, as Keras rounds it. */
const GAMMA = 0.577;

/**
 * The probability with which {@link skipgrams} takes each word, by its rank: frequent words less often. With Zipf's law for the frequency of
 * the word of rank r, `1 / (r · (ln r + γ) + 1/2 − 1 / 12r)`, it is `min(1, sqrt(samplingFactor / frequency))`.
 *
 * Gives `size` numbers; rank 0, which is no word, has that of rank 1.
 *
 * @throws KerasArgumentError if `size` is no positive integer.
 * @example
 * const table = makeSamplingTable(1000)
 * const [frequent = 0, rare = 0] = [table[10], table[999]]
 * assert.ok(table.length === 1000 && rare > frequent)
 * @see R keras `make_sampling_table`; Mikolov et al. 2013
 */
export const makeSamplingTable = (size: number, options?: SamplingTableOptions, ...surplus: []): number[] => {
  refuseSurplus(NAME, ['size', 'options'], surplus);
  const { samplingFactor } = checkOptions(NAME, options, CHECKS);
  positiveInteger(size, { function: NAME, argument: 'size' });
  // The numbers are doubles.
  checkAllocation(
    { function: NAME, argument: 'size' },
    2 * size,
    `${size} probabilities`,
    'Give the size of the vocabulary',
  );
  return Array.from({ length: size }, (_, index) => {
    const rank = Math.max(1, index);
    const inverseFrequency = rank * (Math.log(rank) + GAMMA) + 0.5 - 1 / (12 * rank);
    const scaled = samplingFactor * inverseFrequency;
    return Math.min(1, scaled / Math.sqrt(scaled));
  });
};
