import { ask, proxyOf } from '../../src/setup/address';
import {
  startHttp,
  startProxy,
  type Listening,
  type Proxy,
  type ProxyOptions,
} from '../files/support/servers';

const listening: Listening[] = [];
const keep = <T extends Listening>(server: T): T => {
  listening.push(server);
  return server;
};
afterEach(async () => {
  for (const server of listening.splice(0)) await server.close();
});

const server = async (): Promise<string> => {
  const { port } = keep(
    await startHttp(
      (request, response) => void response.writeHead(request.url === '/there' ? 204 : 404).end(),
    ),
  );
  return `127.0.0.1:${port}`;
};

it('tells the status', async () => {
  const host = await server();
  expect(await ask(`http://${host}/there`, undefined, 2000)).toEqual({ status: 204 });
  expect(await ask(`http://${host}/elsewhere`, undefined, 2000)).toEqual({ status: 404 });
});

it('tells of a host that refuses, one that is silent and one without a name', async () => {
  const silent = `127.0.0.1:${keep(await startHttp(() => undefined)).port}`;
  expect(await ask('http://127.0.0.1:9/', undefined, 2000)).toEqual({
    reason: '127.0.0.1:9 cannot be reached (connect ECONNREFUSED 127.0.0.1:9)',
  });
  expect(await ask(`http://${silent}/`, undefined, 300)).toEqual({
    reason: `${silent} does not answer within 0.3 seconds`,
  });
  expect(await ask('http://nowhere.invalid/', undefined, 5000)).toEqual({
    reason: expect.stringMatching(
      /^nowhere\.invalid cannot be reached \(getaddrinfo E\w+ nowhere\.invalid\)$/,
    ),
  });
});

describe('through a proxy', () => {
  const proxy = async (options: ProxyOptions): Promise<Proxy & { host: string }> => {
    const started = keep(await startProxy(options));
    return { ...started, host: `127.0.0.1:${started.port}` };
  };

  it('it asks there, with the user and password of the proxy', async () => {
    const [target, { host, requests }] = [await server(), await proxy({})];
    expect(await ask(`http://${target}/there`, `http://me:p%40ss@${host}`, 2000)).toEqual({ status: 204 });
    // printf 'me:p@ss' | base64
    expect(requests).toEqual([
      { method: 'HEAD', target: `http://${target}/there`, authorization: 'Basic bWU6cEBzcw==' },
    ]);
  });

  it('that refuses', async () => {
    const { host } = await proxy({ refuse: 407 });
    expect(await ask('https://data.example.test/there', `http://${host}`, 2000)).toEqual({
      reason: `data.example.test cannot be reached (the proxy ${host} answered 407)`,
    });
  });
});

it("picks the proxy that tfjs-node's script picks", () => {
  expect(proxyOf({})).toBeUndefined();
  expect(proxyOf({ HTTPS_PROXY: '', http_proxy: 'http://b' })).toBe('http://b');
  expect(proxyOf({ https_proxy: 'http://a', HTTP_PROXY: 'http://b' })).toBe('http://a');
});
