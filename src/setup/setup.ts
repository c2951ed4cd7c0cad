import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { currentState, tryJavaScript, type State, type Trial } from './check';
import { StepFailure, writeFailure } from './failure';
import {
  clearLeftovers,
  hashFile,
  makeFolder,
  READABLE,
  removeLeftovers,
  replaceFolder,
  withTemporaryFolder,
} from '../files/folders';
import { addJavaScript } from './javascript';
import { withLock } from '../files/lock';
import { folderVariable, useNamedFolder } from './named-folder';
import { clearCache, useNpmPackage, type Fetching } from './npm-package';
import { useOwnDownload } from './own-download';
import type { NativeRelease, PinnedPackage } from './pinned';
import { describePlatform, type Platform } from './platform';
import type { Report } from './report';
import {
  addonPath,
  javascriptPackages,
  setupFolder,
  setupJavascript,
  type JavascriptPackage,
} from '../native/runtime';

/** All that setup depends on. */
export interface SetupOptions {
  /** This package's own folder. */
  readonly root: string;
  /** The user's project, in which npm is run. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The per-user cache. */
  readonly cache: string;
  readonly platform: Platform;
  readonly javascript: PinnedPackage;
  readonly release: NativeRelease;
  readonly report: Report;
  /** How native parts are tried, given the addon's file. */
  readonly tryNative: (addon: string) => Promise<Trial>;
  /** Whether to go on although TensorFlow is in place and works. */
  readonly force: boolean;
  /** How long tfjs-node's own download may take to answer, and how long it may do nothing. */
  readonly answerMilliseconds: number;
  readonly idleMilliseconds: number;
}

/** One way that was tried, and why it did not work. */
export interface Attempt {
  readonly way: string;
  readonly failure: StepFailure;
}

/** What setup came to: TensorFlow's version, or all that was tried. */
export type Outcome =
  | { readonly version: string; readonly placed: boolean }
  | { readonly version: undefined; readonly attempts: readonly Attempt[] };

interface Way {
  readonly name: string;
  /** Whether what comes is compared with hashes that this package holds. */
  readonly pinned: boolean;
  /** Puts native parts into a folder laid out as tfjs-node's. */
  run(destination: string): Promise<void>;
}

const lockName = 'keras-pipe-setup.lock';
const stamp = path.join('deps', 'keras-pipe.json');
const NATIVE_FILE = /\.(node|dll|dylib|so(\.\d+)*)$/;

const namedFolder = ({ env, cwd }: SetupOptions): string | undefined => {
  const named = env[folderVariable];
  return named === undefined || named === '' ? undefined : path.resolve(cwd, named);
};

/** Whether what works is what the user wants: any, or the library of the folder that was named. */
const isWanted = async (state: State, options: SetupOptions): Promise<boolean> => {
  if (state.working === undefined) return false;
  const named = namedFolder(options);
  if (named === undefined) return true;
  try {
    const { source } = JSON.parse(await readFile(path.join(state.working.directory, stamp), 'utf8')) as {
      source?: unknown;
    };
    return source === named;
  } catch {
    return false;
  }
};

const ways = (
  options: SetupOptions,
  runtime: JavascriptPackage | undefined,
  staging: string,
  fetching: Fetching,
): Way[] => {
  const { env, platform, release, report, answerMilliseconds, idleMilliseconds } = options;
  const named = namedFolder(options);
  if (named !== undefined) {
    // The user's wish is not passed over in silence: if the folder does not serve, that is the end.
    const run = (destination: string): Promise<void> => useNamedFolder(named, platform, destination);
    return [{ name: `the folder that ${folderVariable} names`, pinned: false, run }];
  }
  const download = { env, platform, report, answerMilliseconds, idleMilliseconds };
  return [
    {
      name: "tfjs-node's own download",
      pinned: false,
      run: (destination) => useOwnDownload(runtime, staging, destination, download),
    },
    {
      name: `the npm package ${release.package.name}@${release.package.version}`,
      pinned: true,
      run: (destination) => useNpmPackage(release, platform, destination, fetching),
    },
  ];
};

/** Tries one way; what it made must run before it counts. */
const attempt = async (way: Way, destination: string, { tryNative }: SetupOptions): Promise<void> => {
  await way.run(destination);
  const trial = await tryNative(addonPath(destination));
  if ('reason' in trial) throw new StepFailure(`it is there, but does not run: ${trial.reason}`);
};

/**
 * Moves native parts into a tfjs-node that npm installed. The addon goes first and comes last, so that whenever this is cut
 * short, the package either works or plainly has no native part.
 */
const place = async (made: string, directory: string, staging: string): Promise<void> => {
  const aside = path.join(staging, 'aside');
  await mkdir(aside);
  if (existsSync(path.join(directory, 'lib')))
    await rename(path.join(directory, 'lib'), path.join(aside, 'lib'));
  await replaceFolder(path.join(made, 'deps'), path.join(directory, 'deps'), path.join(aside, 'deps'));
  await rename(path.join(made, 'lib'), path.join(directory, 'lib'));
};

/** As {@link place}, with a tfjs-node that setup brings itself: both are moved into place as one. */
const placeAll = async (
  made: string,
  modules: string,
  options: SetupOptions,
  staging: string,
): Promise<void> => {
  const directory = path.join(modules, '@tensorflow', 'tfjs-node');
  for (const part of ['deps', 'lib']) await rename(path.join(made, part), path.join(directory, part));
  const destination = path.join(setupFolder(options.root), 'node_modules');
  await replaceFolder(modules, destination, path.join(staging, 'aside'));
};

const asFailure = (error: unknown, folder: string): StepFailure =>
  writeFailure(error, folder, {
    full: 'Free space there.',
    closed: 'Run setup as a user who may write there.',
  });

/** The hashes of the native files below a folder, by their paths in it. */
const nativeHashes = async (folder: string): Promise<Record<string, string>> => {
  const names = await readdir(folder, { recursive: true });
  const native = names.filter((name) => NATIVE_FILE.test(name)).sort();
  const hashes: Record<string, string> = {};
  for (const name of native) hashes[name] = await hashFile(path.join(folder, name), 'sha256', 'hex');
  return hashes;
};

/** Says of native code whose hash this package does not know that it was taken as it came. */
const reportUnpinned = (sha256: Readonly<Record<string, string>>, report: Report): void => {
  report.line('  not pinned: this package knows no hash of these files, and takes them as they came:');
  for (const [name, hash] of Object.entries(sha256)) report.line(`    ${name}  sha256 ${hash}`);
};

const install = async (
  options: SetupOptions,
  runtime: JavascriptPackage | undefined,
  staging: string,
): Promise<readonly Attempt[]> => {
  const { cwd, env, cache, report, javascript } = options;
  const fetching: Fetching = { cache, report, npm: { cwd, env } };
  const modules = path.join(staging, 'node_modules');
  if (runtime === undefined) {
    const way = `${javascript.name}@${javascript.version}, which npm left out`;
    report.line(way);
    try {
      await addJavaScript(javascript, modules, fetching);
    } catch (error) {
      return [{ way, failure: asFailure(error, staging) }];
    }
  }
  const attempts: Attempt[] = [];
  for (const [index, way] of ways(options, runtime, staging, fetching).entries()) {
    report.line(way.name);
    const made = path.join(staging, String(index));
    try {
      await attempt(way, made, options);
    } catch (error) {
      const failure = asFailure(error, path.dirname(staging));
      report.line(`  no: ${failure.message}`);
      attempts.push({ way: way.name, failure });
      continue;
    }
    const source = namedFolder(options) ?? way.name;
    const sha256 = await nativeHashes(made);
    if (!way.pinned) reportUnpinned(sha256, report);
    await writeFile(
      path.join(made, stamp),
      `${JSON.stringify({ source, pinned: way.pinned, sha256 }, undefined, 2)}\n`,
    );
    if (runtime === undefined) await placeAll(made, modules, options, staging);
    else await place(made, runtime.directory, staging);
    return [];
  }
  return attempts;
};

/** Puts TensorFlow's C library in place for the tfjs-node that this package loads, unless one is there and works. */
export const setup = async (options: SetupOptions): Promise<Outcome> => {
  const { root, cache, javascript, platform, report, tryNative, force } = options;
  const state = (): Promise<State> => currentState(root, javascript.version, tryNative);
  const before = await state();
  if (!force && before.working !== undefined && (await isWanted(before, options))) {
    await clearLeftovers(
      before.working.origin === 'npm' ? before.working.directory : setupFolder(root),
      lockName,
    );
    await clearCache(cache);
    return { version: before.version, placed: false };
  }
  report.line(`Putting TensorFlow's C library in place, on ${describePlatform(platform)}.`);
  const runtime = javascriptPackages(root).find(
    ({ origin, directory }) =>
      origin === 'npm' && tryJavaScript(directory, javascript.version).reason === undefined,
  );
  const workspace = runtime?.directory ?? setupFolder(root);
  try {
    await makeFolder(workspace, READABLE);
    return await withLock(
      path.join(workspace, lockName),
      async () => {
        await removeLeftovers(workspace);
        const now = await state();
        if (!force && now.working !== undefined && (await isWanted(now, options))) {
          return { version: now.version, placed: false };
        }
        const attempts = await withTemporaryFolder(workspace, (staging) =>
          install(options, runtime, staging),
        );
        if (attempts.length > 0) return { version: undefined, attempts };
        const after = await state();
        if (after.working !== undefined) return { version: after.version, placed: true };
        throw new StepFailure(
          `what was put into ${runtime?.directory ?? setupJavascript(root)} fails: ${after.reason}`,
        );
      },
      { onWait: (pid) => report.line(`  waiting for another keras-pipe setup, process ${pid}`) },
    );
  } catch (error) {
    const way = `putting it into ${workspace}`;
    return { version: undefined, attempts: [{ way, failure: asFailure(error, workspace) }] };
  }
};
