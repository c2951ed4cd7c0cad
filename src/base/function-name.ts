import { describe, KerasArgumentError, KerasError } from './errors';
import { isPromise } from './streams';

/** An error of a library that this one stands on in this library's words; any other error as it is. */
type Translation = (error: unknown) => unknown;

let translate: Translation = (error) => error;

/** Sets how errors of a library below are translated as they leave a function of this one. */
export const setErrorTranslation = (translation: Translation): void => {
  translate = translation;
};

/**
 * Runs what a function of the library does, and gives the errors that leave it the function's name: the one place where that
 * happens. What is called inside need not know for which function it works; an error that has a name already, of a function
 * that was called within, keeps it. Errors of tfjs's and TensorFlow's leave it as errors of this library.
 */
export const asFunction = <Result>(functionName: string, run: () => Result): Result => {
  const rethrow = (cause: unknown): never => {
    const error = translate(cause);
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

/**
 * Throws if a function was given more arguments than it takes: what nobody looks at would be believed to count. A function takes
 * them as `...surplus: []`, which its type does not show.
 */
export const refuseSurplus = (
  functionName: string,
  parameters: readonly string[],
  surplus: readonly unknown[],
): void => {
  if (surplus.length === 0) return;
  const { length } = parameters;
  throw new KerasArgumentError({
    function: functionName,
    argument: `arguments[${length}]`,
    expected: `${functionName}() takes ${length === 1 ? 'one argument' : `${length} arguments`}, ${parameters.map((name) => `\`${name}\``).join(', ')}`,
    received: `${surplus.map(describe).join(', ')} besides`,
    advice: parameters.includes('options')
      ? 'Give all options by their names, in one object'
      : `Write ${functionName}(${parameters.join(', ')})`,
  });
};
