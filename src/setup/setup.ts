import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  clearLeftovers,
  linkOrCopyEntry,
  makeFolder,
  READABLE,
  removeLeftovers,
  replaceFolder,
  withTemporaryFolder,
} from '../files/folders';
import { withLock } from '../files/lock';
import {
  CACHE_VARIABLE,
  choiceFile,
  FOLDER_VARIABLE,
  LIBRARY_VARIABLE,
  libraryBelow,
  libraryNames,
  matchesVersion,
  readChoice,
  versionFolder,
  versionsIn,
  type Choice,
} from '../native/locate';
import { javascriptPackages, setupFolder, type JavascriptPackage } from '../native/runtime';
import { hashesIn, hashesOf } from './cached-wheel';
import { currentState, tryJavaScript, type State } from './check';
import { StepFailure, writeFailure } from './failure';
import { addJavaScript } from './javascript';
import { clearCache, type Fetching } from './npm-package';
import type { SetupOptions } from './options';
import { describePlatform } from '../native/platform';
import type { Report } from './report';
import { ARCHIVED, versionsFor } from '../native/versions';
import { noSource, sourcesOf, wishOf, type Source } from './sources';

/** One way that was tried, and why it did not work. */
export interface Attempt {
  readonly way: string;
  readonly failure: StepFailure;
}

/** A library that works, where it is, and why it is that one. */
interface InPlace {
  readonly version: string;
  readonly folder: string;
  readonly why: string;
}

/** What setup came to: a library, or all that was tried. */
export type Outcome =
  | (InPlace & { readonly placed: boolean })
  | { readonly version: undefined; readonly attempts: readonly Attempt[] };

const LOCK_NAME = 'keras-pipe-setup.lock';

/** What is tried: what a program would load that is told no folder and, unless `asked` names one, no library. */
const stateOf = (options: SetupOptions, asked?: string): Promise<State> => {
  const { root, cwd, cache, platform, javascript, tryNative } = options;
  const { [LIBRARY_VARIABLE]: _library, [FOLDER_VARIABLE]: _folder, ...others } = options.env;
  const env = {
    ...others,
    [CACHE_VARIABLE]: cache,
    ...(asked === undefined ? {} : { [LIBRARY_VARIABLE]: asked }),
  };
  const place = { root, cwd, env, os: platform.os, arch: platform.arch };
  return currentState(place, javascript.version, tryNative);
};

/** What is asked for with the variable that holds for one run, and not for good. */
const forOneRun = (options: SetupOptions): string | undefined =>
  wishOf(options)?.by === LIBRARY_VARIABLE ? options.env[LIBRARY_VARIABLE] : undefined;

/** Whether what works is what the user wants. */
const isWanted = ({ version, folder }: InPlace, options: SetupOptions): boolean => {
  const wish = wishOf(options);
  if (wish?.version !== undefined) return matchesVersion(wish.version, version);
  return wish?.folder === undefined || libraryBelow(wish.folder, options.platform.os) === folder;
};

/** Whether the project has a library that works whatever is asked for in this run. */
const hasLibrary = async (options: SetupOptions): Promise<boolean> =>
  (await stateOf(options)).folder !== undefined;

/** What is in place, if that is all that is wanted; else, where setup has put one in place before, why that is of no use. */
const readyState = async (
  options: SetupOptions,
): Promise<{ readonly ready?: InPlace; readonly fault?: string }> => {
  const asked = forOneRun(options);
  const state = await stateOf(options, asked);
  if (state.folder === undefined)
    return asked === undefined && readChoice(options.root) !== undefined ? { fault: state.reason } : {};
  if (!isWanted(state, options)) return {};
  return asked === undefined || (await hasLibrary(options)) ? { ready: state } : {};
};

const usableJavaScript = ({ root, javascript }: SetupOptions): JavascriptPackage | undefined =>
  javascriptPackages(root).find(
    ({ directory }) => tryJavaScript(directory, javascript.version).reason === undefined,
  );

/** How programs do without a library in the project's folder, to which nobody can write; undefined if they cannot. */
const withoutFolder = (options: SetupOptions): string | undefined => {
  const { root, cache, platform } = options;
  if (usableJavaScript(options) === undefined)
    return `Run setup where ${setupFolder(root)} can be written to: the JavaScript that npm left out is put there, too.`;
  const wish = wishOf(options);
  if (wish?.folder !== undefined)
    return `Set \`${LIBRARY_VARIABLE}=${wish.folder}\` for programs: they find it there.`;
  const cached = versionsIn(cache, platform).map(({ version }) => version);
  // The archive's is not kept in the cache.
  const versions = [
    ...versionsFor(platform, options).filter((version) => version !== ARCHIVED),
    ...cached,
  ].filter((version) => wish?.version === undefined || matchesVersion(wish.version, version));
  const version = versions.find((one) => cached.includes(one)) ?? versions[0];
  if (version === undefined) return undefined;
  const once = cached.includes(version)
    ? ''
    : ', once setup of a project that can be written to has put it there';
  return `Set \`${LIBRARY_VARIABLE}=${version}\` for programs: they find that version in ${cache}${once}.`;
};

/** A failure to write into the project's folder, in words. */
const asFailure = (error: unknown, options: SetupOptions): StepFailure =>
  writeFailure(error, setupFolder(options.root), {
    full: 'Free space there.',
    closed: 'Run setup as a user who may write there.',
    readOnly: () => withoutFolder(options),
  });

/** Says of native code whose hash this package does not know that it was taken as it came. */
const reportUnpinned = (sha256: Readonly<Record<string, string>>, report: Report): void => {
  report.line('  not pinned: this package knows no hash of these files, and takes them as they came:');
  for (const [name, hash] of Object.entries(sha256)) report.line(`    ${name}  sha256 ${hash}`);
};

/** Gets a library; what comes must run before it counts. */
const fetchAndTry = async (
  source: Source,
  { tryNative }: SetupOptions,
): Promise<{ readonly folder: string; readonly version: string }> => {
  const folder = await source.fetch();
  const trial = await tryNative(folder);
  if ('reason' in trial)
    throw new StepFailure(`it is there, but does not run: ${trial.reason}`, source.advice);
  return { folder, version: trial.version };
};

/**
 * Puts a library into this package's own folder, beside others, and writes down that it is the one, unless one that works is and the
 * wish was for one run. The last step is a move, so that whenever this is cut short, either the library before it counts or this one.
 */
const place = async (
  source: Source,
  library: { readonly folder: string; readonly version: string },
  options: SetupOptions,
  staging: string,
): Promise<void> => {
  const { root, platform, report } = options;
  const made = path.join(staging, 'library');
  await mkdir(made);
  let folder = library.folder;
  if (!source.inPlace) {
    for (const name of await readdir(library.folder)) {
      await linkOrCopyEntry(path.join(library.folder, name), path.join(made, name));
    }
    folder = versionFolder(library.version, platform.os, platform.arch);
    await replaceFolder(made, path.join(setupFolder(root), folder), path.join(staging, 'aside'));
  }
  const placed = path.resolve(setupFolder(root), folder);
  // The user's folder may hold anything besides: a wheel's has Python's packages, /usr/local/lib what others have put there.
  const sha256 = source.inPlace
    ? await hashesOf(placed, libraryNames(placed, platform.os))
    : await hashesIn(placed);
  if (!source.pinned) reportUnpinned(sha256, report);
  if (forOneRun(options) !== undefined && (await hasLibrary(options))) return;
  const choice: Choice = {
    folder,
    version: library.version,
    source: source.name,
    pinned: source.pinned,
    sha256,
  };
  const file = path.join(staging, 'library.json');
  await writeFile(file, `${JSON.stringify(choice, undefined, 2)}\n`);
  await rename(file, choiceFile(root));
};

/** Brings tfjs-node's JavaScript where npm has left it out. */
const bringJavaScript = async (
  options: SetupOptions,
  staging: string,
  fetching: Fetching,
): Promise<Attempt | undefined> => {
  const { root, javascript, report } = options;
  const way = `${javascript.name}@${javascript.version}, which npm left out`;
  report.line(way);
  const modules = path.join(staging, 'node_modules');
  try {
    await addJavaScript(javascript, modules, fetching);
    const destination = path.join(setupFolder(root), 'node_modules');
    await replaceFolder(modules, destination, path.join(staging, 'old-modules'));
    return undefined;
  } catch (error) {
    return { way, failure: asFailure(error, options) };
  }
};

/** Without koffi no library runs: that is to be known before hundreds of megabytes are fetched. */
const koffiFailure = async ({ tryKoffi }: SetupOptions): Promise<Attempt | undefined> => {
  const trial = await tryKoffi();
  if (!('reason' in trial)) return undefined;
  const advice = ['Install again, with optional dependencies: koffi has its compiled code in one of them.'];
  const failure = new StepFailure(`it does not load: ${trial.reason}`, advice, undefined, true);
  return { way: 'the npm package koffi, which calls the library', failure };
};

const install = async (options: SetupOptions, staging: string): Promise<readonly Attempt[]> => {
  const { cwd, env, cache, report } = options;
  const fetching: Fetching = { cache, report, surroundings: { cwd, env } };
  const withoutKoffi = await koffiFailure(options);
  if (withoutKoffi !== undefined) return [withoutKoffi];
  const javascript = usableJavaScript(options);
  if (javascript === undefined) {
    const failed = await bringJavaScript(options, staging, fetching);
    if (failed !== undefined) return [failed];
  }
  const sources = sourcesOf(options, javascript, staging, fetching);
  const attempts: Attempt[] = [];
  for (const source of sources) {
    report.line(source.name);
    try {
      await place(source, await fetchAndTry(source, options), options, staging);
      return [];
    } catch (error) {
      const failure = asFailure(error, options);
      report.line(`  no: ${failure.message}`);
      attempts.push({ way: source.name, failure });
    }
  }
  const wish = wishOf(options);
  if (sources.length === 0 && wish !== undefined) {
    attempts.push({ way: `what ${wish.by} asks for`, failure: noSource(wish, options) });
  }
  return attempts;
};

/** Puts TensorFlow's C library in place for this package, unless one is there and works. */
export const setup = async (options: SetupOptions): Promise<Outcome> => {
  const { root, cache, platform, report, force } = options;
  const workspace = setupFolder(root);
  const { ready: before, fault } = await readyState(options);
  if (!force && before !== undefined) {
    await clearLeftovers(workspace, LOCK_NAME);
    await clearCache(cache);
    return { ...before, placed: false };
  }
  report.line(`Putting TensorFlow's C library in place, on ${describePlatform(platform)}.`);
  if (fault !== undefined) report.line(`  what is there fails: ${fault}`);
  try {
    await makeFolder(workspace, READABLE);
    return await withLock(
      path.join(workspace, LOCK_NAME),
      async () => {
        await removeLeftovers(workspace);
        const { ready: now } = await readyState(options);
        if (!force && now !== undefined) return { ...now, placed: false };
        const attempts = await withTemporaryFolder(workspace, (staging) => install(options, staging));
        if (attempts.length > 0) return { version: undefined, attempts };
        const after = await stateOf(options, forOneRun(options));
        if (after.folder !== undefined) return { ...after, placed: true };
        throw new StepFailure(`what was put into ${workspace} fails: ${after.reason}`);
      },
      { onWait: (pid) => report.line(`  waiting for another keras-pipe setup, process ${pid}`) },
    );
  } catch (error) {
    const way = `putting it into ${workspace}`;
    return { version: undefined, attempts: [{ way, failure: asFailure(error, options) }] };
  }
};
