import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

const run = (
  example: string,
  ...parameters: string[]
): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--import', 'tsx', path.join('examples', `${example}.ts`), ...parameters], {
    cwd: root,
    encoding: 'utf8',
  });

test('an example runs as a program', () => {
  const { status, stdout } = run('dense', '--seed', '3');
  expect(stdout).toContain('The same by hand:');
  expect(status).toBe(0);
});

test('--help shows how the lecture is run', () => {
  const { status, stdout } = run('lecture', '--help');
  expect(stdout).toContain('Usage: npm run lecture -- [options]');
  expect(status).toBe(0);
});

test.each([
  [['--quik'], "Unknown option '--quik'"],
  [['--epochs', '0'], "--epochs must be a whole number from 1 on, and is '0'"],
])('%j is told with the usage, and nothing runs', (parameters, message) => {
  const { status, stdout, stderr } = run('lecture', ...parameters);
  expect(stderr).toContain(`lecture.ts: ${message}`);
  expect(stderr).toContain('--quick        fewer rows and epochs');
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
