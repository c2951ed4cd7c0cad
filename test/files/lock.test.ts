import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { breakLock, holderName, tryLock, withLock } from '../../src/files/lock';
import { temporaryFolders } from '../datasets/support';
import { TYPESCRIPT } from '../support/programs';

const temporaryFolder = temporaryFolders();
const lockFile = async (): Promise<string> => join(await temporaryFolder(), 'x.lock');

const times = { poll: 5, heartbeat: 20, stale: 200, empty: 100 };
const never = { ...times, stale: 1e9 };

/** How a process that has ended is named. */
const ended = (): string => holderName(spawnSync(process.execPath, ['--version']).pid);

/** An action that counts how many of it run at once. */
const counted = (milliseconds: number) => {
  let inside = 0;
  const seen: number[] = [];
  const action = async (): Promise<number> => {
    seen.push(++inside);
    await sleep(milliseconds);
    inside--;
    return seen.length;
  };
  return { action, seen };
};

test('lets one in at a time, says that others wait, and leaves nothing', async () => {
  const file = await lockFile();
  const waits: string[] = [];
  // Longer than a lock without signs of life would last.
  const { action, seen } = counted(300);
  const calls = [1, 2, 3, 4].map(() => withLock(file, action, { times, onWait: (pid) => waits.push(pid) }));
  expect((await Promise.all(calls)).sort()).toEqual([1, 2, 3, 4]);
  expect(seen).toEqual([1, 1, 1, 1]);
  expect(waits).toEqual(Array(3).fill(String(process.pid)));
  expect(await readdir(join(file, '..'))).toEqual([]);
});

test('lets go when the action fails', async () => {
  const file = await lockFile();
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test('does not wait for a process of this machine that has ended', async () => {
  const file = await lockFile();
  writeFileSync(file, ended());
  const waits: string[] = [];
  const held = await withLock(file, () => Promise.resolve(readFileSync(file, 'utf8')), {
    times: never,
    onWait: (pid) => waits.push(pid),
  });
  expect(held.split('\n')[0]).toBe(holderName(process.pid));
  expect(waits).toEqual([]);
});

test('waits for another machine until its signs of life stop', async () => {
  const file = await lockFile();
  writeFileSync(file, '17@another machine');
  let beats = 0;
  const start = Date.now() / 1000;
  const beat = setInterval(() => {
    beats += 1;
    // The other's clock is ten minutes late: what counts is that the time changes.
    utimesSync(file, start - 600 + beats, start - 600 + beats);
    if (beats === 20) clearInterval(beat);
  }, 20);
  const waits: string[] = [];
  const beatsAtEntry = await withLock(file, () => Promise.resolve(beats), {
    times,
    onWait: (pid) => waits.push(pid),
  });
  expect(beatsAtEntry).toBe(20);
  expect(waits).toEqual(['17']);
});

test('does not count a time in which this process was stopped: the holder may have been, too', async () => {
  const file = await lockFile();
  writeFileSync(file, '17@another machine');
  let isTaken = false;
  const taken = withLock(file, () => Promise.resolve((isTaken = true)), { times });
  await sleep(20);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  await sleep(20);
  expect(isTaken).toBe(false);
  await taken;
});

test.each([0, 3600])('an empty one, %i s old, holds nobody up', async (age) => {
  const file = await lockFile();
  writeFileSync(file, '');
  const made = Date.now() / 1000 - age;
  utimesSync(file, made, made);
  const waits: string[] = [];
  const start = performance.now();
  const taken = withLock(file, () => Promise.resolve('taken'), { onWait: (pid) => waits.push(pid) });
  expect(await taken).toBe('taken');
  expect(performance.now() - start).toBeLessThan(age === 0 ? 2000 : 400);
  expect(waits).toEqual([]);
  expect(await readdir(join(file, '..'))).toEqual([]);
});

test('is taken once by several that wait for the same dead process', async () => {
  const file = await lockFile();
  writeFileSync(file, ended());
  const { action, seen } = counted(10);
  await Promise.all(Array.from({ length: 8 }, () => withLock(file, action, { times })));
  expect(seen).toEqual(Array(8).fill(1));
  expect(await readdir(join(file, '..'))).toEqual([]);
});

test.each([
  ['names one that has ended', (): string => ended()],
  ['is empty', (): string => ''],
])('breaks the mark of one that was killed while it removed a dead lock, which %s', async (_, content) => {
  const file = await lockFile();
  writeFileSync(file, ended());
  writeFileSync(`${file}.breaking`, content());
  expect(await withLock(file, () => Promise.resolve('taken'), { times })).toBe('taken');
  expect(await readdir(join(file, '..'))).toEqual([]);
});

test('is removed only as long as it is the one that was judged', async () => {
  const file = await lockFile();
  const lock = (holder: string, seconds: number): { holder: string; beat: number } => {
    writeFileSync(file, holder);
    utimesSync(file, seconds, seconds);
    return { holder, beat: statSync(file).mtimeMs };
  };
  const judged = lock('1@machine', 1000);
  lock('2@machine', 1000);
  await breakLock(file, judged, times);
  expect(existsSync(file)).toBe(true);
  lock('1@machine', 1001);
  await breakLock(file, judged, times);
  expect(existsSync(file)).toBe(true);
  lock('1@machine', 1000);
  await breakLock(file, judged, times);
  expect(existsSync(file)).toBe(false);
});

test('does not remove a lock that somebody else has taken meanwhile', async () => {
  const file = await lockFile();
  await withLock(file, () => writeFile(file, `${holderName(process.pid)}\ntheirs`));
  expect(existsSync(file)).toBe(true);
});

test('fails at once where no file can be made', async () => {
  const file = join(await temporaryFolder(), 'missing', 'x.lock');
  await expect(withLock(file, () => Promise.resolve())).rejects.toThrow('ENOENT');
  await expect(tryLock(file, () => Promise.resolve())).rejects.toThrow('ENOENT');
});

test('is tried without waiting', async () => {
  const file = await lockFile();
  const work = (): Promise<string> => Promise.resolve('done');
  expect(await tryLock(file, work)).toBe('done');
  for (const alive of [holderName(process.pid), '17@another machine']) {
    writeFileSync(file, alive);
    expect(await tryLock(file, work)).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe(alive);
  }
  const hoursAgo = Date.now() / 1000 - 2 * 3600;
  utimesSync(file, hoursAgo, hoursAgo);
  expect(await tryLock(file, work)).toBe('done');
  writeFileSync(file, ended());
  expect(await tryLock(file, work)).toBe('done');
  expect(await readdir(join(file, '..'))).toEqual([]);
});

test('goes with a process that ends in the middle of its work', async () => {
  const file = await lockFile();
  const program = `
    const { withLock } = require(${JSON.stringify(require.resolve('../../src/files/lock'))});
    withLock(${JSON.stringify(file)}, () => { console.log('held'); process.exit(3); });
  `;
  const child = spawn(process.execPath, [...TYPESCRIPT, '--eval', program]);
  let said = '';
  child.stdout.on('data', (data) => (said += String(data)));
  expect(await new Promise((done) => child.on('close', done))).toBe(3);
  expect(said).toBe('held\n');
  expect(existsSync(file)).toBe(false);
});
