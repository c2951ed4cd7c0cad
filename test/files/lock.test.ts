import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../src/files/lock';
import { temporaryFolders } from '../datasets/support';

const temporaryFolder = temporaryFolders();

/** The id of a process that has ended. */
const endedProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid;

test('lets one in at a time, says that others wait, and leaves nothing', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.lock');
  let inside = 0;
  let most = 0;
  const waits: number[] = [];
  const results = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      withLock(
        path,
        async () => {
          most = Math.max(most, ++inside);
          await sleep(20);
          inside--;
          return number;
        },
        () => waits.push(number),
      ),
    ),
  );
  expect(results).toEqual([1, 2, 3, 4]);
  expect(most).toBe(1);
  expect(waits).toHaveLength(3);
  expect(await readdir(folder)).toEqual([]);
});

test('lets go when the action fails', async () => {
  const path = join(await temporaryFolder(), 'x.lock');
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('takes over the lock of a process that has ended, once', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.lock');
  await writeFile(path, JSON.stringify({ pid: endedProcess(), host: hostname(), token: 'old' }));
  let inside = 0;
  let most = 0;
  const action = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await sleep(20);
    inside--;
  };
  await Promise.all([withLock(path, action), withLock(path, action), withLock(path, action)]);
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('takes over a lock of another machine, or an empty one, only after a long silence', async () => {
  const folder = await temporaryFolder();
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const [name, content] of Object.entries({
    far: JSON.stringify({ pid: endedProcess(), host: 'another-machine', token: 'old' }),
    empty: '',
  })) {
    const path = join(folder, name);
    await writeFile(path, content);
    let waited = false;
    const taken = withLock(
      path,
      () => Promise.resolve('taken'),
      () => {
        // It is fresh: we wait. Then it grows old.
        waited = true;
        void utimes(path, hourAgo, hourAgo);
      },
    );
    expect(await taken).toBe('taken');
    expect(waited).toBe(true);
  }
});

test('is not held up by the remains of a process that was killed while it looked', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.lock');
  await writeFile(path, JSON.stringify({ pid: endedProcess(), host: hostname(), token: 'old' }));
  await writeFile(`${path}.check`, '');
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(`${path}.check`, hourAgo, hourAgo);
  expect(await withLock(path, () => Promise.resolve('taken'))).toBe('taken');
});

test('does not remove a lock that somebody else has taken meanwhile', async () => {
  const path = join(await temporaryFolder(), 'x.lock');
  await withLock(path, () =>
    writeFile(path, JSON.stringify({ pid: process.pid, host: hostname(), token: 'theirs' })),
  );
  expect(existsSync(path)).toBe(true);
});

test('fails at once where no file can be made', async () => {
  await expect(
    withLock(join(await temporaryFolder(), 'missing', 'x.lock'), () => Promise.resolve()),
  ).rejects.toThrow('ENOENT');
});
