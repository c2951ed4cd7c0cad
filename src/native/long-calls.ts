import { beginRunOnThread } from './exit';
import type { Koffi } from './koffi';

/** A function of the C library, in this thread or on one of Node.js's pool. */
type Callable<Args extends readonly unknown[], Result> = ((...args: Args) => Result) & {
  async(...args: [...Args, (error: unknown, result: Result) => void]): void;
};

/** A call of the C library that may take long. */
interface LongCall {
  here(): number | undefined;
  onThread(called: (error: unknown, result: number | undefined) => void): void;
}

/** What is made by calls that may take long, each of which is given back what it has returned. */
export type LongCalls<T> = Generator<LongCall, T, number | undefined>;

export const longCall = <Args extends readonly unknown[], Result extends number | undefined>(
  call: Callable<Args, Result>,
  ...args: Args
): LongCall => ({
  here: () => call(...args),
  onThread: (called) => call.async(...args, called),
});

/** Makes the calls in this thread. */
export const callHere = <T>(calls: LongCalls<T>): T => {
  let step = calls.next();
  while (step.done !== true) step = calls.next(step.value.here());
  return step.value;
};

/** Makes the calls on a thread of Node.js's pool, one after the other. */
export const callOnThread = async <T>(calls: LongCalls<T>, koffi: Koffi): Promise<T> => {
  const onThread = (call: LongCall): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const ended = beginRunOnThread(koffi);
      const called = (error: unknown, result: number | undefined): void => {
        ended();
        if (error instanceof Error) reject(error);
        else resolve(result);
      };
      try {
        call.onThread(called);
      } catch (error) {
        called(error, undefined);
      }
    });
  let step = calls.next();
  while (step.done !== true) {
    let result: number | undefined;
    try {
      result = await onThread(step.value);
    } catch (error) {
      step = calls.throw(error); // frees what there is
      continue;
    }
    step = calls.next(result);
  }
  return step.value;
};
