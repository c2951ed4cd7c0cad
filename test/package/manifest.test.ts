import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { root, sourceFiles } from '../docs/extract';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
  readonly files: readonly string[];
  readonly typesVersions: Readonly<Record<'*', Readonly<Record<string, readonly string[]>>>>;
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;

/** The source of a file in dist/. */
const sourceOf = (file: string): string =>
  file
    .replace(/^\.\/dist\//, 'src/')
    .replace(/\.d\.ts$|\.js$/, '.ts')
    .replace(/\.d\.mts$|\.mjs$/, '.mts');

test('every entry is made from a source', () => {
  const entries = Object.entries(manifest.exports).filter(([name]) => name !== './package.json');
  expect(entries.map(([name]) => name)).toEqual([
    '.',
    './fp',
    './fp/forms',
    './jest-environment',
    './matchers',
    './matchers/jest',
    './matchers/vitest',
  ]);
  for (const [, target] of entries) {
    const { types, default: code } = target as { types: string; default: string };
    expect(types).toBe(code.replace(/\.(m?)js$/, '.d.$1ts'));
    expect(existsSync(path.join(root, sourceOf(code)))).toBe(true);
  }
});

test('every entry has its types where the compiler resolves packages as it did before `exports`', () => {
  const [, ...entries] = Object.entries(manifest.exports).filter(([name]) => name !== './package.json');
  expect(manifest.typesVersions['*']).toEqual(
    Object.fromEntries(
      entries.map(([name, target]) => [name.slice(2), [(target as { types: string }).types]]),
    ),
  );
});

test('programs are made from sources that say what runs them', () => {
  for (const program of Object.values(manifest.bin)) {
    expect(read(sourceOf(program))).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});

test('what is packed is there, or is made by the build', () => {
  for (const file of manifest.files) {
    expect(file === 'dist' || existsSync(path.join(root, file))).toBe(true);
  }
});

test("links between the package's documents lead to files that are packed", () => {
  const packed = [...manifest.files, 'README.md', 'LICENSE', 'package.json'];
  const documents = ['README.md', 'CHANGELOG.md', 'datasets/README.md', 'bench/README.md'];
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) =>
      path.join(path.dirname(document), target),
    ),
  );
  expect(links.length).toBeGreaterThan(10);
  const isPacked = (file: string): boolean =>
    packed.some((entry) => file === entry || file.startsWith(`${entry}/`));
  expect(links.filter((file) => !isPacked(file) || !existsSync(path.join(root, file)))).toEqual([]);
});

describe('imports of the sources', () => {
  const imported = sourceFiles('src').flatMap((file) =>
    ts.preProcessFile(read(file)).importedFiles.map(({ fileName }) => ({ file, name: fileName })),
  );
  const packageOf = (name: string): string =>
    name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/');
  const packages = imported.filter(({ name }) => !name.startsWith('.') && !name.startsWith('node:'));

  test('are installed with the package', () => {
    const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    expect(packages.length).toBeGreaterThan(10);
    expect(packages.filter(({ name }) => !installed.includes(packageOf(name)))).toEqual([]);
  });

  test("name Node.js's own modules as such", () => {
    expect(imported.filter(({ name }) => builtinModules.includes(name))).toEqual([]);
  });

  test('do not need what is optional', () => {
    // It is loaded at run time, by src/setup/load.ts, which says what to do if it is not there.
    expect(packages.filter(({ name }) => packageOf(name) in manifest.optionalDependencies)).toEqual([]);
  });

  test('need Jest in the environment for Jest only', () => {
    const inPeers = packages.filter(({ name }) => packageOf(name) in manifest.peerDependencies);
    expect(inPeers.map(({ file }) => file)).toEqual(['src/jest-environment.ts']);
  });
});

test('versions are exact, so that an install gives what was tested', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test('no optional peer is named whose own peers npm 10 cannot place', () => {
  // npm 10 fails with "Cannot read properties of null (reading 'edgesOut')" where Vitest is one.
  expect(Object.keys(manifest.peerDependencies)).toEqual(['jest-environment-node']);
});

test("every dependency's install script is ruled on", () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
  };
  const withScript = Object.entries(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([folder]) => folder.replace(/^.*node_modules\//, ''))
    // Is for macOS, and comes as a prebuilt file.
    .filter((name) => name !== 'fsevents');
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(withScript)].sort());
});

test('the lock file names no registry', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"/);
});
