import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../../support/programs';

interface Report {
  /** How often a prediction, and runs of a session of either kind, waited for another thread. */
  readonly waits: number;
  readonly callerWaits: number;
  readonly pooledWaits: number;
  readonly prediction: number;
  readonly environmentChanged: boolean;
}

const report = (environment: Readonly<Record<string, string>>): Report => {
  const child = spawnSync(process.execPath, [...TYPESCRIPT, path.join(__dirname, 'threads-child.ts')], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout) as Report;
};

// What V8's own threads do meanwhile counts as waiting too, but rarely. On Windows waits are not counted.
test.each([{}, { TF_NUM_INTEROP_THREADS: '2' }])(
  'predictions run in the thread that asks for them, and what needs the pool gets it: %j',
  (environment) => {
    const { waits, callerWaits, pooledWaits, prediction, environmentChanged } = report(environment);
    expect(waits).toBeLessThan(0.5);
    expect(callerWaits).toBeLessThan(0.5);
    if (process.platform !== 'win32') expect(pooledWaits).toBeGreaterThanOrEqual(1);
    expect(prediction).toBe(24); // 4 · (1 + 2 + 3)
    expect(environmentChanged).toBe(false);
  },
);
