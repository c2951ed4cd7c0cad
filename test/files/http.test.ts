import { setTimeout as sleep } from 'node:timers/promises';
import { proxySettings, withResponse, type RequestOptions } from '../../src/files/http';
import {
  startHttp,
  startProxy,
  startSocketServer,
  type Listening,
  type ProxyOptions,
  type ProxyRequest,
} from './support/servers';

const TIMEOUTS = { connect: 2000, idle: 2000 };

const listening: Listening[] = [];
const keep = <T extends Listening>(server: T): T => {
  listening.push(server);
  return server;
};
afterEach(async () => {
  for (const server of listening.splice(0)) await server.close();
});

/** What an address answers, its body read to the end. */
const read = (
  address: string | URL,
  options: Partial<RequestOptions> = {},
): Promise<{ status: number; text: string }> =>
  withResponse(new URL(address), { timeouts: TIMEOUTS, environment: {}, ...options }, async (response) => {
    let text = '';
    for await (const piece of response.body) text += piece.toString();
    return { status: response.status, text };
  });

test('gets a page, with headers, after redirects', async () => {
  const { port } = keep(
    await startHttp((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
      else response.end(`${request.url} ${String(request.headers['x-test'])}`);
    }),
  );
  expect(await read(`http://127.0.0.1:${port}/old`, { headers: { 'x-test': 'yes' } })).toEqual({
    status: 200,
    text: '/new yes',
  });
});

test('gives up on redirects without end', async () => {
  const { port } = keep(await startHttp((_, response) => response.writeHead(301, { location: '/' }).end()));
  await expect(read(`http://127.0.0.1:${port}/`)).rejects.toThrow('redirects without end');
});

test('gives up where nobody listens, or nobody speaks', async () => {
  await expect(read('http://127.0.0.1:9/')).rejects.toThrow('ECONNREFUSED');
  const { port } = keep(await startSocketServer(() => undefined));
  const timeouts = { connect: 5000, idle: 50 };
  await expect(read(`http://127.0.0.1:${port}/`, { timeouts })).rejects.toThrow('no data for 0.05 s');
});

test('gives up where the answer stops half way', async () => {
  const { port } = keep(
    await startHttp((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
    }),
  );
  const timeouts = { connect: 5000, idle: 50 };
  await expect(read(`http://127.0.0.1:${port}/`, { timeouts })).rejects.toThrow('no data for 0.05 s');
});

test('gives up where no connection comes about', async () => {
  // The port takes the connection but never completes the encryption.
  const { port } = keep(await startSocketServer(() => undefined));
  const timeouts = { connect: 50, idle: 5000 };
  await expect(read(`https://127.0.0.1:${port}/`, { timeouts })).rejects.toThrow(
    'no connection within 0.05 s',
  );
});

test('ends with a signal, and closes what nobody reads', async () => {
  let open = 0;
  const { port } = keep(
    await startHttp((request, response) => {
      open += 1;
      request.socket.on('close', () => (open -= 1));
      response.writeHead(200);
      response.write('the head');
    }),
  );
  await expect(read(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(50) })).rejects.toThrow(
    /aborted/,
  );
  const { status } = await withResponse(
    new URL(`http://127.0.0.1:${port}/`),
    { timeouts: TIMEOUTS, environment: {} },
    (response) => Promise.resolve(response),
  );
  expect(status).toBe(200);
  for (let look = 0; open > 0 && look < 100; look++) await sleep(10);
  expect(open).toBe(0);
});

test('finds the proxy as other programs do', () => {
  const find = (environment: NodeJS.ProcessEnv, protocol = 'https:'): string | undefined =>
    proxySettings(protocol, environment).proxy?.href;
  expect(find({})).toBeUndefined();
  expect(find({ HTTPS_PROXY: '' })).toBeUndefined();
  expect(find({ HTTPS_PROXY: 'http://proxy:3128' })).toBe('http://proxy:3128/');
  expect(find({ https_proxy: 'proxy:3128' })).toBe('http://proxy:3128/');
  expect(find({ https_proxy: '', HTTPS_PROXY: 'proxy:3128' })).toBe('http://proxy:3128/');
  expect(find({ https_proxy: 'small:1', HTTPS_PROXY: 'large:1' })).toBe('http://small:1/');
  expect(find({ HTTP_PROXY: 'proxy:3128' })).toBe('http://proxy:3128/');
  expect(find({ HTTPS_PROXY: 'http://proxy:3128' }, 'http:')).toBeUndefined();
  expect(find({ HTTP_PROXY: 'http://proxy:3128' }, 'http:')).toBe('http://proxy:3128/');
  for (const wrong of ['ftp://me:secret@proxy', 'http://', 'me:secret@[proxy'])
    expect(() => find({ HTTPS_PROXY: wrong })).toThrow(
      /^HTTPS_PROXY must be the address of a proxy, such as http:\/\/proxy\.example\.org:3128$/,
    );
});

/** What reaches a proxy when an address is asked for with an environment; `direct` if nothing does. */
const route = async (
  address: URL,
  environment: NodeJS.ProcessEnv,
  options: ProxyOptions = {},
  user = '',
): Promise<ProxyRequest | 'direct'> => {
  const proxy = await startProxy(options);
  const named = `http://${user}127.0.0.1:${proxy.port}`;
  try {
    await read(address, { environment: { HTTP_PROXY: named, HTTPS_PROXY: named, ...environment } });
    return proxy.requests[0] ?? 'direct';
  } finally {
    await proxy.close();
  }
};

test('asks a proxy for addresses without encryption, plainly', async () => {
  const { port } = keep(await startHttp((request, response) => response.end(request.url)));
  const address = new URL(`http://data.example.test:${port}/file`);
  const hosts = { 'data.example.test': port };
  expect(await route(address, {}, { hosts })).toEqual({
    method: 'GET',
    target: address.href,
    authorization: undefined,
  });
});

test('gives the proxy its user, with and without a password', async () => {
  const { port } = keep(await startHttp((_, response) => response.end()));
  const address = new URL(`http://127.0.0.1:${port}/`);
  // printf 'me:p@ss' | base64; printf 'token:' | base64
  expect(await route(address, {}, { user: 'me:p@ss' }, 'me:p%40ss@')).toMatchObject({
    authorization: 'Basic bWU6cEBzcw==',
  });
  expect(await route(address, {}, { user: 'token:' }, 'token@')).toMatchObject({
    authorization: 'Basic dG9rZW46',
  });
});

test('goes round the proxy for the hosts of NO_PROXY', async () => {
  const { port } = keep(await startHttp((_, response) => response.end()));
  const address = new URL(`http://localhost:${port}/`);
  for (const excluded of [
    '*',
    'other.org, *',
    'localhost',
    'LOCALHOST',
    '.localhost',
    '*.localhost',
    `localhost:${port}`,
    `other.org  localhost:${port}`,
  ]) {
    expect([excluded, await route(address, { NO_PROXY: excluded })]).toEqual([excluded, 'direct']);
  }
  expect(await route(address, { no_proxy: 'localhost', NO_PROXY: 'other.org' })).toBe('direct');
  for (const included of ['other.org', 'ocalhost', 'localhost:1', 'local', '127.0.0.1', '']) {
    expect([included, await route(address, { NO_PROXY: included })]).toEqual([
      included,
      expect.objectContaining({ target: address.href }),
    ]);
  }
});

test('goes round the proxy for hosts below those of NO_PROXY, and for IPv6 addresses', () => {
  const settings = (entries: string): string => proxySettings('http:', { NO_PROXY: entries }).noProxy;
  expect(settings('example.org, ::1 [::2]:80')).toBe('example.org,[::1],[::2]:80');
  expect(settings(' * ,example.org')).toBe('*');
});

test('says that the proxy refuses, is silent, or is not there', async () => {
  const ask = (port: number): Promise<unknown> =>
    read('https://data.example.test/', {
      environment: { HTTPS_PROXY: `http://127.0.0.1:${port}` },
      timeouts: { connect: 100, idle: 5000 },
    });
  const refusing = keep(await startProxy({ refuse: 407 }));
  await expect(ask(refusing.port)).rejects.toThrow(`the proxy 127.0.0.1:${refusing.port} answered 407`);
  const silent = keep(await startProxy({ silent: true }));
  await expect(ask(silent.port)).rejects.toThrow(
    `the proxy 127.0.0.1:${silent.port} cannot be used (no data for 0.1 s)`,
  );
  await expect(ask(9)).rejects.toThrow('the proxy 127.0.0.1:9 cannot be used (connect ECONNREFUSED');
});
