import {
  argumentError,
  boolean,
  checkOptions,
  isPlainObject,
  nonEmptyString,
  optional,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import type { Callback } from '../training/callback-list';

/** Options of {@link callbackRemoteMonitor}. */
export interface RemoteMonitorOptions {
  /** The server. Default `'https://localhost:9000'`. */
  readonly root?: string | undefined;
  /** The path on it. Default `'/publish/epoch/end/'`. */
  readonly path?: string | undefined;
  /** The field of a form that has the JSON, if it is not sent as such. Default `'data'`. */
  readonly field?: string | undefined;
  /** Headers of the request. None by default. */
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
  /** Whether the body is JSON, and no form. Default false. */
  readonly sendAsJson?: boolean | undefined;
}

const headers: Check<Readonly<Record<string, string>> | null> = (value, place) => {
  if (value === null) return null;
  if (isPlainObject(value) && Object.values(value).every((item) => typeof item === 'string')) {
    return value as Readonly<Record<string, string>>; // of strings, as seen
  }
  throw argumentError(place, 'an object of strings', value, "Write headers: { authorization: '…' }");
};

const url: Check<string> = (value, place) => {
  if (typeof value === 'string' && URL.canParse(value) && /^https?:/i.test(value)) return value;
  throw argumentError(place, 'an address that begins with http:// or https://', value);
};

const checks = {
  root: optional(url, 'https://localhost:9000'),
  path: optional(
    (value: unknown, place) => (value === '' ? '' : nonEmptyString(value, place)),
    '/publish/epoch/end/',
  ),
  field: optional(nonEmptyString, 'data'),
  headers: optional(headers),
  sendAsJson: optional(boolean, false),
} satisfies OptionChecks<RemoteMonitorOptions>;

/** How long an answer is waited for. */
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Sends the logs of each epoch to a server, by POST: a form whose `field` is JSON, or with `sendAsJson` JSON itself, an object of
 * the epoch, counted from 0, and the values. A server that cannot be reached is a warning; training goes on.
 *
 * @throws KerasArgumentError if an option is unknown or of another type.
 * @example
 * const monitor = callbackRemoteMonitor({ root: 'http://localhost:9000', sendAsJson: true })
 * assert.strictEqual(typeof monitor.onEpochEnd, 'function')
 * @see R keras `callback_remote_monitor`
 */
export const callbackRemoteMonitor = (
  options?: RemoteMonitorOptions,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackRemoteMonitor', ['options'], surplus);
  const settings = checkOptions('callbackRemoteMonitor', options, checks);
  const { root, path, field, sendAsJson } = settings;
  return {
    onEpochEnd: async (epoch, logs) => {
      const json = JSON.stringify({ epoch, ...logs });
      try {
        const answer = await fetch(`${root}${path}`, {
          method: 'POST',
          headers: { ...(sendAsJson ? { 'content-type': 'application/json' } : {}), ...settings.headers },
          body: sendAsJson ? json : new URLSearchParams({ [field]: json }),
          signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
        });
        await answer.arrayBuffer();
      } catch {
        // eslint-disable-next-line no-console -- a warning is for standard error
        console.warn(`callbackRemoteMonitor: could not reach the server at ${root}.`);
      }
    },
  };
};
