import { anyNumber, nonNegativeNumber, optional } from '../base/checks';
import { describeShape, KerasShapeError } from '../base/errors';
import { sizeOf } from '../base/shapes';
import { native } from '../ops/native';
import { InitializerBase, register } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import {
  defineInitializer,
  seedCheck,
  seedOf,
  tfjsSeed,
  type InitializerConfig,
  type SeedOptions,
} from './define-initializer';

/** Options of {@link initializerRandomUniform}. */
export interface RandomUniformOptions extends SeedOptions {
  /** Where the numbers begin. Default −0.05. */
  readonly minval?: number | undefined;
  /** Where the numbers end. Default 0.05. */
  readonly maxval?: number | undefined;
}

interface UniformConfig {
  readonly minval?: number;
  readonly maxval?: number;
  readonly seed?: number | null;
}

/** tfjs's own takes a 0 for a number that is not given. */
class RandomUniform extends InitializerBase {
  static readonly className: string = 'RandomUniform';

  constructor(private readonly config: UniformConfig) {
    super();
  }

  override apply(shape: number[]): Tensor {
    const { minval = -0.05, maxval = 0.05, seed } = this.config;
    return tf.randomUniform(shape, minval, maxval, 'float32', tfjsSeed(seed));
  }

  override getConfig(): InitializerConfig {
    const { minval = -0.05, maxval = 0.05, seed = null } = this.config;
    return { minval, maxval, seed };
  }
}
register(RandomUniform);

/**
 * Random numbers, all from `minval` to `maxval` equally likely.
 *
 * @throws KerasArgumentError if an option is unknown or no number.
 * @example
 * const [weight = NaN] = initializerRandomUniform({ minval: 1, maxval: 2 }).apply([1]).dataSync()
 * assert.ok(weight >= 1 && weight <= 2)
 * @see R keras `initializer_random_uniform`
 */
export const initializerRandomUniform = defineInitializer<RandomUniformOptions>()(
  'initializerRandomUniform',
  ['random_uniform', 'uniform'],
  { minval: optional(anyNumber, -0.05), maxval: optional(anyNumber, 0.05), ...seedCheck },
  (options) => new RandomUniform({ ...options, seed: seedOf(options) }),
);

/** Options of {@link initializerRandomNormal} and {@link initializerTruncatedNormal}. */
export interface RandomNormalOptions extends SeedOptions {
  /** The mean. Default 0. */
  readonly mean?: number | undefined;
  /** The standard deviation, of 0 or more; before the cut, if there is one. Default 0.05. */
  readonly stddev?: number | undefined;
}

interface NormalConfig {
  readonly mean?: number;
  readonly stddev?: number;
  readonly seed?: number | null;
}

/** tfjs's own takes a 0 for a number that is not given. */
class RandomNormal extends InitializerBase {
  static readonly className: string = 'RandomNormal';

  constructor(protected readonly config: NormalConfig) {
    super();
  }

  override apply(shape: number[]): Tensor {
    const { mean = 0, stddev = 0.05, seed } = this.config;
    return tf.randomNormal(shape, mean, stddev, 'float32', tfjsSeed(seed));
  }

  override getConfig(): InitializerConfig {
    const { mean = 0, stddev = 0.05, seed = null } = this.config;
    return { mean, stddev, seed };
  }
}
register(RandomNormal);

/** As {@link RandomNormal}, cut. */
class TruncatedNormal extends RandomNormal {
  static override readonly className: string = 'TruncatedNormal';

  override apply(shape: number[]): Tensor {
    const { mean = 0, stddev = 0.05, seed } = this.config;
    return tf.truncatedNormal(shape, mean, stddev, 'float32', tfjsSeed(seed));
  }
}
register(TruncatedNormal);

const normalChecks = {
  mean: optional(anyNumber, 0),
  stddev: optional(nonNegativeNumber, 0.05),
  ...seedCheck,
};

/**
 * Normally distributed random numbers.
 *
 * @throws KerasArgumentError if an option is unknown, or `stddev` negative.
 * @example
 * const weights = initializerRandomNormal({ mean: 3, stddev: 0 }).apply([2])
 * assert.deepStrictEqual(weights.arraySync(), [3, 3])
 * @see R keras `initializer_random_normal`
 */
export const initializerRandomNormal = defineInitializer<RandomNormalOptions>()(
  'initializerRandomNormal',
  ['random_normal', 'normal'],
  normalChecks,
  (options) => new RandomNormal({ ...options, seed: seedOf(options) }),
);

/**
 * Normally distributed random numbers; those further than two standard deviations from the mean are drawn again.
 *
 * @throws KerasArgumentError if an option is unknown, or `stddev` negative.
 * @example
 * const weights = initializerTruncatedNormal({ stddev: 1 }).apply([100])
 * assert.ok(weights.dataSync().every((weight) => Math.abs(weight) <= 2))
 * @see R keras `initializer_truncated_normal`
 */
export const initializerTruncatedNormal = defineInitializer<RandomNormalOptions>()(
  'initializerTruncatedNormal',
  ['truncated_normal'],
  normalChecks,
  (options) => new TruncatedNormal({ ...options, seed: seedOf(options) }),
);

/** Options of {@link initializerOrthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** What the matrix is multiplied by. Default 1. */
  readonly gain?: number | undefined;
}

interface OrthogonalConfig {
  readonly gain?: number;
  readonly seed?: number | null;
}

/**
 * By TensorFlow's own QR decomposition of normal numbers. tfjs's runs in JavaScript and takes seconds for the sizes of
 * recurrent layers.
 */
class Orthogonal extends InitializerBase {
  static readonly className: string = 'Orthogonal';

  constructor(private readonly config: OrthogonalConfig) {
    super();
  }

  override apply(shape: number[]): Tensor {
    if (shape.length < 2) {
      throw new KerasShapeError({
        function: 'initializerOrthogonal',
        argument: 'shape',
        expected: 'the weights must have two dimensions at least, to be an orthogonal matrix',
        received: `weights of shape ${describeShape(shape)}`,
        advice: "Give the layer another initializer, for example 'random_normal'",
      });
    }
    return tf.tidy(() => {
      const { gain = 1, seed } = this.config;
      const columns = shape.at(-1) ?? 1;
      const rows = sizeOf(shape.slice(0, -1));
      const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
      const tall = tf.randomNormal([long, short], 0, 1, 'float32', tfjsSeed(seed));
      const [q, r] = native.qr(tall);
      // The signs of R's diagonal make the distribution uniform over the orthogonal matrices.
      const diagonal = tf.sum(tf.mul(r, tf.eye(short)), 0);
      const signed = tf.mul(q, tf.sign(diagonal));
      const square = rows < columns ? tf.transpose(signed) : signed;
      return tf.mul(gain, tf.reshape(square, shape));
    });
  }

  override getConfig(): InitializerConfig {
    const { gain = 1, seed = null } = this.config;
    return { gain, seed };
  }
}
register(Orthogonal);

/**
 * A random orthogonal matrix times `gain`: its rows or its columns, whichever are fewer, have length `gain` and stand at
 * right angles.
 *
 * Weights of more than two dimensions are made as the matrix whose columns are along the last axis.
 *
 * @throws KerasArgumentError if an option is unknown or no number.
 * @throws KerasShapeError when it is used, for weights of less than two dimensions.
 * @example
 * const matrix = initializerOrthogonal().apply([3, 3])
 * const product = tf.matMul(matrix, matrix, true)
 * const difference = tf.max(tf.abs(tf.sub(product, tf.eye(3)))).dataSync()[0] ?? NaN
 * assert.ok(difference < 1e-5)
 * @see R keras `initializer_orthogonal`; Saxe et al. 2014
 */
export const initializerOrthogonal = defineInitializer<OrthogonalOptions>()(
  'initializerOrthogonal',
  ['orthogonal'],
  { gain: optional(anyNumber, 1), ...seedCheck },
  (options) => new Orthogonal({ ...options, seed: seedOf(options) }),
);
