import { isMainThread } from 'node:worker_threads';
import type { Koffi, LibraryHandle } from './koffi';

/** Releases of the Abseil library, whose names are in those of its functions, that TensorFlow has been built with. */
const ABSEIL_RELEASES = [20230802, 20240116, 20240722, 20250127, 20250512, 20250814];

/** What `TF_CPP_MIN_LOG_LEVEL` asks for: 0 for all lines, 1 for warnings, 2 for errors. */
const logLevel = (): number => Number(process.env['TF_CPP_MIN_LOG_LEVEL']) || 0;

/**
 * Turns off TensorFlow's notes on standard error, unless the user has set `TF_CPP_MIN_LOG_LEVEL`.
 *
 * By C's own function, since in a worker thread and under Jest `process.env` is a copy that the library does not see.
 */
export const setLogLevel = (koffi: Koffi): void => {
  const level = (process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2');
  if (process.platform === 'win32') return;
  koffi.load(null).func('setenv', 'int', ['const char *', 'const char *', 'int'])(
    'TF_CPP_MIN_LOG_LEVEL',
    level,
    1,
  );
};

/** Flag of `open`: to write only. It has this number on all systems that are not Windows. */
const WRITE_ONLY = 1;
const STANDARD_ERROR = 2;

/**
 * Loads a library, with standard error off if notes are: newer versions write there while they load, before anyone can ask them not
 * to.
 *
 * In the main thread only, since all threads share standard error, and two that turned it off and on at once would lose it.
 */
export const loadQuietly = <T>(koffi: Koffi, load: () => T): T => {
  const end = silence(koffi);
  try {
    return load();
  } finally {
    end();
  }
};

/** Turns standard error off in the same way, until the function that it gives is called. */
export const silence = (koffi: Koffi): (() => void) => {
  if (logLevel() < 1 || !isMainThread || process.platform === 'win32') return () => undefined;
  const system = koffi.load(null);
  const duplicate = system.func('dup', 'int', ['int']);
  const replace = system.func('dup2', 'int', ['int', 'int']);
  const open = system.func('open', 'int', ['const char *', 'int']);
  const close = system.func('close', 'int', ['int']);
  const kept = duplicate(STANDARD_ERROR) as number; // by its declaration
  const nowhere = open('/dev/null', WRITE_ONLY) as number; // by its declaration
  if (kept >= 0 && nowhere >= 0) replace(nowhere, STANDARD_ERROR);
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    process.off('uncaughtExceptionMonitor', end);
    if (kept >= 0) replace(kept, STANDARD_ERROR);
    for (const descriptor of [kept, nowhere]) if (descriptor >= 0) close(descriptor);
  };
  // What ends the program meanwhile must be seen.
  process.on('uncaughtExceptionMonitor', end);
  return end;
};

/**
 * Makes newer versions write only what `TF_CPP_MIN_LOG_LEVEL` asks for. They read that variable for some of their lines only:
 * what Abseil logs goes to standard error until a program says otherwise.
 */
export const followLogLevel = (library: LibraryHandle): void => {
  const level = logLevel();
  if (level < 1) return;
  for (const release of ABSEIL_RELEASES) {
    try {
      // absl::SetStderrThreshold(absl::LogSeverityAtLeast), whose levels are numbered as the variable's.
      library.func(`_ZN4absl12lts_${release}18SetStderrThresholdENS0_18LogSeverityAtLeastE`, 'void', ['int'])(
        level,
      );
      return;
    } catch {
      // Built with another release, or none.
    }
  }
};
