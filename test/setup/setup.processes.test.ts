import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holderName } from '../../src/files/lock';
import { expectInPlace, expectNothingLeft, folderOf, inPlace, located } from './support/placed';
import { leftovers, makeProject, removeFolders, run, write, type Project } from './support/project';
import { TYPESCRIPT } from '../support/programs';

afterEach(removeFolders);

/** Starts setup in a process of its own. */
const start = (project: Project, environment: NodeJS.ProcessEnv = {}, parameters = ['setup']) => {
  const options = { ...project.options, env: { ...project.options.env, ...environment } };
  const program = path.join(__dirname, 'support', 'run.ts');
  const given = [options, parameters].map((value) => JSON.stringify(value));
  const child = spawn(process.execPath, [...TYPESCRIPT, program, ...given]);
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
      stdout: inPlace(project),
    });
    expectNothingLeft(project);
  });
});

describe('several processes that want a wheel', () => {
  const wanted = ['setup', '--library', '2.x'];
  const isArriving = (project: Project): boolean =>
    leftovers(project.options.cache).some((file) => file.endsWith('tensorflow_cpu-2.21.0.whl'));

  it('two at once download once, and both end well', async () => {
    const project = makeProject();
    const runs = [1, 2].map(() => start(project, { FAKE_PIP: 'slow' }, wanted));
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0]);
    for (const { said } of runs) expect(said()).toContain('TensorFlow 2.21.0 is in place and works.');
    expect(project.calls()).toHaveLength(1);
    expect(located(project)).toBe(folderOf(project, '2.21.0'));
    expectNothingLeft(project);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'one that is ended by %s half way leaves the library before it in use, and the next starts afresh',
    async (signal) => {
      const project = makeProject();
      await run(project);
      const { child, ended } = start(project, { FAKE_PIP: 'endless' }, wanted);
      await until(() => isArriving(project));
      child.kill(signal);
      await ended;
      if (signal === 'SIGKILL') process.kill(project.lastCall(), 'SIGKILL');
      await until(() => !isRunning(project.lastCall()));
      expectInPlace(project);
      if (signal === 'SIGTERM') expectNothingLeft(project);
      project.pip('works');
      expect(await run(project, {}, wanted)).toMatchObject({ code: 0 });
      expect(located(project)).toBe(folderOf(project, '2.21.0'));
      expectNothingLeft(project);
    },
  );
});
