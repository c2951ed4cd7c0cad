/** With the pip of this machine, against an index on it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import path from 'node:path';
import { fetchWheel } from '../../src/setup/pip';
import type { PinnedWheel } from '../../src/native/pinned';
import type { Report } from '../../src/setup/report';
import { startHttp, startHttps, startProxy, type Listening } from '../files/support/servers';
import { removeFolders, temporaryFolder, write, zipOf } from './support/project';

const hasPip = [['python3', '-m', 'pip'], ['pip3'], ['pip']].some(
  ([program = '', ...first]) => spawnSync(program, [...first, '--version']).status === 0,
);
// A system without Python has none to try; setup says so there, which another test holds.
const withPip = hasPip ? it : it.skip;

const listening: Listening[] = [];
const keep = <T extends Listening>(server: T): T => {
  listening.push(server);
  return server;
};
afterEach(async () => {
  for (const server of listening.splice(0)) await server.close();
  removeFolders();
});

const FILE = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';
const METADATA = 'Metadata-Version: 2.1\nName: tensorflow_cpu\nVersion: 2.21.0\n';
const content = zipOf({
  'tensorflow/libtensorflow_cc.so.2': 'the library '.repeat(10_000),
  'tensorflow_cpu-2.21.0.dist-info/METADATA': METADATA,
  'tensorflow_cpu-2.21.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: false\n',
  'tensorflow_cpu-2.21.0.dist-info/RECORD': '',
});

const wheel: PinnedWheel = {
  name: 'tensorflow_cpu',
  version: '2.21.0',
  platform: { os: 'linux', arch: 'x64', libc: 'glibc' },
  tag: 'manylinux_2_27_x86_64',
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: { packed: content.length, unpacked: content.length },
};

/** An index as Python's; `send` gives the wheel. Resolves to its address, without user and password. */
const index = async (
  send: (response: ServerResponse) => void = (response) => response.end(content),
  allow: (authorization: string | undefined) => number = () => 200,
): Promise<string> => {
  const answer: RequestListener = (request, response) => {
    const status = allow(request.headers.authorization);
    if (status !== 200) response.writeHead(status).end();
    else if (request.url === '/simple/tensorflow-cpu/') {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!DOCTYPE html><html><body><a href="../../files/${FILE}">${FILE}</a></body></html>`);
    } else if (request.url === `/files/${FILE}`) send(response);
    else response.writeHead(404).end();
  };
  return `127.0.0.1:${keep(await startHttp(answer)).port}`;
};

const fetchFrom = async (address: string, more: NodeJS.ProcessEnv = {}, wanted = wheel) => {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const report: Report = {
    line: (text) => lines.push(text),
    progress: () => undefined,
    end: () => undefined,
  };
  // Settings of the machine, and of whoever runs the tests, are not those of this user.
  const outer = Object.entries(process.env).filter(
    ([name]) => !/^(PIP_|https?_proxy$|no_proxy$)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(outer),
    PIP_CONFIG_FILE: path.join(folder, 'pip.conf'),
    PIP_NO_CACHE_DIR: '1',
    PIP_RETRIES: '0',
    ...(address === '' ? {} : { PIP_INDEX_URL: `http://${address}/simple` }),
    ...more,
  };
  const destination = path.join(folder, 'wheel', 'it.whl');
  write(path.join(folder, 'wheel', 'beside'), '');
  const done = fetchWheel(wanted, destination, { cwd: folder, env }, report);
  await done.catch(() => undefined);
  return { done, destination, lines, left: readdirSync(path.join(folder, 'wheel')) };
};

withPip("a wheel comes from the user's index, with its user and password", async () => {
  // printf 'me:p@ss' | base64
  const address = await index(undefined, (given) => (given === 'Basic bWU6cEBzcw==' ? 200 : 401));
  const { done, destination, left } = await fetchFrom(`me:p%40ss@${address}`);
  await done;
  expect(readFileSync(destination).equals(content)).toBe(true);
  expect(left.sort()).toEqual(['beside', 'it.whl']);
  const stranger = await fetchFrom(`stranger:secret@${address}`);
  await expect(stranger.done).rejects.toThrow(/the index in use refuses tensorflow_cpu==2\.21\.0/);
  await expect(stranger.done).rejects.not.toThrow(/secret/);
  expect(stranger.left).toEqual(['beside']);
});

withPip("a wheel comes from the index that the user's file of settings names", async () => {
  const folder = temporaryFolder();
  write(path.join(folder, 'pip.conf'), `[global]\nindex-url = http://${await index()}/simple\n`);
  const { done, destination } = await fetchFrom('', { PIP_CONFIG_FILE: path.join(folder, 'pip.conf') });
  await done;
  expect(existsSync(destination)).toBe(true);
});

withPip('a wheel comes whatever the user settles for what Python runs', async () => {
  const constraints = path.join(temporaryFolder(), 'constraints.txt');
  write(constraints, 'tensorflow_cpu==2.15.0\n');
  const { done, destination } = await fetchFrom(await index(), {
    PIP_REQUIRE_VIRTUALENV: '1',
    PIP_REQUIRE_HASHES: '1',
    PIP_CONSTRAINT: constraints,
  });
  await done;
  expect(existsSync(destination)).toBe(true);
});

withPip('a wheel comes through a proxy, with its user and password', async () => {
  const target = (await index()).split(':')[1];
  const proxy = keep(await startProxy({ user: 'me:p@ss', hosts: { 'index.example.test': Number(target) } }));
  const env = {
    http_proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}`,
    PIP_TRUSTED_HOST: 'index.example.test',
  };
  const { done, destination } = await fetchFrom('index.example.test', env);
  await done;
  expect(readFileSync(destination).equals(content)).toBe(true);
  expect(proxy.requests.map(({ target: address }) => address)).toContain(
    `http://index.example.test/files/${FILE}`,
  );
});

withPip.each<[string, () => Promise<string>, RegExp]>([
  [
    'that is not there',
    () => Promise.resolve('127.0.0.1:9'),
    /pip cannot reach the index in use; pip says: NewConnectionError\(.*refused'?\)$/,
  ],
  [
    'without the wheel',
    async () => `${await index()}/none`,
    /does not have tensorflow_cpu==2\.21\.0 for this system/,
  ],
  ['that refuses', () => index(undefined, () => 403), /the index in use refuses tensorflow_cpu==2\.21\.0/],
  [
    'whose wheel is another',
    () => index((response) => response.end(Buffer.concat([content, Buffer.from('more')]))),
    /tensorflow_cpu==2\.21\.0 is not the file expected: its SHA-256 is/,
  ],
])('an index %s', async (_, make, message) => {
  const { done, left } = await fetchFrom(await make());
  await expect(done).rejects.toThrow(message);
  expect(left).toEqual(['beside']);
});

withPip.each<[number, string, RegExp]>([
  [401, 'the index in use refuses tensorflow_cpu==2.21.0; pip says: 401 Client Error', /pip config list/],
  [407, 'the proxy in use wants a user and a password; pip says: 407 Client Error', /user:password@host/],
  [429, 'the index in use answers with an error; pip says: 429 Client Error', /when it answers/],
  [500, 'the index in use answers with an error; pip says: ', /when it answers/],
  [503, 'the index in use answers with an error; pip says: ', /when it answers/],
  [404, 'the index in use does not have tensorflow_cpu==2.21.0 for this system; pip says: No', /mirror/],
])('an index that answers %d', async (status, message, advice) => {
  const { done, left } = await fetchFrom(await index(undefined, () => status));
  const error = await done.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: expect.stringContaining(message) });
  expect(error).toMatchObject({ advice: [expect.stringMatching(advice)] });
  expect(left).toEqual(['beside']);
});

withPip('a certificate that nobody knows', async () => {
  const { port } = keep(await startHttps((_, response) => response.end()));
  const { done } = await fetchFrom('', { PIP_INDEX_URL: `https://127.0.0.1:${port}/simple` });
  expect(await done.catch((reason: unknown) => reason)).toMatchObject({
    message: expect.stringMatching(
      /^pip does not trust the certificate that it is shown; pip says: SSLError/,
    ),
    advice: [expect.stringContaining('PIP_CERT')],
  });
});

withPip('a proxy that wants a user and a password', async () => {
  const proxy = keep(await startProxy({ user: 'me:secret' }));
  const { done } = await fetchFrom('', {
    https_proxy: `http://127.0.0.1:${proxy.port}`,
    PIP_INDEX_URL: 'https://index.example.test/simple',
  });
  await expect(done).rejects.toThrow(
    /^the proxy in use wants a user and a password; pip says: ProxyError\(.*Tunnel connection failed: 407/,
  );
});

withPip('a system that the index has no wheel for', async () => {
  const { done } = await fetchFrom(await index(), {}, { ...wheel, tag: 'manylinux_2_17_aarch64' });
  await expect(done).rejects.toThrow(/does not have tensorflow_cpu==2\.21\.0 for this system/);
});

withPip('a connection that breaks off is tried three times', async () => {
  let times = 0;
  const address = await index((response) => {
    times++;
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50));
  });
  const { done, left, lines } = await fetchFrom(address);
  await expect(done).rejects.toThrow('the connection to the index in use breaks off, 3 times');
  expect(times).toBeGreaterThanOrEqual(3);
  expect(lines).toEqual(Array.from({ length: 2 }, () => '  the connection broke; trying again'));
  expect(left).toEqual(['beside']);
});

withPip('a connection that breaks off once does no harm', async () => {
  let times = 0;
  const address = await index((response) => {
    times++;
    if (times > 1) {
      response.end(content);
      return;
    }
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50));
  });
  const { done, destination } = await fetchFrom(address);
  await done;
  expect(readFileSync(destination).equals(content)).toBe(true);
});
