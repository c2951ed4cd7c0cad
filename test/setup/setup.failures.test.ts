import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { makeReadOnly, smallDisk, unmountAll, withMount } from './support/disks';
import { expectFailure, expectUntouched, located } from './support/placed';
import {
  libraryText,
  leftovers,
  makeProject,
  makeRelease,
  releaseContents,
  removeFolders,
  run,
  write,
  type Project,
} from './support/project';

const undo: (() => unknown)[] = [];
afterEach(() => {
  for (const action of undo.splice(0).reverse()) action();
  unmountAll();
  removeFolders();
});

describe('npm', () => {
  it.each([
    ['offline', /npm cannot reach the registry \(ENOTFOUND\)/, /again on a working network/],
    [
      'missing',
      /the npm registry in use does not have releases@1\.0\.0; npm says: Not Found/,
      /If the registry is a mirror/,
    ],
    ['forbidden', /the npm registry in use refuses releases@1\.0\.0 \(E403\)/, /logged in/],
    ['full', /the disk is full, where npm keeps its cache/, /npm config get cache/],
    [
      'cut',
      /the connection to the npm registry breaks off, 3 times \(ECONNRESET\)/,
      /again on a working network/,
    ],
    ['truncated', /releases@1\.0\.0 \(0\.0 MB\) is not the file expected: its hash is sha512-/, /mirror/],
    ['altered', /releases@1\.0\.0 \(0\.0 MB\) is not the file expected: its hash is sha512-/, /mirror/],
    ['broken', /`npm pack releases@1\.0\.0` ended with code 1; npm says: Cannot read properties/, /again/],
  ])('that ends with the registry %s', async (mode, reason, advice) => {
    const project = makeProject();
    project.npm(mode);
    const failed = await run(project);
    expectFailure(
      failed,
      reason,
      advice,
      /What was tried:\n- TensorFlow 1\.15\.0 from the npm package releases@1\.0\.0: /,
      /- TensorFlow 2\.x from the archive of its C library, by tfjs-node's install script: 127\.0\.0\.1:9 (cannot be reached|does not answer)/,
    );
    expect(failed.stderr).not.toContain('secret');
    expectUntouched(project);
    expect(readdirSync(project.options.cache)).toEqual([]);
    project.npm('works');
    expect(await run(project)).toMatchObject({ code: 0 });
  });

  it('that fails for the JavaScript of tfjs-node', async () => {
    const project = makeProject({ withRuntime: false });
    project.npm('missing');
    expectFailure(
      await run(project),
      /@tensorflow\/tfjs-node@4\.22\.0, which npm left out: the npm registry/,
    );
    expectUntouched(project);
    project.npm('works');
    expect(await run(project)).toMatchObject({ code: 0 });
  });

  it('that is not there', async () => {
    const project = makeProject();
    const env = { ...project.options.env, PATH: path.join(project.folder, 'empty') };
    expectFailure(await run(project, { env }), /there is no `npm` in PATH/, /Install npm/);
    expectUntouched(project);
  });
});

describe('a package with other contents', () => {
  const tarballs = (project: Project): string => path.join(project.folder, 'tarballs');
  const library = 'node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so.1.15.0';

  it('a file that differs from its hash', async () => {
    const project = makeProject();
    const release = makeRelease(tarballs(project), { ...releaseContents, [library]: libraryText('6.6.6') });
    expectFailure(await run(project, { release }), /unexpected contents: libtensorflow\.so\.1 differ/);
    expectUntouched(project);
  });

  it('a file missing', async () => {
    const project = makeProject();
    const { [library]: _, ...rest } = releaseContents;
    const release = makeRelease(tarballs(project), rest);
    expectFailure(await run(project, { release }), /package\/inner\.br has no node_modules/);
    expectUntouched(project);
  });

  it.each([
    ['no brotli', (tar: Buffer): Buffer => tar, /releases cannot be unpacked/],
    ['nothing', (): Buffer => Buffer.alloc(0), /releases cannot be unpacked|has no node_modules/],
  ])('%s', async (_name, pack, reason) => {
    const project = makeProject();
    const release = makeRelease(tarballs(project), releaseContents, pack);
    expectFailure(await run(project, { release }), reason);
    expectUntouched(project);
  });

  it('no archive in it', async () => {
    const project = makeProject();
    const release = { ...project.options.release, archive: 'package/other.br' };
    expectFailure(await run(project, { release }), /releases has no package\/other\.br/);
    expectUntouched(project);
  });

  it('a library that does not run here', async () => {
    const project = makeProject();
    const tryNative = () =>
      Promise.resolve({ reason: 'it needs instructions that this processor does not have' });
    expectFailure(await run(project, { tryNative }), /it is there, but does not run: it needs instructions/);
    expectUntouched(project);
  });
});

describe('koffi', () => {
  it('that does not load is told before anything is fetched', async () => {
    const project = makeProject();
    const tryKoffi = () => Promise.resolve({ reason: "Cannot find module 'koffi'" });
    const ended = await run(project, { tryKoffi });
    expectFailure(
      ended,
      /the npm package koffi, which calls the library: it does not load: Cannot find module 'koffi'\.\n/,
      /- Install again, with optional dependencies/,
    );
    expect(ended.stderr).not.toContain('LIBTENSORFLOW_DIR');
    expect(ended.stdout).not.toContain('downloading');
    expectUntouched(project);
    expect(existsSync(project.options.cache)).toBe(false);
  });
});

describe('disks', () => {
  it('a file where the cache should be', async () => {
    const project = makeProject();
    writeFileSync(project.options.cache, '');
    const failed = await run(project);
    expectFailure(failed, /cache cannot be made: a file is in its way/, /KERAS_PIPE_CACHE/);
    expect(failed.stderr).not.toContain('LIBTENSORFLOW_DIR');
    expect(project.calls()).toEqual([]);
    expectUntouched(project);
  });

  withMount('a cache that is read-only', async () => {
    const project = makeProject();
    expect(makeReadOnly(project.options.cache)).toBe(true);
    expectFailure(await run(project), /cache cannot be written to \(EROFS\)/, /KERAS_PIPE_CACHE/);
    expectUntouched(project);
  });

  withMount('a cache that is read-only, but complete, serves', async () => {
    const [first, second] = [makeProject(), makeProject()];
    const { cache, release } = first.options;
    await run(first);
    expect(makeReadOnly(cache)).toBe(true);
    expect(await run(second, { cache, release })).toMatchObject({ code: 0, stderr: '' });
  });

  withMount('a cache on a disk that is too small, which is seen before the download', async () => {
    const project = makeProject();
    expect(smallDisk(project.options.cache, '64k')).toBe(true);
    expectFailure(await run(project), /the disk of \S+cache is full: 0\.2 MB are needed, 0\.1 MB are free/);
    expect(project.calls()).toEqual([]);
    expectUntouched(project);
  });

  withMount('a disk that fills up while unpacking', async () => {
    const project = makeProject();
    expect(smallDisk(project.options.cache, '64k')).toBe(true);
    const release = { ...project.options.release, bytes: 10 };
    expectFailure(await run(project, { release }), /the disk of \S+cache is full\./, /KERAS_PIPE_CACHE/);
    expect(project.calls()).toHaveLength(1);
    expectUntouched(project);
  });

  withMount('a disk of the project that is full', async () => {
    const project = makeProject({ withRuntime: false });
    expect(smallDisk(path.join(project.options.root, 'native'), '64k')).toBe(true);
    expectFailure(await run(project), /the disk of \S+native is full\./, /Free space there\./);
    expectUntouched(project);
  });

  withMount.each([[true], [false]])(
    'a project that is read-only, tfjs-node installed: %s',
    async (withRuntime) => {
      const project = makeProject({ withRuntime });
      expect(makeReadOnly(path.join(project.folder, 'app'))).toBe(true);
      expectFailure(
        await run(project),
        /cannot be written to \(EROFS\)/,
        withRuntime
          ? /- Set `KERAS_PIPE_LIBRARY=1\.15\.0` for programs: they find that version in \S+cache, once setup /
          : /- Run setup where \S+native can be written to: /,
      );
      expectUntouched(project);
    },
  );

  withMount('a project that is read-only, for which the cache has a version', async () => {
    const [first, second] = [makeProject(), makeProject()];
    const { cache, release, wheels } = first.options;
    first.pip('works');
    await run(first);
    await run(first, {}, ['setup', '--library', '2.x']);
    expect(makeReadOnly(path.join(second.folder, 'app'))).toBe(true);
    const advised = async (...parameters: string[]): Promise<string> => {
      const { stderr } = await run(second, { cache, release, wheels }, ['setup', ...parameters]);
      expect(stderr).not.toContain('Run setup as a user');
      const version = /- Set `KERAS_PIPE_LIBRARY=(\S+)` for programs/.exec(stderr)?.[1] ?? 'none';
      expect(stderr).toContain(`: they find that version in ${cache}.\n`);
      return version;
    };
    expect(await advised()).toBe('1.15.0');
    expect(await advised('--library', '2.x')).toBe('2.21.0');
    const folder = path.join(cache, 'tensorflow-2.21.0-linux-x64');
    expect(located(second, { KERAS_PIPE_LIBRARY: '2.21.0', KERAS_PIPE_CACHE: cache })).toBe(folder);
    const { stderr } = await run(second, {}, ['setup', '--library', folder]);
    expect(stderr).toContain(`- Set \`KERAS_PIPE_LIBRARY=${folder}\` for programs: they find it there.\n`);
  });
});

describe('other systems', () => {
  it.each([
    [
      { os: 'linux', arch: 'x64', libc: 'musl' },
      'linux x64 with musl',
      /node:22-slim \(Debian\) instead of node:22-alpine/,
    ],
    [{ os: 'linux', arch: 'arm64', libc: 'glibc' }, 'linux arm64 with glibc', /LIBTENSORFLOW_DIR/],
    [{ os: 'darwin', arch: 'arm64', libc: '' }, 'darwin arm64', /Unpack the archive/],
  ])('%j', async (platform, name, advice) => {
    const project = makeProject();
    const failed = await run(project, { platform });
    expectFailure(failed, `it is for linux x64 with glibc only, and this is ${name}`, advice);
    expect(failed.stderr.includes('its TensorFlow needs glibc')).toBe(platform.libc === 'musl');
    expect(project.calls()).toEqual([]);
    expectUntouched(project);
  });
});

describe('the archive of the C library', () => {
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    undo.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tf-builds`;
  };
  const answering =
    (status: number): RequestListener =>
    (_request, response) =>
      void response.writeHead(status).end();
  const script = (project: Project, program: string): void =>
    write(path.join(project.runtime, 'scripts', 'install.js'), program);
  const installs = (host: string): string => `
    const HOST = '${host}';
    const fs = require('node:fs');
    fs.mkdirSync('deps/lib', { recursive: true });
    fs.writeFileSync('deps/lib/libtensorflow.so.2', ${JSON.stringify(libraryText('2.9.1'))});
    process.exitCode = require('node:child_process').spawnSync('node-pre-gyp', ['install']).status;`;

  it('comes last, and needs no addon', async () => {
    const asked: string[] = [];
    const host = await serve((request, response) => {
      asked.push(`${String(request.method)} ${String(request.url)}`);
      response.end();
    });
    const project = makeProject({ host });
    project.npm('offline');
    script(project, installs(host));
    const { code, stdout } = await run(project);
    expect(code).toBe(0);
    expect(stdout).toContain('not pinned');
    expect(stdout).toMatch(/TensorFlow 2\.9\.1 is in place and works\.\n$/);
    expect(asked).toEqual(['HEAD /']);
    const folder = path.join(project.options.root, 'native', 'tensorflow-2.9.1-linux-x64');
    expect(readFileSync(path.join(folder, 'libtensorflow.so.2'), 'utf8')).toBe(libraryText('2.9.1'));
    expect(leftovers(project.options.root)).toEqual([]);
  });

  it.each([
    ['an address that refuses', 403, '', /answers 403/],
    [
      'a script that fails',
      200,
      `console.error('Error: no such bucket'); process.exit(1)`,
      /its install script failed: Error: no such bucket/,
    ],
    [
      'a script that installs nothing',
      200,
      '',
      /its install script ended without installing TensorFlow: it said nothing/,
    ],
    [
      'a script that hangs',
      200,
      'setInterval(() => undefined, 1000)',
      /its install script did nothing for 1\.5 seconds/,
    ],
    [
      'a library that does not run',
      200,
      installs('').replace('TensorFlow 2.9.1', 'rubbish'),
      /does not run: invalid ELF header/,
    ],
  ])('fails: %s', async (_name, status, program, reason) => {
    const host = await serve(answering(status));
    const project = makeProject({ host });
    project.npm('offline');
    script(
      project,
      `// http://other.invalid\nconst HOST = '${host}';\n${program.replace(/const HOST.*/, '')}`,
    );
    expectFailure(await run(project), reason);
    expectUntouched(project);
  });

  it('is waited for by a setup that was stopped for long', async () => {
    const host = await serve(answering(200));
    const project = makeProject({ host });
    project.npm('offline');
    script(
      project,
      `setTimeout(() => process.kill(process.ppid, 'SIGSTOP'), 1200); // when it has looked once
      setTimeout(() => process.kill(process.ppid, 'SIGCONT'), 4000);
      setTimeout(() => {${installs(host)}}, 4300);
      // ${host}`,
    );
    const { stdout } = await run(project);
    expect(stdout).toMatch(/TensorFlow 2\.9\.1 is in place and works\.\n$/);
  });

  it('fails when its address does not answer', async () => {
    const project = makeProject({ host: await serve(() => undefined) });
    project.npm('offline');
    expectFailure(await run(project), /127\.0\.0\.1:\d+ does not answer within 0\.5 seconds/);
  });
});
