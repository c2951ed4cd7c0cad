import {
  argumentError,
  boolean,
  checkOptions,
  checkThat,
  isPlainObject,
  optional,
  type Check,
  type OptionChecks,
} from '../base/checks';

/** How the page of a fit is opened. */
export interface ViewOptions {
  /**
   * Whether it is opened in the browser. By default it is where somebody is likely to look: not in tests, not where the environment
   * has `CI` set, and not without a screen.
   */
  readonly open?: boolean | undefined;
  /** The port on 127.0.0.1; by default one that is free. */
  readonly port?: number | undefined;
  /** Is called with the page's address, which is printed on standard error otherwise. */
  readonly onAddress?: ((address: string) => void) | undefined;
}

const port = checkThat(
  'a port: an integer from 1 to 65535, or 0 for one that is free',
  (value): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535, // an integer, as just seen
);

const listener = checkThat(
  'a function of the address',
  (value): value is (address: string) => void => typeof value === 'function',
);

const checks = {
  open: optional(boolean),
  port: optional(port, 0),
  onAddress: optional(listener),
} satisfies OptionChecks<ViewOptions>;

/** The options, checked. */
export type ViewSettings = ReturnType<typeof checkOptions<typeof checks>>;

/** The check of the option `view`: undefined is no page. */
export const viewOption: Check<ViewSettings | undefined> = (value, place) => {
  const functionName = place.function ?? 'fit';
  if (typeof value === 'boolean') return value ? checkOptions(functionName, {}, checks) : undefined;
  if (!isPlainObject(value)) {
    throw argumentError(
      place,
      'true, false, or options of the page',
      value,
      'Write view: true, or view: { open: false, port: 8080 }',
    );
  }
  return checkOptions(functionName, value, checks);
};
