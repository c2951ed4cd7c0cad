import v8 from 'node:v8';
import { turnsTaken } from '../base/turns';
import { CollectionsSeen } from './collections-seen';
import { findCollector, findSweep, Pace, type Collector, type Sweep } from './collector';
import { keepTelling } from './telling';
import { YoungHolders } from './young-holders';

/** How much new native memory may be worth a collection. */
const BYTES_PER_COLLECTION = 64e6;

/** A collection takes longer the more objects a program has, so there are fewer then: they take this share of its time at most. */
const SHARE_OF_ALL = 0.05;
const SHARE_OF_YOUNG = 0.03;

/** But at so many times the memory there is one in any case. */
const MAX_DELAY = 8;

/** After so many new holders it is asked whether V8 has collected, and who of them is gone then. */
const HOLDERS_PER_LOOK = 256;

/** So many are looked for at most, which takes half a microsecond each. */
const MAX_YOUNG = 8192;

/** What outlives so many looks is not young any more. */
const LOOKS = 2;

/** What processors take to look at a byte of V8's memory, in milliseconds. */
const MILLISECONDS_PER_BYTE = 0.5e-6;

/** How long processors are taken to work for a collection of all objects. */
const expectedMilliseconds = (): number => MILLISECONDS_PER_BYTE * v8.getHeapStatistics().used_heap_size;

/** Milliseconds of processors between a collection of young objects and the beginning of one of all in parts: they are of different turns of the event loop, then. */
const BETWEEN = 20;

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
  /** V8's collections, and a clock in milliseconds of processors; a test gives others. */
  readonly collector?: Collector;
  readonly now?: () => number;
  /** How often the event loop has gone round, likewise. */
  readonly turns?: () => number;
}

/** What is known of something held. */
interface Watched {
  bytes: number;
  /** By which number it is watched among the young, as long as it is one. */
  young: number | undefined;
  /** By which number the registry knows it, from then on. */
  number: number;
  /** How often it was looked for and found reached. */
  looks: number;
}

/**
 * Native memory that frees itself: when JavaScript no longer reaches the object that holds something, that is freed.
 *
 * What is forgotten soon is found by V8's collections of young objects, and freed soon after one. What outlives them waits for a collection of all
 * objects, which takes much longer. V8 does not see how much native memory its objects hold, so it is asked to collect when much has been
 * allocated. Where the event loop goes round, V8 collects all objects in parts, and timers need not wait for it; in a loop that
 * awaits nothing all at once, and what is found is then freed at once on Node.js 20 and 22, on later versions when JavaScript next comes
 * to rest, between two turns of the event loop: there not within such a loop.
 */
export class NativeMemory<Held extends object> {
  private readonly free: (held: Held) => void;
  private readonly holders: FinalizationRegistry<number>;
  /**
   * What the holders hold that are known to the registry, by numbers: V8 keeps what a registry has to give until it collects all objects, also
   * after that was forgotten.
   */
  private readonly numbered = new Map<number, Held>();
  private lastNumber = 0;
  private readonly young = new YoungHolders<Held>();
  /** Tells of collections that others have asked for, or nobody: they find young holders, too. */
  private readonly collections: FinalizationRegistry<undefined>;
  private isTold = false;
  private readonly collectionsSeen = new CollectionsSeen();
  private sinceAsked = 0;
  private readonly watched = new Map<Held, Watched>();
  private readonly bytesPerCollection: number;
  private readonly pace: { readonly all: Pace; readonly young: Pace };
  private collector: Collector | undefined;
  private sweep: Sweep | undefined;
  private sinceCollection = 0;
  private sinceLook = 0;
  private held = 0;
  private isReplacing = false;
  private readonly now: () => number;
  private readonly turns: () => number;
  /** Until when no collection of all objects begins that is done in parts: what one of young objects has taken is enough for a turn of the event loop. */
  private youngUntil = -Infinity;
  /** The turn of the event loop in which V8 was last asked for a collection of all objects. */
  private turnOfLast: number | undefined;
  /** What was new since it began with one that is not over, as far as is known. */
  private sinceBegun: number | undefined;

  constructor({ free, bytesPerCollection, collector, now, turns }: NativeMemoryOptions<Held>) {
    keepTelling();
    this.free = free;
    this.bytesPerCollection = bytesPerCollection ?? BYTES_PER_COLLECTION;
    this.collector = collector;
    this.turns = turns ?? turnsTaken;
    this.now = now ?? processorMilliseconds;
    this.pace = { all: new Pace(this.now, SHARE_OF_ALL), young: new Pace(this.now, SHARE_OF_YOUNG) };
    this.holders = new FinalizationRegistry((number) => this.freeNumbered(number));
    this.collections = new FinalizationRegistry(() => {
      this.isTold = false;
      this.sinceBegun = undefined;
      this.look();
    });
  }

  /** How many bytes are watched. */
  get bytes(): number {
    return this.held;
  }

  /**
   * Frees `held`, which has so many bytes, once `holder` is gone. No two are watched under one `held`, at any time.
   *
   * With bytes, it is to be called when nothing is at work: what is forgotten may be freed before it returns.
   */
  watch(holder: object, held: Held, bytes: number): void {
    const young = this.young.size < MAX_YOUNG ? this.young.add(holder, held) : undefined;
    this.sinceAsked++;
    if (young !== undefined) this.tellOfCollections();
    const number = young === undefined ? this.register(holder, held) : 0;
    this.watched.set(held, { bytes: 0, young, number, looks: 0 });
    this.grow(held, bytes);
    if (bytes > 0 && !this.isReplacing) this.collectIfWorthIt();
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
      this.collectIfWorthIt();
    }
  }

  /** Says that what is watched has got so many bytes more. Frees nothing. */
  grow(held: Held, bytes: number): void {
    const watched = this.watched.get(held);
    if (watched === undefined || bytes === 0) return;
    watched.bytes += bytes;
    this.held += bytes;
    this.sinceCollection += bytes;
    if (watched.young !== undefined) this.sinceLook += bytes;
  }

  /** Says that `held` was freed by hand, or is someone else's now, and by whom it was held, if that is known. Whether it was watched. */
  forget(held: Held, holder?: object): boolean {
    const watched = this.watched.get(held);
    if (watched === undefined) return false;
    const { bytes, young, number, looks } = watched;
    this.watched.delete(held);
    if (young === undefined) {
      this.numbered.delete(number);
      // V8's collections of young objects take what a registry knows for reached: all that a tidy frees would grow old.
      this.holders.unregister(held);
    } else if (holder === undefined) this.young.delete(young);
    else this.young.release(holder);
    this.held -= bytes;
    // Who frees by hand needs no collections.
    this.sinceCollection = Math.max(0, this.sinceCollection - bytes);
    if (young !== undefined && looks === 0) this.sinceLook = Math.max(0, this.sinceLook - bytes);
    return true;
  }

  private register(holder: object, held: Held): number {
    const number = ++this.lastNumber;
    this.numbered.set(number, held);
    this.holders.register(holder, number, held);
    return number;
  }

  private freeNumbered(number: number): void {
    const held = this.numbered.get(number);
    if (held !== undefined) this.freeForgotten(held);
  }

  private freeForgotten(held: Held): void {
    if (this.forget(held)) this.free(held);
  }

  private tellOfCollections(): void {
    if (this.isTold) return;
    this.isTold = true;
    this.collections.register({}, undefined);
  }

  private collectIfWorthIt(): void {
    const { bytesPerCollection, pace } = this;
    if (this.sinceAsked >= HOLDERS_PER_LOOK) {
      this.sinceAsked = 0;
      if (this.collectionsSeen.isNew()) this.look();
    }
    if (this.sinceCollection < bytesPerCollection) return;
    const isOverdue = this.sinceCollection >= MAX_DELAY * bytesPerCollection;
    if (this.sinceLook >= bytesPerCollection / 2) {
      if (pace.young.isDue) this.collectYoung();
      else if (!isOverdue) return;
    }
    // Of what young objects have held, it may be enough.
    if (this.sinceCollection < bytesPerCollection) return;
    if (isOverdue || (pace.all.isDue && !(this.isInParts && this.now() < this.youngUntil))) this.collectAll();
  }

  /** Whether the event loop has gone round since the last collection of all objects, so that the next may be done in parts. */
  private get isInParts(): boolean {
    return this.collectorInUse().inParts !== undefined && this.turns() !== this.turnOfLast;
  }

  private collectorInUse(): Collector {
    if (this.collector === undefined) {
      this.collector = findCollector();
      this.sweep = findSweep();
    }
    return this.collector;
  }

  private collectYoung(): void {
    this.pace.young.run(this.collectorInUse().young);
    this.look();
    this.youngUntil = this.now() + BETWEEN;
  }

  private collectAll(): void {
    const { isInParts, sinceCollection: fresh } = this;
    this.turnOfLast = this.turns();
    this.sinceCollection = 0;
    if (isInParts && this.collectInParts(fresh)) return;
    this.sinceBegun = undefined;
    this.pace.all.run(this.collectorInUse().all);
    // To free what was found takes as long as to free it by hand.
    this.sweep?.(this.holders);
    this.look();
  }

  /** Has V8 collect in parts, or do more of that; false if that cannot be, or if too much is new since that was begun. */
  private collectInParts(fresh: number): boolean {
    const { inParts } = this.collectorInUse();
    const sinceBegun = this.sinceBegun === undefined ? 0 : this.sinceBegun + fresh;
    if (inParts === undefined || sinceBegun >= MAX_DELAY * this.bytesPerCollection) return false;
    try {
      inParts();
    } catch {
      return false;
    }
    this.sinceBegun = sinceBegun;
    this.tellOfCollections();
    this.pace.all.expect(expectedMilliseconds());
    return true;
  }

  /** Frees what young holders have held that are gone. */
  private look(): void {
    this.sinceLook = 0;
    if (this.young.size === 0) return;
    const found = this.young.look();
    for (const held of found?.gone ?? []) this.freeForgotten(held);
    for (const { holder, held } of found?.reached ?? []) this.age(holder, held);
    if (this.young.size > 0) this.tellOfCollections();
  }

  private age(holder: object, held: Held): void {
    const watched = this.watched.get(held);
    if (watched?.young === undefined) return;
    watched.looks++;
    if (watched.looks < LOOKS) return;
    this.young.release(holder);
    watched.young = undefined;
    watched.number = this.register(holder, held);
  }
}
