import { createRequire } from 'node:module';
import type * as Module from 'koffi' with { 'resolution-mode': 'import' };

/** The package that calls C functions. */
export type Koffi = typeof Module;
export type { LibraryHandle } from 'koffi' with { 'resolution-mode': 'import' };

/** TensorFlow runs on the stack that koffi calls it with: its optimizers of graphs need more than koffi's own sizes. */
const STACK_BYTES = 8 * 1024 * 1024;

/** Under this name of the global object our Jest environment has a function that gives koffi: see jest-environment.ts. */
export const KOFFI_OUTSIDE = Symbol.for('keras-pipe.koffi');

const outside = (): Koffi | undefined =>
  (globalThis as { readonly [KOFFI_OUTSIDE]?: () => Koffi })[KOFFI_OUTSIDE]?.();

/** Loads koffi. Not imported where the file begins: where it does not load, an error must say so in words. */
export const loadKoffi = (): Koffi => {
  const koffi = outside() ?? (createRequire(__filename)('koffi') as Koffi);
  const { sync_stack_size: sync = 0, async_stack_size: async = 0 } = koffi.config();
  if (sync >= STACK_BYTES && async >= STACK_BYTES) return koffi;
  try {
    koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  } catch {
    // Someone else has loaded a library with it already, since when its sizes are fixed.
  }
  return koffi;
};
