import { checkThat, nonEmptyString, optional, type Check, type OptionChecks } from '../base/checks';

/** Where a data set is taken from. */
export interface DatasetOptions {
  /**
   * The file, from the `datasets` folder of Keras's cache (`KERAS_HOME`, or `.keras` in the home folder), or an absolute
   * path. By default Keras's own name. Of data that are in several files, the folder of them.
   */
  path?: string | undefined;
  /**
   * The small sample that comes with this package, in place of the full data: `false` never (the default), `true`
   * always, `'fallback'` if the full data is neither in the cache nor to be downloaded.
   */
  embedded?: boolean | 'fallback' | undefined;
}

const embedded = checkThat(
  "true, false or 'fallback'",
  (value): value is boolean | 'fallback' => typeof value === 'boolean' || value === 'fallback',
);

/** The checks of {@link DatasetOptions}. */
export const datasetChecks = {
  path: optional(nonEmptyString),
  embedded: optional(embedded, false),
} as const satisfies OptionChecks<DatasetOptions>;

/** A seed of NumPy's `RandomState`. */
export const seed = checkThat(
  'an integer from 0 to 4294967295',
  (value): value is number => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffffffff,
);

/** A fraction of the rows, for a test set. */
export const testFraction = checkThat(
  'a fraction of the rows, at least 0 and below 1',
  (value): value is number => typeof value === 'number' && value >= 0 && value < 1,
);

/** A check that also takes null, which switches an option off. */
export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);
