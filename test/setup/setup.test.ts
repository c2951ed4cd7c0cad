import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holderName } from '../../src/files/lock';
import { choiceFile, locateLibrary } from '../../src/native/locate';
import { setupJavascript } from '../../src/native/runtime';
import {
  libraryText,
  leftovers,
  makeProject,
  releaseContents,
  removeFolders,
  run,
  temporaryFolder,
  write,
  type Project,
} from './support/project';

afterEach(removeFolders);

const folderOf = (project: Project, version = '1.15.0'): string =>
  path.join(project.options.root, 'native', `tensorflow-${version}-linux-x64`);
const libraryOf = (project: Project): string => path.join(folderOf(project), 'libtensorflow.so.1');
const inner = 'node_modules/@tensorflow/tfjs-node';

const expectNothingLeft = (project: Project): void => {
  expect(leftovers(project.options.root)).toEqual([]);
  expect(leftovers(project.options.cache)).toEqual([]);
};

/** What a program of the project would load. */
const located = ({ options }: Project, env: NodeJS.ProcessEnv = {}): string | undefined =>
  locateLibrary({
    root: options.root,
    cwd: options.cwd,
    env: { KERAS_PIPE_CACHE: options.cache, ...env },
    os: 'linux',
    arch: 'x64',
  })?.folder;

const expectInPlace = (project: Project): void => {
  expect(located(project)).toBe(folderOf(project));
  expect(readFileSync(libraryOf(project), 'utf8')).toBe(
    releaseContents[`${inner}/deps/lib/libtensorflow.so.1.15.0`],
  );
  expect(readFileSync(path.join(folderOf(project), 'LICENSE'), 'utf8')).toBe('Apache');
};

describe('the npm package', () => {
  it('is fetched with the npm of the project, and put in place', async () => {
    const project = makeProject();
    const { code, stdout, stderr } = await run(project);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('TensorFlow 1.15.0 is in place and works.');
    expect(stdout).not.toContain('not pinned');
    expect(stdout).toContain('downloading 0.0 MB with npm, once for all projects of this user');
    expect(project.calls()).toEqual([`releases@1.0.0 in ${project.options.cwd}`]);
    expectInPlace(project);
    expect(readdirSync(project.options.cache)).toEqual(['tensorflow-1.15.0-linux-x64']);
    expectNothingLeft(project);
  });

  it('is not fetched again when TensorFlow works', async () => {
    const project = makeProject();
    await run(project);
    project.npm('offline');
    expect(await run(project)).toEqual({
      code: 0,
      stdout: 'TensorFlow 1.15.0 is in place and works.\n',
      stderr: '',
    });
    expect(project.calls()).toHaveLength(1);
  });

  it('serves a second project from the cache, without npm and without taking space', async () => {
    const [first, second] = [makeProject(), makeProject()];
    const cache = path.join(first.folder, 'shared');
    await run(first, { cache });
    second.npm('offline');
    const { code, stdout } = await run(second, { cache, release: first.options.release });
    expect(code).toBe(0);
    expect(stdout).toContain(`found in ${cache}`);
    expectInPlace(second);
    expect(statSync(libraryOf(second)).ino).toBe(statSync(libraryOf(first)).ino);
  });

  it('is fetched again when its copy in the cache is damaged', async () => {
    const [first, second] = [makeProject(), makeProject()];
    const { cache, release } = first.options;
    await run(first);
    const cached = path.join(cache, 'tensorflow-1.15.0-linux-x64', 'libtensorflow.so.1');
    rmSync(cached);
    writeFileSync(cached, 'half of it');
    // The second project's npm gives the first's package.
    const env = { ...second.options.env, FAKE_NPM_TARBALLS: first.options.env['FAKE_NPM_TARBALLS'] };
    expect(await run(second, { cache, release, env })).toMatchObject({ code: 0 });
    expectInPlace(second);
    expect(second.calls()).toHaveLength(1);
    expect(readFileSync(cached, 'utf8')).toBe(libraryText('1.15.0'));
    expectNothingLeft(second);
  });

  it('replaces a library that does not run', async () => {
    const project = makeProject();
    await run(project);
    rmSync(libraryOf(project));
    writeFileSync(libraryOf(project), 'half a library');
    expect(await run(project)).toMatchObject({ code: 0 });
    expectInPlace(project);
    expectNothingLeft(project);
  });

  it('takes the place of what tfjs-node has brought if that does not run, and else stands back', async () => {
    const project = makeProject();
    const brought = path.join(project.runtime, 'deps', 'lib', 'libtensorflow.so.2');
    write(brought, libraryText('2.9.1'));
    expect((await run(project)).stdout).toBe('TensorFlow 2.9.1 is in place and works.\n');
    write(brought, 'half a library');
    expect(await run(project)).toMatchObject({ code: 0 });
    expectInPlace(project);
  });

  it('is put in place again with --force', async () => {
    const project = makeProject();
    await run(project);
    const before = statSync(folderOf(project)).ino;
    expect(await run(project, {}, ['setup', '--force'])).toMatchObject({ code: 0 });
    expect(statSync(folderOf(project)).ino).not.toBe(before);
    expectInPlace(project);
    expectNothingLeft(project);
  });

  it('comes with the JavaScript of tfjs-node when npm left that out', async () => {
    const project = makeProject({ withRuntime: false });
    const { code, stdout } = await run(project);
    expect(code).toBe(0);
    expect(stdout).toContain('@tensorflow/tfjs-node@4.22.0, which npm left out');
    expect(project.calls().map((call) => call.split(' ')[0])).toEqual([
      '@tensorflow/tfjs-node@4.22.0',
      'releases@1.0.0',
    ]);
    const runtime = setupJavascript(project.options.root);
    expectInPlace(project);
    expect(existsSync(path.join(runtime, 'dist', 'index_test.js'))).toBe(false);
    expect(existsSync(project.runtime)).toBe(false);
    expect(await run(project)).toMatchObject({ stdout: 'TensorFlow 1.15.0 is in place and works.\n' });
    expectNothingLeft(project);
  });
});

describe('the folder that the user names', () => {
  const named = (): string => {
    const folder = temporaryFolder();
    write(path.join(folder, 'lib', 'libtensorflow.so.2'), libraryText('2.9.1'));
    return folder;
  };

  it.each(['LIBTENSORFLOW_DIR', 'KERAS_PIPE_LIBRARY', '--library'])(
    'by %s is used where it is, also in place of a TensorFlow that works, and once',
    async (by) => {
      const project = makeProject();
      await run(project);
      const folder = named();
      const isParameter = by.startsWith('--');
      const env = { ...project.options.env, ...(isParameter ? {} : { [by]: folder }) };
      const parameters = ['setup', ...(isParameter ? [by, folder] : [])];
      const { code, stdout } = await run(project, { env }, parameters);
      expect(code).toBe(0);
      expect(stdout).toMatch(/TensorFlow 2\.9\.1 is in place and works\.\n$/);
      expect(located(project)).toBe(path.join(folder, 'lib'));
      const again = await run(project, { env }, parameters);
      expect(again).toEqual({ code: 0, stdout: 'TensorFlow 2.9.1 is in place and works.\n', stderr: '' });
      expectNothingLeft(project);
    },
  );

  it('is taken as it is, and setup says so, with hashes', async () => {
    const project = makeProject();
    const env = { ...project.options.env, LIBTENSORFLOW_DIR: named() };
    const { stdout } = await run(project, { env });
    const hash = createHash('sha256').update(libraryText('2.9.1')).digest('hex');
    expect(stdout).toContain(
      `not pinned: this package knows no hash of these files, and takes them as they came:\n    libtensorflow.so.2  sha256 ${hash}\n`,
    );
    expect(JSON.parse(readFileSync(choiceFile(project.options.root), 'utf8'))).toEqual({
      folder: path.join(env.LIBTENSORFLOW_DIR, 'lib'),
      version: '2.9.1',
      source: 'the folder that LIBTENSORFLOW_DIR names',
      pinned: false,
      sha256: { 'libtensorflow.so.2': hash },
    });
  });

  it('is not passed over when it does not serve', async () => {
    const project = makeProject();
    const env = { ...project.options.env, LIBTENSORFLOW_DIR: 'nowhere' };
    const { code, stderr } = await run(project, { env });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${path.join(project.options.cwd, 'nowhere')} has no C library of TensorFlow for linux`,
    );
    expect(stderr).toContain('Unset LIBTENSORFLOW_DIR');
    expect(project.calls()).toEqual([]);
    expectNothingLeft(project);
  });
});

describe('the wheel of Python', () => {
  it('is fetched with the pip of the project when a version 2 is wanted, and put beside 1.15', async () => {
    const project = makeProject();
    project.pip('works');
    await run(project);
    const { code, stdout, stderr } = await run(project, {}, ['setup', '--library', '2.x']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('TensorFlow 2.21.0 from the Python wheel tensorflow_cpu==2.21.0\n');
    expect(stdout).not.toContain('not pinned');
    expect(stdout).toMatch(/TensorFlow 2\.21\.0 is in place and works\.\n$/);
    expect(project.calls().at(-1)).toBe(
      `tensorflow_cpu==2.21.0 for manylinux_2_27_x86_64 in ${project.options.cwd}`,
    );
    expect(located(project)).toBe(folderOf(project, '2.21.0'));
    expect(readdirSync(folderOf(project, '2.21.0')).sort()).toEqual([
      'LICENSE',
      'contents.json',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    expect(located(project, { KERAS_PIPE_LIBRARY: '1.15' })).toBe(folderOf(project));
    expectNothingLeft(project);
    const again = await run(project, {}, ['setup', '--library', '2.x']);
    expect(again.stdout).toBe('TensorFlow 2.21.0 is in place and works.\n');
    // Back again, from what is there.
    const calls = project.calls().length;
    expect((await run(project, {}, ['setup', '--library', '1.15'])).stdout).toContain('found in');
    expectInPlace(project);
    expect(project.calls()).toHaveLength(calls);
  });

  it('serves where the npm registry is not to be reached, or has nothing for the system', async () => {
    const project = makeProject();
    project.pip('works');
    project.npm('offline');
    expect((await run(project)).stdout).toMatch(/TensorFlow 2\.21\.0 is in place and works\.\n$/);
    const other = makeProject();
    other.pip('works');
    const platform = { os: 'linux', arch: 'arm64', libc: 'glibc' };
    const wheels = other.options.wheels.map((wheel) => ({ ...wheel, platform }));
    expect((await run(other, { platform, wheels })).stdout).toMatch(/TensorFlow 2\.21\.0 is in place/);
  });

  it('serves a second project from the cache, and is fetched again when it is damaged there', async () => {
    const [first, second] = [makeProject(), makeProject()];
    const { cache, wheels } = first.options;
    first.pip('works');
    await run(first, {}, ['setup', '--library', '2.x']);
    const parameters = ['setup', '--library', '2.21'];
    expect(await run(second, { cache, wheels }, parameters)).toMatchObject({ code: 0 });
    expect(second.calls()).toEqual([]);
    const cached = path.join(cache, 'tensorflow-2.21.0-linux-x64', 'libtensorflow_framework.so.2');
    rmSync(cached);
    writeFileSync(cached, 'half');
    expect((await run(first, {}, [...parameters, '--force'])).stdout).toContain('downloading');
    expect(readFileSync(cached, 'utf8')).toBe('the framework');
    expectNothingLeft(first);
  });
});

const register = require.resolve('tsx');

/** Starts setup in a process of its own. */
const start = (project: Project, environment: NodeJS.ProcessEnv = {}) => {
  const options = { ...project.options, env: { ...project.options.env, ...environment } };
  const program = path.join(__dirname, 'support', 'run.ts');
  const child = spawn(process.execPath, ['--require', register, program, JSON.stringify(options)]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return { child, ended, said: () => said };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await sleep(20);
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('several processes', () => {
  it('two at once download once, and both end well', async () => {
    const project = makeProject();
    const runs = [start(project, { FAKE_NPM: 'slow' }), start(project, { FAKE_NPM: 'slow' })];
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0]);
    for (const { said } of runs) expect(said()).toContain('TensorFlow 1.15.0 is in place and works.');
    expect(runs.filter(({ said }) => said().includes('waiting for another keras-pipe setup'))).toHaveLength(
      1,
    );
    expect(project.calls()).toHaveLength(1);
    expectInPlace(project);
    expectNothingLeft(project);
  });

  it('two projects at once download once into the cache that they share', async () => {
    const [first, second] = [makeProject(), makeProject()];
    const { cache, release, env } = first.options;
    const other: Project = { ...second, options: { ...second.options, cache, release, env } };
    const runs = [start(first, { FAKE_NPM: 'slow' }), start(other, { FAKE_NPM: 'slow' })];
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(first.calls()).toHaveLength(1);
    expectInPlace(first);
    expectInPlace(second);
    expectNothingLeft(first);
    expectNothingLeft(second);
  });

  it('a killed one leaves nothing that the next does not clear', async () => {
    const project = makeProject();
    const { child, ended } = start(project, { FAKE_NPM: 'endless' });
    await until(() => leftovers(project.options.cache).some((file) => file.endsWith('releases-1.0.0.tgz')));
    child.kill('SIGKILL');
    await ended;
    process.kill(project.lastCall(), 'SIGKILL');
    expect(leftovers(project.options.cache)).not.toEqual([]);
    expect(located(project)).toBeUndefined();
    expect(await run(project)).toMatchObject({ code: 0 });
    expectInPlace(project);
    expectNothingLeft(project);
  });

  it('an interrupted one clears up after itself', async () => {
    const project = makeProject();
    const { child, ended } = start(project, { FAKE_NPM: 'endless' });
    await until(() => leftovers(project.options.cache).some((file) => file.endsWith('releases-1.0.0.tgz')));
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    await until(() => !isRunning(project.lastCall()));
    expect(located(project)).toBeUndefined();
    expectNothingLeft(project);
  });

  const deadLock = (): string => holderName(spawnSync(process.execPath, ['--version']).pid);

  it.each([
    ['a dead lock', deadLock],
    ['an empty lock', (): string => ''],
    ['no lock', (): undefined => undefined],
  ])('what killed ones left goes though all is in place: folders and %s', async (_, content) => {
    const [project, other] = [makeProject(), makeProject()];
    const { cache, release } = project.options;
    await run(project);
    const litter = (): void => {
      for (const [folder, lock] of [
        [cache, 'setup.lock'],
        [path.join(project.options.root, 'native'), 'keras-pipe-setup.lock'],
      ] as const) {
        write(path.join(folder, '.keras-pipe-abc', 'package.tgz'), 'half');
        const text = content();
        if (text !== undefined) write(path.join(folder, lock), text);
        // It was made a while ago.
        if (text === '') utimesSync(path.join(folder, lock), 1e9, 1e9);
      }
    };
    litter();
    expect(await run(project)).toMatchObject({ code: 0 });
    expectNothingLeft(project);
    // A project that takes the release from the cache clears the cache, too.
    litter();
    expect(await run(other, { cache, release })).toMatchObject({ code: 0 });
    expect(leftovers(cache)).toEqual([]);
  });

  it('one at work is let alone when all is in place', async () => {
    const project = makeProject();
    await run(project);
    write(path.join(project.options.cache, 'setup.lock'), holderName(process.pid));
    write(path.join(project.options.cache, '.keras-pipe-abc', 'package.tgz'), 'half');
    expect(await run(project)).toMatchObject({ code: 0 });
    expect(leftovers(project.options.cache).sort()).toEqual([
      '.keras-pipe-abc',
      '.keras-pipe-abc/package.tgz',
      'setup.lock',
    ]);
  });

  it.each([0, 0o077])('what is made has its modes under umask %#', async (mask) => {
    const project = makeProject({ withRuntime: false });
    const before = process.umask(mask);
    const { ended, said } = start(project);
    process.umask(before);
    expect([await ended, said()]).toEqual([0, expect.stringContaining('is in place and works')]);
    const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);
    const { cache, root } = project.options;
    expect(modeOf(cache)).toBe('700');
    const made = [path.join(cache, 'tensorflow-1.15.0-linux-x64'), path.join(root, 'native')];
    for (const folder of made) {
      expect(modeOf(folder)).toBe('755');
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const file = path.join(entry.parentPath, entry.name);
        expect([file, modeOf(file)]).toEqual([file, entry.isDirectory() ? '755' : '644']);
      }
    }
  });

  it('one that was killed when its work was done is cleared by the next', async () => {
    const project = makeProject();
    await run(project);
    const { pid } = spawnSync(process.execPath, ['--version']);
    const own = path.join(project.options.root, 'native');
    write(path.join(own, 'keras-pipe-setup.lock'), holderName(pid));
    write(path.join(own, '.keras-pipe-abc', 'aside', 'file'), 'old');
    expect(await run(project)).toMatchObject({
      code: 0,
      stdout: 'TensorFlow 1.15.0 is in place and works.\n',
    });
    expectNothingLeft(project);
  });
});
