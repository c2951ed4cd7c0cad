import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { findLibrary } from './library';
import { javascriptPackages, setupFolder } from './runtime';

/** Names a folder with TensorFlow's C library. */
export const FOLDER_VARIABLE = 'LIBTENSORFLOW_DIR';

/** Names a folder, too, or a version: `1.15`, `2.x`, `2.21.0`; for one run of a program, whatever setup has chosen. */
export const LIBRARY_VARIABLE = 'KERAS_PIPE_LIBRARY';

/** Names the folder of what all projects share. */
export const CACHE_VARIABLE = 'KERAS_PIPE_CACHE';

/** The file in which setup writes down which library a project has chosen. */
export const choiceFile = (root: string): string => path.join(setupFolder(root), 'library.json');

/** What setup writes down. */
export interface Choice {
  /** Where the library is: absolute, or below setup's folder. */
  readonly folder: string;
  readonly version: string;
  /** Where it came from, in words, or the folder that the user named. */
  readonly source: string;
  /** Whether its files were compared with hashes that this package holds. */
  readonly pinned: boolean;
  /** The hashes of its files. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** A folder with a library in it, and why that one. */
export interface Located {
  readonly folder: string;
  readonly reason: string;
}

/** What a search looks at; a test gives its own. */
export interface Place {
  /** This package's own folder. */
  readonly root: string;
  /** What relative folders are relative to. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly os: string;
  readonly arch: string;
}

/** The folder, one per user, in which setup keeps what all projects share. */
export const cacheFolder = (
  env: NodeJS.ProcessEnv,
  os: string = process.platform,
  home = homedir(),
): string => {
  const named = env[CACHE_VARIABLE];
  if (named !== undefined && named !== '') return path.resolve(named);
  const base = env['XDG_CACHE_HOME'];
  // The specification of XDG_CACHE_HOME says that a relative path is to be ignored.
  if (base !== undefined && path.isAbsolute(base)) return path.join(base, 'keras-pipe');
  if (os === 'darwin') return path.join(home, 'Library', 'Caches', 'keras-pipe');
  if (os === 'win32')
    return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'keras-pipe');
  return path.join(home, '.cache', 'keras-pipe');
};

/** Whether a choice is of a version, and not a folder. */
export const isVersion = (choice: string): boolean => /^\d+(\.\d+)*(\.x)?$/.test(choice);

/** Whether a version is one that a choice allows: `2.x` allows 2.21.0, `1.15` allows 1.15.0. */
export const matchesVersion = (choice: string, version: string): boolean => {
  const wanted = choice.replace(/\.x$/, '').split('.');
  const parts = version.split('.');
  return wanted.every((part, index) => parts[index] === part);
};

/** Whether the first of two versions is older (negative) or newer (positive). */
export const compareVersions = (one: string, other: string): number => {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number)) as [number[], number[]]; // of two, two
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

const listing = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const hasLibrary = (folder: string, os: string): boolean => findLibrary(listing(folder), os) !== undefined;

/** The names of the files in a folder that are the library, in the order in which they are loaded. */
export const libraryNames = (folder: string, os: string): string[] => {
  const files = findLibrary(listing(folder), os);
  return files === undefined ? [] : [...files.dependencies, files.main];
};

/** Where in a folder that a user names its library may be: in it, as in TensorFlow's archive, in tfjs-node, in Python's packages. */
const BELOW = ['', 'lib', path.join('deps', 'lib'), 'tensorflow'];

/** The folder with the library, in or below a folder that the user named. */
export const libraryBelow = (folder: string, os: string): string | undefined =>
  BELOW.map((part) => path.join(folder, part)).find((candidate) => hasLibrary(candidate, os));

/** The name of a library's folder, of which there may be several side by side. */
export const versionFolder = (version: string, os: string, arch: string): string =>
  `tensorflow-${version}-${os}-${arch}`;

/** The libraries in a folder of such folders, newest first. */
export const versionsIn = (
  parent: string,
  { os, arch }: Pick<Place, 'os' | 'arch'>,
): { readonly version: string; readonly folder: string }[] =>
  listing(parent)
    .flatMap((name) => {
      const version = /^tensorflow-([\d.]+)-/.exec(name)?.[1];
      if (version === undefined || name !== versionFolder(version, os, arch)) return [];
      const folder = libraryBelow(path.join(parent, name), os);
      return folder === undefined ? [] : [{ version, folder }];
    })
    .sort((one, other) => compareVersions(other.version, one.version));

/** What setup has written down, if it has and can be read. */
export const readChoice = (root: string): Choice | undefined => {
  try {
    const choice = JSON.parse(readFileSync(choiceFile(root), 'utf8')) as Partial<Choice> | null;
    return typeof choice?.folder === 'string' ? (choice as Choice) : undefined; // setup writes it as a whole
  } catch {
    return undefined;
  }
};

const folderOfChoice = (root: string, { folder }: Choice): string => path.resolve(setupFolder(root), folder);

/** The folder that setup has chosen, if there is nothing any more. */
export const goneFolder = (root: string): string | undefined => {
  const choice = readChoice(root);
  if (choice === undefined) return undefined;
  const folder = folderOfChoice(root, choice);
  return existsSync(folder) ? undefined : folder;
};

/** What the user asks for by a variable: a version or a folder. On Windows, `set NAME=2.x && …` leaves a space behind it. */
export const askedFor = (
  env: NodeJS.ProcessEnv,
): { readonly variable: string; readonly value: string } | undefined =>
  [LIBRARY_VARIABLE, FOLDER_VARIABLE]
    .map((variable) => ({ variable, value: (env[variable] ?? '').trim() }))
    .find(({ value }) => value !== '');

const ofVersion = (choice: string, place: Place): string | undefined =>
  [setupFolder(place.root), cacheFolder(place.env, place.os)]
    .flatMap((parent) => versionsIn(parent, place))
    .filter(({ version }) => matchesVersion(choice, version))
    .sort((one, other) => compareVersions(other.version, one.version))[0]?.folder;

/** What a program would load: what the user names, what setup has chosen, what tfjs-node has brought; undefined if there is none. */
export const locateLibrary = (place: Place): Located | undefined => {
  const { root, cwd, env, os } = place;
  const asked = askedFor(env);
  if (asked !== undefined) {
    const { variable, value } = asked;
    const reason = `${variable} is ${value}`;
    if (variable === LIBRARY_VARIABLE && isVersion(value)) {
      const folder = ofVersion(value, place);
      return folder === undefined ? undefined : { folder, reason };
    }
    const named = path.resolve(cwd, value);
    return { folder: libraryBelow(named, os) ?? named, reason };
  }
  const choice = readChoice(root);
  if (choice !== undefined) {
    const folder = folderOfChoice(root, choice);
    if (existsSync(folder)) return { folder, reason: `setup has put it in place, from ${choice.source}` };
  }
  for (const { directory } of javascriptPackages(root)) {
    const folder = path.join(directory, 'deps', 'lib');
    if (hasLibrary(folder, os)) return { folder, reason: "it is tfjs-node's own" };
  }
  return undefined;
};
