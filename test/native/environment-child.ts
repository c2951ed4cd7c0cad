/**
 * Loads TensorFlow and computes. Prints as JSON: its version; what C, Node.js and a program that is started see of the variable
 * with the level of TensorFlow's notes, while the library is being loaded and afterwards; and how often it was set in all.
 */
import { spawnSync } from 'node:child_process';
import { DTYPES } from '../../src/native/dtypes';
import { openRuntimeLater } from '../../src/native/index';
import { loadKoffi, type LibraryHandle } from '../../src/native/koffi';
import { libraryFolder } from './support';

const VARIABLE = 'TF_CPP_MIN_LOG_LEVEL';

const koffi = loadKoffi();
const getenv = koffi.load(null).func('getenv', 'const char *', ['const char *']) as (
  name: string,
) => string | null; // by its declaration

const seen = () => ({
  c: getenv(VARIABLE),
  node: process.env[VARIABLE] ?? null,
  started:
    spawnSync(process.execPath, ['-p', `process.env.${VARIABLE} ?? ''`], {
      encoding: 'utf8',
    }).stdout.trim() || null,
});

let sets = 0;
const load = koffi.load.bind(koffi);
koffi.load = (...parameters) => {
  const library = load(...parameters);
  return new Proxy(library, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...declared: unknown[]): unknown => {
        const result = Reflect.apply(value, target, declared) as unknown;
        if (key !== 'func' || declared[0] !== 'setenv') return result;
        return (...given: unknown[]): unknown => {
          sets++;
          return (result as (...all: unknown[]) => unknown)(...given);
        };
      };
    },
  }) satisfies LibraryHandle;
};

const later = openRuntimeLater(libraryFolder());
const during = seen();
const { binding, library } = later.open();
binding.createTensor([1], DTYPES.float, Float32Array.of(1));
console.log(JSON.stringify({ version: library.version, during, after: seen(), sets }));
