import { boolean, checkThat, optional, type OptionChecks } from '../../base/checks';
import type { WordOptions } from './word-sequence';

/** Keras's, and R's. */
const FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n';

const filters = checkThat(
  'a string of the characters to leave out',
  (value): value is string => typeof value === 'string',
);
const split = checkThat(
  'a string of at least one character',
  (value): value is string => typeof value === 'string' && value !== '',
);

/** The checks of {@link WordOptions}. */
export const wordChecks = {
  filters: optional(filters, FILTERS),
  lower: optional(boolean, true),
  split: optional(split, ' '),
} as const satisfies OptionChecks<WordOptions>;
