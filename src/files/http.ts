import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { messageOf } from '../base/causes';

/** How long a server may take, in milliseconds. */
export interface Patience {
  /** Until the connection stands. */
  readonly connect: number;
  /** Between two pieces of data. */
  readonly idle: number;
}

const MOST_REDIRECTS = 5;
const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;

/**
 * The proxy for an address, from `HTTPS_PROXY` and `NO_PROXY` as other programs read them: only `https` addresses go
 * through it. `undefined` if there is none.
 */
export const proxyFor = (address: URL, environment: NodeJS.ProcessEnv): URL | undefined => {
  const proxy = environment['HTTPS_PROXY'] || environment['https_proxy'];
  if (address.protocol !== 'https:' || !proxy) return undefined;
  const excluded = (environment['NO_PROXY'] || environment['no_proxy'] || '').split(/[\s,]+/).filter(Boolean);
  const host = address.hostname.toLowerCase();
  const isExcluded = excluded.some((entry) => {
    const name = entry
      .toLowerCase()
      .replace(/^\*?\./, '')
      .replace(/:\d+$/, '');
    return entry === '*' || host === name || host.endsWith(`.${name}`);
  });
  if (isExcluded) return undefined;
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
};

/** Limits how long `request` may take to connect, and then stay silent. */
const limit = (
  request: http.ClientRequest,
  patience: Patience,
  connected: 'connect' | 'secureConnect',
): void => {
  const timer = setTimeout(() => {
    request.destroy(new Error(`no connection within ${seconds(patience.connect)}`));
  }, patience.connect);
  request.once('socket', (socket) => socket.once(connected, () => clearTimeout(timer)));
  for (const event of ['response', 'connect', 'error', 'close'])
    request.once(event, () => clearTimeout(timer));
  request.setTimeout(patience.idle, () => {
    request.destroy(new Error(`no data for ${seconds(patience.idle)}`));
  });
};

/** A connection to `host:port` through a proxy (HTTP's CONNECT). */
export const openTunnel = (proxy: URL, host: string, port: number, patience: Patience): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const secure = proxy.protocol === 'https:';
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const request = (secure ? https : http).request({
      host: proxy.hostname,
      port: proxy.port || (secure ? 443 : 80),
      method: 'CONNECT',
      path: `${host}:${port}`,
      headers: {
        host: `${host}:${port}`,
        ...(proxy.username === ''
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      agent: false,
    });
    limit(request, patience, secure ? 'secureConnect' : 'connect');
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) {
        socket.setTimeout(0);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered ${response.statusCode}`));
    });
    request.once('error', (error) =>
      reject(new Error(`the proxy ${proxy.host} cannot be used (${messageOf(error)})`, { cause: error })),
    );
    request.end();
  });

const send = (
  address: URL,
  headers: http.OutgoingHttpHeaders,
  patience: Patience,
  tunnel: Socket | undefined,
): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    const secure = address.protocol === 'https:';
    const request = (secure ? https : http).request(address, {
      headers: { 'user-agent': 'keras-pipe', ...headers },
      agent: false,
      ...(tunnel === undefined
        ? {}
        : { createConnection: () => tls.connect({ socket: tunnel, servername: address.hostname }) }),
    });
    limit(request, patience, secure ? 'secureConnect' : 'connect');
    request.once('response', resolve);
    // Stays for errors after the response, which the reader of its body sees too.
    request.on('error', reject);
    request.end();
  });

/**
 * Asks for `address` and returns the response once its head is there, redirects followed. The caller reads its body, or
 * destroys it.
 *
 * @throws Error if there is no answer.
 */
export const get = async (
  address: URL,
  headers: http.OutgoingHttpHeaders,
  patience: Patience,
): Promise<http.IncomingMessage> => {
  let current = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const proxy = proxyFor(current, process.env);
    const port = Number(current.port || 443);
    const tunnel = proxy && (await openTunnel(proxy, current.hostname, port, patience));
    const response = await send(current, headers, patience, tunnel);
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined)
      return response;
    response.destroy();
    const next = new URL(location, current);
    if (current.protocol === 'https:' && next.protocol !== 'https:') {
      throw new Error(`${current.host} redirects to an address without encryption`);
    }
    current = next;
  }
  throw new Error(`${address.host} redirects without end`);
};
