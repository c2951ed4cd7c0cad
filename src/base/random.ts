/**
 * The stream of random numbers that everything random in this library draws its seeds from: initial weights, the order
 * of shuffled rows, dropout. The generator is mulberry32, a 32-bit state with good enough statistics for seeds and
 * permutations.
 */
let state = (Math.random() * 2 ** 32) >>> 0;

/** One number of 2³²; JavaScript would raise 2 to the power anew each time. */
const UNIT = 2 ** -32;

/** The next number of the stream: uniform in [0, 1). */
export const nextUniform = (): number => {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = state;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) * UNIT;
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
export const permutation = (n: number): Int32Array => {
  const order = integersBelow(n);
  for (let last = n - 1; last > 0; last--) {
    const other = Math.floor(nextUniform() * (last + 1));
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
