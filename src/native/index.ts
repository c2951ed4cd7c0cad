/** TensorFlow's C library, called directly: what the rest of the library uses of it. */
import { isMainThread } from 'node:worker_threads';
import { createBinding, type Binding } from './binding';
import type { RuntimeConfig } from './config';
import { EagerContext } from './eager';
import { openLibrary, type Library } from './library';
import { withLogLevel } from './logging';
import type { GraphSource, Session } from './session';
import { beginToLoad } from './preload';

export type { OpAttribute } from './attributes';
export type { Binding } from './binding';
export type { RuntimeConfig } from './config';
export { DTYPES, type NumberArray } from './dtypes';
export type { Device, EagerContext, NativeTensor } from './eager';
export { checkLibrary, findLibrary, openLibrary, type Library, type LibraryFiles } from './library';
export { NativeMemory } from './memory';
export type { Feed, FedValues, FetchedValues, PendingRun, PreparedRun, RunPlan } from './run';
export type { GraphFunction } from './functions';
export type { GraphDefinition, GraphSource, Session } from './session';
export { TensorflowError } from './status';
export type { Fill, TensorData, TensorValues } from './tensors';

/** TensorFlow, for one thread of JavaScript's. */
export interface Runtime {
  readonly library: Library;
  /** Operations one by one. */
  readonly context: EagerContext;
  /** The same in the form that tfjs-node's JavaScript calls. */
  readonly binding: Binding;
  /** Loads a graph. */
  createSession(source: GraphSource, config?: RuntimeConfig): Session;
  /** Frees all that this thread has made. */
  readonly close: () => void;
}

/** TensorFlow that is being loaded. */
export interface LateRuntime {
  /** @throws KerasNativeError if it cannot work here. */
  open(): Runtime;
  /** Nobody will open it. */
  leave(): void;
}

/**
 * As {@link openRuntime}, for who has something else to do first, as to load JavaScript: meanwhile another thread loads the library.
 *
 * @throws KerasNativeError if there is none.
 */
export const openRuntimeLater = (folder: string): LateRuntime => {
  const leave = beginToLoad(folder);
  let runtime: Runtime | undefined;
  const open = (): Runtime => {
    try {
      return (runtime ??= openRuntime(folder));
    } finally {
      leave();
    }
  };
  return { open, leave };
};

/**
 * Opens TensorFlow's C library in a folder.
 *
 * @throws KerasNativeError if there is none, or it cannot work here.
 */
export const openRuntime = (folder: string): Runtime => {
  const library = openLibrary(folder);
  // Parts of TensorFlow make their first notes now, and the threads begin that take parts of products.
  const context = withLogLevel(library.koffi, library.logKind, () =>
    library.withoutSignals(() => new EagerContext(library)),
  );
  const binding = createBinding(library, context);
  const close = (): void => {
    binding.close();
    context.close();
  };
  // The memory of a process goes with it; that of a thread stays.
  if (!isMainThread) process.once('exit', close);
  return {
    library,
    context,
    binding,
    createSession: (source, sessionConfig) => binding.createSession(source, sessionConfig),
    close,
  };
};
