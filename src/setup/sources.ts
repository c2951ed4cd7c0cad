import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import {
  askedFor,
  isVersion,
  LIBRARY_VARIABLE,
  libraryBelow,
  matchesVersion,
  readChoice,
} from '../native/locate';
import type { JavascriptPackage } from '../native/runtime';
import { fetchArchive } from './c-archive';
import { cachedWheel } from './cached-wheel';
import { StepFailure } from './failure';
import { cachedRelease, type Fetching } from './npm-package';
import type { PinnedWheel } from '../native/pinned';
import type { SetupOptions } from './options';
import { ARCHIVED, askFor, versionsFor } from '../native/versions';

/** Where a library comes from. */
export interface Source {
  readonly name: string;
  /** Whether what comes is compared with hashes that this package holds. */
  readonly pinned: boolean;
  /** Whether the folder is the user's, and stays where it is. */
  readonly inPlace: boolean;
  /** What to do where a library comes that does not run. */
  readonly advice?: readonly string[];
  /** Gives a folder with the library in it. */
  fetch(): Promise<string>;
}

/** What the user wants: a version or a folder, and how that was said. */
export interface Wish {
  readonly by: string;
  readonly version?: string;
  readonly folder?: string;
}

/** Names of archives in which TensorFlow's C library comes: wheels are such, too. */
const ARCHIVE = /\.(whl|zip|tar|tgz|tar\.gz)$/;

/** Whether a version may be asked for by it, too. */
const mayNameVersion = (by: string): boolean => by === '--library' || by === LIBRARY_VARIABLE;

/** What the user wants, by `--library` or by a variable; undefined if anything will do. */
export const wishOf = ({ library, env, cwd }: SetupOptions): Wish | undefined => {
  const asked = library === undefined ? askedFor(env) : { variable: '--library', value: library.trim() };
  if (asked === undefined) return undefined;
  const { variable: by, value } = asked;
  return mayNameVersion(by) && isVersion(value)
    ? { by, version: value }
    : { by, folder: path.resolve(cwd, value) };
};

const lookElsewhere = ({ by }: Wish): string =>
  `${by === '--library' ? 'Leave it out' : `Unset ${by}`} to have keras-pipe look elsewhere.`;

/** The folder with the library in one that the user named. */
const useNamed = (folder: string, wish: Wish, os: string): string => {
  const { by } = wish;
  const found = libraryBelow(folder, os);
  if (found !== undefined) return found;
  const version = mayNameVersion(by) ? 'a version, such as 1.15, 2.x or 2.13.1, or ' : '';
  const advice = [
    `${by} must name ${version}a folder with TensorFlow's C library in it, in lib/, in deps/lib/ or in tensorflow/.`,
    lookElsewhere(wish),
  ];
  if (!existsSync(folder)) throw new StepFailure(`there is no ${folder}`, advice);
  if (!statSync(folder).isDirectory()) {
    const unpack = 'Unpack it, and name the folder that comes of it.';
    throw ARCHIVE.test(folder)
      ? new StepFailure(`${folder} is an archive, and not the folder of what is in it`, [unpack, ...advice])
      : new StepFailure(`${folder} is a file, and not the folder that it is in`, advice);
  }
  throw new StepFailure(`${folder} has no C library of TensorFlow for ${os}`, advice);
};

const fromNpm = (options: SetupOptions, fetching: Fetching): Source => {
  const { name, version } = options.release.package;
  return {
    name: `TensorFlow ${options.release.tensorflow} from the npm package ${name}@${version}`,
    pinned: true,
    inPlace: false,
    fetch: () => cachedRelease(options.release, options.platform, fetching),
  };
};

const fromWheel = (wheel: PinnedWheel, { platform }: SetupOptions, fetching: Fetching): Source => ({
  name: `TensorFlow ${wheel.version} from the Python wheel ${wheel.name}==${wheel.version}`,
  pinned: true,
  inPlace: false,
  fetch: () => cachedWheel(wheel, platform, fetching),
});

const fromArchive = (
  options: SetupOptions,
  javascript: JavascriptPackage | undefined,
  staging: string,
): Source => ({
  name: "TensorFlow 2.x from the archive of its C library, by tfjs-node's install script",
  pinned: false,
  inPlace: false,
  fetch: async () => {
    const { env, platform, report, answerMilliseconds, idleMilliseconds } = options;
    const archive = { env, platform, report, answerMilliseconds, idleMilliseconds };
    const folder = await fetchArchive(javascript, staging, archive);
    // Beside the script's other files it would be taken for one of them.
    const made = path.join(staging, 'archive');
    await mkdir(made);
    for (const file of await readdir(folder)) await rename(path.join(folder, file), path.join(made, file));
    return made;
  },
});

/**
 * The sources that may have what is wanted, best first. Where anything will do, that is the one which setup has taken before, and then
 * the library which needs nothing but the npm registry.
 */
export const sourcesOf = (
  options: SetupOptions,
  javascript: JavascriptPackage | undefined,
  staging: string,
  fetching: Fetching,
): Source[] => {
  const wish = wishOf(options);
  const { folder } = wish ?? {};
  if (wish !== undefined && folder !== undefined) {
    // The user's wish is not passed over in silence: if the folder does not serve, that is the end.
    const fetch = (): Promise<string> =>
      Promise.resolve().then(() => useNamed(folder, wish, options.platform.os));
    const advice = [`Name another folder with ${wish.by}.`, lookElsewhere(wish)];
    return [{ name: `the folder that ${wish.by} names`, pinned: false, inPlace: true, advice, fetch }];
  }
  const allowed = (version: string): boolean =>
    wish?.version === undefined || matchesVersion(wish.version, version);
  const { os, arch } = options.platform;
  const wheels = options.wheels.filter(
    ({ platform, version }) => platform.os === os && platform.arch === arch && allowed(version),
  );
  const sources = [
    ...(allowed(options.release.tensorflow) ? [fromNpm(options, fetching)] : []),
    ...wheels.map((wheel) => fromWheel(wheel, options, fetching)),
    ...(allowed(ARCHIVED) ? [fromArchive(options, javascript, staging)] : []),
  ];
  const before = wish === undefined ? readChoice(options.root)?.source : undefined;
  return sources.sort((one, other) => Number(other.name === before) - Number(one.name === before));
};

/** Says that nothing has the version that is wanted, and what there is. */
export const noSource = ({ by, version = '' }: Wish, options: SetupOptions): StepFailure => {
  const advice = askFor(by, versionsFor(options.platform, options));
  return new StepFailure(`nothing has TensorFlow ${version} for this system`, [advice]);
};
