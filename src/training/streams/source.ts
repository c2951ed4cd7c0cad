import { argumentError, type Place } from '../../base/checks';
import { KerasStateError } from '../../base/errors';
import { afterRunning } from '../../base/running-time';
import {
  isIterable,
  isIterator,
  isPromise,
  isRowStream,
  isTensorDataset,
  type AnyIterator,
} from '../../base/streams';

/** What stands for the end of a source. */
export const END = Symbol('end');

/** One pass through a source. */
interface Pass {
  /** The next item, or {@link END}; or a promise of it. */
  readonly next: () => unknown;
  /** Says that no more is asked for. */
  readonly close: () => unknown;
}

/** How a source gives its passes. */
interface Opened {
  readonly pass: Pass;
  /** Begins anew; absent where the source goes on for ever, or ends for good. */
  readonly again?: () => Pass | Promise<Pass>;
  /** Whether items are rows, not batches. */
  readonly ofRows: boolean;
  /** Whether what it gives is the reader's to free: tensors of `tf.data`, or of a data set that says so. */
  readonly givesAway: boolean;
}

const nothing = (): undefined => undefined;

const resultOf = (result: unknown, place: Place): unknown => {
  if (typeof result !== 'object' || result === null) {
    throw argumentError(place, 'an iterator, whose next() returns { value, done }', result);
  }
  const { done, value } = result as { readonly done?: unknown; readonly value?: unknown }; // absent ones are undefined
  return done === true ? END : value;
};

/** A pass through an iterator. */
const passOf = (iterator: AnyIterator, place: Place): Pass => ({
  next: () => {
    const result: unknown = iterator.next();
    return isPromise(result) ? result.then((value) => resultOf(value, place)) : resultOf(result, place);
  },
  close: () => iterator.return?.(),
});

const iteratorOf = (value: Iterable<unknown> | AsyncIterable<unknown>): AnyIterator =>
  Symbol.asyncIterator in value ? value[Symbol.asyncIterator]() : value[Symbol.iterator]();

/** A pass through a stream of rows; one of Node's ends at once when it is destroyed, even if it is waited for. */
const rowsPass = (stream: AsyncIterable<unknown>, place: Place): Pass => {
  const pass = passOf(iteratorOf(stream), place);
  const { destroy } = stream as { readonly destroy?: () => unknown }; // absent from streams of the web
  return typeof destroy === 'function' ? { ...pass, close: () => void destroy.call(stream) } : pass;
};

/** Whether a data set of this library's says something of itself. */
const says = (value: unknown, property: 'repeats' | 'givesAway'): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (value as Readonly<Record<string, unknown>>)[property] === true; // any object can be read by name

/** What can be opened without calling anything of the user's that makes a batch. */
const openObject = async (value: unknown, place: Place): Promise<Opened | undefined> => {
  const plain = { ofRows: false, givesAway: false };
  if (isRowStream(value)) return { ...plain, pass: rowsPass(value, place), ofRows: true };
  if (isTensorDataset(value)) {
    const again = async (): Promise<Pass> => passOf(await value.iterator(), place);
    return { pass: await again(), again, ofRows: false, givesAway: true };
  }
  if (isIterable(value)) {
    const iterator = iteratorOf(value);
    const isItself = (iterator as unknown) === value;
    const again = (): Pass => passOf(iteratorOf(value), place);
    const givesAway = says(value, 'givesAway');
    return { ofRows: false, givesAway, pass: passOf(iterator, place), ...(isItself ? {} : { again }) };
  }
  return isIterator(value) ? { ...plain, pass: passOf(value, place) } : undefined;
};

/** A function that gives batches, whose first is there already. */
const passOfCalls = (call: () => unknown, first: unknown): Pass => {
  const itemOf = (item: unknown): unknown => (item === null || item === undefined ? END : item);
  let isFirst = true;
  return {
    next: () => {
      if (isFirst) {
        isFirst = false;
        return itemOf(first);
      }
      const item = call();
      return isPromise(item) ? item.then(itemOf) : itemOf(item);
    },
    close: nothing,
  };
};

const open = async (value: unknown, place: Place, wait: <T>(promise: PromiseLike<T>) => Promise<T>) => {
  if (typeof value !== 'function') {
    const opened = await openObject(value, place);
    if (opened !== undefined) return opened;
    throw argumentError(place, 'data, or what gives batches: an iterator, a function, a stream', value);
  }
  const call = value as () => unknown; // what it returns is looked at
  const resultOfCall = (): unknown => {
    const result = call();
    return isPromise(result) ? wait(result) : result;
  };
  const first = await resultOfCall();
  const opened = await openObject(first, place);
  if (opened === undefined) return { pass: passOfCalls(call, first), ofRows: false, givesAway: false };
  const again = async (): Promise<Pass> => {
    const next = await resultOfCall();
    const reopened = await openObject(next, place);
    if (reopened !== undefined) return reopened.pass;
    throw argumentError(place, 'a function that returns an iterator each time', next);
  };
  return { ...opened, again };
};

/** Milliseconds that the end of a call waits for a source that is still making a batch. */
const MAX_CLOSING_MILLISECONDS = 1000;

/** Waits for a promise, but not for ever. */
const waitFor = async (promise: PromiseLike<unknown>, milliseconds: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([promise, enough]);
  } finally {
    clearTimeout(timer);
  }
};

/** A source of batches or rows: reads it, waits for it no longer than it may, and closes it. */
export class Source {
  #opened: Opened | undefined;
  #pass: Pass | undefined;
  /** Whether the pass ended, or failed: then it is closed already. */
  #isOver = true;
  #isPending = false;
  #isLate = false;
  #isClosed = false;

  constructor(
    private readonly value: unknown,
    /** What the source is called in messages. */
    readonly place: Place,
    private readonly timeout: number | undefined,
  ) {}

  /** Whether another pass can begin from the beginning. */
  get canRestart(): boolean {
    return this.#opened?.again !== undefined;
  }

  /** Whether it says that it is to go on from its beginning where more is asked for than it has. */
  get repeats(): boolean {
    return says(this.value, 'repeats');
  }

  get ofRows(): boolean {
    return this.#opened?.ofRows === true;
  }

  get givesAway(): boolean {
    return this.#opened?.givesAway === true;
  }

  /** Begins the first pass. */
  async open(): Promise<void> {
    this.#opened = await open(this.value, this.place, (promise) => this.#inTime(promise));
    await this.#begin(this.#opened.pass);
  }

  /** Begins anew, where that is possible. */
  async restart(): Promise<void> {
    const again = this.#opened?.again;
    if (again === undefined) return;
    await this.#endPass();
    await this.#begin(await again());
  }

  /** The next item, or {@link END}; or a promise of it. */
  next(): unknown {
    const pass = this.#pass;
    if (pass === undefined || this.#isOver) return END;
    try {
      const item = pass.next();
      // An iterator may give promises of its values.
      if (!isPromise(item)) return this.#seen(item);
      this.#isPending = true;
      return this.#inTime(item).then(
        (value) => this.#seen(value),
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Says that nothing more is asked for. It never fails, since the call that ends has its own result or error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    try {
      await this.#endPass();
    } catch {
      // The source was told; what it makes of it changes nothing any more.
    }
  }

  async #begin(pass: Pass): Promise<void> {
    this.#pass = pass;
    this.#isOver = false;
    // What was opened while the call came to its end.
    if (this.#isClosed) await this.close();
  }

  #seen(item: unknown): unknown {
    this.#isPending = false;
    if (item === END) this.#isOver = true;
    return item;
  }

  #failed(error: unknown): never {
    // One that is still waited for after its time is not over: it is told.
    this.#isLate = error instanceof LateError;
    if (!this.#isLate) {
      this.#isOver = true;
      this.#isPending = false;
    }
    throw error;
  }

  #endPass(): unknown {
    if (this.#pass === undefined || this.#isOver) return undefined;
    this.#isOver = true;
    const closing: unknown = this.#pass.close();
    if (!isPromise(closing)) return undefined;
    if (!this.#isPending) return this.#inTime(closing);
    // A generator that is waited for comes to its end when it has given that, which may be never.
    return this.#isLate ? undefined : waitFor(closing, MAX_CLOSING_MILLISECONDS);
  }

  /** The value of a promise, or an error where it takes too long. */
  async #inTime<T>(promise: PromiseLike<T>): Promise<T> {
    const { timeout, place } = this;
    if (timeout === undefined) return promise;
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = afterRunning(timeout, () => reject(new LateError(place, timeout)));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel?.();
    }
  }
}

/** A batch has not come in time. */
class LateError extends KerasStateError {
  constructor({ argument, function: functionName }: Place, timeout: number) {
    super({
      function: functionName,
      expected: `\`${argument}\` must give a batch within \`batchTimeout\`, ${timeout} ms`,
      received: 'none in this time',
      advice: 'Look what it waits for, or give a longer batchTimeout',
    });
    this.name = 'KerasStateError';
  }
}
