import v8 from 'node:v8';
import vm from 'node:vm';

/** Makes V8 collect what is not reached. */
export type Collect = () => void;

/** V8's collections: of all objects, and of young ones only, which takes much less. */
export interface Collector {
  readonly all: Collect;
  readonly young: Collect;
  /**
   * Of all objects, too, but in parts, most of them on other threads, while the program goes on: begins one, or does some more of it. It ends
   * in a turn of the event loop. Absent where that cannot be.
   */
  readonly inParts?: Collect;
}

const nothing = (): void => undefined;

/** From so many bytes of new arrays on, V8 begins to look for what is not reached, whether or not it needs memory itself. */
const ARRAY_BYTES = 2 ** 26 + 1;

/** An array that nobody writes to takes none of the machine's memory. */
const beginInParts = (): unknown => new ArrayBuffer(ARRAY_BYTES);

export const findCollector = (): Collector => {
  try {
    v8.setFlagsFromString('--expose-gc');
    // Only contexts that are made now have the function; the caller's, and Jest's, need not.
    const collect = vm.runInNewContext('gc') as (options?: object) => void;
    return {
      // Without options: with them, V8 11 does not look for what finalizers wait for. Nor do its collections of young objects.
      all: () => collect(),
      young: () => collect({ type: 'minor' }),
      inParts: beginInParts,
    };
  } catch {
    return { all: nothing, young: nothing };
  } finally {
    v8.setFlagsFromString('--no-expose-gc');
  }
};

/** Frees at once what a collection found, on engines that can. */
export type Sweep = (registry: object) => void;

/** The newest V8 that has the function below: that of Node.js 22. A later one may complain of the flag on standard error. */
const NEWEST_WITH_CLEANUP = [12, 4] as const;

export const findSweep = (): Sweep | undefined => {
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

/** The quickest of so many says how long one takes: what else the machine does makes single ones slower. */
const COSTS = 3;

/** Keeps something that is done now and then to a share of the program's time. */
export class Pace {
  /** Until when, by the clock, it is not to be done. */
  private notBefore = 0;
  /** How long the last ones took. */
  private costs: readonly number[] = [];

  constructor(
    private readonly now: () => number,
    private readonly share: number,
  ) {}

  get isDue(): boolean {
    return this.now() >= this.notBefore;
  }

  /** Does it, whether or not it is due. */
  run(work: () => void): void {
    const begun = this.now();
    work();
    const ended = this.now();
    this.costs = [...this.costs, ended - begun].slice(-COSTS);
    this.wait(ended, Math.min(...this.costs));
  }

  /** Says that it has begun, and goes on beside the program: it is expected to take so long. */
  expect(cost: number): void {
    this.wait(this.now(), cost);
  }

  private wait(from: number, cost: number): void {
    this.notBefore = from + cost * (1 / this.share - 1);
  }
}
