/** Files that another process replaces while they are read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSteadily } from '../../src/files/steady';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-steady-'));
const file = path.join(folder, 'file');
beforeEach(() => writeFileSync(file, 'old'));
afterAll(() => rmSync(folder, { recursive: true }));

const found = (name: string): { name: string; dispose: jest.Mock } => ({ name, dispose: jest.fn() });
const fileOf = (): string => file;

test('what is steady is read once', async () => {
  const read = jest.fn(async () => Promise.resolve(found('old')));
  expect(await readSteadily(fileOf, read)).toHaveProperty('name', 'old');
  expect(read).toHaveBeenCalledTimes(1);
});

test('what has been replaced meanwhile is read again, and what was read is freed', async () => {
  const first = found('mixed');
  let times = 0;
  const read = async (): Promise<ReturnType<typeof found>> => {
    if (times++ > 0) return Promise.resolve(found('new'));
    writeFileSync(file, 'another');
    return Promise.resolve(first);
  };
  expect(await readSteadily(fileOf, read)).toHaveProperty('name', 'new');
  expect(first.dispose).toHaveBeenCalledTimes(1);
});

test('what is not there may be between two versions', async () => {
  rmSync(file);
  let times = 0;
  const read = async (): Promise<ReturnType<typeof found>> => {
    if (times++ < 3) return Promise.reject(new Error('nothing is there'));
    if (times === 4) writeFileSync(file, 'new');
    return Promise.resolve(found('new'));
  };
  expect(await readSteadily(fileOf, read)).toHaveProperty('name', 'new');
  expect(times).toBe(5);
});

test('an error counts where nothing has been replaced', async () => {
  let times = 0;
  const read = (): Promise<undefined> => {
    if (times++ === 0) writeFileSync(file, 'another');
    return Promise.reject(new Error(`time ${times}`));
  };
  await expect(readSteadily(fileOf, read)).rejects.toThrow('time 2');
});

test('an error counts where nothing comes', async () => {
  rmSync(file);
  await expect(readSteadily(fileOf, async () => Promise.reject(new Error('nothing')))).rejects.toThrow(
    'nothing',
  );
});
