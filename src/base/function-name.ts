import { KerasError } from './errors';

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/**
 * Runs what a function of the library does, and gives the errors that leave it the function's name: the one place where that
 * happens. What is called inside need not know for which function it works; an error that has a name already, of a function
 * that was called within, keeps it.
 */
export const asFunction = <Result>(functionName: string, run: () => Result): Result => {
  const rethrow = (error: unknown): never => {
    KerasError.nameFunction(error, functionName);
    throw error;
  };
  let result: Result;
  try {
    result = run();
  } catch (error) {
    return rethrow(error);
  }
  return isPromise(result) ? (result.then((value) => value, rethrow) as Result) : result; // of the same type, but for errors
};
