import { isMainThread } from 'node:worker_threads';
import type { Koffi, LibraryHandle } from './koffi';
import { ABSEIL_LEVELS, OWN_MESSAGES, type LogKind } from './log-kind';

/** More than a message of TensorFlow's own log takes. */
const MESSAGE_BYTES = 4096;

/** The severity of a note. */
const NOTE = 0;

/** What TensorFlow reads, once: 0 for all lines, 1 for warnings, 2 for errors. */
const VARIABLE = 'TF_CPP_MIN_LOG_LEVEL';

/** What the user asks for there, and errors otherwise. */
const askedLevel = (): string => process.env[VARIABLE] ?? '2';

const logLevel = (): number => Number(askedLevel()) || 0;

/** Sets a variable in C's own environment, and gives a function that makes it what it was. */
const setInC = (koffi: Koffi, name: string, value: string): (() => void) => {
  const system = koffi.load(null);
  const get = system.func('getenv', 'const char *', ['const char *']) as (name: string) => string | null; // by its declaration
  const set = system.func('setenv', 'int', ['const char *', 'const char *', 'int']);
  const unset = system.func('unsetenv', 'int', ['const char *']);
  // To look these up waits for a library that another thread is loading, and that could read the environment while it changes.
  const before = get(name);
  if (before === value) return () => undefined;
  set(name, value, 1);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (before === null) unset(name);
    else set(name, before, 1);
  };
};

/**
 * Has a part of TensorFlow's library make a note, and drop it: before, it looks for the level, and never again. Parts that do not export
 * this, as the one of 1.15 that has the C API, make notes of their own when they are set up; versions with Abseil's log have no such messages.
 */
export const dropNote = (koffi: Koffi, library: LibraryHandle): void => {
  if (logLevel() < 1) return;
  const message = new Uint8Array(MESSAGE_BYTES);
  const address = Number(koffi.address(message));
  for (const names of OWN_MESSAGES) {
    try {
      const make = library.func(names.make, 'void', ['uintptr_t', 'const char *', 'int', 'int']);
      const end = library.func(names.end, 'void', ['uintptr_t']);
      make(address, '', 0, NOTE);
      end(address);
      return;
    } catch {
      // It has another name, or there is none.
    }
  }
};

/**
 * Puts what the user asks for, or else errors alone, where TensorFlow looks for it, until the function is called that this gives.
 * Nothing where there are functions for that: see {@link followLogLevel}.
 *
 * TensorFlow 1 and the 2.x that have a log of their own know no other way than a variable of C's environment: `TF_RegisterLogListener`
 * only adds who listens. Each part of the library reads it once, for its first message. So it is there around what makes these, which is
 * without a break: nothing else that this thread has to do sees it. Only of builds of the kind `'variable while loading'` it is
 * also there while another thread loads the main part.
 */
export const setLogLevel = (koffi: Koffi, kind: LogKind): (() => void) => {
  // On Windows, C's environment is not the one that such a call would set.
  if (kind === 'functions' || logLevel() < 1 || process.platform === 'win32') return () => undefined;
  return setInC(koffi, VARIABLE, askedLevel());
};

/** Runs something meanwhile. */
export const withLogLevel = <T>(koffi: Koffi, kind: LogKind, run: () => T): T => {
  const restore = setLogLevel(koffi, kind);
  try {
    return run();
  } finally {
    restore();
  }
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
 * Makes newer versions write only what {@link logLevel} asks for: their log is Abseil's, which writes all to standard error until a program
 * says otherwise. Those that have one for all parts need no variable then; others tell it of the variable for some of their lines only.
 */
export const followLogLevel = (library: LibraryHandle): void => {
  const level = logLevel();
  if (level < 1) return;
  for (const names of ABSEIL_LEVELS) {
    try {
      for (const name of names) library.func(name, 'void', ['int'])(level);
      return;
    } catch {
      // Built with another release, or none.
    }
  }
};
