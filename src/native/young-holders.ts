import { inspect } from 'node:util';

/** Who has been shown so far, while someone looks. */
let shown: object[] | undefined;

/** How a holder is shown: also as a part of what a program prints, where it is an object like any other. */
function show(this: object): string | object {
  if (shown === undefined) return {};
  shown.push(this);
  return '';
}

const SHOWN = { value: show, enumerable: false, configurable: true, writable: true };

/** What a table shows between a key and its value. */
const ARROW = ' => ';

const OPTIONS = {
  ...{ showHidden: true, customInspect: true, showProxy: false, getters: false },
  ...{ depth: 0, maxArrayLength: null, breakLength: Infinity, colors: false, sorted: false },
};

/** The keys of a table; undefined if they cannot be had, all of them. */
const keysOf = (table: WeakMap<object, number>): readonly object[] | undefined => {
  const keys: object[] = [];
  shown = keys;
  try {
    const text = inspect(table, OPTIONS);
    // Where the stack ends, the text does, too, and without an error.
    return text.split(ARROW).length === keys.length + 1 ? keys : undefined;
  } finally {
    shown = undefined;
  }
};

/** What was found of those that are watched: what is held by nobody any more, and what by whom. */
export interface Found<Held> {
  readonly gone: Held[];
  readonly reached: { readonly holder: object; readonly held: Held }[];
}

/**
 * Objects that hold something, from which a collection of young objects takes those that nobody reaches: V8 keeps what a
 * `FinalizationRegistry` knows until it collects all, but not the keys of a `WeakMap`, which `util.inspect` shows.
 *
 * A holder gets a property that tells how it is shown.
 */
export class YoungHolders<Held> {
  private readonly numbers = new WeakMap<object, number>();
  private readonly helds = new Map<number, Held>();
  /** Is always reached: unless it is shown, nothing is. */
  private readonly witness = {};
  private last = 0;

  constructor() {
    this.enter(this.witness);
  }

  private enter(holder: object): number {
    Object.defineProperty(holder, inspect.custom, SHOWN);
    this.last++;
    this.numbers.set(holder, this.last);
    return this.last;
  }

  get size(): number {
    return this.helds.size;
  }

  /** Watches a holder; by which number, which is undefined if that cannot be. */
  add(holder: object, held: Held): number | undefined {
    if (!Object.isExtensible(holder) || this.numbers.has(holder)) return undefined;
    const number = this.enter(holder);
    this.helds.set(number, held);
    return number;
  }

  /** Ceases to watch what has a number. */
  delete(number: number): void {
    this.helds.delete(number);
  }

  /** Ceases to watch a holder. */
  release(holder: object): void {
    this.delete(this.numbers.get(holder) ?? 0);
    this.numbers.delete(holder);
  }

  /** Looks who is gone, and ceases to watch them. What is not sure to be gone is taken for reached. */
  look(): Found<Held> | undefined {
    const keys = keysOf(this.numbers);
    if (keys?.includes(this.witness) !== true) return undefined;
    const reached = new Map<number, object>();
    for (const holder of keys) {
      const number = this.numbers.get(holder) ?? 0; // it is there
      if (this.helds.has(number)) reached.set(number, holder);
      else if (holder !== this.witness) this.numbers.delete(holder);
    }
    const found: Found<Held> = { gone: [], reached: [] };
    for (const [number, held] of this.helds) {
      const holder = reached.get(number);
      if (holder === undefined) {
        this.helds.delete(number);
        found.gone.push(held);
      } else found.reached.push({ holder, held });
    }
    return found;
  }
}
