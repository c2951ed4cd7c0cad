import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLibrary } from '../../src/native/library';
import { logKindOf } from '../../src/native/log-kind';
import { elf } from './elf';
import { libraryFolder } from './support';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('of the libraries that setup brings, what they need is known before they load', () => {
  const real = libraryFolder();
  const { version, logKind } = openLibrary(real);
  const known: Readonly<Record<string, string>> = {
    '1.15.0': 'variable',
    '2.13.1': 'variable',
    '2.21.0': 'functions',
  };
  const named = `tensorflow-${version}-linux-x64` === path.basename(real);
  if (!named || known[version] === undefined) return;
  expect(logKind).toBe(known[version]);

  // Under another name, its files alone say it.
  for (const name of readdirSync(real)) symlinkSync(path.join(real, name), path.join(folder, name));
  const files = {
    main: version.startsWith('1.') ? 'libtensorflow.so.1' : 'libtensorflow_cc.so.2',
    dependencies: [`libtensorflow_framework.so.${version[0]}`],
  };
  expect(logKindOf(folder, files)).toBe(version === '2.21.0' ? 'functions' : 'variable while loading');
  // An archive of the C library may have a log of its own in its main part.
  expect(logKindOf(folder, { ...files, main: 'libtensorflow.so.2' })).toBe('variable while loading');
});

test('nothing is known of what cannot be read, or says nothing', () => {
  const files = { main: 'libtensorflow_cc.so.2', dependencies: ['libtensorflow_framework.so.2'] };
  expect(logKindOf(folder, { ...files, dependencies: [] })).toBe('variable while loading');
  expect(logKindOf(folder, files)).toBe('variable while loading');
  for (const content of ['', 'rubbish', elf(), elf().subarray(0, 100)]) {
    writeFileSync(path.join(folder, 'libtensorflow_framework.so.2'), content);
    expect(logKindOf(folder, files)).toBe('variable while loading');
  }
});

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

(hasCompiler ? test : test.skip)(
  'functions of Abseil serve only where the library has no messages of its own besides',
  () => {
    const files = { main: 'libtensorflow_cc.so.2', dependencies: ['libtensorflow_framework.so.2'] };
    const kindOf = (names: readonly string[]): string => {
      const source = path.join(folder, 'library.c');
      writeFileSync(source, names.map((name) => `void ${name}(void) {}\n`).join(''));
      const made = spawnSync('cc', [
        '-shared',
        '-fPIC',
        '-o',
        path.join(folder, 'libtensorflow_framework.so.2'),
        source,
      ]);
      expect(made.status).toBe(0);
      return logKindOf(folder, files);
    };
    const level = '_ZN4absl12lts_2025012714SetMinLogLevelENS0_18LogSeverityAtLeastE';
    const threshold = '_ZN4absl12lts_2025012718SetStderrThresholdENS0_18LogSeverityAtLeastE';
    expect(kindOf([level, threshold])).toBe('functions');
    expect(kindOf([level])).toBe('variable while loading');
    expect(kindOf(['_ZN5other4nameEv'])).toBe('variable while loading');
    // As 2.20, which makes them by `_ZN3tsl8internal10LogMessageC1EPKciN4absl12lts_2025012711LogSeverityE`.
    expect(kindOf([level, threshold, '_ZN3tsl8internal10LogMessageD1Ev'])).toBe('variable while loading');
  },
);
