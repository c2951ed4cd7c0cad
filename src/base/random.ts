/** A stream of random numbers, uniform in [0, 1). */
export type RandomStream = () => number;

/** One number of 2³²; JavaScript would raise 2 to the power anew each time. */
const UNIT = 2 ** -32;

const INCREMENT = 0x6d2b79f5;

/** A state of mulberry32, a generator of 32 bits with good enough statistics for seeds and permutations, as a number. */
const uniformOf = (state: number): number => {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) * UNIT;
};

/** A stream of its own, which begins at a place, tells where it is, and can be put anywhere. */
export class PlacedStream {
  constructor(public place: number) {}

  readonly next: RandomStream = () => {
    this.place = (this.place + INCREMENT) >>> 0;
    return uniformOf(this.place);
  };
}

/**
 * The stream of random numbers that everything random in this library draws its seeds from: initial weights, the order
 * of shuffled rows, dropout.
 */
let state = (Math.random() * 2 ** 32) >>> 0;

/** The next number of the stream: uniform in [0, 1). */
export const nextUniform: RandomStream = () => {
  state = (state + INCREMENT) >>> 0;
  return uniformOf(state);
};

/** A seed for one initializer, layer or run: a positive 31-bit integer. */
export const nextSeed = (): number => 1 + Math.floor(nextUniform() * (2 ** 31 - 2));

/** The integers 0 … n−1. `Int32Array.from` takes several times as long. */
export const integersBelow = (n: number): Int32Array => {
  const integers = new Int32Array(n);
  for (let index = 0; index < n; index++) integers[index] = index;
  return integers;
};

/** The integers 0 … n−1 in random order (Fisher–Yates). */
export const permutation = (n: number, next: RandomStream = nextUniform): Int32Array => {
  const order = integersBelow(n);
  for (let last = n - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    const kept = order[last] as number; // `last` and `other` are below n
    order[last] = order[other] as number;
    order[other] = kept;
  }
  return order;
};

/** Begins the stream at a place. */
export const restartStream = (seed: number): void => {
  state = seed;
};

/** Where the stream is. */
export const placeOfStream = (): number => state;
