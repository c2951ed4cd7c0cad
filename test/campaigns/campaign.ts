/** What a campaign is: many cases, made by chance from a seed, of which each must hold. */
export interface CampaignOptions {
  /** A few cases only, for every commit. */
  readonly quick: boolean;
  /** The same seed makes the same cases. */
  readonly seed: number;
  /** The only one of its parts that is run; all of them, if none is named. */
  readonly part: string | undefined;
  /** Tells how far it is. */
  readonly progress: (text: string) => void;
}

export interface CampaignResult {
  readonly cases: number;
  /** What did not hold, each with what it takes to see it again. */
  readonly problems: readonly string[];
}

export interface Campaign {
  readonly name: string;
  /** What is done and what must hold, in a line. */
  readonly description: string;
  /** The names of its parts, if it can be run in parts. */
  readonly parts?: readonly string[];
  run(options: CampaignOptions): Promise<CampaignResult>;
}

/** Chance that can be had again: the generator mulberry32, a sequence of its own for each case. */
export class Chance {
  #state: number;

  constructor(seed: number, index: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  }

  /** A number from 0, included, to 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to `end` − 1; 0 if there is none. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }
}
