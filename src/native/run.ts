import type { CApi } from './c-api';
import type { CMemory, Scratch } from './c-memory';
import type { EagerContext, NativeTensor } from './eager';
import { beginRunOnThread } from './exit';
import type { Library } from './library';
import type { Status } from './status';
import type { TensorData, TensorValues } from './tensors';

/** What a run takes and gives, by the names of a graph's operations. */
export interface RunPlan {
  /** What is fed, in this order. */
  readonly feeds: readonly string[];
  /** What is fetched, in this order. */
  readonly fetches: readonly string[];
  /** What is run for its effects only, such as assignments, which have no outputs. */
  readonly targets?: readonly string[];
}

/** Values that are fed from JavaScript. */
export interface FedValues {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values: TensorValues;
}

/** What is fed: the number of a tensor, or values. */
export type Feed = number | FedValues;

/** What is fetched as values. */
export interface FetchedValues {
  readonly shape: number[];
  readonly dtype: number;
  readonly values: TensorData;
}

/** A session, as its runs see it. */
export interface RunHost {
  readonly library: Library;
  readonly context: EagerContext;
  /** The C API's session. */
  readonly address: number;
  /** Says that a run begins, during which the session stays; {@link end} that it is over. */
  begin(): void;
  end(): void;
  /** Where a run says how it went. It goes with the session. */
  newStatus(): Status;
  /** The operation of a name. */
  operation(name: string): number;
  /** Outputs as C's list of `TF_Output`s. */
  outputList(names: readonly string[]): Scratch;
}

/** A run that is under way on another thread. */
export interface PendingRun<T> {
  /** What it gives; rejects if it fails. */
  readonly promise: Promise<T[]>;
  /**
   * Waits for it here and now, and gives the same: for who cannot wait for a turn of the event loop.
   *
   * @throws TensorflowError if it fails.
   */
  wait(): T[];
}

type Outcome<T> = { readonly values: T[] } | { readonly error: Error };

const unwrap = <T>(outcome: Outcome<T>): T[] => {
  if ('error' in outcome) throw outcome.error;
  return outcome.values;
};

/** Milliseconds between two looks at whether a run is over. */
const PAUSE = 0.1;

const pauser = new Int32Array(new SharedArrayBuffer(4));
const pause = (): void => void Atomics.wait(pauser, 0, 0, PAUSE);

/** What one run at a time needs. */
interface Frame {
  readonly status: Status;
  readonly inputs: Scratch;
  readonly results: Scratch;
}

/**
 * A run of a graph that is prepared once and made often.
 *
 * `run` works in the caller's thread, which is quickest for small graphs. `start` leaves it free; several of one session may
 * be under way at once.
 */
export class PreparedRun {
  private readonly api: CApi;
  private readonly memory: CMemory;
  private readonly context: EagerContext;
  private readonly feeds: Scratch;
  private readonly fetches: Scratch;
  private readonly targets: Scratch;
  private readonly counts: { readonly feeds: number; readonly fetches: number; readonly targets: number };
  private readonly idle: Frame[] = [];

  constructor(
    private readonly session: RunHost,
    plan: RunPlan,
  ) {
    const { library, context } = session;
    this.api = library.api;
    this.memory = library.memory;
    this.context = context;
    const targets = plan.targets ?? [];
    this.counts = { feeds: plan.feeds.length, fetches: plan.fetches.length, targets: targets.length };
    this.feeds = session.outputList(plan.feeds);
    this.fetches = session.outputList(plan.fetches);
    this.targets = this.memory.scratch(targets.length);
    targets.forEach((name, index) => this.targets.setWord(index, session.operation(name)));
  }

  /**
   * Runs in the caller's thread, and gives what was fetched as tensors, which the caller frees.
   *
   * @throws TensorflowError if it fails.
   */
  run(feeds: readonly Feed[]): NativeTensor[] {
    return this.runHere(feeds, this.adopt);
  }

  /** As {@link run}, with what was fetched as values. */
  read(feeds: readonly Feed[]): FetchedValues[] {
    return this.runHere(feeds, this.readResult);
  }

  /** As {@link read}, on a thread of Node.js's pool. */
  readOnThread(feeds: readonly Feed[]): Promise<FetchedValues[]> {
    return this.startReading(feeds).promise;
  }

  /** As {@link run}, on a thread of Node.js's pool. Who waits for it must have something fetched. */
  start(feeds: readonly Feed[]): PendingRun<NativeTensor> {
    return this.runElsewhere(feeds, this.adopt);
  }

  /** As {@link readOnThread}, for who may have to wait for it: something must be fetched. */
  startReading(feeds: readonly Feed[]): PendingRun<FetchedValues> {
    return this.runElsewhere(feeds, this.readResult);
  }

  private runHere<T>(feeds: readonly Feed[], take: (tensor: number) => T): T[] {
    const frame = this.begin(feeds);
    try {
      this.session.library.withoutSignals(() => this.api.TF_SessionRun(...this.callOf(frame)));
      frame.status.check();
      return this.takeAll(frame, take);
    } finally {
      this.end(frame);
    }
  }

  private runElsewhere<T>(feeds: readonly Feed[], take: (tensor: number) => T): PendingRun<T> {
    const frame = this.begin(feeds);
    let outcome: Outcome<T> | undefined;
    const ended = beginRunOnThread(this.session.library.koffi);
    const settle = (): Outcome<T> => (outcome ??= this.outcomeOf(frame, take));
    const promise = new Promise<T[]>((resolve, reject) => {
      const called = (error: unknown): void => {
        if (error instanceof Error) outcome ??= { error };
        const result = settle();
        ended();
        // Not before: until now the thread used what the frame holds.
        this.end(frame);
        if ('error' in result) reject(result.error);
        else resolve(result.values);
      };
      try {
        this.api.TF_SessionRun.async(...this.callOf(frame), called);
      } catch (error) {
        called(error);
      }
    });
    const wait = (): T[] => {
      while (outcome === undefined && !this.isOver(frame)) pause();
      // For processors on which the last of several writes may be seen first.
      if (outcome === undefined) pause();
      return unwrap(settle());
    };
    return { promise, wait };
  }

  /** Whether a run on another thread has ended. What is fetched is written last, and an error where there is one. */
  private isOver({ results, status }: Frame): boolean {
    const last = this.counts.fetches - 1;
    if (last < 0) throw new Error('a run that fetches nothing cannot be waited for');
    return results.current(last) !== 0 || !status.isOk;
  }

  private outcomeOf<T>(frame: Frame, take: (tensor: number) => T): Outcome<T> {
    try {
      frame.status.check();
      return { values: this.takeAll(frame, take) };
    } catch (error) {
      return { error: error as Error }; // TensorFlow's, or that of a tensor without memory
    }
  }

  private callOf({ status, inputs, results }: Frame): Parameters<CApi['TF_SessionRun']> {
    const { feeds, fetches, targets } = this.counts;
    return [
      this.session.address,
      0,
      this.feeds.address,
      inputs.address,
      feeds,
      this.fetches.address,
      results.address,
      fetches,
      this.targets.address,
      targets,
      0,
      status.address,
    ];
  }

  /** Makes the tensors that are fed. */
  private begin(feeds: readonly Feed[]): Frame {
    const { counts, memory } = this;
    if (feeds.length !== counts.feeds) {
      throw new Error(`the run is fed ${counts.feeds} tensors, not ${feeds.length}`);
    }
    this.session.begin();
    const frame = this.idle.pop() ?? {
      status: this.session.newStatus(),
      inputs: memory.scratch(counts.feeds),
      results: memory.scratch(counts.fetches),
    };
    for (let index = 0; index < counts.feeds; index++) frame.inputs.setWord(index, 0);
    for (let index = 0; index < counts.fetches; index++) frame.results.setWord(index, 0);
    try {
      feeds.forEach((feed, index) => frame.inputs.setWord(index, this.tensorOf(feed)));
    } catch (error) {
      this.end(frame);
      throw error;
    }
    return frame;
  }

  private tensorOf(feed: Feed): number {
    const { context } = this;
    if (typeof feed === 'number') return context.resolve(feed);
    return context.tensors.create(feed.shape, feed.dtype, feed.values);
  }

  private takeAll<T>({ results }: Frame, take: (tensor: number) => T): T[] {
    const taken: T[] = [];
    for (let index = 0; index < this.counts.fetches; index++) taken.push(take(results.word(index)));
    return taken;
  }

  private readonly adopt = (tensor: number): NativeTensor => this.context.adoptDescribed(tensor);

  private readonly readResult = (tensor: number): FetchedValues => {
    const { tensors } = this.context;
    return { shape: tensors.shapeOf(tensor), dtype: tensors.typeOf(tensor), values: tensors.read(tensor) };
  };

  /** Frees the tensors of a run; whatever was kept of them has a share of its own. */
  private end(frame: Frame): void {
    const { counts } = this;
    const free = (list: Scratch, count: number): void => {
      for (let index = 0; index < count; index++) {
        const tensor = list.word(index);
        if (tensor !== 0) this.api.TF_DeleteTensor(tensor);
      }
    };
    free(frame.inputs, counts.feeds);
    free(frame.results, counts.fetches);
    // One whose status tells of an error would look as if its next run were over before it begins.
    if (frame.status.isOk) this.idle.push(frame);
    this.session.end();
  }
}
