/** What this machine can do at best, measured with TensorFlow. */
import { tf, type Tensor } from '../src/index';

/** A machine's limits. */
export interface Limits {
  /** Floating-point operations a second in products of matrices. */
  readonly flops: number;
  /** Bytes a second, read and written, of an operation whose data is not in the cache. */
  readonly bytes: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
};

/** The median of seconds that an operation takes, after a warm-up. It is done when tfjs-node returns its result. */
const secondsOf = (run: (turn: number) => Tensor, warmUp: number, turns: number): number => {
  const seconds = Array.from({ length: warmUp + turns }, (_, turn) => {
    const begun = performance.now();
    const result = run(turn);
    const ended = performance.now();
    result.dispose();
    return (ended - begun) / 1000;
  });
  return median(seconds.slice(warmUp));
};

const productsPerSecond = (): number => {
  const size = 1024;
  const [a, b] = [tf.ones([size, size]), tf.ones([size, size])];
  const seconds = secondsOf(() => tf.matMul(a, b), 10, 31);
  tf.dispose([a, b]);
  return (2 * size ** 3) / seconds;
};

/**
 * Four tensors of 24 MB in turn: together more than caches hold. One tensor of 64 MB would not do: C's `malloc` gets
 * results of more than 32 MB from the system each time, and page faults would be most of what is measured.
 */
const bytesPerSecond = (): number => {
  const length = 6_000_000;
  const tensors = Array.from({ length: 4 }, () => tf.ones([length]));
  const seconds = secondsOf((turn) => tf.neg(tensors[turn % 4] as Tensor), 20, 61); // there are four
  tf.dispose(tensors);
  return (2 * 4 * length) / seconds;
};

export const measureLimits = (): Limits => ({ flops: productsPerSecond(), bytes: bytesPerSecond() });
