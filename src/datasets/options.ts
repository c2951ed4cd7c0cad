import { checkThat, nonEmptyString, optional } from '../base/checks';

/** Where a data set is taken from. */
export interface DatasetOptions {
  /**
   * The file, from the `datasets` folder of Keras's cache (`KERAS_HOME`, or `.keras` in the home folder), or an absolute
   * path. By default Keras's own name.
   */
  path?: string;
  /**
   * The small sample that comes with this package, in place of the full data: `false` never (the default), `true`
   * always, `'fallback'` if the full data is neither in the cache nor to be downloaded.
   */
  embedded?: boolean | 'fallback';
}

export const embedded = checkThat(
  "true, false or 'fallback'",
  (value): value is boolean | 'fallback' => typeof value === 'boolean' || value === 'fallback',
);

/** The checks of {@link DatasetOptions}. */
export const datasetChecks = { path: optional(nonEmptyString), embedded: optional(embedded) } as const;

/** A seed of NumPy's `RandomState`. */
export const seed = checkThat(
  'an integer from 0 to 4294967295',
  (value): value is number => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffffffff,
);
