/** Of the speed that was, how much counts in the speed that is told. */
const SMOOTHING = 0.7;

/** How quickly something goes on, and how long it will take; time in which it was held does not count. */
export class Pace {
  #started: number;
  #held = 0;
  #heldSince: number | undefined;
  /** Where and when the first of it was done: what came before were preparations. */
  #first: { readonly done: number; readonly at: number } | undefined;
  #last: { readonly steps: number; readonly at: number } | undefined;
  #speed: number | null = null;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.#started = now();
  }

  /** The work begins now. */
  start(): void {
    this.#started = this.now();
    this.#held = 0;
  }

  hold(): void {
    this.#heldSince = this.now();
  }

  release(): void {
    if (this.#heldSince !== undefined) this.#held += this.now() - this.#heldSince;
    this.#heldSince = undefined;
    // A speed over a pause would be none.
    this.#last = undefined;
  }

  /** Seconds of work so far. */
  get elapsed(): number {
    const waiting = this.#heldSince === undefined ? 0 : this.now() - this.#heldSince;
    return (this.now() - this.#started - this.#held - waiting) / 1000;
  }

  /** Notes how many steps there were so far, of a part of the work that has nothing but steps. */
  noteSteps(steps: number): void {
    const at = this.elapsed;
    if (this.#last !== undefined && at > this.#last.at) {
      const speed = (steps - this.#last.steps) / (at - this.#last.at);
      this.#speed = this.#speed === null ? speed : SMOOTHING * this.#speed + (1 - SMOOTHING) * speed;
    }
    this.#last = { steps, at };
  }

  /** Something else than steps has come between. */
  breakOff(): void {
    this.#last = undefined;
  }

  get stepsPerSecond(): number | null {
    return this.#speed;
  }

  /** Seconds to come, where so much is done, from 0 to 1; null as long as that cannot be told. */
  left(done: number): number | null {
    const at = this.elapsed;
    if (done > 0) this.#first ??= { done, at };
    const { done: before, at: since } = this.#first ?? { done, at };
    return done > before ? ((at - since) / (done - before)) * (1 - done) : null;
  }
}
