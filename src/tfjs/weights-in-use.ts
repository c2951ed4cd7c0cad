import type { Variable } from './tensorflow';

let current: ((variables: readonly Variable[]) => void) | undefined;

/** Says that what is about to be computed uses these variables, to who traces it. */
export const useVariables = (variables: readonly Variable[]): void => current?.(variables);

/** Runs something, and tells which variables it uses, before it does. */
export const withVariablesNoted = <T>(note: (variables: readonly Variable[]) => void, run: () => T): T => {
  const outer = current;
  current = note;
  try {
    return run();
  } finally {
    current = outer;
  }
};

/** Whether something is being traced whose variables are noted. */
export const areVariablesNoted = (): boolean => current !== undefined;
