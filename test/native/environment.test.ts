import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';
import { libraryFolder } from './support';

interface Seen {
  readonly c: string | null;
  readonly node: string | null;
  readonly started: string | null;
}

const run = (environment: NodeJS.ProcessEnv = {}) => {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const child = spawnSync(process.execPath, [...TYPESCRIPT, path.join(__dirname, 'environment-child.ts')], {
    encoding: 'utf8',
    env: { ...env, ...environment },
  });
  expect([child.signal, child.status]).toEqual([null, 0]);
  // by what it prints
  return JSON.parse(child.stdout) as {
    version: string;
    during: Seen;
    after: Seen;
    sets: number;
  };
};

/** Whether the library is one of those that setup brings for Linux on x64, each of which is known. */
const isKnown = (version: string): boolean =>
  ['1.15.0', '2.13.1', '2.21.0'].includes(version) &&
  path.basename(libraryFolder()) === `tensorflow-${version}-linux-x64`;

const everywhere = (value: string | null): Seen => ({ c: value, node: value, started: value });

test('the environment is as it was while TensorFlow is loaded by another thread, and afterwards', () => {
  const { version, during, after, sets } = run();
  expect(after).toEqual(everywhere(null));
  if (!isKnown(version)) return;
  expect(during).toEqual(everywhere(null));
  // Others have no other way, but nothing else runs on this thread then.
  if (version === '2.21.0') expect(sets).toBe(0);
});

test('what the user asks for stays', () => {
  const { during, after, sets } = run({ TF_CPP_MIN_LOG_LEVEL: '1' });
  expect([during, after]).toEqual([everywhere('1'), everywhere('1')]);
  expect(sets).toBe(0);
});

test('of a library of which no more is known, the variable is there until it has been loaded', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  const link = path.join(folder, 'library');
  symlinkSync(libraryFolder(), link);
  const { version, during, after } = run({ KERAS_PIPE_LIBRARY: link });
  rmSync(folder, { recursive: true });
  expect(after).toEqual(everywhere(null));
  // The files of 2.21 say enough.
  if (isKnown(version)) expect(during).toEqual(everywhere(version === '2.21.0' ? null : '2'));
});
