import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { create } from 'tar';
import { fetchPackage } from '../../src/setup/npm';
import type { PinnedPackage } from '../../src/native/pinned';
import type { Report } from '../../src/setup/report';
import { startHttp, startHttps, type Listening } from '../files/support/servers';
import { removeFolders, temporaryFolder, write } from './support/project';

// With the npm of this machine, against a registry on it.
let server: Server | undefined;
const listening: Listening[] = [];
afterEach(async () => {
  for (const each of listening.splice(0)) await each.close();
  server?.closeAllConnections();
  server?.close();
  removeFolders();
});

const makePackage = (): { file: string; wanted: PinnedPackage } => {
  const work = temporaryFolder();
  write(path.join(work, 'package', 'package.json'), '{ "name": "carrier", "version": "1.0.0" }');
  write(path.join(work, 'package', 'data'), createHash('sha512').digest().toString('hex').repeat(3000));
  const file = path.join(work, 'carrier.tgz');
  create({ file, cwd: work, gzip: true, sync: true }, ['package']);
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  return { file, wanted: { name: 'carrier', version: '1.0.0', integrity, bytes: readFileSync(file).length } };
};

/** Starts a registry; `send` gives the tarball. Returns a folder whose `.npmrc` names it. */
const registry = async (wanted: PinnedPackage, send: (response: ServerResponse) => void): Promise<string> => {
  const made = createServer((request, response) => {
    const base = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
    if (request.url?.endsWith('.tgz') === true) {
      send(response);
    } else if (request.url === '/carrier' && request.headers.authorization === 'Bearer a-token') {
      const dist = { tarball: `${base}/carrier.tgz`, integrity: wanted.integrity };
      const versions = { '1.0.0': { name: 'carrier', version: '1.0.0', dist } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ name: 'carrier', 'dist-tags': { latest: '1.0.0' }, versions }));
    } else {
      response.writeHead(404).end('{}');
    }
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const { port } = made.address() as AddressInfo;
  const project = temporaryFolder();
  write(
    path.join(project, '.npmrc'),
    `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=a-token\nfetch-retries=0\n`,
  );
  write(path.join(project, 'package.json'), '{}');
  return project;
};

const fetchInto = async (wanted: PinnedPackage, cwd: string) => {
  const lines: string[] = [];
  const report: Report = {
    line: (text) => lines.push(text),
    progress: () => undefined,
    end: () => undefined,
  };
  const folder = temporaryFolder();
  // What npm hands to the programs it runs would pass over the project's settings.
  const outer = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = { ...Object.fromEntries(outer), npm_config_cache: path.join(temporaryFolder(), 'npm') };
  const destination = path.join(folder, 'it.tgz');
  const done = fetchPackage(wanted, destination, { cwd, env }, report);
  await done.catch(() => undefined);
  return { done, destination, folder, lines };
};

it("a package comes through the project's registry and token", async () => {
  const { file, wanted } = makePackage();
  const project = await registry(wanted, (response) => response.end(readFileSync(file)));
  const { done, destination, folder } = await fetchInto(wanted, project);
  await done;
  expect(readFileSync(destination).equals(readFileSync(file))).toBe(true);
  expect(readdirSync(folder)).toEqual(['it.tgz']);
});

it('a package that the registry does not have', async () => {
  const { wanted } = makePackage();
  const project = await registry(wanted, () => undefined);
  const { done, folder } = await fetchInto({ ...wanted, name: 'another' }, project);
  await expect(done).rejects.toThrow(
    'the npm registry in use does not have another@1.0.0; npm says: Not Found',
  );
  expect(readdirSync(folder)).toEqual([]);
});

it('a connection that breaks off is tried three times', async () => {
  const { file, wanted } = makePackage();
  let times = 0;
  const project = await registry(wanted, (response) => {
    times += 1;
    response.writeHead(200, { 'content-length': wanted.bytes });
    response.write(readFileSync(file).subarray(0, 100), () => setTimeout(() => response.destroy(), 50));
  });
  const { done, folder, lines } = await fetchInto(wanted, project);
  await expect(done).rejects.toThrow('the connection to the npm registry breaks off, 3 times');
  expect(times).toBe(3);
  expect(lines).toEqual(Array.from({ length: 2 }, () => '  the connection broke; trying again'));
  expect(readdirSync(folder)).toEqual([]);
});

it('other bytes than the registry announces', async () => {
  const { wanted } = makePackage();
  const project = await registry(wanted, (response) => response.end('other'));
  const { done, destination } = await fetchInto(wanted, project);
  await expect(done).rejects.toThrow(
    'the download of carrier@1.0.0 does not have the hash that the registry names',
  );
  expect(existsSync(destination)).toBe(false);
});

describe('what is in the way is told apart', () => {
  const { wanted } = makePackage();
  const refusal = async (address: string, send: (response: ServerResponse) => void): Promise<unknown> => {
    const start = address.startsWith('https') ? startHttps : startHttp;
    const made = await start((_, response) => send(response));
    listening.push(made);
    const project = temporaryFolder();
    write(path.join(project, '.npmrc'), `registry=${address}:${made.port}/\nfetch-retries=0\n`);
    write(path.join(project, 'package.json'), '{}');
    const { done, folder } = await fetchInto(wanted, project);
    expect(readdirSync(folder)).toEqual([]);
    return done.catch((error: unknown) => error);
  };

  it.each([
    [401, 'the npm registry in use refuses carrier@1.0.0 (E401)', /logged in/],
    [403, 'the npm registry in use refuses carrier@1.0.0 (E403); npm says: Forbidden', /logged in/],
    [407, 'the proxy in use wants a user and a password; npm says: Proxy Auth', /user:password@host/],
    [429, 'the npm registry in use answers with an error (E429); npm says: Too Many', /when it answers/],
    [503, 'the npm registry in use answers with an error (E503); npm says: Service Un', /when it answers/],
    [418, '`npm pack carrier@1.0.0` ended with code 1 (E418); npm says: ', /Mend what npm says/],
  ])('an answer of %d', async (status, message, advice) => {
    const error = await refusal('http://127.0.0.1', (response) => response.writeHead(status).end());
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(error).toMatchObject({ advice: [expect.stringMatching(advice)] });
  });

  it('npm that is to stay offline', async () => {
    const project = temporaryFolder();
    write(path.join(project, '.npmrc'), 'offline=true\n');
    write(path.join(project, 'package.json'), '{}');
    const { done } = await fetchInto(wanted, project);
    await expect(done).rejects.toMatchObject({
      message: expect.stringMatching(
        /^npm is set to be offline, and does not have carrier@1\.0\.0 in its cache; npm says: /,
      ),
      advice: ['Run setup without `--offline` (`npm config get offline`).'],
    });
  });

  it('a certificate that nobody knows', async () => {
    const error = await refusal('https://127.0.0.1', (response) => response.end());
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^npm does not trust the certificate that it is shown \(\w+\); npm says: /,
      ),
      advice: [expect.stringContaining('NODE_EXTRA_CA_CERTS')],
    });
  });
});
