import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

test('what is forgotten is freed also after a program has dropped a registry that V8 was still to tell of something', () => {
  const child = spawnSync(process.execPath, [...TYPESCRIPT, path.join(__dirname, 'registries-child.ts')], {
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  const { freed, bytes } = JSON.parse(child.stdout) as { readonly freed: number; readonly bytes: number };
  expect(freed).toBeGreaterThanOrEqual(9);
  expect(bytes).toBe(10 - freed);
});
