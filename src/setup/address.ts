import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { errorCode, messageOf } from '../native/failure';

/** What an address answers within a time: a status, or why there is none. */
export type Answer = { readonly status: number } | { readonly reason: string };

/** The proxy that tfjs-node's download goes through, as its own script picks it. */
export const proxyOf = (env: NodeJS.ProcessEnv): string | undefined =>
  env['HTTPS_PROXY'] || env['https_proxy'] || env['HTTP_PROXY'] || env['http_proxy'] || undefined;

/** A connection through a proxy, to be given to a request. */
const tunnel = (proxy: URL, target: URL, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const authority = `${target.hostname}:${target.port === '' ? '443' : target.port}`;
    const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const authorization =
      proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
    const request = (proxy.protocol === 'https:' ? https : http).request(proxy, {
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization },
      signal,
    });
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy ${proxy.host} answers ${String(response.statusCode)}`));
    });
    request.on('error', reject);
    request.end();
  });

const head = (target: URL, socket: Socket | undefined, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const secure = target.protocol === 'https:';
    const client = secure ? https : http;
    // A socket through a proxy is plain: `https` wraps it when it is given as `socket`, which its types leave out.
    const through =
      socket === undefined ? {} : secure ? { socket, agent: false } : { createConnection: () => socket };
    const request = client.request(target, { method: 'HEAD', signal, ...through }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });

/** Asks an address for its headers, through a proxy if one is given. */
export const ask = async (
  address: string,
  proxy: string | undefined,
  milliseconds: number,
): Promise<Answer> => {
  const target = new URL(address);
  const signal = AbortSignal.timeout(milliseconds);
  try {
    const socket = proxy === undefined ? undefined : await tunnel(new URL(proxy), target, signal);
    return { status: await head(target, socket, signal) };
  } catch (error) {
    if (signal.aborted)
      return { reason: `${target.host} does not answer within ${milliseconds / 1000} seconds` };
    return { reason: `${target.host} cannot be reached (${errorCode(error) || messageOf(error)})` };
  }
};
