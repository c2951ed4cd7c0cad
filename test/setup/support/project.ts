import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { create } from 'tar';
import type { Trial } from '../../../src/setup/check';
import { main } from '../../../src/setup/cli';
import type { NativeRelease, PinnedPackage } from '../../../src/setup/pinned';
import type { SetupOptions } from '../../../src/setup/setup';

/** What can be handed to another process. */
export type PlainOptions = Omit<SetupOptions, 'report' | 'tryNative' | 'force'>;

/** A small stand-in for a project with this package in it, an npm, and packages of the registry. */
export interface Project {
  readonly folder: string;
  readonly options: PlainOptions;
  /** The calls of npm so far. */
  calls(): string[];
  /** The process of the last call. */
  lastCall(): number;
  /** Sets what npm does. */
  npm(mode: string): void;
  /** The tfjs-node that npm installed, or where it would be. */
  readonly runtime: string;
}

export const write = (file: string, content: string | Buffer): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
};

const folders: string[] = [];

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  folders.push(folder);
  return folder;
};

export const removeFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

const integrityOf = (file: string): string =>
  `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

/** Stands in for the addon: a text that {@link tryText} takes for native code of a TensorFlow version. */
export const addonText = (version: string): string => `TensorFlow ${version}`;

/** Tries a text in place of an addon. */
export const tryText = (addon: string): Promise<Trial> => {
  const version = /^TensorFlow ([\d.]+)$/.exec(readFileSync(addon, 'utf8'))?.[1];
  const library = path.join(addon, '..', '..', '..', 'deps', 'lib');
  if (version === undefined) return Promise.resolve({ reason: 'invalid ELF header' });
  if (!existsSync(library)) return Promise.resolve({ reason: 'no libtensorflow' });
  return Promise.resolve({ version });
};

const inner = 'node_modules/@tensorflow/tfjs-node';

export const releaseContents: Readonly<Record<string, string>> = {
  [`${inner}/deps/LICENSE`]: 'Apache',
  [`${inner}/deps/lib/libtensorflow.so.1.15.0`]: 'the library '.repeat(10_000),
  [`${inner}/lib/napi-v6/tfjs_binding.node`]: addonText('1.15.0'),
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const destinations: Readonly<Record<string, string>> = {
  [`${inner}/deps/LICENSE`]: 'deps/LICENSE',
  [`${inner}/deps/lib/libtensorflow.so.1.15.0`]: 'deps/lib/libtensorflow.so.1',
  [`${inner}/lib/napi-v6/tfjs_binding.node`]: 'lib/napi-v8/tfjs_binding.node',
};

/** Makes a package that carries TensorFlow, as the registry would give it. */
export const makeRelease = (
  tarballs: string,
  contents = releaseContents,
  pack: (tar: Buffer) => Buffer = (tar) => brotliCompressSync(tar),
): NativeRelease => {
  const work = temporaryFolder();
  for (const [file, content] of Object.entries({ ...contents, 'node_modules/other/index.js': 'unwanted' })) {
    write(path.join(work, 'tree', file), content);
  }
  const tar = path.join(work, 'inner.tar');
  create({ file: tar, cwd: path.join(work, 'tree'), sync: true }, ['node_modules']);
  write(path.join(work, 'outer', 'package', 'inner.br'), pack(readFileSync(tar)));
  write(path.join(work, 'outer', 'package', 'package.json'), '{}');
  const file = path.join(tarballs, 'releases-1.0.0.tgz');
  create({ file, cwd: path.join(work, 'outer'), gzip: true, sync: true }, ['package']);
  return {
    package: {
      name: 'releases',
      version: '1.0.0',
      integrity: integrityOf(file),
      bytes: readFileSync(file).length,
    },
    tensorflow: '1.15.0',
    platform: { os: 'linux', arch: 'x64', libc: 'glibc' },
    archive: 'package/inner.br',
    files: Object.entries(destinations).map(([from, to]) => ({
      from,
      to,
      sha256: sha256(releaseContents[from] ?? ''),
    })),
    bytes: 200_000,
  };
};

/** tfjs-node in small: enough of it to be loaded, and an install script. */
const writeRuntime = (folder: string, host: string): void => {
  const manifest = {
    name: '@tensorflow/tfjs-node',
    version: '4.22.0',
    main: 'dist/index.js',
    binary: { host },
  };
  write(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const program = `
    const addon = require('@mapbox/node-pre-gyp').find(require('node:path').resolve(__dirname, '../package.json'));
    const text = require('node:fs').readFileSync(addon, 'utf8');
    if (!text.startsWith('TensorFlow ')) throw new Error('invalid ELF header\\nmore');
    exports.addon = text;
    exports.tidy = (action) => action();
    exports.add = () => ({ dataSync: () => [3] });
  `;
  write(path.join(folder, 'dist', 'index.js'), program);
  write(path.join(folder, 'dist', 'index_test.js'), 'unwanted');
  write(path.join(folder, 'scripts', 'install.js'), 'process.exit(1);');
  write(path.join(folder, 'binding', 'binding.cc'), '');
  write(path.join(folder, 'binding.gyp'), '{}');
};

const makeJavaScript = (tarballs: string): PinnedPackage => {
  const work = temporaryFolder();
  writeRuntime(path.join(work, 'package'), 'http://127.0.0.1:9/x');
  const file = path.join(tarballs, 'tensorflow-tfjs-node-4.22.0.tgz');
  create({ file, cwd: work, gzip: true, sync: true }, ['package']);
  return { name: '@tensorflow/tfjs-node', version: '4.22.0', integrity: integrityOf(file), bytes: 1000 };
};

const finder = `exports.find = (manifest) => require('node:path').resolve(manifest, '../lib/napi-v8/tfjs_binding.node');`;

/**
 * Makes a project. `withRuntime`: whether npm installed tfjs-node's JavaScript. `host`: where tfjs-node's own download is;
 * by default an address that refuses at once.
 */
export const makeProject = ({ withRuntime = true, host = 'http://127.0.0.1:9/x' } = {}): Project => {
  const folder = temporaryFolder();
  const root = path.join(folder, 'app', 'node_modules', 'keras-pipe');
  const modules = path.join(folder, 'app', 'node_modules');
  write(path.join(root, 'package.json'), '{ "name": "keras-pipe", "version": "1.2.3" }');
  const dependencies = ['@tensorflow/tfjs', 'google-protobuf', 'progress'];
  const ofTheScript = ['@mapbox/node-pre-gyp', 'adm-zip', 'https-proxy-agent', 'rimraf', 'tar'];
  for (const name of [...dependencies, ...(withRuntime ? ofTheScript : [])]) {
    write(path.join(modules, name, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    write(path.join(modules, name, 'index.js'), name === '@mapbox/node-pre-gyp' ? finder : '');
  }
  const runtime = path.join(modules, '@tensorflow', 'tfjs-node');
  if (withRuntime) writeRuntime(runtime, host);

  const tarballs = path.join(folder, 'tarballs');
  mkdirSync(tarballs);
  const bin = path.join(folder, 'bin');
  const program = path.join(__dirname, 'npm.js');
  write(path.join(bin, 'npm'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(path.join(bin, 'npm'), 0o755);
  const calls = path.join(folder, 'calls.txt');
  const env: NodeJS.ProcessEnv = {
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
    FAKE_NPM: 'works',
    FAKE_NPM_TARBALLS: tarballs,
    FAKE_NPM_CALLS: calls,
  };
  return {
    folder,
    runtime,
    options: {
      root,
      cwd: path.join(folder, 'app'),
      env,
      cache: path.join(folder, 'cache'),
      platform: { os: 'linux', arch: 'x64', libc: 'glibc' },
      javascript: makeJavaScript(tarballs),
      release: makeRelease(tarballs),
      answerMilliseconds: 500,
      idleMilliseconds: 1500,
    },
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []),
    lastCall: () => Number(readFileSync(`${calls}.pid`, 'utf8')),
    npm: (mode) => {
      env['FAKE_NPM'] = mode;
    },
  };
};

/** What the command said and how it ended. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `keras-pipe` in this process on a project. */
export const run = async (
  project: Project,
  options: Partial<SetupOptions> = {},
  parameters: readonly string[] = ['setup'],
): Promise<Run> => {
  let stdout = '';
  let stderr = '';
  const code = await main(parameters, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    options: { ...project.options, tryNative: tryText, ...options },
  });
  return { code, stdout, stderr };
};

/** All files and folders below a folder whose names setup gives to what is to go again. */
export const leftovers = (folder: string): string[] =>
  !existsSync(folder) || !statSync(folder).isDirectory()
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.keras-pipe-|setup\.lock/.test(file),
      );
