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

/** How much new native memory may be worth a collection. */
const BYTES_PER_COLLECTION = 64e6;

/** A collection takes longer the more objects a program has, so there are fewer then: they take this share of its time at most. */
const MAX_SHARE_OF_TIME = 0.05;

/** But at so many times the memory there is one in any case. */
const MAX_DELAY = 8;

/** What is watched, and what for. */
export interface NativeMemoryOptions {
  /** Frees what a holder that is gone has held. */
  readonly free: (id: number) => void;
  readonly bytesPerCollection?: number;
  /** V8's collector, and a clock in milliseconds; a test gives others. */
  readonly collect?: Collect;
  readonly now?: () => number;
}

/**
 * Native memory that frees itself: when JavaScript no longer reaches the object that holds a number, what has that number is
 * freed.
 *
 * V8 does not see how much native memory its objects hold, so it is asked to collect when much has been allocated. What it finds is
 * freed when JavaScript next comes to rest, between two turns of the event loop: not within a loop that awaits nothing.
 */
export class NativeMemory {
  private readonly holders: FinalizationRegistry<number>;
  private readonly sizes = new Map<number, number>();
  private readonly bytesPerCollection: number;
  private readonly free: (id: number) => void;
  private readonly now: () => number;
  private collect: Collect | undefined;
  private sinceCollection = 0;
  /** Until when there are no collections, unless much more is allocated. */
  private notBefore = 0;
  private collections = 0;
  private held = 0;

  constructor({ free, bytesPerCollection, collect, now }: NativeMemoryOptions) {
    this.free = free;
    this.bytesPerCollection = bytesPerCollection ?? BYTES_PER_COLLECTION;
    this.collect = collect;
    this.now = now ?? (() => performance.now());
    this.holders = new FinalizationRegistry((id) => {
      // What was freed by hand is not watched any more, and numbers are not used again.
      if (this.forget(id)) this.free(id);
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

  /** Frees `id`, which has so many bytes, once `holder` is gone. */
  watch(holder: object, id: number, bytes: number): void {
    this.holders.register(holder, id);
    this.sizes.set(id, bytes);
    this.held += bytes;
    this.sinceCollection += bytes;
    if (this.sinceCollection >= this.bytesPerCollection && this.isWorthIt()) this.askForCollection();
  }

  /** Says that `id` was freed by hand, or is someone else's now. Whether it was watched. */
  forget(id: number): boolean {
    const bytes = this.sizes.get(id);
    if (bytes === undefined) return false;
    this.sizes.delete(id);
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
    this.collect ??= findCollector() ?? (() => undefined);
    const begun = this.now();
    this.collect();
    const ended = this.now();
    this.notBefore = ended + (ended - begun) * (1 / MAX_SHARE_OF_TIME - 1);
  }
}
