import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { choiceFile } from '../../src/native/locate';
import { setupJavascript } from '../../src/native/runtime';
import { expectInPlace, expectNothingLeft, folderOf, inPlace, libraryOf, located } from './support/placed';
import {
  libraryText,
  makeProject,
  removeFolders,
  run,
  temporaryFolder,
  write,
  type Project,
} from './support/project';

afterEach(removeFolders);

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
      stdout: inPlace(project),
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
    expect((await run(project)).stdout).toBe(
      `  in ${path.dirname(brought)}: it is tfjs-node's own\nTensorFlow 2.9.1 is in place and works.\n`,
    );
    write(brought, 'half a library');
    expect(await run(project)).toMatchObject({ code: 0 });
    expectInPlace(project);
  });

  it('says why it replaces a library that it has put in place, and takes the same one', async () => {
    const project = makeProject();
    project.pip('works');
    await run(project, {}, ['setup', '--library', ' 2.21 ']);
    const file = path.join(folderOf(project, '2.21.0'), 'libtensorflow_cc.so.2');
    rmSync(file);
    writeFileSync(file, 'half a library');
    const { code, stdout } = await run(project);
    expect(code).toBe(0);
    expect(stdout).toContain(`\n  what is there fails: ${path.dirname(file)}: invalid ELF header\n`);
    expect(stdout).toMatch(/TensorFlow 2\.21\.0 is in place and works\.\n$/);
    expect((await run(project, {}, ['setup', '--force'])).stdout).not.toContain('fails');
    expect(located(project)).toBe(folderOf(project, '2.21.0'));
    expect(project.calls()).toHaveLength(1);
    expectNothingLeft(project);
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
    expect(await run(project)).toMatchObject({ stdout: inPlace(project) });
    expectNothingLeft(project);
  });
});

describe('the folder that the user names', () => {
  const named = (): string => {
    const folder = temporaryFolder();
    write(path.join(folder, 'lib', 'libtensorflow.so.2'), libraryText('2.9.1'));
    return folder;
  };

  it.each(['LIBTENSORFLOW_DIR', '--library'])(
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
      const why = `setup has put it in place, from the folder that ${by} names`;
      const stdout2 = `  in ${path.join(folder, 'lib')}: ${why}\nTensorFlow 2.9.1 is in place and works.\n`;
      expect(again).toEqual({ code: 0, stdout: stdout2, stderr: '' });
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

  it.each(['LIBTENSORFLOW_DIR', '--library'])(
    'by %s is told what to do where its library does not run',
    async (by) => {
      const project = makeProject();
      const folder = temporaryFolder();
      write(path.join(folder, 'libtensorflow.so.2'), 'rubbish');
      const isParameter = by.startsWith('--');
      const env = { ...project.options.env, ...(isParameter ? {} : { [by]: folder }) };
      const { code, stderr } = await run(project, { env }, ['setup', ...(isParameter ? [by, folder] : [])]);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `- the folder that ${by} names: it is there, but does not run: invalid ELF header.`,
      );
      const leave = isParameter ? 'Leave it out' : `Unset ${by}`;
      expect(stderr).toMatch(
        new RegExp(
          `do:\\n- Name another folder with ${by}\\.\\n- ${leave} to have keras-pipe look elsewhere\\.\\n$`,
        ),
      );
      expectNothingLeft(project);
    },
  );

  it('is not there any more, which setup says before it takes another', async () => {
    const project = makeProject();
    const folder = named();
    await run(project, {}, ['setup', '--library', folder]);
    rmSync(folder, { recursive: true });
    const { code, stdout } = await run(project);
    expect(code).toBe(0);
    expect(stdout).toContain(`  what is there fails: ${path.join(folder, 'lib')} is gone\n`);
    expectInPlace(project);
  });

  it('may hold anything besides, as that of an installed wheel, of which nothing is read', async () => {
    const project = makeProject();
    const folder = temporaryFolder();
    write(path.join(folder, 'tensorflow', 'libtensorflow_cc.so.2'), libraryText('2.13.1'));
    write(path.join(folder, 'tensorflow', 'libtensorflow_framework.so.2'), 'the framework');
    write(path.join(folder, 'tensorflow', 'python', '__init__.py'), '');
    write(path.join(folder, 'tensorflow', 'large'), 'of others');
    const { code, stdout, stderr } = await run(project, {}, ['setup', '--library', folder]);
    expect([code, stderr]).toEqual([0, '']);
    expect([...stdout.matchAll(/^ {4}(\S+) {2}sha256/gm)].map(([, name]) => name)).toEqual([
      'libtensorflow_framework.so.2',
      'libtensorflow_cc.so.2',
    ]);
    expect(located(project)).toBe(path.join(folder, 'tensorflow'));
    expectNothingLeft(project);
  });

  it.each([
    ['that is not there', 'nowhere', (folder: string) => `: there is no ${folder}.`],
    ['that is empty', 'empty', (folder: string) => `${folder} has no C library of TensorFlow for linux.`],
    ['that is a file', 'file', (folder: string) => `${folder} is a file, and not the folder that it is in.`],
    [
      'that is a wheel',
      'tensorflow.whl',
      (folder: string) => `${folder} is an archive, and not the folder of what is in it.`,
    ],
  ])('is not passed over when it does not serve: one %s', async (_, name, reason) => {
    const project = makeProject();
    const { cwd } = project.options;
    mkdirSync(path.join(cwd, 'empty'), { recursive: true });
    for (const file of ['file', 'tensorflow.whl']) write(path.join(cwd, file), 'not a folder');
    const env = { ...project.options.env, LIBTENSORFLOW_DIR: name };
    const { code, stderr } = await run(project, { env });
    expect(code).toBe(1);
    expect(stderr).toContain(reason(path.join(cwd, name)));
    expect(stderr).toContain('Unset LIBTENSORFLOW_DIR');
    expect(stderr.includes('Unpack it')).toBe(name.endsWith('.whl'));
    expect(project.calls()).toEqual([]);
    expectNothingLeft(project);
  });
});

describe('a library for one run, by KERAS_PIPE_LIBRARY,', () => {
  const asking = (project: Project, library: string): NodeJS.ProcessEnv => ({
    ...project.options.env,
    KERAS_PIPE_LIBRARY: library,
  });
  const inPlaceBy = (folder: string, library: string, version: string): string =>
    `  in ${folder}: KERAS_PIPE_LIBRARY is ${library}\nTensorFlow ${version} is in place and works.\n`;
  const named = (): string => {
    const folder = temporaryFolder();
    write(path.join(folder, 'libtensorflow.so.2'), libraryText('2.9.1'));
    return folder;
  };

  it('is fetched once and put beside the one that the project goes on to use', async () => {
    const project = makeProject();
    project.pip('works');
    await run(project);
    const before = readFileSync(choiceFile(project.options.root), 'utf8');
    const env = asking(project, '2.x');
    const { code, stdout, stderr } = await run(project, { env });
    expect([code, stderr]).toEqual([0, '']);
    const folder = folderOf(project, '2.21.0');
    expect(stdout.endsWith(inPlaceBy(folder, '2.x', '2.21.0'))).toBe(true);
    expect(located(project, { KERAS_PIPE_LIBRARY: '2.x' })).toBe(folder);
    expectInPlace(project);
    expect(readFileSync(choiceFile(project.options.root), 'utf8')).toBe(before);
    const calls = project.calls().length;
    expect((await run(project, { env })).stdout).toBe(inPlaceBy(folder, '2.x', '2.21.0'));
    // Put in place once more, it is still beside.
    expect(await run(project, { env }, ['setup', '--force'])).toMatchObject({ code: 0 });
    expect(project.calls()).toHaveLength(calls);
    expect((await run(project)).stdout).toBe(inPlace(project));
    expectNothingLeft(project);
  });

  it('is a folder, which is used where it is', async () => {
    const project = makeProject();
    await run(project);
    const folder = named();
    const expected = { code: 0, stdout: inPlaceBy(folder, folder, '2.9.1'), stderr: '' };
    expect(await run(project, { env: asking(project, folder) })).toEqual(expected);
    expect(located(project, { KERAS_PIPE_LIBRARY: folder })).toBe(folder);
    expectInPlace(project);
  });

  it.each(['2.21', 'a folder'])('is the one that the project uses where there was none: %s', async (kind) => {
    const project = makeProject();
    project.pip('works');
    const library = kind === 'a folder' ? named() : kind;
    expect(await run(project, { env: asking(project, library) })).toMatchObject({ code: 0 });
    expect(located(project)).toBe(kind === 'a folder' ? library : folderOf(project, '2.21.0'));
    expectNothingLeft(project);
  });

  it('is not passed over when it does not serve', async () => {
    const project = makeProject();
    await run(project);
    const { code, stderr } = await run(project, { env: asking(project, 'latest') });
    expect(code).toBe(1);
    expect(stderr).toContain(`: there is no ${path.join(project.options.cwd, 'latest')}.`);
    expect(stderr).toContain(
      '- KERAS_PIPE_LIBRARY must name a version, such as 1.15, 2.x or 2.13.1, or a folder with ',
    );
    expectInPlace(project);
  });

  it('goes before what --library chooses, which setup says', async () => {
    const project = makeProject();
    project.pip('works');
    await run(project);
    const env = asking(project, '1.15');
    const { stdout } = await run(project, { env }, ['setup', '--library', '2.x']);
    expect(stdout).toMatch(
      /TensorFlow 2\.21\.0 is in place and works\.\nPrograms follow KERAS_PIPE_LIBRARY first, as long as it is set; it is 1\.15\.\n$/,
    );
    expect(located(project)).toBe(folderOf(project, '2.21.0'));
    expect((await run(project, { env }, ['setup', '--library', '1.15'])).stdout).not.toContain(
      'Programs follow',
    );
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
    expect(again.stdout).toBe(
      inPlace(project, '2.21.0', 'TensorFlow 2.21.0 from the Python wheel tensorflow_cpu==2.21.0'),
    );
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
