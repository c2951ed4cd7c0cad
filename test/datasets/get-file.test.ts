import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getFile, KerasArgumentError, KerasFileError, type GetFileOptions } from '../../src/index';
import { tarOf, zipOf } from '../files/support/archives';
import { gzipSync } from 'node:zlib';
import { serve, serveCut, temporaryFolders, testServers } from './support';

const temporaryFolder = temporaryFolders();
const startServer = testServers();

const CONTENT = Buffer.from('word '.repeat(20_000));
const hashOf = (algorithm: 'md5' | 'sha256', content = CONTENT): string =>
  createHash(algorithm).update(content).digest('hex');

let shown: string[];
let warned: string[];
const before = process.env['KERAS_HOME'];
let home: string;

beforeEach(async () => {
  shown = [];
  warned = [];
  home = await temporaryFolder();
  process.env['KERAS_HOME'] = home;
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown.push(String(text));
    return true;
  });
  jest.spyOn(process, 'emitWarning').mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  jest.restoreAllMocks();
  if (before === undefined) delete process.env['KERAS_HOME'];
  else process.env['KERAS_HOME'] = before;
});

/** Gets a file that a server of this machine has. */
const get = async (
  content: Buffer,
  options: Omit<GetFileOptions, 'origin'> = {},
  name = 'words.txt',
): Promise<{ path: string; again: () => Promise<string>; ranges: readonly (string | undefined)[] }> => {
  const { address, ranges } = await startServer(serve(content));
  const call = () => getFile({ origin: `${address}folder/${name}?version=1`, ...options });
  return { path: await call(), again: call, ranges };
};

test('downloads once, under the address’s name, and shows how far it is', async () => {
  const { path, again, ranges } = await get(CONTENT);
  expect(path).toBe(join(home, 'datasets', 'words.txt'));
  expect(await readFile(path)).toEqual(CONTENT);
  expect(await again()).toBe(path);
  expect(ranges).toHaveLength(1);
  expect(shown[0]).toBe('Downloading words.txt (100.0 kB)\n');
  expect(shown[1]).toMatch(/^Downloading words\.txt: done after/);
  expect(await readdir(join(home, 'datasets'))).toEqual(['words.txt']);
});

test('the name, the folders below the cache, and the cache are the caller’s to say', async () => {
  const other = await temporaryFolder();
  const options = { fname: 'list.txt', cacheSubdir: 'texts/english', cacheDir: other };
  expect((await get(CONTENT, options)).path).toBe(join(other, 'texts/english/list.txt'));
  const absolute = join(other, 'here.txt');
  expect((await get(CONTENT, { fname: absolute })).path).toBe(absolute);
});

test.each([
  ['sha256', hashOf('sha256'), 'auto'],
  ['md5', hashOf('md5'), 'auto'],
  ['sha256 in capitals', hashOf('sha256').toUpperCase(), 'sha256'],
  ['md5, said so', hashOf('md5'), 'md5'],
] as const)('the hash is checked: %s', async (_, fileHash, hashAlgorithm) => {
  const { path, again, ranges } = await get(CONTENT, { fileHash, hashAlgorithm });
  expect(await readFile(path)).toEqual(CONTENT);
  await again();
  expect(ranges).toHaveLength(1);
  // The same address with other bytes.
  await expect(get(Buffer.from('other'), { fileHash, hashAlgorithm, fname: 'b' })).rejects.toThrow(
    /getFile: .* must be there for download, with the (sha256|md5) hash .*do not have the checksum/,
  );
  expect(existsSync(join(home, 'datasets/b'))).toBe(false);
});

test('an old file of another hash is kept under another name', async () => {
  await mkdir(join(home, 'datasets'));
  await writeFile(join(home, 'datasets/words.txt'), 'old');
  const { path } = await get(CONTENT, { fileHash: hashOf('sha256') });
  expect(await readFile(path)).toEqual(CONTENT);
  expect(await readFile(`${path}.bak`, 'utf8')).toBe('old');
  expect(warned).toEqual([
    `${path} had another checksum and was downloaded anew. The old one is now ${path}.bak.`,
  ]);
});

test('without a hash, a file that is there is good', async () => {
  await mkdir(join(home, 'datasets'));
  await writeFile(join(home, 'datasets/words.txt'), 'old');
  const { path, ranges } = await get(CONTENT);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(ranges).toEqual([]);
});

test('a connection that breaks off is taken up again where the hash is known, and is an error where it is not', async () => {
  const { address, ranges } = await startServer(serveCut(CONTENT, 40_000));
  const origin = `${address}words.txt`;
  expect(await readFile(await getFile({ origin, fileHash: hashOf('md5') }))).toEqual(CONTENT);
  expect(ranges).toEqual([undefined, 'bytes=40000-', 'bytes=80000-']);
  await expect(getFile({ origin, fname: 'other.txt' })).rejects.toThrow(KerasFileError);
  expect(existsSync(join(home, 'datasets/other.txt'))).toBe(false);
});

test('calls at the same time download once', async () => {
  const { address, ranges } = await startServer(serve(CONTENT));
  const paths = await Promise.all([1, 2, 3].map(() => getFile({ origin: `${address}words.txt` })));
  expect(new Set(paths).size).toBe(1);
  expect(ranges).toHaveLength(1);
});

describe('archives', () => {
  const entries = [
    { name: 'texts/', content: '' },
    { name: 'texts/a.txt', content: 'first' },
  ];

  test.each([
    ['zip', 'texts.zip', zipOf(entries)],
    ['tar.gz', 'texts.tar.gz', gzipSync(tarOf(entries))],
  ])('%s is unpacked beside the file', async (_, name, content) => {
    const { path, again } = await get(content, { extract: true }, name);
    expect(path).toBe(join(home, 'datasets', name));
    expect(await readFile(join(home, 'datasets/texts/a.txt'), 'utf8')).toBe('first');
    expect(await again()).toBe(path);
  });

  test('untar names what is unpacked, and unpacks once', async () => {
    const { path, again } = await get(gzipSync(tarOf(entries)), { fname: 'texts', untar: true });
    expect(path).toBe(join(home, 'datasets/texts'));
    expect(existsSync(join(home, 'datasets/texts.tar.gz'))).toBe(true);
    await writeFile(join(path, 'a.txt'), 'changed');
    expect(await again()).toBe(path);
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('changed');
  });

  test('archiveFormat null unpacks nothing', async () => {
    await get(zipOf(entries), { extract: true, archiveFormat: null }, 'texts.zip');
    expect(await readdir(join(home, 'datasets'))).toEqual(['texts.zip']);
  });

  test('what is none, or leads out, is a KerasFileError, and stays packed', async () => {
    await expect(get(CONTENT, { extract: true })).rejects.toThrow(
      /getFile: .*words\.txt must be an archive, tar or zip.*it begins neither as a tar nor as a zip/,
    );
    const slip = zipOf([{ name: '../../slipped.txt', content: 'slip' }]);
    await expect(get(slip, { extract: true }, 'slip.zip')).rejects.toThrow(KerasFileError);
    expect((await readdir(home, { recursive: true })).sort()).toEqual([
      'datasets',
      'datasets/slip.zip',
      'datasets/words.txt',
    ]);
  });
});

describe('mistakes', () => {
  test.each<[object, string]>([
    [{}, 'getFile: the option `origin` is required.'],
    [{ origin: 'words.txt' }, 'getFile: `origin` must be an address that begins with http:// or https://.'],
    [{ origin: 'file:///etc/passwd' }, 'getFile: `origin` must be an address that begins with http://'],
    [{ origin: 'http://127.0.0.1:9/' }, 'getFile: `fname` must be given where the address does not end'],
    [
      { origin: 'http://127.0.0.1:9/%2e%2e%2fa' },
      'getFile: `fname` must be given where the address does not end',
    ],
    [
      { origin: 'http://127.0.0.1:9/a', fileHash: 'abc' },
      'getFile: `fileHash` must be 64 hexadecimal digits',
    ],
    [
      { origin: 'http://127.0.0.1:9/a', fileHash: hashOf('md5'), hashAlgorithm: 'sha256' },
      'getFile: `fileHash` must be 64 hexadecimal digits, of sha256.',
    ],
    [
      { origin: 'http://127.0.0.1:9/a', hashAlgorithm: 'sha1' },
      "getFile: `hashAlgorithm` must be one of 'auto'",
    ],
    [{ origin: 'http://127.0.0.1:9/a', md5Hash: 'x' }, 'the unknown option `md5Hash`'],
  ])('%j', async (options, message) => {
    const refused = getFile(options as GetFileOptions);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(KerasArgumentError);
  });

  test('no server, an error of the server, a folder in the file’s place', async () => {
    await expect(getFile({ origin: 'http://127.0.0.1:9/words.txt' })).rejects.toThrow(
      /getFile: 127\.0\.0\.1:9\/words\.txt must be there for download\. Received: no file .*words\.txt, and no download: /,
    );
    const { address } = await startServer((_, response) => response.writeHead(404).end());
    await expect(getFile({ origin: `${address}words.txt` })).rejects.toThrow(/answered 404/);
    await mkdir(join(home, 'datasets/taken'), { recursive: true });
    await expect(getFile({ origin: `${address}taken` })).rejects.toThrow(
      /taken must be a file, or free for one/,
    );
  });
});
