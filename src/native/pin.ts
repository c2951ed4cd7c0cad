import path from 'node:path';
import type { Koffi } from './koffi';

/** Flags of `dlopen`, which differ between systems. */
interface OpenFlags {
  readonly lazy: number;
  readonly now: number;
  readonly global: number;
  readonly noLoad: number;
  readonly noDelete: number;
}

const FLAGS: Readonly<Record<string, OpenFlags>> = {
  linux: { lazy: 0x1, now: 0x2, global: 0x100, noLoad: 0x4, noDelete: 0x1000 },
  darwin: { lazy: 0x1, now: 0x2, global: 0x8, noLoad: 0x10, noDelete: 0x80 },
};

/**
 * When a library's functions are looked up: all as it is loaded, or each as it is first called, which takes a third less of TensorFlow 2's
 * library, of 157,000. Then a program ends where it calls one that is nowhere.
 */
export type Lookup = 'now' | 'lazy';

type Open = (file: string, flags: number) => number;

/** A C function that can run on a thread of Node.js's pool, too. */
type OpenAnywhere = Open & { async(file: string, flags: number, called: () => void): void };

const opener = (koffi: Koffi): OpenAnywhere =>
  koffi.load(null).func('dlopen', 'uintptr_t', ['const char *', 'int']); // by its declaration

/**
 * Begins to load a library on another thread, where {@link pinLibrary} waits for it. Without a word if that fails: it says so then.
 * `loaded` is called when the event loop goes round after that, or at once if the library is there already.
 */
export const pinLater = (koffi: Koffi, file: string, lookup: Lookup, loaded: () => void): void => {
  const flags = FLAGS[process.platform];
  const open = opener(koffi);
  if (flags === undefined || open(file, flags.now | flags.noLoad) !== 0) loaded();
  else open.async(file, flags[lookup] | flags.noDelete, loaded);
};

/** Names under which the loader knows other builds of the library that may be in the process already. */
const KNOWN_AS = ['libtensorflow_framework.so.2', 'libtensorflow_framework.so.1'];

/** Two builds in one process would take each other's functions, and end it. */
const refuseSecondBuild = (open: Open, { now, noLoad }: OpenFlags, file: string): void => {
  const isThis = open(file, now | noLoad);
  for (const name of KNOWN_AS) {
    const loaded = open(name, now | noLoad);
    if (loaded !== 0 && isThis === 0 && path.basename(file).includes('_framework')) {
      throw new Error(`another ${name} is loaded in this process already`);
    }
  }
};

const pinOnWindows = (koffi: Koffi, file: string): void => {
  const open = koffi.load('kernel32.dll').func('LoadLibraryW', 'uintptr_t', ['str16']) as unknown as (
    file: string,
  ) => number; // by its declaration
  if (open(file) === 0) throw new Error(`Windows does not load ${file}`);
};

/**
 * Loads a library such that it stays in memory until the process ends.
 *
 * koffi closes its libraries when the thread ends that opened them. TensorFlow closed and opened again in one process ends
 * it, as its devices are then registered twice.
 */
export const pinLibrary = (koffi: Koffi, file: string, lookup: Lookup): void => {
  if (process.platform === 'win32') {
    pinOnWindows(koffi, file);
    return;
  }
  const flags = FLAGS[process.platform];
  if (flags === undefined) return;
  const open = opener(koffi);
  // Found before it is needed: to look for a function forgets the last error.
  const lastError = koffi.load(null).func('dlerror', 'const char *', []) as unknown as () => string | null; // by its declaration
  refuseSecondBuild(open, flags, file);
  const isFramework = path.basename(file).includes('_framework');
  const handle = open(file, flags[lookup] | flags.noDelete | (isFramework ? flags.global : 0));
  if (handle !== 0) return;
  throw new Error(lastError() ?? `the system does not load ${file}`);
};
