import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { currentState, tryJavaScript, tryKoffi, tryLibrary } from '../../src/setup/check';
import { tfjsNode } from '../../src/native/pinned';
import { CONTENTS } from '../../src/native/library';
import { locateLibrary, type Place } from '../../src/native/locate';
import { javascriptPackages, packageRoot } from '../../src/native/runtime';
import { elf } from '../native/elf';
import { makeProject, removeFolders, temporaryFolder, tryText, write, type Project } from './support/project';

afterEach(removeFolders);

const [installed] = javascriptPackages(packageRoot);

/** What a program of this repository would load. */
const ownLibrary = (): string =>
  locateLibrary({ root: packageRoot, cwd: '.', env: process.env, os: process.platform, arch: process.arch })
    ?.folder ?? '';

describe('a library', () => {
  it('of this repository computes', async () => {
    expect(await tryLibrary(ownLibrary())).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it('that is none', async () => {
    const folder = temporaryFolder();
    write(path.join(folder, 'libtensorflow.so.1'), 'rubbish '.repeat(1000));
    expect(await tryLibrary(folder)).toEqual({
      // It does not say to run setup, which is what tries it.
      reason: expect.stringMatching(
        /must be a shared library\. Received: .*libtensorflow\.so\.1, 8000 bytes, which is none\.$/,
      ),
    });
  });

  it.each([
    [
      'for another processor',
      elf({ machine: process.arch === 'arm64' ? 62 : 183 }),
      /must be for \S+, as this Node\.js is\. Received: \S+ for (arm64|x64)\.$/,
    ],
    [
      'cut off',
      elf({ machine: process.arch === 'arm64' ? 183 : 62, loaded: 100_000 }),
      /must be complete\. Received: \S+ with 512 of at least 100000 bytes\.$/,
    ],
  ])('that is %s, without what to do, which setup says itself', async (_, content, reason) => {
    if (process.platform !== 'linux') return;
    const folder = temporaryFolder();
    write(path.join(folder, 'libtensorflow.so.1'), content);
    expect(await tryLibrary(folder)).toEqual({ reason: expect.stringMatching(reason) });
  });

  it('that is not there', async () => {
    expect(await tryLibrary(path.join(temporaryFolder(), 'nowhere'))).toEqual({
      reason: expect.stringMatching(/which cannot be read\.$/),
    });
  });

  const isCompilable = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

  (isCompilable ? it : it.skip).each([
    ['crashes', 'signal(SIGSEGV, SIG_DFL); raise(SIGSEGV);', 'it crashes (SIGSEGV)'],
    [
      'needs a newer processor',
      'signal(SIGILL, SIG_DFL); raise(SIGILL);',
      'it needs instructions that this processor does not have (SIGILL)',
    ],
    ['ends the process as if all were well', '_Exit(0);', 'it ends the process that loads it'],
    [
      'prints something, and ends the process',
      'puts("2 devices"); fflush(stdout); _Exit(0);',
      'it ends the process that loads it',
    ],
  ])('that %s as it loads', async (_, program, reason) => {
    const folder = temporaryFolder();
    const source = path.join(folder, 'library.c');
    write(
      source,
      `#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n__attribute__((constructor)) static void f(void) { ${program} }`,
    );
    spawnSync('cc', ['-shared', '-fPIC', '-o', path.join(folder, 'libtensorflow.so.1'), source]);
    expect(await tryLibrary(folder)).toEqual({ reason });
  });

  (isCompilable ? it : it.skip)('that calls a function that is nowhere', async () => {
    const folder = temporaryFolder();
    const source = path.join(folder, 'library.c');
    write(source, 'int newer(void); int f(void) { return newer(); }');
    spawnSync('cc', ['-shared', '-fPIC', '-o', path.join(folder, 'libtensorflow.so.2'), source]);
    // Such a library's functions are looked up late, but not when it is tried.
    write(path.join(folder, CONTENTS), '{}');
    expect(await tryLibrary(folder)).toEqual({
      reason: expect.stringMatching(
        /must load\. Received: .*undefined symbol: newer \(a system too old .*\)\.$/,
      ),
    });
  });
});

test('koffi of this repository loads', async () => {
  expect(await tryKoffi()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
});

describe('the JavaScript of tfjs-node', () => {
  it('of this repository is whole', () => {
    expect(tryJavaScript(installed?.directory ?? '', tfjsNode.version)).toEqual({});
  });

  it('of another version', () => {
    expect(tryJavaScript(makeProject().runtime, '4.21.0')).toEqual({ reason: 'it is version 4.22.0' });
  });

  it('without what it requires', () => {
    const folder = path.join(temporaryFolder(), 'tfjs-node');
    write(path.join(folder, 'package.json'), '{ "version": "4.22.0" }');
    write(path.join(folder, 'index.js'), '');
    expect(tryJavaScript(folder, '4.22.0').reason).toMatch(/Cannot find module '@tensorflow\/tfjs'/);
  });
});

describe('the state', () => {
  const placeOf = ({ root, cwd, env }: Project['options']): Place => ({
    root,
    cwd,
    env,
    os: 'linux',
    arch: 'x64',
  });

  it('of a project without anything', async () => {
    const { options } = makeProject({ withRuntime: false });
    expect(await currentState(placeOf(options), '4.22.0', tryText)).toEqual({
      folder: undefined,
      reason: 'it is not installed',
    });
  });

  it('of a project without a library, or whose library does not run', async () => {
    const { options, runtime } = makeProject();
    expect(await currentState(placeOf(options), '4.22.0', tryText)).toEqual({
      folder: undefined,
      reason: 'there is no library',
    });
    const folder = path.join(runtime, 'deps', 'lib');
    write(path.join(folder, 'libtensorflow.so.2'), 'rubbish');
    expect(await currentState(placeOf(options), '4.22.0', tryText)).toEqual({
      folder: undefined,
      reason: `${folder}: invalid ELF header`,
    });
  });
});
