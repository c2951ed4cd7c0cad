/** Whole downloads by processes of their own, behind proxies and with a certificate of one's own, all on loopback. */
import { serve } from '../datasets/support';
import { CONTENT, downloadInProcess, SHA256 } from './support/download';
import { CERTIFICATE, startHttps, startProxy, type Listening, type ProxyOptions } from './support/servers';

const NODE_EXTRA_CA_CERTS = CERTIFICATE;
// The name leads nowhere: only a proxy knows what it stands for.
const ADDRESS = 'https://data.example.test/file.npz';
const DOWNLOADED = { said: `downloaded ${SHA256}`, ended: true };

const listening: Listening[] = [];
const keep = <T extends Listening>(server: T): T => {
  listening.push(server);
  return server;
};
afterEach(async () => {
  for (const server of listening.splice(0)) await server.close();
});

const fileServer = async (): Promise<number> => keep(await startHttps(serve(CONTENT))).port;
const proxyOf = async (options: ProxyOptions = {}) => {
  const port = await fileServer();
  return keep(await startProxy({ hosts: { 'data.example.test': port }, ...options }));
};

test('comes through a proxy, and the process ends', async () => {
  const proxy = await proxyOf();
  const environment = { NODE_EXTRA_CA_CERTS, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  expect(await downloadInProcess(ADDRESS, environment)).toEqual(DOWNLOADED);
  expect(proxy.requests).toEqual([
    { method: 'CONNECT', target: 'data.example.test:443', authorization: undefined },
  ]);
});

test('comes through a proxy with a user and a password, itself spoken to over TLS', async () => {
  const proxy = await proxyOf({ secure: true, user: 'me:p@ss' });
  const environment = {
    NODE_EXTRA_CA_CERTS,
    HTTPS_PROXY: `https://me:p%40ss@localhost:${proxy.port}`,
    NO_PROXY: 'localhost,other.example.test',
  };
  expect(await downloadInProcess(ADDRESS, environment)).toEqual(DOWNLOADED);
  // printf 'me:p@ss' | base64
  expect(proxy.requests).toEqual([
    { method: 'CONNECT', target: 'data.example.test:443', authorization: 'Basic bWU6cEBzcw==' },
  ]);
});

test('goes on where a tunnel broke off', async () => {
  const proxy = await proxyOf({ cutAfter: 700_000 });
  const environment = { NODE_EXTRA_CA_CERTS, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  expect(await downloadInProcess(ADDRESS, environment)).toEqual(DOWNLOADED);
  expect(proxy.requests.length).toBeGreaterThan(1);
});

test('follows a redirect through the proxy to another host', async () => {
  const files = await fileServer();
  const { port } = keep(
    await startHttps((_, response) =>
      response.writeHead(302, { location: 'https://mirror.example.test/file.npz' }).end(),
    ),
  );
  const hosts = { 'data.example.test': port, 'mirror.example.test': files };
  const proxy = keep(await startProxy({ hosts }));
  const environment = { NODE_EXTRA_CA_CERTS, https_proxy: `127.0.0.1:${proxy.port}` };
  expect(await downloadInProcess(ADDRESS, environment)).toEqual(DOWNLOADED);
  expect(proxy.requests.map(({ target }) => target)).toEqual([
    'data.example.test:443',
    'mirror.example.test:443',
  ]);
});

test('goes round the proxy for a host of NO_PROXY', async () => {
  const proxy = await proxyOf();
  const address = `https://localhost:${await fileServer()}/file.npz`;
  const environment = {
    NODE_EXTRA_CA_CERTS,
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    NO_PROXY: 'example.org, localhost',
  };
  expect(await downloadInProcess(address, environment)).toEqual(DOWNLOADED);
  expect(proxy.requests).toEqual([]);
});

test.each<[string, ProxyOptions, NodeJS.ProcessEnv, RegExp]>([
  [
    'refuses the user',
    { user: 'me:pass' },
    { NODE_EXTRA_CA_CERTS },
    /data\.example\.test could not be read \(the proxy 127\.0\.0\.1:\d+ answered 407\)$/,
  ],
  [
    'never answers',
    { silent: true },
    { NODE_EXTRA_CA_CERTS },
    /could not be read \(the proxy 127\.0\.0\.1:\d+ cannot be used \(no data for 1 s\)\)$/,
  ],
  ['leads to a certificate that nobody vouches for', {}, {}, /could not be read \(self-signed certificate/],
])('says that the proxy %s, and ends', async (_, options, environment, message) => {
  const proxy = await proxyOf(options);
  const { said, ended } = await downloadInProcess(ADDRESS, {
    ...environment,
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
  });
  expect(said).toMatch(message);
  expect(ended).toBe(true);
});
