import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

test('threads one after the other, several at once, and then the main one, each get the right numbers', () => {
  const environment = { ...process.env };
  // The library's notes must be off without it, too.
  delete environment['TF_CPP_MIN_LOG_LEVEL'];
  const child = spawnSync(process.execPath, [...TYPESCRIPT, path.join(__dirname, 'workers-child.ts')], {
    encoding: 'utf8',
    env: environment,
  });
  // Newer versions say which kernels they have while they load; in a thread that loads them first nobody can stop them.
  const lines = child.stderr.split('\n').filter((line) => line !== '');
  expect(lines.filter((line) => !/^(WARNING: All log messages before|I0000 )/.test(line))).toEqual([]);
  expect(child.signal).toBeNull();
  expect(child.status).toBe(0);
  // 1 + 2 + … + 2000, 2000 ones, and 20 times 7 + 10 + 15 + 22
  expect(JSON.parse(child.stdout)).toEqual(Array(6).fill([2001000, 2000, 1080]));
});
