import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { download, DownloadError, sha256Of } from '../../src/files/download';
import { serve, serveCut, temporaryFolders, testServers } from '../datasets/support';

const temporaryFolder = temporaryFolders();
const startServer = testServers();

const CONTENT = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * index) % 256));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

/** Downloads CONTENT from a server, after `left` was left by an earlier try. */
const attempt = async (
  address: string,
  left?: Buffer,
): Promise<{ part: string; seen: number[]; outcome: Promise<void> }> => {
  const part = join(await temporaryFolder(), 'file.part');
  if (left !== undefined) await writeFile(part, left);
  const seen: number[] = [];
  const progress = { update: (done: number) => void seen.push(done), end: () => undefined };
  const wanted = {
    address: new URL('file', address),
    bytes: CONTENT.length,
    hash: { algorithm: 'sha256', hex: SHA256 } as const,
  };
  return { part, seen, outcome: download(wanted, part, progress, { connect: 2000, idle: 300 }) };
};

test('the checksum', () => {
  // echo -n abc | sha256sum
  expect(sha256Of(Buffer.from('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('downloads a file and tells how far it is', async () => {
  const { address, ranges } = await startServer(serve(CONTENT));
  const { part, seen, outcome } = await attempt(address);
  await outcome;
  expect(await readFile(part)).toEqual(CONTENT);
  expect(seen.at(-1)).toBe(CONTENT.length);
  expect(ranges).toEqual([undefined]);
});

test('takes a broken connection up again', async () => {
  const { address, ranges } = await startServer(serveCut(CONTENT, 20_000));
  const { part, outcome } = await attempt(address);
  await outcome;
  expect(await readFile(part)).toEqual(CONTENT);
  expect(ranges).toEqual([undefined, 'bytes=20000-', 'bytes=40000-']);
});

test('continues what an earlier try left', async () => {
  const { address, ranges } = await startServer(serve(CONTENT));
  const { part, outcome } = await attempt(address, CONTENT.subarray(0, 30_000));
  await outcome;
  expect(await readFile(part)).toEqual(CONTENT);
  expect(ranges).toEqual(['bytes=30000-']);
});

test('asks for nothing if an earlier try had left everything', async () => {
  const { address, ranges } = await startServer(serve(CONTENT));
  const { outcome } = await attempt(address, CONTENT);
  await outcome;
  expect(ranges).toEqual([]);
});

test('starts over if the server does not know ranges', async () => {
  const { address, ranges } = await startServer((_, response) => response.end(CONTENT));
  const { part, outcome } = await attempt(address, CONTENT.subarray(0, 30_000));
  await outcome;
  expect(await readFile(part)).toEqual(CONTENT);
  expect(ranges).toEqual(['bytes=30000-']);
});

test.each([
  ['other bytes', Buffer.alloc(30_000, 7)],
  ['as many other bytes', Buffer.alloc(CONTENT.length, 7)],
  ['more bytes', Buffer.alloc(CONTENT.length + 5, 7)],
])('starts over if an earlier try left %s', async (_, left) => {
  const { address, ranges } = await startServer(serve(CONTENT));
  const { part, outcome } = await attempt(address, left);
  await outcome;
  expect(await readFile(part)).toEqual(CONTENT);
  expect(ranges.at(-1)).toBeUndefined();
});

test('starts over if the server has nothing after what was left', async () => {
  const { address, ranges } = await startServer((request, response) => {
    if (request.headers.range === undefined) response.end(CONTENT);
    else response.writeHead(416).end();
  });
  const { outcome } = await attempt(address, CONTENT.subarray(0, 10));
  await outcome;
  expect(ranges).toEqual(['bytes=10-', undefined]);
});

test('starts over if the server continues somewhere else', async () => {
  const { address } = await startServer((request, response) => {
    if (request.headers.range === undefined) response.end(CONTENT);
    else response.writeHead(206, { 'content-range': `bytes 0-49999/50000` }).end(CONTENT);
  });
  const { part, outcome } = await attempt(address, CONTENT.subarray(0, 10));
  await outcome;
  expect(await readFile(part)).toEqual(CONTENT);
});

test.each([
  [
    'as long',
    Buffer.alloc(CONTENT.length, 1),
    /50000 bytes that 127\.0\.0\.1:\d+ sent do not have the checksum/,
  ],
  [
    'shorter',
    Buffer.from('<html>Please log in</html>'),
    /26 bytes that 127\.0\.0\.1:\d+ sent do not have the checksum/,
  ],
  ['longer', Buffer.alloc(CONTENT.length * 2, 1), /sent more than the 50000 bytes/],
])('refuses another file, %s, and keeps nothing of it', async (_, wrong, message) => {
  const { address } = await startServer((__, response) => response.end(wrong));
  const { part, outcome } = await attempt(address);
  await expect(outcome).rejects.toThrow(DownloadError);
  await expect(outcome).rejects.toThrow(message);
  expect(existsSync(part) ? (await readFile(part)).length : 0).toBe(0);
});

test.each([404, 403, 500])('says that the server answered %i', async (status) => {
  const { address } = await startServer((_, response) => response.writeHead(status).end('no'));
  const { part, outcome } = await attempt(address, CONTENT.subarray(0, 100));
  await expect(outcome).rejects.toThrow(new RegExp(`answered ${status}$`));
  expect((await readFile(part)).length).toBe(100);
});

test('says that nobody answers, and keeps what an earlier try left', async () => {
  const { part, outcome } = await attempt('http://127.0.0.1:9/', CONTENT.subarray(0, 100));
  await expect(outcome).rejects.toThrow(/127\.0\.0\.1:9 could not be read \(connect ECONNREFUSED/);
  expect((await readFile(part)).length).toBe(100);
});

test('gives up when the connection breaks off without any new data, or falls silent', async () => {
  const silent = await startServer((_, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 1000));
  });
  const { part, outcome } = await attempt(silent.address);
  await expect(outcome).rejects.toThrow('could not be read');
  expect((await readFile(part)).length).toBe(1000);
});

const onFullDisk = existsSync('/dev/full') ? test : test.skip;

onFullDisk('says that the disk is full, and leaves nothing on it', async () => {
  const { address } = await startServer(serve(CONTENT));
  const part = join(await temporaryFolder(), 'file.part');
  await symlink('/dev/full', part); // every write to it fails
  const wanted = {
    address: new URL(address),
    bytes: CONTENT.length,
    hash: { algorithm: 'sha256', hex: SHA256 } as const,
  };
  const progress = { update: () => undefined, end: () => undefined };
  const outcome = download(wanted, part, progress, { connect: 2000, idle: 300 });
  await expect(outcome).rejects.toThrow(DownloadError);
  await expect(outcome).rejects.toThrow(/file\.part could not be written \(ENOSPC/);
  expect(existsSync(part)).toBe(false);
});
