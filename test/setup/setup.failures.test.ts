import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import {
  addonText,
  leftovers,
  makeProject,
  makeRelease,
  releaseContents,
  removeFolders,
  run,
  write,
  type Project,
  type Run,
} from './support/project';

const undo: (() => unknown)[] = [];
afterEach(() => {
  for (const action of undo.splice(0).reverse()) action();
  removeFolders();
});

const expectUntouched = ({ options, runtime }: Project): void => {
  for (const part of ['deps', 'lib']) expect(existsSync(path.join(runtime, part))).toBe(false);
  expect(readdirSync(options.root).filter((name) => name !== 'native')).toEqual(['package.json']);
  expect(existsSync(path.join(options.root, 'native', 'node_modules'))).toBe(false);
  for (const folder of [options.root, runtime, options.cache]) expect(leftovers(folder)).toEqual([]);
};

const expectFailure = ({ code, stdout, stderr }: Run, ...texts: (string | RegExp)[]): void => {
  expect(code).toBe(1);
  expect(stdout).not.toContain('in place and works');
  expect(stderr).toContain("keras-pipe setup: TensorFlow's C library could not be put in place.");
  for (const text of texts) expect(stderr).toMatch(text);
};

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
      /What was tried:\n- tfjs-node's own download: 127\.0\.0\.1:9 cannot be reached/,
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
  const addon = 'node_modules/@tensorflow/tfjs-node/lib/napi-v6/tfjs_binding.node';

  it('a file that differs from its hash', async () => {
    const project = makeProject();
    const release = makeRelease(tarballs(project), { ...releaseContents, [addon]: addonText('6.6.6') });
    expectFailure(
      await run(project, { release }),
      /unexpected contents: lib\/napi-v8\/tfjs_binding\.node differ/,
    );
    expectUntouched(project);
  });

  it('a file missing', async () => {
    const project = makeProject();
    const { [addon]: _, ...rest } = releaseContents;
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

describe('disks', () => {
  /** Runs a command that needs privileges; tells whether it could be. */
  const privileged = (command: string, ...parameters: string[]): boolean => {
    try {
      execFileSync(command, parameters, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  const unmount = (folder: string): void => void undo.push(() => privileged('umount', folder));
  const smallDisk = (folder: string, size: string): boolean => {
    mkdirSync(folder, { recursive: true });
    const mounted = privileged('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'none', folder);
    if (mounted) unmount(folder);
    return mounted;
  };
  const makeReadOnly = (folder: string): boolean => {
    mkdirSync(folder, { recursive: true });
    if (!privileged('mount', '--bind', folder, folder)) return false;
    unmount(folder);
    return privileged('mount', '-o', 'remount,ro,bind', folder);
  };
  const trial = path.join(__dirname, 'support');
  const canMount = privileged('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', trial);
  // Mounting needs privileges that a test run often lacks: then these are reported as skipped.
  const withMount = canMount ? it : it.skip;

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
        /Run setup as a user who may write there/,
      );
      expectUntouched(project);
    },
  );
});

describe('other systems', () => {
  it.each([
    [
      { os: 'linux', arch: 'x64', libc: 'musl' },
      'linux x64 with musl',
      /node:22-slim \(Debian\) instead of node:22-alpine/,
    ],
    [{ os: 'linux', arch: 'arm64', libc: 'glibc' }, 'linux arm64 with glibc', /LIBTENSORFLOW_DIR/],
    [{ os: 'darwin', arch: 'arm64', libc: '' }, 'darwin arm64', /Use linux x64 with glibc/],
  ])('%j', async (platform, name, advice) => {
    const project = makeProject();
    const failed = await run(project, { platform });
    expectFailure(failed, `it is for linux x64 with glibc only, and this is ${name}`, advice);
    expect(failed.stderr.includes('its TensorFlow needs glibc')).toBe(platform.libc === 'musl');
    expect(project.calls()).toEqual([]);
    expectUntouched(project);
  });
});

describe("tfjs-node's own download", () => {
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
  const installs = `
    const fs = require('node:fs');
    for (const [file, text] of [['deps/lib/libtensorflow.so.2', 'two'], ['lib/napi-v8/tfjs_binding.node', 'TensorFlow 2.9.1']]) {
      fs.mkdirSync(require('node:path').dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }`;

  it('comes first', async () => {
    const asked: string[] = [];
    const host = await serve((request, response) => {
      asked.push(`${String(request.method)} ${String(request.url)}`);
      response.end();
    });
    const project = makeProject({ host });
    script(project, installs);
    const { code, stdout } = await run(project);
    expect(code).toBe(0);
    expect(stdout).toMatch(/TensorFlow 2\.9\.1 is in place and works\.\n$/);
    expect(asked).toEqual([`HEAD /tf-builds/napi-v8/4.22.0/CPU-${process.platform}-4.22.0.tar.gz`]);
    expect(project.calls()).toEqual([]);
    expect(readFileSync(path.join(project.runtime, 'deps', 'lib', 'libtensorflow.so.2'), 'utf8')).toBe('two');
    expect(leftovers(project.runtime)).toEqual([]);
  });

  it.each([
    ['an address that refuses', 403, installs, /answers 403 for \/tf-builds\/napi-v8/],
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
      installs.replace('TensorFlow 2.9.1', 'rubbish'),
      /does not run: invalid ELF header/,
    ],
  ])('gives way to the npm package: %s', async (_name, status, program, reason) => {
    const project = makeProject({ host: await serve(answering(status)) });
    script(project, program);
    const { code, stdout } = await run(project);
    expect(stdout).toMatch(reason);
    expect(code).toBe(0);
    expect(stdout).toMatch(/TensorFlow 1\.15\.0 is in place and works\.\n$/);
    expect(leftovers(project.runtime)).toEqual([]);
  });

  it('gives way when its address does not answer', async () => {
    const project = makeProject({ host: await serve(() => undefined) });
    const { code, stdout } = await run(project);
    expect(stdout).toMatch(/127\.0\.0\.1:\d+ does not answer within 0\.5 seconds/);
    expect(code).toBe(0);
  });
});
