import { spawnSync } from 'node:child_process';
import path from 'node:path';

test('training and predicting write no files, and set nothing in the environment', () => {
  const file = path.join(__dirname, 'leaves-nothing-child.ts');
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const child = spawnSync(process.execPath, ['--require', require.resolve('tsx/cjs'), file], {
    encoding: 'utf8',
    // Node.js's own cache of compiled modules would be in that folder, too.
    env: { ...env, NODE_DISABLE_COMPILE_CACHE: '1' },
  });
  expect([child.signal, child.status, child.stderr]).toEqual([null, 0, '']);
  expect(JSON.parse(child.stdout)).toEqual({ changed: [], files: [] });
});
