import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { breakLock, holderName, withLock } from '../../src/setup/lock';
import { removeFolders, temporaryFolder } from './support/project';

afterEach(removeFolders);

const times = { poll: 5, heartbeat: 20, stale: 200 };
const lockFile = (): string => path.join(temporaryFolder(), 'made', 'lock');
const inTemporary = (): string => path.join(temporaryFolder(), 'lock');

it('lets one action at a time through', async () => {
  const file = lockFile();
  let running = 0;
  const seen: number[] = [];
  const waited: string[] = [];
  const action = async (): Promise<void> => {
    running += 1;
    seen.push(running);
    // Longer than a lock without signs of life would last.
    await sleep(300);
    running -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(file, (holder) => waited.push(holder), action, times)));
  expect(seen).toEqual([1, 1, 1]);
  expect(waited).toEqual([String(process.pid), String(process.pid)]);
  expect(existsSync(file)).toBe(false);
});

it('gives what the action gives, and goes when the action fails', async () => {
  const file = lockFile();
  await expect(
    withLock(
      file,
      () => undefined,
      () => Promise.resolve(3),
      times,
    ),
  ).resolves.toBe(3);
  const fails = (): Promise<never> => Promise.reject(new Error('no'));
  await expect(withLock(file, () => undefined, fails, times)).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

it('does not wait for a process of this machine that has ended', async () => {
  const file = inTemporary();
  writeFileSync(file, holderName(spawnSync(process.execPath, ['--version']).pid));
  const waited: string[] = [];
  const holder = await withLock(
    file,
    (name) => waited.push(name),
    () => Promise.resolve(readFileSync(file, 'utf8')),
    { ...times, stale: 1e9 },
  );
  expect(holder).toBe(holderName(process.pid));
  expect(waited).toEqual([]);
});

it.each(['17@another machine', ''])(
  'waits for another machine until its signs of life stop: "%s"',
  async (name) => {
    const file = inTemporary();
    writeFileSync(file, name);
    let beats = 0;
    const beat = setInterval(() => {
      beats += 1;
      // However wrong the other's clock is: what counts is that the time changes.
      utimesSync(file, 1000 + beats, 1000 + beats);
      if (beats === 20) clearInterval(beat);
    }, 20);
    const beatsAtEntry = await withLock(
      file,
      () => undefined,
      () => Promise.resolve(beats),
      times,
    );
    expect(beatsAtEntry).toBe(20);
  },
);

it('is not taken by two that wait for the same dead process', async () => {
  const file = inTemporary();
  writeFileSync(file, holderName(spawnSync(process.execPath, ['--version']).pid));
  let running = 0;
  let most = 0;
  const action = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await sleep(10);
    running -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(file, () => undefined, action, times)));
  expect(most).toBe(1);
  expect(existsSync(`${file}.breaking`)).toBe(false);
});

it('breaks the mark of one that was killed while it removed a dead lock', async () => {
  const file = inTemporary();
  const dead = holderName(spawnSync(process.execPath, ['--version']).pid);
  writeFileSync(file, dead);
  writeFileSync(`${file}.breaking`, dead);
  await expect(
    withLock(
      file,
      () => undefined,
      () => Promise.resolve(1),
      times,
    ),
  ).resolves.toBe(1);
});

it('is removed only as long as it is the one that was judged', async () => {
  const file = inTemporary();
  const lock = (holder: string, seconds: number): { holder: string; beat: number } => {
    writeFileSync(file, holder);
    utimesSync(file, seconds, seconds);
    return { holder, beat: statSync(file).mtimeMs };
  };
  const judged = lock('1@machine', 1000);
  lock('2@machine', 1000);
  await breakLock(file, judged, times.stale);
  expect(existsSync(file)).toBe(true);
  lock('1@machine', 1001);
  await breakLock(file, judged, times.stale);
  expect(existsSync(file)).toBe(true);
  lock('1@machine', 1000);
  await breakLock(file, judged, times.stale);
  expect(existsSync(file)).toBe(false);
});
