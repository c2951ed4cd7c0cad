import { spawnSync } from 'node:child_process';
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
import { holderName } from '../../src/files/lock';
import * as files from '../../src/files/folders';
import { removeFolders, temporaryFolder, write } from '../setup/support/project';

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

it('a link to a neighbor stays a link, one to elsewhere becomes a file', async () => {
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
});

const withUmask = async (mask: number, action: () => Promise<unknown>): Promise<void> => {
  const before = process.umask(mask);
  try {
    await action();
  } finally {
    process.umask(before);
  }
};
const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('the mode of folders', () => {
  it.each([0, 0o022, 0o077, 0o777])('is what is asked for under umask %#', async (mask) => {
    const parent = temporaryFolder();
    const [open, closed] = [path.join(parent, 'a', 'b'), path.join(parent, 'c', 'd')];
    await withUmask(mask, async () => {
      await files.makeFolder(open, files.READABLE);
      await files.makeFolder(closed, files.PRIVATE);
      const mode = await files.withTemporaryFolder(open, (folder) => Promise.resolve(modeOf(folder)));
      expect(mode).toBe(0o700);
    });
    expect([open, path.dirname(open)].map(modeOf)).toEqual([0o755, 0o755]);
    expect([closed, path.dirname(closed)].map(modeOf)).toEqual([0o700, 0o700]);
  });

  it('of a folder that is there stays', async () => {
    const folder = temporaryFolder();
    await promises.chmod(folder, 0o750);
    await files.makeFolder(folder, files.READABLE);
    expect(modeOf(folder)).toBe(0o750);
  });

  it('is of no use where a file is in the way', async () => {
    const folder = temporaryFolder();
    write(path.join(folder, 'file'), '');
    await expect(files.makeFolder(path.join(folder, 'file'), 0o755)).rejects.toThrow('EEXIST');
    await expect(files.makeFolder(path.join(folder, 'file', 'a', 'b'), 0o755)).rejects.toThrow('ENOTDIR');
  });
});

describe('what killed runs left', () => {
  const ended = (): number => spawnSync(process.execPath, ['--version']).pid;

  it.each([
    ['temporary folders', ['.keras-pipe-abc/file'], ''],
    ['the lock of a process that has ended', ['x.lock', '.keras-pipe-abc/file'], holderName(ended())],
    ['the lock of one that was killed while it removed another', ['x.lock.breaking'], holderName(ended())],
  ])('goes: %s', async (_, names, content) => {
    const folder = temporaryFolder();
    for (const name of [...names, 'mine']) write(path.join(folder, name), content);
    await files.clearLeftovers(folder, 'x.lock');
    expect(readdirSync(folder)).toEqual(['mine']);
  });

  it('stays while somebody works there', async () => {
    const folder = temporaryFolder();
    write(path.join(folder, 'x.lock'), holderName(process.pid));
    write(path.join(folder, '.keras-pipe-abc', 'file'), '');
    await files.clearLeftovers(folder, 'x.lock');
    expect(readdirSync(folder).sort()).toEqual(['.keras-pipe-abc', 'x.lock']);
  });

  it('is no matter where there is no folder', async () => {
    await expect(
      files.clearLeftovers(path.join(temporaryFolder(), 'none'), 'x.lock'),
    ).resolves.toBeUndefined();
  });
});
