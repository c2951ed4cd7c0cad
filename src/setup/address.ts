import { messageOf } from '../base/causes';
import { loadUndici, withResponse } from '../files/http';

/** What an address answers within a time: a status, or why there is none. */
export type Answer = { readonly status: number } | { readonly reason: string };

/** The proxy that tfjs-node's download goes through, as its own script picks it. */
export const proxyOf = (env: NodeJS.ProcessEnv): string | undefined =>
  env['HTTPS_PROXY'] || env['https_proxy'] || env['HTTP_PROXY'] || env['http_proxy'] || undefined;

/** Asks an address for its headers, through a proxy if one is given. */
export const ask = async (
  address: string,
  proxy: string | undefined,
  milliseconds: number,
): Promise<Answer> => {
  const target = new URL(address);
  loadUndici();
  const signal = AbortSignal.timeout(milliseconds);
  try {
    return await withResponse(
      target,
      {
        method: 'HEAD',
        timeouts: { connect: milliseconds, idle: milliseconds },
        signal,
        environment: proxy === undefined ? {} : { HTTPS_PROXY: proxy, HTTP_PROXY: proxy },
      },
      ({ status }) => Promise.resolve({ status }),
    );
  } catch (error) {
    if (signal.aborted)
      return { reason: `${target.host} does not answer within ${milliseconds / 1000} seconds` };
    return { reason: `${target.host} cannot be reached (${messageOf(error)})` };
  }
};
