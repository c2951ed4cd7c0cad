import v8 from 'node:v8';
import vm from 'node:vm';

/** V8's collector, callable. */
type Collect = (options?: { type: 'minor' | 'major' }) => void;

const findCollector = (): Collect | undefined => {
  try {
    v8.setFlagsFromString('--expose-gc');
    // Only contexts that are made now have the function; the caller's, and Jest's, need not.
    return vm.runInNewContext('gc') as Collect;
  } catch {
    return undefined;
  } finally {
    v8.setFlagsFromString('--no-expose-gc');
  }
};

/** How much new native memory is worth a collection of young objects: it takes a millisecond or so. */
const BYTES_PER_COLLECTION = 64e6;

/** Holders that have survived a few of those are found by full ones only, which take longer. */
const COLLECTIONS_PER_FULL_ONE = 8;

/** What is watched, and what for. */
export interface NativeMemoryOptions {
  /** Frees what a holder that is gone has held, if it is still there. */
  readonly free: (id: number) => void;
  readonly bytesPerCollection?: number;
  /** V8's collector; a test gives another. */
  readonly collect?: Collect;
}

/**
 * Native memory that frees itself: when JavaScript no longer reaches the object that holds a number, what has that number is
 * freed.
 *
 * V8 does not see how much native memory its objects hold, so it is asked to collect when much has been allocated. What it finds is
 * freed when JavaScript next comes to rest: between two turns of the event loop.
 */
export class NativeMemory {
  private readonly holders: FinalizationRegistry<number>;
  private readonly sizes = new Map<number, number>();
  private readonly bytesPerCollection: number;
  private readonly free: (id: number) => void;
  private collect: Collect | undefined;
  private isSought = false;
  private sinceCollection = 0;
  private collections = 0;
  private held = 0;

  constructor({ free, bytesPerCollection, collect }: NativeMemoryOptions) {
    this.free = free;
    this.bytesPerCollection = bytesPerCollection ?? BYTES_PER_COLLECTION;
    this.collect = collect;
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
    if (this.sinceCollection >= this.bytesPerCollection) this.askForCollection();
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

  private askForCollection(): void {
    this.sinceCollection = 0;
    this.collections++;
    if (!this.isSought) {
      this.isSought = true;
      this.collect ??= findCollector();
    }
    this.collect?.({ type: this.collections % COLLECTIONS_PER_FULL_ONE === 0 ? 'major' : 'minor' });
  }
}
