import { WeakNumbers } from './weak-numbers';

/** What was found of those that are watched: what is held by nobody any more, and what by whom. */
export interface Found<Held> {
  readonly gone: Held[];
  readonly reached: { readonly holder: object; readonly held: Held }[];
}

/**
 * Objects that hold something, from which a collection of young objects takes those that nobody reaches: V8 keeps what a
 * `FinalizationRegistry` knows until it collects all, but not the keys of a `WeakMap`.
 */
export class YoungHolders<Held> {
  private readonly numbers = new WeakNumbers();
  private readonly helds = new Map<number, Held>();
  /** Is always reached: unless it is shown, nothing is. */
  private readonly witness = {};

  constructor() {
    this.numbers.add(this.witness);
  }

  get size(): number {
    return this.helds.size;
  }

  /** Watches a holder; by which number, which is undefined if that cannot be. */
  add(holder: object, held: Held): number | undefined {
    const number = this.numbers.add(holder);
    if (number !== undefined) this.helds.set(number, held);
    return number;
  }

  /** Ceases to watch what has a number. */
  delete(number: number): void {
    this.helds.delete(number);
  }

  /** Ceases to watch a holder. */
  release(holder: object): void {
    this.delete(this.numbers.numberOf(holder) ?? 0);
    this.numbers.delete(holder);
  }

  /** Looks who is gone, and ceases to watch them. What is not sure to be gone is taken for reached. */
  look(): Found<Held> | undefined {
    const shown = this.numbers.reached();
    if (shown?.includes(this.witness) !== true) return undefined;
    const reached = new Map<number, object>();
    for (const holder of shown) {
      const number = this.numbers.numberOf(holder) ?? 0; // it is there
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
