import { describe, KerasArgumentError } from '../base/errors';

const WORDS = 624;
const SHIFT = 397;
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * NumPy's legacy random generator, `numpy.random.RandomState(seed)`: the Mersenne Twister MT19937, seeded and used as
 * NumPy does, so that a shuffle gives NumPy's order. Keras orders its data sets with it.
 *
 * @throws KerasArgumentError if `seed` is no integer from 0 to 4294967295.
 */
export class RandomState {
  readonly #words = new Uint32Array(WORDS);
  #next = WORDS;

  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
      throw new KerasArgumentError({
        function: 'RandomState',
        argument: 'seed',
        expected: `\`seed\` must be an integer from 0 to ${LARGEST_SEED}`,
        received: describe(seed),
        advice: 'Give such a seed; Keras uses 113',
      });
    }
    let word = seed;
    for (let index = 0; index < WORDS; index++) {
      this.#words[index] = word;
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + index + 1) >>> 0;
    }
  }

  /** The next 32 random bits, as an integer from 0 to 4294967295. */
  nextUint32(): number {
    if (this.#next === WORDS) this.#refill();
    let bits = this.#word(this.#next++);
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    bits ^= bits >>> 18;
    return bits >>> 0;
  }

  /** An integer from 0 to `largest`, both included, each equally likely: bits are drawn until they fit. */
  interval(largest: number): number {
    if (largest === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(largest);
    for (;;) {
      const value = (this.nextUint32() & mask) >>> 0;
      if (value <= largest) return value;
    }
  }

  /** A number of 53 bits, uniform in [0, 1), as `random_sample()`. */
  uniform(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A number between two others, as `uniform(low, high)`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** One of a list, as `choice(list)`. */
  choice<T>(list: readonly T[]): T {
    return list[this.interval(list.length - 1)] as T; // the place is one of the list's
  }

  /** Shuffles `items` in place, in NumPy's order, and returns them. */
  shuffle<T extends { [index: number]: unknown; readonly length: number }>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const chosen = this.interval(last);
      const kept = items[last];
      items[last] = items[chosen];
      items[chosen] = kept;
    }
    return items;
  }

  #word(index: number): number {
    return this.#words[index % WORDS] ?? 0;
  }

  #refill(): void {
    for (let index = 0; index < WORDS; index++) {
      const joined = (this.#word(index) & 0x80000000) | (this.#word(index + 1) & 0x7fffffff);
      this.#words[index] = this.#word(index + SHIFT) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
