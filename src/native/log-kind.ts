import path from 'node:path';
import { exportedOf } from './exported-names';

/**
 * How a build of TensorFlow can be told which notes to make: by `'functions'` of Abseil's log, or by a `'variable'` alone, which each part
 * of it reads once, for its first note. A build may note something while its main part loads, which takes long and is done by another
 * thread; then, or where nobody knows, it is `'variable while loading'`.
 */
export type LogKind = 'functions' | 'variable' | 'variable while loading';

/** Releases of the Abseil library, whose names are in those of its functions, that TensorFlow has been built with. */
const ABSEIL_RELEASES = [20230802, 20240116, 20240722, 20250127, 20250512, 20250814];

/** C++'s names of the functions of Abseil's log that take a level, which has the variable's numbers, of each release. */
export const ABSEIL_LEVELS = ABSEIL_RELEASES.map((release) =>
  // SetMinLogLevel(LogSeverityAtLeast) and SetStderrThreshold(LogSeverityAtLeast)
  ['14SetMinLogLevel', '18SetStderrThreshold'].map(
    (name) => `_ZN4absl12lts_${release}${name}ENS0_18LogSeverityAtLeastE`,
  ),
);

/** C++'s names of how TensorFlow's own message of a log is made and done with, before it took Abseil's. */
export const OWN_MESSAGES = ['_ZN3tsl8internal10LogMessage', '_ZN10tensorflow8internal10LogMessage'].map(
  (name) => ({ make: `${name}C1EPKcii`, end: `${name}D1Ev` }),
);

/** Builds, by the folders that setup puts them into, whose main part was seen to note nothing while it loads. */
const QUIET_BUILDS = ['tensorflow-1.15.0-linux-x64', 'tensorflow-2.13.1-linux-x64'];

/** How a build in a folder can be told, from its files, of which `dependencies` are loaded first. */
export const logKindOf = (
  folder: string,
  { main, dependencies }: { readonly main: string; readonly dependencies: readonly string[] },
): LogKind => {
  if (QUIET_BUILDS.includes(path.basename(folder))) return 'variable';
  const [framework] = dependencies;
  // Python's wheels have one log for both parts. The archives of the C library hide what the main part has.
  if (framework === undefined || !main.startsWith('libtensorflow_cc.so')) return 'variable while loading';
  const levels = ABSEIL_LEVELS.flat();
  // From 2.18 on they are made otherwise than before.
  const messages = OWN_MESSAGES.map(({ end }) => end);
  try {
    const exported = exportedOf(path.join(folder, framework), [...levels, ...messages]);
    const isAbseil = ABSEIL_LEVELS.some((functions) => functions.every((name) => exported.includes(name)));
    return isAbseil && !messages.some((name) => exported.includes(name))
      ? 'functions'
      : 'variable while loading';
  } catch {
    return 'variable while loading';
  }
};
