import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  closeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KerasNativeError } from '../../src/base/errors';
import { checkLibrary, CONTENTS, findLibrary, openLibrary, requireVersion } from '../../src/native/library';
import { elf } from './elf';
import { libraryFolder } from './support';

/** Files as real builds have them. */
const LISTINGS = {
  'the wheel for Linux': {
    os: 'linux',
    names: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'python', 'lite', '__init__.py'],
    main: 'libtensorflow_cc.so.2',
    dependencies: ['libtensorflow_framework.so.2'],
  },
  'the archive for Linux': {
    os: 'linux',
    names: [
      'libtensorflow.so',
      'libtensorflow.so.2',
      'libtensorflow.so.2.18.0',
      'libtensorflow_framework.so',
      'libtensorflow_framework.so.2',
      'libtensorflow_framework.so.2.18.0',
    ],
    main: 'libtensorflow.so.2',
    dependencies: ['libtensorflow_framework.so.2'],
  },
  'the package of 1.15, whose files have the whole version': {
    os: 'linux',
    names: ['libtensorflow_framework.so.1.15.0', 'libtensorflow.so.1.15.0'],
    main: 'libtensorflow.so.1.15.0',
    dependencies: ['libtensorflow_framework.so.1.15.0'],
  },
  'two versions, of which the newer is taken': {
    os: 'linux',
    names: [
      'libtensorflow.so.1',
      'libtensorflow_framework.so.1',
      'libtensorflow_framework.so.2',
      'libtensorflow_cc.so.2',
    ],
    main: 'libtensorflow_cc.so.2',
    dependencies: ['libtensorflow_framework.so.2'],
  },
  'the wheel for macOS': {
    os: 'darwin',
    names: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    main: 'libtensorflow_cc.2.dylib',
    dependencies: ['libtensorflow_framework.2.dylib'],
  },
  'the archive for macOS': {
    os: 'darwin',
    names: [
      'libtensorflow.2.16.2.dylib',
      'libtensorflow.2.dylib',
      'libtensorflow.dylib',
      'libtensorflow_framework.2.dylib',
    ],
    main: 'libtensorflow.2.dylib',
    dependencies: ['libtensorflow_framework.2.dylib'],
  },
  'the archive for Windows': {
    os: 'win32',
    names: ['tensorflow.dll', 'tensorflow.lib'],
    main: 'tensorflow.dll',
    dependencies: [],
  },
};

test.each(Object.entries(LISTINGS))(
  'finds the files and their order: %s',
  (_, { os, names, main, dependencies }) => {
    expect(findLibrary(names, os)).toEqual({ main, dependencies });
  },
);

test('the wheel for Windows has a tensorflow_cc that exports nothing, so it is no library', () => {
  expect(findLibrary(['tensorflow_cc.2.dll', 'tensorflow_framework.2.dll'], 'win32')).toBeUndefined();
  expect(findLibrary(['libtensorflow.so.2'], 'plan9')).toBeUndefined();
});

describe('what cannot work is refused before it is loaded', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (
    content: Buffer | string,
    names = ['libtensorflow.so.1', 'libtensorflow_framework.so.1'],
  ): void => {
    for (const name of names) writeFileSync(path.join(folder, name), content);
  };
  const host = { os: 'linux', arch: 'x64', executable: process.execPath };
  const refusal = (on = host): string => {
    try {
      checkLibrary(folder, on);
    } catch (error) {
      expect(error).toBeInstanceOf(KerasNativeError);
      return (error as Error).message;
    }
    return 'none';
  };

  test('no folder, and a folder without a library', () => {
    expect(refusal()).toContain(`Received: the folder ${folder}, without it.`);
    expect(refusal()).toContain('libtensorflow_cc.so.2, libtensorflow.so.2 or libtensorflow.so.1');
    expect(() => checkLibrary(path.join(folder, 'nowhere'), host)).toThrow(/which cannot be read/);
  });

  test('a file that is no library', () => {
    put('404 Not Found');
    expect(refusal()).toMatch(/must be a shared library. Received: .*libtensorflow_framework.so.1, 13 bytes/);
  });

  test('what cannot be read: a folder of that name, links that lead nowhere or round in a circle', () => {
    const [older = '', newer = ''] = ['libtensorflow.so.1', 'libtensorflow.so.2'].map((name) =>
      path.join(folder, name),
    );
    const unreadable = (file: string, code: string): string =>
      `must be readable. Received: ${file}, which cannot be read (${code}). Run \`npx keras-pipe setup\``;
    mkdirSync(older);
    expect(refusal()).toContain(unreadable(older, 'EISDIR'));
    rmdirSync(older);
    symlinkSync(path.join(folder, 'nowhere'), older);
    expect(refusal()).toContain(unreadable(older, 'ENOENT'));
    symlinkSync(newer, newer);
    expect(refusal()).toContain(unreadable(newer, 'ELOOP'));
  });

  test('a Node.js that may be run but not read counts as one on glibc', () => {
    put(elf({ loaded: 100 }));
    expect(refusal({ ...host, executable: path.join(folder, 'unreadable') })).toBe('none');
  });

  test('another architecture', () => {
    put(elf({ machine: 183, loaded: 100 }));
    expect(refusal()).toMatch(/must be for x64, as this Node.js is. Received: .* for arm64/);
    expect(refusal({ ...host, arch: 'arm64' })).toBe('none');
  });

  test('a truncated file', () => {
    put(elf({ loaded: 100_000 }));
    expect(refusal()).toMatch(/must be complete. Received: .* with 512 of at least 100000 bytes. Delete it/);
  });

  test('a file that ends in its header', () => {
    put(elf({ loaded: 100 }).subarray(0, 100));
    expect(refusal()).toMatch(/must be complete. Received: .* with 100 of at least \d+ bytes. Delete it/);
  });

  test('a Node.js on musl', () => {
    const executable = path.join(folder, 'node');
    writeFileSync(executable, elf({ interpreter: '/lib/ld-musl-x86_64.so.1' }));
    expect(refusal({ ...host, executable })).toMatch(/needs glibc. Received: a Node.js on musl/);
  });

  test('the beginning of the real library', () => {
    const real = libraryFolder();
    const files = findLibrary(readdirSync(real), 'linux');
    if (process.platform !== 'linux' || files === undefined) return;
    for (const name of [...files.dependencies, files.main]) {
      const start = Buffer.alloc(1_000_000);
      const descriptor = openSync(path.join(real, name), 'r');
      readSync(descriptor, start, 0, start.length, 0);
      closeSync(descriptor);
      put(start, [name]);
    }
    expect(refusal({ ...host, arch: process.arch })).toMatch(/must be complete/);
  });
});

test('a library of something else lacks the functions', () => {
  if (process.platform !== 'linux') return;
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  const { resolve } = createRequire(__filename);
  const other = path.join(path.dirname(resolve('koffi')), '..', '@koromix', `koffi-linux-${process.arch}`);
  copyFileSync(
    path.join(other, `linux_${process.arch}`, 'koffi.node'),
    path.join(folder, 'libtensorflow.so.1'),
  );
  expect(() => openLibrary(folder)).toThrow(
    /all functions of its C API. Received: one in .* without TF_Version/,
  );
  rmSync(folder, { recursive: true });
});

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

(hasCompiler ? test : test.skip).each([
  [
    'that lacks a single function',
    'const char* TF_Version(void) { return "2.9.1"; } void* TF_NewStatus(void) { return 0; }',
    /all functions of its C API. Received: one in \S+ without TF_\w+\. Run `npx keras-pipe setup`/,
  ],
  [
    'that is too old',
    'const char* TF_Version(void) { return "1.14.0"; }',
    /must be of version 1.15 or later. Received: 1.14.0 in \S+\. Run `npx keras-pipe setup`/,
  ],
  [
    'that needs what the system does not have',
    'void elsewhere(void); const char* TF_Version(void) { elsewhere(); return "2.9.1"; }',
    /must load. Received: \S+libtensorflow.so.2: .*undefined symbol: elsewhere \(a system too old .*\)\. Run `npx/,
  ],
])('a library %s', (_, program, message) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  const source = path.join(folder, 'library.c');
  writeFileSync(source, program);
  spawnSync('cc', ['-shared', '-fPIC', '-o', path.join(folder, 'libtensorflow.so.2'), source]);
  try {
    expect(() => openLibrary(folder)).toThrow(message);
    expect(() => openLibrary(folder)).toThrow(KerasNativeError);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('functions are looked up late only in a library that setup has tried', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  writeFileSync(path.join(folder, 'libtensorflow.so.2'), elf({ loaded: 512 }));
  const host = { os: 'linux', arch: 'x64', executable: process.execPath };
  expect(checkLibrary(folder, host)).toHaveProperty('lookup', 'now');
  writeFileSync(path.join(folder, CONTENTS), '{}');
  expect(checkLibrary(folder, host)).toHaveProperty('lookup', 'lazy');
  rmSync(folder, { recursive: true });
});

test('a version that is too old is refused', () => {
  for (const version of ['1.15.0', '2.0.0', '2.21.0-rc1']) requireVersion(version, 'here');
  expect(() => requireVersion('1.14.0', 'here')).toThrow(
    /must be of version 1.15 or later. Received: 1.14.0 in here/,
  );
});

test('the library opens, and says its version', () => {
  expect(openLibrary(libraryFolder()).version).toMatch(/^\d+\.\d+\./);
});
