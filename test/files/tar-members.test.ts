import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { create } from 'tar';
import { readTarMembers } from '../../src/files/tar-members';

const LIMITS = { bytes: 1 << 22, lists: 0 };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'keras-pipe-'));
  await mkdir(path.join(folder, 'in'));
  await writeFile(path.join(folder, 'in/a'), 'first');
  await writeFile(path.join(folder, 'in/long'), Buffer.alloc(300_000, 'long'));
  await symlink('/etc/passwd', path.join(folder, 'in/link'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const archive = async (gzip: boolean, ...files: string[]): Promise<Buffer> => {
  const file = path.join(folder, 'archive');
  await create({ cwd: folder, file, gzip }, files);
  return readFile(file);
};

test('gives the members of the names, and nothing else', async () => {
  const content = await archive(true, 'in');
  const members = await readTarMembers(content, ['in/a', 'in/long'], LIMITS);
  expect(Object.keys(members)).toHaveLength(2);
  expect(members['in/a'].toString()).toBe('first');
  expect(members['in/long']).toEqual(Buffer.alloc(300_000, 'long'));
});

test('of two of one name the last counts', async () => {
  const first = gunzipSync(await archive(true, 'in/a'));
  await writeFile(path.join(folder, 'in/a'), 'second');
  const second = gunzipSync(await archive(true, 'in/a'));
  await writeFile(path.join(folder, 'in/a'), 'first');
  // A tar's end is two empty blocks, filled up to ten.
  const both = gzipSync(Buffer.concat([first.subarray(0, 1024), second]));
  const members = await readTarMembers(both, ['in/a'], LIMITS);
  expect(members['in/a'].toString()).toBe('second');
});

test.each<[string, () => Promise<Buffer>, readonly string[], RegExp]>([
  [
    'a link in the place of a file',
    () => archive(true, 'in/link'),
    ['in/link'],
    /lacks 'in\/link'; it has in\/link/,
  ],
  ['what is missing', () => archive(true, 'in/a'), ['in/b', 'c'], /lacks 'in\/b', 'c'; it has in\/a/],
  ['a tar without gzip', () => archive(false, 'in/a'), ['in/a'], /is no whole gzip archive/],
  [
    'more than it may unpack to',
    () => Promise.resolve(gzipSync(Buffer.alloc(1 << 23))),
    ['a'],
    /unpacks to more than 4194304 bytes/,
  ],
  [
    'an archive cut off in a member',
    async () => gzipSync(gunzipSync(await archive(true, 'in/long')).subarray(0, 100_000)),
    ['in/long'],
    /its tar archive is damaged/,
  ],
])('refuses %s', async (_, make, names, message) => {
  await expect(readTarMembers(await make(), names, LIMITS)).rejects.toThrow(message);
});
