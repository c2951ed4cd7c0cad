import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { ask, proxyOf } from '../../src/setup/address';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const listen = async (server: http.Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const server = (): Promise<string> =>
  listen(
    http.createServer(
      (request, response) => void response.writeHead(request.url === '/there' ? 204 : 404).end(),
    ),
  );

it('tells the status', async () => {
  const host = await server();
  expect(await ask(`http://${host}/there`, undefined, 2000)).toEqual({ status: 204 });
  expect(await ask(`http://${host}/elsewhere`, undefined, 2000)).toEqual({ status: 404 });
});

it('tells of a host that refuses, one that is silent and one without a name', async () => {
  const silent = await listen(http.createServer(() => undefined));
  expect(await ask('http://127.0.0.1:9/', undefined, 2000)).toEqual({
    reason: '127.0.0.1:9 cannot be reached (ECONNREFUSED)',
  });
  expect(await ask(`http://${silent}/`, undefined, 300)).toEqual({
    reason: `${silent} does not answer within 0.3 seconds`,
  });
});

describe('through a proxy', () => {
  const proxy = async (status: number) => {
    const seen: { url: string | undefined; authorization: string | undefined }[] = [];
    const made = http.createServer();
    made.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
      seen.push({ url: request.url, authorization: request.headers['proxy-authorization'] });
      client.on('error', () => undefined);
      if (status !== 200) {
        client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      const port = Number(request.url?.split(':')[1]);
      const through = net.connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(client);
        client.pipe(through);
      });
      through.on('error', () => client.destroy());
    });
    return { host: await listen(made), seen };
  };

  it('it asks there, with the user and password of the proxy', async () => {
    const [target, { host, seen }] = [await server(), await proxy(200)];
    expect(await ask(`http://${target}/there`, `http://me:p%40ss@${host}`, 2000)).toEqual({ status: 204 });
    // printf 'me:p@ss' | base64
    expect(seen).toEqual([{ url: target, authorization: 'Basic bWU6cEBzcw==' }]);
  });

  it('that refuses', async () => {
    const [target, { host }] = [await server(), await proxy(407)];
    expect(await ask(`http://${target}/there`, `http://${host}`, 2000)).toEqual({
      reason: `${target} cannot be reached (the proxy ${host} answers 407)`,
    });
  });
});

it("picks the proxy that tfjs-node's script picks", () => {
  expect(proxyOf({})).toBeUndefined();
  expect(proxyOf({ HTTPS_PROXY: '', http_proxy: 'http://b' })).toBe('http://b');
  expect(proxyOf({ https_proxy: 'http://a', HTTP_PROXY: 'http://b' })).toBe('http://a');
});
