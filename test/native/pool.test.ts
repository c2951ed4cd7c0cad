import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a graph that runs in the thread that asks leaves all threads of the pool to those after it', () => {
  const file = path.join(__dirname, 'pool-child.ts');
  const child = spawnSync(process.execPath, [...TYPESCRIPT, file], { encoding: 'utf8', timeout: 60_000 });
  expect([child.status, child.stderr]).toEqual([0, '']);
  const [before = 0, after = 0] = JSON.parse(child.stdout) as number[];
  expect(after - before).toBeGreaterThanOrEqual(availableParallelism());
});
