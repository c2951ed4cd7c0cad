import { spawnSync } from 'node:child_process';
import path from 'node:path';

test('the matchers register themselves with Vitest', () => {
  const run = spawnSync(
    process.execPath,
    [require.resolve('vitest/vitest.mjs'), 'run', '--root', path.join(__dirname, 'vitest-child')],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }, timeout: 120_000 },
  );
  expect({ status: run.status, said: `${run.stdout}\n${run.stderr}` }).toEqual({
    status: 0,
    said: expect.stringMatching(/Tests {2}2 passed \(2\)/),
  });
}, 130_000);
