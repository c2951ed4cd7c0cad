import {
  argumentError,
  checkOptions,
  fraction,
  nonNegativeInteger,
  oneOf,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { checkAllocation } from '../arrays/allocate';
import { targetShape } from '../arrays/target-shape';
import { refuseSurplus } from '../base/function-name';
import { sizeOf } from '../base/shapes';
import { seedOfDraw, uniform } from '../ops/random';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Options of {@link kRandomBernoulli} and {@link kRandomBinomial}. */
export interface KRandomBernoulliOptions {
  /** The shape of what is drawn; a number is a shape of one axis. */
  shape: number | readonly number[];
  /** The probability of a one, from 0 (the default) to 1. */
  p?: number | undefined;
  /** 'float32' by default. */
  dtype?: 'float32' | 'int32' | 'bool' | undefined;
  /** The seed; by default it comes from `setRandomSeed`'s stream, in a training step from the step's. */
  seed?: number | undefined;
}

const knownShape: Check<number[]> = (value, place) => {
  const shape = targetShape(value, place);
  if (!shape.includes(-1)) return shape;
  throw argumentError(place, 'a shape whose sizes are all known', value);
};

const CHECKS = {
  shape: required(knownShape),
  p: optional(fraction, 0),
  dtype: optional(oneOf('float32', 'int32', 'bool')),
  seed: optional(nonNegativeInteger),
} satisfies OptionChecks<KRandomBernoulliOptions>;

const draw = (functionName: string, options: unknown, surplus: readonly unknown[]): Tensor => {
  refuseSurplus(functionName, ['options'], surplus);
  const { shape, p, dtype, seed } = checkOptions(functionName, options, CHECKS);
  const place = { function: functionName, argument: 'shape' };
  checkAllocation(place, sizeOf(shape), `${sizeOf(shape)} numbers`, 'Draw fewer at a time');
  return tf.tidy(() => tf.cast(tf.less(uniform(shape, seed ?? seedOfDraw()), p), dtype ?? 'float32'));
};

/**
 * Ones with the probability `p`, else zeros. Drawn by TensorFlow's generator in the graph: inside a layer or a training step, each step
 * draws anew.
 *
 * Out `shape`, of type `dtype`.
 *
 * @throws KerasArgumentError if `p` is not from 0 to 1, or so many numbers do not fit into memory.
 * @example
 * const coins = kRandomBernoulli({ shape: [2, 3], p: 0.5 })
 * assert.deepStrictEqual(coins.shape, [2, 3])
 * assert.ok(coins.dataSync().every((coin) => coin === 0 || coin === 1))
 * @see R keras `k_random_bernoulli`
 */
export const kRandomBernoulli = (options: KRandomBernoulliOptions, ...surplus: []): Tensor =>
  draw('kRandomBernoulli', options, surplus);

/**
 * The same as {@link kRandomBernoulli}, under the name that it had before.
 *
 * @throws KerasArgumentError if `p` is not from 0 to 1, or so many numbers do not fit into memory.
 * @example
 * assert.deepStrictEqual(kRandomBinomial({ shape: 2, p: 1 }).arraySync(), [1, 1])
 * @see R keras `k_random_binomial`
 */
export const kRandomBinomial = (options: KRandomBernoulliOptions, ...surplus: []): Tensor =>
  draw('kRandomBinomial', options, surplus);
