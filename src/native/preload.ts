import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { loadKoffi } from './koffi';
import { checkLibrary } from './library';
import { setLogLevel, silence } from './logging';
import { pinLater, pinLibrary } from './pin';

/**
 * Begins to load the library in a folder on a thread of Node.js's pool, while this thread goes on. Who opens the library waits for it,
 * and is told what went wrong. Gives a function to be called then, or if nobody opens it. Until then, and at most until it is loaded,
 * standard error is off where TensorFlow's notes are, and, of builds of which no more is known, C's environment has the level of these.
 *
 * @throws KerasNativeError if there is no library there, or it cannot work here.
 */
export const beginToLoad = (folder: string): (() => void) => {
  const { main, dependencies, lookup, logKind } = checkLibrary(folder);
  // In other threads the library is there already, or the main one's loading would meet theirs.
  if (!isMainThread || process.platform === 'win32') return () => undefined;
  try {
    const koffi = loadKoffi();
    const restore = setLogLevel(koffi, logKind);
    const speak = silence(koffi);
    const end = (): void => {
      speak();
      restore();
    };
    try {
      for (const name of dependencies) pinLibrary(koffi, path.join(folder, name), lookup);
      if (logKind !== 'variable while loading') restore();
      pinLater(koffi, path.join(folder, main), lookup, end);
      return end;
    } catch (error) {
      end();
      throw error;
    }
  } catch {
    // Who opens it says what is wrong.
    return () => undefined;
  }
};
