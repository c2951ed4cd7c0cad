import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { makeProject, removeFolders, run } from './support/project';
import { TYPESCRIPT } from '../support/programs';

afterEach(removeFolders);

it.each([
  [[], 'keras-pipe: a command is missing: `setup`.'],
  [['setpu'], "keras-pipe: there is no command 'setpu'; the only one is `setup`."],
  [['setup', '--fast'], "keras-pipe: Unknown option '--fast'."],
  [['setup', '--force=yes'], "keras-pipe: Option '--force' does not take an argument."],
  [['setup', '--library', ''], 'keras-pipe: `--library` is empty: a version or a folder is missing.'],
  [['setup', 'now', 'please'], "keras-pipe: `setup` takes no 'now please'."],
])('misuse %j ends with code 2 and the usage', async (parameters, message) => {
  const { code, stdout, stderr } = await run(makeProject(), {}, parameters);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.split('\n')).toEqual([
    message,
    'Usage: keras-pipe setup [--library 1.15 | 2.x | PATH] [--force]',
    '`keras-pipe --help` says more.',
    '',
  ]);
});

it.each([[['--help']], [['-h']], [['setup', '--help']]])('%j shows the usage', async (parameters) => {
  const { code, stdout, stderr } = await run(makeProject(), {}, parameters);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: keras-pipe setup \[--library 1\.15 \| 2\.x \| PATH\] \[--force\]\n/);
  for (const name of ['--version', 'LIBTENSORFLOW_DIR', 'KERAS_PIPE_LIBRARY', 'KERAS_PIPE_CACHE'])
    expect(stdout).toContain(name);
});

it.each([['--version'], ['-v']])('%s shows the version', async (parameter) => {
  expect(await run(makeProject(), {}, [parameter])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
});

describe('as a program', () => {
  const program = path.join(__dirname, '..', '..', 'src', 'setup', 'cli.ts');
  // Without them, whichever library these tests run on: setup would say where that is.
  const { KERAS_PIPE_LIBRARY: _library, LIBTENSORFLOW_DIR: _folder, ...env } = process.env;
  const start = (...parameters: string[]) =>
    spawnSync(process.execPath, [...TYPESCRIPT, program, ...parameters], {
      encoding: 'utf8',
      env,
    });

  it('finds the TensorFlow of this repository', () => {
    const { status, stdout, stderr } = start('setup');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}in \S.*: \S.*\nTensorFlow \d+\.\d+\.\d+ is in place and works\.\n$/);
  });

  it('gives its exit code', () => {
    expect(start('--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect(start('nothing').status).toBe(2);
  });
});
