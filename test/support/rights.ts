/** The number of the user `nobody`, who owns nothing. */
const NOBODY = 65_534;

/** Runs something as a user who may not read and write everything, as root may. */
export const withoutRights = async <T>(run: () => Promise<T>): Promise<T> => {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(NOBODY);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
};
