import { spawnSync } from 'node:child_process';
import path from 'node:path';

interface Report {
  readonly version: string;
  readonly staysInThread: boolean;
  /** How often a prediction, and a run that asks for the pool, waited for another thread. */
  readonly waits: number;
  readonly pooledWaits: number;
  readonly prediction: number;
  readonly variable?: string;
}

const report = (environment: Readonly<Record<string, string>>): Report => {
  const child = spawnSync(process.execPath, ['--import', 'tsx', path.join(__dirname, 'threads-child.ts')], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout) as Report;
};

test('predictions run in the thread that asks for them, and what needs the pool gets it', () => {
  const { version, staysInThread, waits, pooledWaits, prediction, variable } = report({});
  expect(staysInThread).toBe(version.startsWith('1.'));
  if (staysInThread) {
    expect(waits).toBeLessThan(0.5);
    expect(pooledWaits).toBeGreaterThanOrEqual(1);
  }
  expect(prediction).toBe(24); // 4 · (1 + 2 + 3)
  expect(variable).toBeUndefined();
});

test('where the user set a number of threads, it stands', () => {
  const { staysInThread, pooledWaits, prediction, variable } = report({ TF_NUM_INTEROP_THREADS: '2' });
  expect(staysInThread).toBe(false);
  expect(pooledWaits).toBeGreaterThanOrEqual(1);
  expect(prediction).toBe(24);
  expect(variable).toBe('2');
});
