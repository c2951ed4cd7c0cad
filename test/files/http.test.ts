import net, { type AddressInfo } from 'node:net';
import { get, openTunnel, proxyFor } from '../../src/files/http';
import { testServers } from '../datasets/support';

const startServer = testServers();
const PATIENCE = { connect: 2000, idle: 2000 };

const bodyOf = async (body: AsyncIterable<unknown>): Promise<string> => {
  let text = '';
  for await (const chunk of body) text += String(chunk);
  return text;
};

const listening: net.Server[] = [];
const listen = async (onConnection: (socket: net.Socket) => void): Promise<number> => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  listening.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port; // a server on a port has one
};
afterAll(() => listening.forEach((server) => server.close()));

test('gets a page, with headers, after redirects', async () => {
  const { address } = await startServer((request, response) => {
    if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
    else response.end(`${request.url} ${String(request.headers['x-test'])}`);
  });
  const response = await get(new URL('old', address), { 'x-test': 'yes' }, PATIENCE);
  expect(response.statusCode).toBe(200);
  expect(await bodyOf(response)).toBe('/new yes');
});

test('gives up on redirects without end', async () => {
  const { address } = await startServer((_, response) => response.writeHead(301, { location: '/' }).end());
  await expect(get(new URL(address), {}, PATIENCE)).rejects.toThrow('redirects without end');
});

test('gives up where nobody listens, or nobody speaks', async () => {
  await expect(get(new URL('http://127.0.0.1:9/'), {}, PATIENCE)).rejects.toThrow('ECONNREFUSED');
  const port = await listen(() => undefined);
  await expect(get(new URL(`http://127.0.0.1:${port}/`), {}, { connect: 5000, idle: 50 })).rejects.toThrow(
    'no data for 0.05 s',
  );
});

test('gives up where no connection comes about', async () => {
  // The port takes the connection but never completes the encryption.
  const port = await listen(() => undefined);
  await expect(get(new URL(`https://127.0.0.1:${port}/`), {}, { connect: 50, idle: 5000 })).rejects.toThrow(
    'no connection within 0.05 s',
  );
});

test('finds the proxy as other programs do', () => {
  const secure = new URL('https://data.example.org/file');
  const find = (environment: NodeJS.ProcessEnv, address = secure): string | undefined =>
    proxyFor(address, environment)?.href;
  expect(find({})).toBeUndefined();
  expect(find({ HTTPS_PROXY: '' })).toBeUndefined();
  expect(find({ HTTPS_PROXY: 'http://proxy:3128' })).toBe('http://proxy:3128/');
  expect(find({ https_proxy: 'proxy:3128' })).toBe('http://proxy:3128/');
  expect(find({ HTTPS_PROXY: 'http://proxy:3128' }, new URL('http://data.example.org/'))).toBeUndefined();
  for (const excluded of [
    '*',
    'example.org',
    '.example.org',
    '*.example.org',
    'other.org, data.example.org:443',
  ]) {
    expect(find({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: excluded })).toBeUndefined();
  }
  expect(find({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'ample.org,localhost' })).toBe(
    'http://proxy:3128/',
  );
});

test('connects through a proxy', async () => {
  let asked = '';
  const port = await listen((socket) => {
    socket.once('data', (head) => {
      asked = head.toString();
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (data) => socket.write(`echo ${data.toString()}`));
    });
  });
  const socket = await openTunnel(
    new URL(`http://me:p%40ss@127.0.0.1:${port}`),
    'data.example.org',
    443,
    PATIENCE,
  );
  expect(asked).toMatch(/^CONNECT data\.example\.org:443 HTTP\/1\.1\r\n/);
  // printf 'me:p@ss' | base64
  expect(asked.toLowerCase()).toContain('proxy-authorization: basic bwu6cebzcw==');
  const answer = new Promise<string>((done) => socket.once('data', (data) => done(data.toString())));
  socket.write('hello');
  expect(await answer).toBe('echo hello');
  socket.destroy();
});

test('says that the proxy refuses, or is not there', async () => {
  const port = await listen((socket) => socket.end('HTTP/1.1 407 Authentication required\r\n\r\n'));
  await expect(openTunnel(new URL(`http://127.0.0.1:${port}`), 'x.org', 443, PATIENCE)).rejects.toThrow(
    `proxy 127.0.0.1:${port} answered 407`,
  );
  await expect(openTunnel(new URL('http://127.0.0.1:9'), 'x.org', 443, PATIENCE)).rejects.toThrow(
    'cannot be used (connect ECONNREFUSED',
  );
});
