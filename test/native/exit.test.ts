import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

test('a process that ends itself in the middle of a run does not wait for it, and its listeners are heard', () => {
  const file = path.join(__dirname, 'exit-child.ts');
  const child = spawnSync(process.execPath, [...TYPESCRIPT, file], { encoding: 'utf8', timeout: 60_000 });
  expect([child.signal, child.status]).toEqual([null, 7]);
  expect(child.stdout).toBe('exit 7\n');
  expect(child.stderr).toBe('');
});
