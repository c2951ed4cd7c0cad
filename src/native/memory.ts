import v8 from 'node:v8';
import vm from 'node:vm';

/** Makes V8 collect all that is not reached. */
type Collect = () => void;

const findCollector = (): Collect | undefined => {
  try {
    v8.setFlagsFromString('--expose-gc');
    // Only contexts that are made now have the function; the caller's, and Jest's, need not.
    const collect = vm.runInNewContext('gc') as (options?: object) => void;
    // Without options: with them, V8 11 does not look for what finalizers wait for. Nor do its collections of young objects.
    return () => collect();
  } catch {
    return undefined;
  } finally {
    v8.setFlagsFromString('--no-expose-gc');
  }
};

/** Frees at once what a collection found, on engines that can. */
type Sweep = (registry: object) => void;

/** The newest V8 that has the function below: that of Node.js 22. A later one may complain of the flag on standard error. */
const NEWEST_WITH_CLEANUP = [12, 4] as const;

const findSweep = (): Sweep | undefined => {
  const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number);
  if (major > NEWEST_WITH_CLEANUP[0] || (major === NEWEST_WITH_CLEANUP[0] && minor > NEWEST_WITH_CLEANUP[1]))
    return undefined;
  try {
    v8.setFlagsFromString('--harmony-weak-refs-with-cleanup-some');
    const cleanup = vm.runInNewContext('FinalizationRegistry.prototype.cleanupSome') as
      (() => void) | undefined;
    return cleanup === undefined ? undefined : (registry) => cleanup.call(registry);
  } catch {
    return undefined;
  } finally {
    v8.setFlagsFromString('--no-harmony-weak-refs-with-cleanup-some');
  }
};

/** How much new native memory may be worth a collection. */
const BYTES_PER_COLLECTION = 64e6;

/** A collection takes longer the more objects a program has, so there are fewer then: they take this share of its time at most. */
const MAX_FRACTION_OF_TIME = 0.05;

/** The quickest of so many collections says how long one takes: what else the machine does makes single ones slower. */
const COSTS = 3;

/** But at so many times the memory there is one in any case. */
const MAX_DELAY = 8;

/** Milliseconds that processors have worked for this program: on a busy machine, a collection may wait for one much longer than it takes. */
const processorMilliseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** What is watched, and what for. */
export interface NativeMemoryOptions<Held> {
  /** Frees what a holder that is gone has held. */
  readonly free: (held: Held) => void;
  readonly bytesPerCollection?: number;
  /** V8's collector, and a clock in milliseconds of processors; a test gives others. */
  readonly collect?: Collect;
  readonly now?: () => number;
}

/**
 * Native memory that frees itself: when JavaScript no longer reaches the object that holds something, that is freed.
 *
 * V8 does not see how much native memory its objects hold, so it is asked to collect when much has been allocated. What it finds is
 * freed at once on Node.js 20 and 22; on later versions when JavaScript next comes to rest, between two turns of the event loop:
 * there not within a loop that awaits nothing.
 */
export class NativeMemory<Held extends object> {
  private readonly holders: FinalizationRegistry<Held>;
  private readonly sizes = new Map<Held, number>();
  private readonly bytesPerCollection: number;
  private readonly now: () => number;
  private collect: Collect | undefined;
  private sweep: Sweep | undefined;
  private sinceCollection = 0;
  /** Until when, by the clock, there are no collections, unless much more is allocated. */
  private notBefore = 0;
  /** How long the last collections took. */
  private costs: readonly number[] = [];
  private collections = 0;
  private held = 0;
  private isReplacing = false;

  constructor({ free, bytesPerCollection, collect, now }: NativeMemoryOptions<Held>) {
    this.bytesPerCollection = bytesPerCollection ?? BYTES_PER_COLLECTION;
    this.collect = collect;
    this.now = now ?? processorMilliseconds;
    this.holders = new FinalizationRegistry((held) => {
      if (this.forget(held)) free(held);
    });
  }

  /** How many bytes are watched. */
  get bytes(): number {
    return this.held;
  }

  /** How often V8 was asked to collect. */
  get collectionsAskedFor(): number {
    return this.collections;
  }

  /**
   * Frees `held`, which has so many bytes, once `holder` is gone. No two are watched under one `held`, at any time.
   *
   * With bytes, it is to be called when nothing is at work: what is forgotten may be freed before it returns.
   */
  watch(holder: object, held: Held, bytes: number): void {
    this.holders.register(holder, held, held);
    this.sizes.set(held, 0);
    this.grow(held, bytes);
    if (bytes > 0 && !this.isReplacing) this.collectIfDue();
  }

  /**
   * Runs something that takes memory in the place of other memory, which it frees, or frees itself most of what it takes: whether something is to be
   * collected is asked at its end.
   */
  replacing<T>(run: () => T): T {
    if (this.isReplacing) return run();
    this.isReplacing = true;
    try {
      return run();
    } finally {
      this.isReplacing = false;
      this.collectIfDue();
    }
  }

  private collectIfDue(): void {
    if (this.sinceCollection >= this.bytesPerCollection && this.isWorthIt()) this.askForCollection();
  }

  /** Says that what is watched has got so many bytes more. Frees nothing. */
  grow(held: Held, bytes: number): void {
    const before = this.sizes.get(held);
    if (before === undefined || bytes === 0) return;
    this.sizes.set(held, before + bytes);
    this.held += bytes;
    this.sinceCollection += bytes;
  }

  /** Says that `held` was freed by hand, or is someone else's now. Whether it was watched. */
  forget(held: Held): boolean {
    const bytes = this.sizes.get(held);
    if (bytes === undefined) return false;
    this.sizes.delete(held);
    // V8's collections of young objects take what a registry knows for reached: all that a tidy frees would grow old.
    this.holders.unregister(held);
    this.held -= bytes;
    // Who frees by hand needs no collections.
    this.sinceCollection = Math.max(0, this.sinceCollection - bytes);
    return true;
  }

  private isWorthIt(): boolean {
    return this.sinceCollection >= MAX_DELAY * this.bytesPerCollection || this.now() >= this.notBefore;
  }

  private askForCollection(): void {
    this.sinceCollection = 0;
    this.collections++;
    if (this.collect === undefined) {
      this.collect = findCollector() ?? (() => undefined);
      this.sweep = findSweep();
    }
    const begun = this.now();
    this.collect();
    const ended = this.now();
    // To free what was found takes as long as to free it by hand.
    this.sweep?.(this.holders);
    this.costs = [...this.costs, ended - begun].slice(-COSTS);
    this.notBefore = ended + Math.min(...this.costs) * (1 / MAX_FRACTION_OF_TIME - 1);
  }
}
