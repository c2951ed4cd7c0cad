/** Files made to fill memory or time, each loaded by a process of its own: an error within 5 s and 1.5 GB. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTILE } from './support-hostile';
import { temporaryFolders } from './support';
import { TYPESCRIPT } from '../support/programs';

const temporaryFolder = temporaryFolders();

/**
 * Starts the program that its arguments name. Linux counts the memory of whoever starts a process into that process's peak; this one
 * is small, and the test's is not.
 */
const STARTER = `require('node:child_process').spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' })`;

test.each(HOSTILE)('%s, %s: %s', async (dataset, file, _what, make) => {
  const home = await temporaryFolder();
  mkdirSync(join(home, 'datasets'));
  writeFileSync(join(home, 'datasets', file), make());
  const program = join(__dirname, 'hostile-child.ts');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--eval', STARTER, '--', ...TYPESCRIPT, program, dataset, home],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const { outcome, seconds, megabytes } = JSON.parse(stdout) as {
    outcome: string;
    seconds: number;
    megabytes: number;
  };
  expect(outcome).toMatch(
    new RegExp(`^KerasFileError ${dataset}: .*Received: a file (of which|of another kind: )`),
  );
  expect(outcome.length).toBeLessThan(1000);
  expect(seconds).toBeLessThan(5);
  expect(megabytes).toBeLessThan(1500);
});
