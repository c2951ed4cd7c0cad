import { readdirSync } from 'node:fs';
import path from 'node:path';
import { codeOf, messageOf } from '../base/causes';
import { KerasNativeError } from '../base/errors';
import { declareApi, MissingFunction, readVersion, type CApi } from './c-api';
import { CMemory } from './c-memory';
import { readExecutable, type ExecutableFile } from './executable-header';
import { loadKoffi, type Koffi, type LibraryHandle } from './koffi';
import { logKindOf, type LogKind } from './log-kind';
import { dropNote, followLogLevel, loadQuietly, withLogLevel } from './logging';
import { pinLibrary, type Lookup } from './pin';
import { SignalMask } from './signals';

/** The files of a build of TensorFlow's C library, by name. */
export interface LibraryFiles {
  /** The one that exports the C API. */
  readonly main: string;
  /** What it needs, in the order in which they are loaded before it. */
  readonly dependencies: readonly string[];
}

/** A library whose files are as they should be. */
export interface CheckedLibrary extends LibraryFiles {
  readonly lookup: Lookup;
  readonly logKind: LogKind;
}

/** What `keras-pipe setup` puts beside a library of a wheel, which it has tried here. */
export const CONTENTS = 'contents.json';

/** TensorFlow's C library, open. */
export interface Library {
  readonly api: CApi;
  readonly memory: CMemory;
  readonly koffi: Koffi;
  readonly folder: string;
  readonly logKind: LogKind;
  /** What the library says it is: `2.21.0`. */
  readonly version: string;
  /** Runs something while this thread takes no signals, where one could do harm: see {@link SignalMask}. */
  readonly withoutSignals: <T>(run: () => T) => T;
}

/** How the parts of a build are named on a system: `main` by what is before the version, `framework` likewise. */
interface Naming {
  readonly main: readonly string[];
  readonly framework: readonly string[];
  /** A file's name from such a stem and a major version. */
  readonly pattern: (stem: string, major: number) => RegExp;
}

// Python's wheels have the C API in `tensorflow_cc`, the archives of the C library in `tensorflow`.
const UNIX_NAMES = { main: ['libtensorflow_cc', 'libtensorflow'], framework: ['libtensorflow_framework'] };

const NAMING: Readonly<Record<string, Naming>> = {
  linux: { ...UNIX_NAMES, pattern: (stem, major) => new RegExp(`^${stem}\\.so\\.${major}(\\.\\d+)*$`) },
  darwin: { ...UNIX_NAMES, pattern: (stem, major) => new RegExp(`^${stem}\\.${major}(\\.\\d+)*\\.dylib$`) },
  // The wheels for Windows have a tensorflow_cc.2.dll that exports nothing; what does export the C API there needs Python.
  win32: { main: ['tensorflow'], framework: [], pattern: (stem) => new RegExp(`^${stem}\\.dll$`) },
};

const MAJORS = [2, 1];

/**
 * Which of the files in a folder are TensorFlow's C library, newest major version first; undefined if none is.
 *
 * Only names are looked at: of several for the same part, the shortest, to which the others usually link.
 */
export const findLibrary = (names: readonly string[], os: string): LibraryFiles | undefined => {
  const naming = NAMING[os];
  if (naming === undefined) return undefined;
  const find = (stem: string, major: number): string | undefined =>
    names
      .filter((name) => naming.pattern(stem, major).test(name))
      .sort((one, other) => one.length - other.length || one.localeCompare(other))[0];
  for (const major of MAJORS) {
    for (const stem of naming.main) {
      const main = find(stem, major);
      if (main === undefined) continue;
      const dependencies = naming.framework.map((framework) => find(framework, major));
      return { main, dependencies: dependencies.filter((name) => name !== undefined) };
    }
  }
  return undefined;
};

/** What {@link findLibrary} looks for on a system, in words. */
export const lookedFor = (os: string): string =>
  os === 'win32'
    ? 'tensorflow.dll, of the archive of the C library'
    : os === 'darwin'
      ? 'libtensorflow_cc.2.dylib or libtensorflow.2.dylib'
      : 'libtensorflow_cc.so.2, libtensorflow.so.2 or libtensorflow.so.1';

/** What is wrong with a library, as the parts of an error that differ. */
interface Fault {
  readonly expected: string;
  readonly received: string;
  readonly advice: string;
  readonly cause?: unknown;
}

/** What to do where there is no library. */
export const SETUP_ADVICE =
  'Run `npx keras-pipe setup` in the project, after each `npm ci` again; it says what it does and, if it cannot, why.';

const fault = ({ expected, received, advice, cause }: Fault): KerasNativeError =>
  new KerasNativeError({
    function: 'keras-pipe',
    expected,
    received,
    advice,
    ...(cause === undefined ? {} : { cause }),
  });

/** Where a library is to work; a test gives another than this process's. */
export interface Host {
  readonly os: string;
  readonly arch: string;
  /** The program that is to load it. */
  readonly executable: string;
}

const thisHost = (): Host => ({ os: process.platform, arch: process.arch, executable: process.execPath });

/** What loads a program; undefined where a program may be run but not read. */
const interpreterOf = (executable: string): string | undefined => {
  try {
    return readExecutable(executable).header?.interpreter;
  } catch {
    return undefined;
  }
};

const requireGlibc = ({ os, executable }: Host): void => {
  if (os !== 'linux') return;
  const interpreter = interpreterOf(executable);
  if (interpreter === undefined || !path.basename(interpreter).includes('musl')) return;
  throw fault({
    expected: "TensorFlow's C library needs glibc",
    received: `a Node.js on musl, as of Alpine Linux (${interpreter})`,
    advice: 'Use a system or a container image with glibc, such as `node:slim`.',
  });
};

const readLibrary = (file: string): ExecutableFile => {
  try {
    return readExecutable(file);
  } catch (cause) {
    throw fault({
      expected: "a file of TensorFlow's must be readable",
      received: `${file}, which cannot be read (${codeOf(cause) ?? messageOf(cause)})`,
      advice: SETUP_ADVICE,
      cause,
    });
  }
};

const requireFile = (file: string, { arch }: Host): void => {
  const { header, bytes } = readLibrary(file);
  if (header === undefined) {
    throw fault({
      expected: "a file of TensorFlow's must be a shared library",
      received: `${file}, ${bytes} bytes, which is none`,
      advice: SETUP_ADVICE,
    });
  }
  if (!header.architectures.includes(arch)) {
    throw fault({
      expected: `TensorFlow's C library must be for ${arch}, as this Node.js is`,
      received: `${file} for ${header.architectures.join(', ')}`,
      advice: `${SETUP_ADVICE} Or use a Node.js for that processor.`,
    });
  }
  if (bytes < header.minBytes) {
    // Loaded, it would end the process when the part that is missing is first used.
    throw fault({
      expected: "a file of TensorFlow's must be complete",
      received: `${file} with ${bytes} of at least ${header.minBytes} bytes`,
      advice: `Delete it. ${SETUP_ADVICE}`,
    });
  }
};

/**
 * The files of the library in a folder, checked as far as can be done without loading them.
 *
 * @throws KerasNativeError if there is none, or it cannot work here.
 */
export const checkLibrary = (folder: string, host = thisHost()): CheckedLibrary => {
  requireGlibc(host);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw fault({
      expected: "TensorFlow's C library must be in place",
      received: `the folder ${folder}, which cannot be read`,
      advice: SETUP_ADVICE,
      cause,
    });
  }
  const files = findLibrary(names, host.os);
  if (files === undefined) {
    throw fault({
      expected: `TensorFlow's C library must be in place: ${lookedFor(host.os)}`,
      received: `the folder ${folder}, without it`,
      advice: SETUP_ADVICE,
    });
  }
  for (const name of [...files.dependencies, files.main]) requireFile(path.join(folder, name), host);
  const lookup = names.includes(CONTENTS) ? 'lazy' : 'now';
  return { ...files, lookup, logKind: logKindOf(folder, files) };
};

const requireKoffi = (): Koffi => {
  try {
    return loadKoffi();
  } catch (cause) {
    throw fault({
      expected: 'koffi, which calls the C library, must load',
      received: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
      advice: 'Run `npm install` again, with optional dependencies.',
      cause,
    });
  }
};

const load = (
  koffi: Koffi,
  folder: string,
  { main, dependencies, lookup }: CheckedLibrary,
): LibraryHandle => {
  const open = (name: string, isDependency: boolean): LibraryHandle => {
    const file = path.join(folder, name);
    pinLibrary(koffi, file, lookup);
    // The main library finds what it needs among what is loaded already, wherever its files are.
    const library = koffi.load(file, { global: isDependency, lazy: lookup === 'lazy' });
    dropNote(koffi, library);
    // At once, since what is loaded next may write as it loads.
    followLogLevel(library);
    return library;
  };
  try {
    return loadQuietly(koffi, () => {
      for (const name of dependencies) open(name, true);
      return open(main, false);
    });
  } catch (cause) {
    throw fault({
      expected: "TensorFlow's C library must load",
      received: `${path.join(folder, main)}: ${messageOf(cause)} (a system too old for it lacks what is named here)`,
      advice: SETUP_ADVICE,
      cause,
    });
  }
};

/** The oldest version whose functions and operations are those that this library uses. */
const OLDEST = [1, 15] as const;

/** @throws KerasNativeError if a version is too old. */
export const requireVersion = (version: string, folder: string): void => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw fault({
    expected: `TensorFlow's C library must be of version ${OLDEST.join('.')} or later`,
    received: `${version} in ${folder}`,
    advice: SETUP_ADVICE,
  });
};

/** Without one of the functions, it is some other library, or a part of one. */
const declare = <T>(folder: string, declareFunctions: () => T): T => {
  try {
    return declareFunctions();
  } catch (cause) {
    if (!(cause instanceof MissingFunction)) throw cause;
    throw fault({
      expected: "TensorFlow's C library must have all functions of its C API",
      received: `one in ${folder} without ${cause.functionName}`,
      advice: SETUP_ADVICE,
      cause,
    });
  }
};

/**
 * Opens TensorFlow's C library in a folder, for this thread. It stays loaded until the process ends.
 *
 * A library may still end the process when it loads, as one for a newer processor does: `keras-pipe setup` tries it in a process
 * of its own.
 *
 * @throws KerasNativeError if there is none, or it cannot work here.
 */
export const openLibrary = (folder: string, host = thisHost()): Library => {
  const files = checkLibrary(folder, host);
  const koffi = requireKoffi();
  const library = withLogLevel(koffi, files.logKind, () => load(koffi, folder, files));
  // First, since a version that is too old lacks functions.
  const version = declare(folder, () => readVersion(library));
  requireVersion(version, folder);
  const api = declare(folder, () => declareApi(library));
  const memory = new CMemory(koffi);
  const signals = SignalMask.for(koffi, memory, version);
  const withoutSignals: Library['withoutSignals'] = (run) =>
    signals === undefined ? run() : signals.holding(run);
  const { logKind } = files;
  return { api, memory, koffi, folder, logKind, version, withoutSignals };
};
