/** Work that is done step by step: between two of them others may run. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** The same, where a step may give something to await, while another thread is at work. */
export type AwaitedSteps<T> = Generator<Promise<unknown> | undefined, T, undefined>;

/** Does all of it at once. */
export const atOnce = <T>(steps: AwaitedSteps<T>): T => {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
};

/**
 * Does it in turns with others, which `pause` lets run. Where that throws, or what is awaited fails, the work learns of it, and frees
 * what it has made.
 */
export const inTurns = async <T>(steps: AwaitedSteps<T>, pause: () => Promise<void>): Promise<T> => {
  let step = steps.next();
  while (step.done !== true) {
    try {
      if (step.value !== undefined) await step.value;
      await pause();
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next();
  }
  return step.value;
};
