/**
 * Requests over HTTP and HTTPS, with the proxies that the environment names, by the client undici.
 *
 * Certificates are Node.js's own and those of `NODE_EXTRA_CA_CERTS`. Every request has connections of its own, which are
 * closed when it is done, so that nothing keeps a process from ending.
 */
import type * as Undici from 'undici';
import type { Dispatcher } from 'undici';
import { codeOf, messageOf } from '../base/causes';

/** How long a server may take, in milliseconds. */
export interface Timeouts {
  /** Until a connection stands: to the server, to a proxy, and through it. */
  readonly connect: number;
  /** Between two pieces of data. */
  readonly idle: number;
}

/** The part of an answer that is used here. */
export interface HttpResponse {
  readonly status: number;
  /** A header by its name in lowercase, of several the first. */
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Buffer>;
}

/** How a request is sent. */
export interface RequestOptions {
  readonly timeouts: Timeouts;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request. */
  readonly signal?: AbortSignal;
  /** Where the proxies are named; `process.env` unless given. */
  readonly environment?: NodeJS.ProcessEnv;
}

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const PROXY_PROTOCOLS: readonly string[] = ['http:', 'https:', 'socks5:', 'socks:'];

const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;

/**
 * undici, loaded by the first request: most programs never make one, and it takes a tenth of a second. Who measures the time
 * of a request loads it before.
 */
export const loadUndici = (): typeof Undici =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` does not work under Jest's CommonJS
  require('undici') as typeof Undici;

/** The proxies of an environment, as {@link dispatcherFor} hands them to undici. */
export interface ProxySettings {
  /** The proxy's address, without its user; `undefined` if there is none. */
  readonly proxy: URL | undefined;
  /** `Proxy-Authorization`, if the proxy has a user. */
  readonly token: string | undefined;
  /** Hosts that are asked directly, in undici's form. */
  readonly noProxy: string;
}

const proxyAddress = (name: string, text: string): URL => {
  let address: URL | undefined;
  try {
    address = new URL(text.includes('://') ? text : `http://${text}`);
  } catch {
    // Said below, in words that name the variable.
  }
  if (address === undefined || !PROXY_PROTOCOLS.includes(address.protocol)) {
    // The value may hold a password, which does not belong in a message.
    throw new Error(`${name} must be the address of a proxy, such as http://proxy.example.org:3128`);
  }
  return address;
};

/** Entries as undici reads them: `*` counts among others, too, and an IPv6 address needs its brackets. */
const noProxyOf = (text: string): string => {
  const entries = text.split(/[\s,]+/).filter(Boolean);
  if (entries.includes('*')) return '*';
  return entries
    .map((entry) => (/^[\da-f]*:[\da-f:.]*:[\da-f:.]*$/i.test(entry) ? `[${entry}]` : entry))
    .join(',');
};

/**
 * The proxy for addresses of a protocol, from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` or their lowercase forms, which
 * come first, as in other programs. `HTTP_PROXY` serves `https` addresses, too, where nothing else is said.
 *
 * @throws Error if a variable holds no address of a proxy.
 */
export const proxySettings = (protocol: string, environment: NodeJS.ProcessEnv): ProxySettings => {
  const find = (...names: readonly string[]): URL | undefined => {
    const name = names.find((candidate) => environment[candidate]);
    return name === undefined ? undefined : proxyAddress(name, environment[name] ?? '');
  };
  const proxy =
    protocol === 'https:'
      ? find('https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY')
      : find('http_proxy', 'HTTP_PROXY');
  const noProxy = noProxyOf(environment['no_proxy'] || environment['NO_PROXY'] || '');
  if (proxy === undefined || proxy.username === '') return { proxy, token: undefined, noProxy };
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  // undici sends a user that has a password only; some proxies take a token as a user without one.
  return { proxy, token: `Basic ${Buffer.from(user).toString('base64')}`, noProxy };
};

/** Connections for one address: direct, or through the proxy of the environment. */
const dispatcherFor = (address: URL, timeouts: Timeouts, environment: NodeJS.ProcessEnv): Dispatcher => {
  const { EnvHttpProxyAgent, Pool } = loadUndici();
  const { proxy, token, noProxy } = proxySettings(address.protocol, environment);
  const tls = { timeout: timeouts.connect };
  class ProxyClient extends Pool {
    tunnel(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
      return super.connect(options);
    }
  }
  /** A client of the proxy whose failures say that it is the proxy that failed. */
  const clientFactory = (origin: URL, options: object): Dispatcher => {
    const client = new ProxyClient(origin, { ...options, headersTimeout: timeouts.connect });
    return Object.assign(client, {
      connect: async (options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
        const answer = await client.tunnel(options).catch((error: unknown) => {
          const reason = reasonOf(error, { ...timeouts, idle: timeouts.connect });
          throw new Error(`the proxy ${origin.host} cannot be used (${reason})`, { cause: error });
        });
        if (answer.statusCode === 200) return answer;
        answer.socket.on('error', () => undefined).destroy();
        throw new Error(`the proxy ${origin.host} answered ${answer.statusCode}`);
      },
    });
  };
  return new EnvHttpProxyAgent({
    httpProxy: proxy?.href ?? '',
    httpsProxy: proxy?.href ?? '',
    noProxy,
    ...(token === undefined ? {} : { token }),
    connect: tls,
    proxyTls: tls,
    requestTls: tls,
    clientFactory,
    // Proxies commonly refuse tunnels to servers without encryption: those they are asked for plainly.
    proxyTunnel: false,
  });
};

/** Why a request failed, as a clause. */
const reasonOf = (error: unknown, { connect, idle }: Timeouts): string => {
  switch (codeOf(error)) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection within ${seconds(connect)}`;
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return `no data for ${seconds(idle)}`;
    default:
      return messageOf(error);
  }
};

const inWords = (error: unknown, timeouts: Timeouts): Error =>
  new Error(reasonOf(error, timeouts), { cause: error });

/** The body of an answer, whose failures are in words. */
async function* piecesOf(body: AsyncIterable<Buffer>, timeouts: Timeouts): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw inWords(error, timeouts);
  }
}

/** Sends one request; `use` gets its answer. What is left of the connection is closed afterwards. */
const send = async <T>(
  address: URL,
  options: RequestOptions,
  use: (response: HttpResponse) => Promise<T>,
): Promise<T> => {
  const { timeouts, method = 'GET', headers = {}, signal, environment = process.env } = options;
  const dispatcher = dispatcherFor(address, timeouts, environment);
  try {
    const answer = await loadUndici()
      .request(address, {
        dispatcher,
        method,
        headers: { 'user-agent': 'keras-pipe', ...headers },
        headersTimeout: timeouts.idle,
        bodyTimeout: timeouts.idle,
        ...(signal === undefined ? {} : { signal }),
      })
      .catch((error: unknown) => {
        throw inWords(error, timeouts);
      });
    // A body that nobody reads to its end fails when its connection is closed below, which is no news.
    answer.body.on('error', () => undefined);
    return await use({
      status: answer.statusCode,
      header: (name) => {
        const value = answer.headers[name];
        return typeof value === 'object' ? value[0] : value;
      },
      body: piecesOf(answer.body as AsyncIterable<Buffer>, timeouts),
    });
  } finally {
    await dispatcher.destroy();
  }
};

/** Where an answer redirects to, if it does. */
const redirectOf = (address: URL, response: HttpResponse): URL | undefined => {
  const location = response.header('location');
  if (!REDIRECTS.includes(response.status) || location === undefined) return undefined;
  const next = new URL(location, address);
  if (address.protocol === 'https:' && next.protocol !== 'https:') {
    throw new Error(`${address.host} redirects to an address without encryption`);
  }
  return next;
};

/**
 * Asks for `address`, follows redirects, and gives the answer to `use` once its head is there. When `use` is done, however
 * much of the body it has read, the connection is closed.
 *
 * @throws Error if there is no answer; its message is a clause that says why.
 */
export const withResponse = async <T>(
  address: URL,
  options: RequestOptions,
  use: (response: HttpResponse) => Promise<T>,
): Promise<T> => {
  let current = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const outcome = await send(current, options, async (response) => {
      const next = redirectOf(current, response);
      return next === undefined ? { value: await use(response) } : { next };
    });
    if (outcome.next === undefined) return outcome.value;
    current = outcome.next;
  }
  throw new Error(`${address.host} redirects without end`);
};
