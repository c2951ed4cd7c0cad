import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import * as promises from 'node:fs/promises';
import path from 'node:path';
import * as files from '../../src/setup/files';
import { removeFolders, temporaryFolder, write } from './support/project';

afterEach(removeFolders);

it('hashes', async () => {
  const file = path.join(temporaryFolder(), 'file');
  write(file, 'abc');
  // printf abc | sha256sum
  expect(await files.hashFile(file, 'sha256', 'hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

describe('a temporary folder', () => {
  it('goes when the action ends, however it ends', async () => {
    const parent = temporaryFolder();
    const made = await files.withTemporaryFolder(parent, async (folder) => {
      write(path.join(folder, 'a', 'b'), 'x');
      expect(path.dirname(folder)).toBe(parent);
      return Promise.resolve(folder);
    });
    await expect(files.withTemporaryFolder(parent, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(existsSync(made)).toBe(false);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('of a killed run is removed, and nothing else', async () => {
    const parent = temporaryFolder();
    write(path.join(parent, '.keras-pipe-abc', 'file'), 'x');
    write(path.join(parent, 'mine', 'file'), 'x');
    await files.removeLeftovers(parent);
    expect(readdirSync(parent)).toEqual(['mine']);
  });
});

it('a file is linked where it can be', async () => {
  const folder = temporaryFolder();
  write(path.join(folder, 'from'), 'x');
  await files.linkOrCopy(path.join(folder, 'from'), path.join(folder, 'a', 'to'));
  expect(statSync(path.join(folder, 'a', 'to')).ino).toBe(statSync(path.join(folder, 'from')).ino);
});

it('a file is copied where it cannot be linked', async () => {
  const other = '/dev/shm';
  // Links do not reach to another disk; where this machine has no second one, there is nothing to see.
  if (!existsSync(other) || statSync(other).dev === statSync(temporaryFolder()).dev) return;
  const folder = temporaryFolder();
  const far = await promises.mkdtemp(path.join(other, 'keras-pipe-test-'));
  try {
    write(path.join(far, 'from'), 'x');
    await files.linkOrCopy(path.join(far, 'from'), path.join(folder, 'to'));
    expect(readFileSync(path.join(folder, 'to'), 'utf8')).toBe('x');
  } finally {
    await promises.rm(far, { recursive: true });
  }
});

it('a link to a neighbour stays a link, one to elsewhere becomes a file', async () => {
  const folder = temporaryFolder();
  write(path.join(folder, 'elsewhere', 'lib.so.2.9'), 'x');
  mkdirSync(path.join(folder, 'from'));
  symlinkSync('lib.so.2', path.join(folder, 'from', 'lib.so'));
  symlinkSync('../elsewhere/lib.so.2.9', path.join(folder, 'from', 'lib.so.2'));
  for (const name of ['lib.so', 'lib.so.2']) {
    await files.linkOrCopyEntry(path.join(folder, 'from', name), path.join(folder, 'to', name));
  }
  expect(readlinkSync(path.join(folder, 'to', 'lib.so'))).toBe('lib.so.2');
  expect(lstatSync(path.join(folder, 'to', 'lib.so.2')).isFile()).toBe(true);
  expect(readFileSync(path.join(folder, 'to', 'lib.so'), 'utf8')).toBe('x');
});

it('a folder replaces another', async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  write(path.join(at('new'), 'file'), 'new');
  await files.replaceFolder(at('new'), path.join(at('made'), 'here'), at('aside'));
  expect(existsSync(at('aside'))).toBe(false);
  write(path.join(at('newer'), 'file'), 'newer');
  await files.replaceFolder(at('newer'), path.join(at('made'), 'here'), at('aside'));
  expect(readFileSync(path.join(at('made'), 'here', 'file'), 'utf8')).toBe('newer');
  expect(readFileSync(path.join(at('aside'), 'file'), 'utf8')).toBe('new');
});

it('sizes', async () => {
  const folder = temporaryFolder();
  write(path.join(folder, 'a', 'b'), '12345');
  write(path.join(folder, 'c'), '123');
  expect(await files.sizeBelow(folder)).toBe(8);
  expect(await files.sizeBelow(folder, Date.now() + 60_000)).toBe(0);
  expect(await files.sizeBelow(path.join(folder, 'nowhere'))).toBe(0);
  expect(files.megabytes(194_920_996)).toBe('195 MB');
  expect(files.megabytes(228_166)).toBe('0.2 MB');
});

it('space that a disk does not have', async () => {
  const folder = temporaryFolder();
  await expect(files.needSpace(folder, 1, 'x')).resolves.toBeUndefined();
  await expect(files.needSpace(folder, 1e18, 'x')).rejects.toThrow(
    /is full: 1000000000000 MB are needed, \d+ MB are free/,
  );
});
