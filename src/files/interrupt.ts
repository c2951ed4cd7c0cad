const pending = new Set<() => void>();
let listens = false;

/**
 * Has something undone if the process ends before it is done: see {@link cleanUp}. Returns the function that takes it off
 * the list again.
 */
export const onInterrupt = (undo: () => void): (() => void) => {
  if (!listens) process.once('exit', cleanUp);
  listens = true;
  pending.add(undo);
  return () => {
    pending.delete(undo);
  };
};

/** Undoes what is pending, last first: child processes, temporary folders, locks. */
export const cleanUp = (): void => {
  for (const undo of [...pending].reverse()) {
    pending.delete(undo);
    try {
      undo();
    } catch {
      // The process is on its way out, and the next run clears what is left.
    }
  }
};

const signals = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/** Has the process clean up before it follows a signal, and end with the code that shells give to that. */
export const cleanUpOnSignals = (): void => {
  for (const [signal, code] of signals) {
    process.on(signal, () => {
      cleanUp();
      process.exit(code);
    });
  }
};
