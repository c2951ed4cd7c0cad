/**
 * Work that is done step by step: between two of them others may run.
 *
 * Generator functions stand in modules and classes, not in functions: V8 makes a hidden class for each that is called, and keeps with it all that
 * the function refers to, such as a batch, until it collects all objects.
 */
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

function* once<T>(run: () => T): Steps<T> {
  return run();
}

/** A function as one step. */
export const asStep =
  <T>(run: () => T): (() => Steps<T>) =>
  () =>
    once(run);

/** Ends something that has begun. */
export type Leave = () => void;

/** Runs something between a beginning and its end, which comes also where it fails. */
export const within = <T>(leave: Leave, run: () => T): T => {
  try {
    return run();
  } finally {
    leave();
  }
};

/** The same step by step. */
export function* withinInSteps<T>(enter: () => Leave, steps: () => Steps<T>): Steps<T> {
  const leave = enter();
  try {
    return yield* steps();
  } finally {
    leave();
  }
}

/** What a module keeps of what is at work, such as the layer that is being applied. */
export interface Surroundings<T = unknown> {
  /** A copy of it. */
  get(): T;
  set(value: T): void;
}

const surroundings: Surroundings[] = [];

/** Says that a module keeps something of what is at work: others that run in between have their own. */
export const keepSurroundings = <T>(own: Surroundings<T>): void => {
  surroundings.push(own);
};

/**
 * Does work whose steps leave something in modules that belongs to it alone, and in `others`: while others run, there is what was there before.
 * They run after steps at which `isDue` is true.
 */
export function* apart<T>(
  steps: Steps<T>,
  isDue: () => boolean,
  others: readonly Surroundings[] = [],
): Steps<T> {
  const all = [...surroundings, ...others];
  const get = (): unknown[] => all.map((one) => one.get());
  const set = (values: readonly unknown[]): void => all.forEach((one, index) => one.set(values[index]));
  /** Steps until others are to run. */
  const run = (resume: () => IteratorResult<undefined, T>): IteratorResult<undefined, T> => {
    let step = resume();
    while (step.done !== true && !isDue()) step = steps.next();
    return step;
  };
  let around = get();
  let own = get();
  let resume = (): IteratorResult<undefined, T> => steps.next();
  for (;;) {
    let step: IteratorResult<undefined, T>;
    set(own);
    try {
      step = run(resume);
    } finally {
      own = get();
      set(around);
    }
    if (step.done === true) return step.value;
    try {
      yield;
      resume = () => steps.next();
    } catch (error) {
      resume = () => steps.throw(error);
    }
    around = get();
  }
}
