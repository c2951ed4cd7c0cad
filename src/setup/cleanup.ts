const pending = new Set<() => void>();

/**
 * Has something undone if the process is interrupted: see {@link cleanUp}. Returns the function that takes it off the
 * list again.
 */
export const onInterrupt = (undo: () => void): (() => void) => {
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
