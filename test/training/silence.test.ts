import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';

const run = (thread: 'main' | 'worker', environment: NodeJS.ProcessEnv = {}): string => {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const child = spawnSync(
    process.execPath,
    [...TYPESCRIPT, path.join(__dirname, 'silence-child.ts'), thread],
    { encoding: 'utf8', env: { ...env, ...environment } },
  );
  expect([child.signal, child.status]).toEqual([null, 0]);
  expect(JSON.parse(child.stdout)).toEqual([
    expect.stringContaining('the id 7'),
    expect.stringMatching(/indices\[\d\] = 7 is not in/),
    expect.stringMatching(/indices\[0\] = 5 is not in/),
    expect.stringMatching(/indices\[0\] = \[7\] is out of bounds/),
  ]);
  return child.stderr;
};

const FAILED = /\bop_kernel\.cc:\d+\] OP_REQUIRES failed at sparse_to_dense_op\.cc:/;
const KERNELS = /\bcpu_feature_guard\.cc:\d+\] /;

test('TensorFlow writes nothing of what is trained and what fails', () => {
  expect(run('main')).toBe('');
});

test('nor where a worker thread is the first that loads it', () => {
  // Newer versions say which kernels they have while they load; in a thread that loads them first nobody can stop them.
  const lines = run('worker').split('\n');
  expect(lines.filter((line) => !/^(WARNING: All log messages before|I0000 .*oneDNN |$)/.test(line))).toEqual(
    [],
  );
});

test.each(['main', 'worker'] as const)('of the %s thread it writes what the user asks for', (thread) => {
  const warnings = run(thread, { TF_CPP_MIN_LOG_LEVEL: '1' });
  expect(warnings).toMatch(FAILED);
  expect(warnings).not.toMatch(KERNELS);
  const all = run(thread, { TF_CPP_MIN_LOG_LEVEL: '0' });
  expect(all).toMatch(FAILED);
  expect(all).toMatch(KERNELS);
});
