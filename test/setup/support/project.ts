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
import { crc32Fallback } from '../../../src/files/npz';
import type { Trial } from '../../../src/setup/check';
import { main } from '../../../src/setup/cli';
import type { NativeRelease, PinnedPackage, PinnedWheel } from '../../../src/native/pinned';
import type { SetupOptions } from '../../../src/setup/options';

/** What can be handed to another process. */
export type PlainOptions = Omit<SetupOptions, 'report' | 'tryNative' | 'tryKoffi' | 'force' | 'library'>;

/** A small stand-in for a project with this package in it, an npm, and packages of the registry. */
export interface Project {
  readonly folder: string;
  readonly options: PlainOptions;
  /** The calls of npm so far. */
  calls(): string[];
  /** The process of the last call. */
  lastCall(): number;
  /** Sets what pip does. */
  pip(mode: string): void;
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

/** Stands in for the C library: a text that {@link tryText} takes for one of a TensorFlow version. */
export const libraryText = (version: string): string =>
  `TensorFlow ${version}, ${'the library '.repeat(10_000)}`;

/** Tries a text in place of a library. */
export const tryText = (folder: string): Promise<Trial> => {
  if (!existsSync(folder)) return Promise.resolve({ reason: 'no folder' });
  const name = readdirSync(folder).find((file) => /^libtensorflow(_cc)?\.so/.test(file));
  if (name === undefined) return Promise.resolve({ reason: 'no libtensorflow' });
  const version = /^TensorFlow ([\d.]+),/.exec(readFileSync(path.join(folder, name), 'utf8'))?.[1];
  return Promise.resolve(version === undefined ? { reason: 'invalid ELF header' } : { version });
};

const inner = 'node_modules/@tensorflow/tfjs-node';

export const releaseContents: Readonly<Record<string, string>> = {
  [`${inner}/deps/LICENSE`]: 'Apache',
  [`${inner}/deps/lib/libtensorflow.so.1.15.0`]: libraryText('1.15.0'),
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const destinations: Readonly<Record<string, string>> = {
  [`${inner}/deps/LICENSE`]: 'LICENSE',
  [`${inner}/deps/lib/libtensorflow.so.1.15.0`]: 'libtensorflow.so.1',
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

/** A zip archive whose members are not compressed. */
export const zipOf = (members: Readonly<Record<string, string>>): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(members)) {
    const [file, content] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32Fallback(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(file.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, file, content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, file]));
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, entries, end]);
};

/** Makes a wheel that carries TensorFlow 2.21.0, as Python's index would give it. */
export const makeWheel = (
  wheels: string,
  members: Readonly<Record<string, string>> = {
    'tensorflow/__init__.py': 'unwanted',
    'tensorflow/libtensorflow_framework.so.2': 'the framework',
    'tensorflow/libtensorflow_cc.so.2': libraryText('2.21.0'),
    'tensorflow/python/libtensorflow_cc.so.2': 'unwanted',
    'tensorflow_cpu-2.21.0.dist-info/LICENSE': 'Apache',
  },
): PinnedWheel => {
  const content = zipOf(members);
  write(path.join(wheels, 'tensorflow_cpu-2.21.0.whl'), content);
  return {
    name: 'tensorflow_cpu',
    version: '2.21.0',
    platform: { os: 'linux', arch: 'x64', libc: 'glibc' },
    tag: 'manylinux_2_27_x86_64',
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: { packed: content.length, unpacked: content.length },
  };
};

/** tfjs-node in small: enough of it to be loaded. */
const writeRuntime = (folder: string, host: string): void => {
  write(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: '@tensorflow/tfjs-node', version: '4.22.0', main: 'dist/index.js' }),
  );
  write(path.join(folder, 'dist', 'index.js'), '');
  write(path.join(folder, 'dist', 'index_test.js'), 'unwanted');
  write(path.join(folder, 'scripts', 'install.js'), `const HOST = '${host}'; process.exit(1);`);
};

const makeJavaScript = (tarballs: string): PinnedPackage => {
  const work = temporaryFolder();
  writeRuntime(path.join(work, 'package'), 'http://127.0.0.1:9/x');
  const file = path.join(tarballs, 'tensorflow-tfjs-node-4.22.0.tgz');
  create({ file, cwd: work, gzip: true, sync: true }, ['package']);
  return { name: '@tensorflow/tfjs-node', version: '4.22.0', integrity: integrityOf(file), bytes: 1000 };
};

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
  const ofTheScript = ['adm-zip', 'https-proxy-agent', 'rimraf', 'tar'];
  for (const name of [...dependencies, ...(withRuntime ? ofTheScript : [])]) {
    write(path.join(modules, name, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    write(path.join(modules, name, 'index.js'), '');
  }
  const runtime = path.join(modules, '@tensorflow', 'tfjs-node');
  if (withRuntime) writeRuntime(runtime, host);

  const tarballs = path.join(folder, 'tarballs');
  mkdirSync(tarballs);
  const bin = path.join(folder, 'bin');
  const program = path.join(__dirname, 'npm.js');
  write(path.join(bin, 'npm'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(path.join(bin, 'npm'), 0o755);
  const pip = path.join(__dirname, 'pip.js');
  for (const name of ['python3', 'python', 'py', 'pip3', 'pip']) {
    write(path.join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${pip}" "$@"\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  const calls = path.join(folder, 'calls.txt');
  const env: NodeJS.ProcessEnv = {
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
    FAKE_NPM: 'works',
    FAKE_PIP: 'missing',
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
      wheels: [makeWheel(tarballs)],
      answerMilliseconds: 500,
      idleMilliseconds: 1500,
    },
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []),
    lastCall: () => Number(readFileSync(`${calls}.pid`, 'utf8')),
    pip: (mode) => {
      env['FAKE_PIP'] = mode;
    },
    npm: (mode) => {
      env['FAKE_NPM'] = mode;
    },
  };
};

/** A koffi that loads. */
export const koffiLoads: SetupOptions['tryKoffi'] = () => Promise.resolve({ version: '1.0.0' });

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
    options: { ...project.options, tryNative: tryText, tryKoffi: koffiLoads, ...options },
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
