import { oneOf, optional, positiveNumber, type Check } from '../base/checks';
import { camelCase } from '../base/registry';
import { sizeOf } from '../base/shapes';
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

/** The standard deviation of a standard normal cut at two standard deviations. */
const TRUNCATED_STANDARD_DEVIATION = 0.87962566103423978;

/** How many inputs and outputs weights of a shape connect: those of a kernel, window and all. */
const fans = (shape: readonly number[]): { fanIn: number; fanOut: number } => {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * (shape.at(-2) ?? 1), fanOut: field * (shape.at(-1) ?? 1) };
};

type Mode = 'fanIn' | 'fanOut' | 'fanAvg';
type Distribution = 'normal' | 'truncatedNormal' | 'untruncatedNormal' | 'uniform';

/** The configuration of {@link VarianceScaling}, in tfjs's spelling; 'normal' is the truncated one. */
interface VarianceScalingConfig {
  readonly scale?: number;
  readonly mode?: Mode;
  readonly distribution?: Distribution;
  readonly seed?: number | null;
}

/**
 * tfjs's own forgets that cutting a normal makes its spread smaller, and takes a truncated normal for a uniform
 * distribution.
 */
class VarianceScaling extends InitializerBase {
  static readonly className: string = 'VarianceScaling';

  constructor(private readonly config: VarianceScalingConfig) {
    super();
  }

  override apply(shape: number[]): Tensor {
    const { scale = 1, mode = 'fanIn', distribution = 'normal' } = this.config;
    const seed = tfjsSeed(this.config.seed);
    const { fanIn, fanOut } = fans(shape);
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
    const deviation = Math.sqrt(scale / Math.max(1, fan));
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3) * deviation;
      return tf.randomUniform(shape, -limit, limit, 'float32', seed);
    }
    if (distribution === 'untruncatedNormal') return tf.randomNormal(shape, 0, deviation, 'float32', seed);
    return tf.truncatedNormal(shape, 0, deviation / TRUNCATED_STANDARD_DEVIATION, 'float32', seed);
  }

  override getConfig(): InitializerConfig {
    const { scale = 1, mode = 'fanIn', distribution = 'normal', seed = null } = this.config;
    return { scale, mode, distribution, seed };
  }
}
register(VarianceScaling);

/** Options of {@link initializerVarianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** The factor of the variance, above 0. Default 1. */
  readonly scale?: number | undefined;
  /** What the variance is divided by: the number of inputs, of outputs, or the mean of both. Default 'fan_in'. */
  readonly mode?: 'fan_in' | 'fan_out' | 'fan_avg' | Mode | undefined;
  /** 'normal', the default, is cut at two standard deviations, as 'truncated_normal' is. */
  readonly distribution?:
    'normal' | 'truncated_normal' | 'untruncated_normal' | 'uniform' | Distribution | undefined;
}

/** One of tfjs's names, which may be given in Keras's spelling. */
const eitherSpelling =
  <Keras extends string, Tfjs extends string>(keras: readonly Keras[], tfjs: readonly Tfjs[]): Check<Tfjs> =>
  (value, place) => {
    const spelt = typeof value === 'string' ? camelCase(value) : value;
    return tfjs.find((name) => name === spelt) ?? (oneOf(...keras)(value, place) as never); // it throws
  };

const mode = eitherSpelling(['fan_in', 'fan_out', 'fan_avg'], ['fanIn', 'fanOut', 'fanAvg']);
const distribution = eitherSpelling(
  ['normal', 'truncated_normal', 'untruncated_normal', 'uniform'],
  ['normal', 'truncatedNormal', 'untruncatedNormal', 'uniform'],
);

/**
 * Random numbers of mean 0 and variance `scale / n`, where `n` is the number of inputs or outputs of a unit.
 *
 * The spread is that after the cut at two standard deviations, where there is one: the normal is divided by 0.8796 before.
 * Uniform numbers lie between `±√(3 · scale / n)`.
 *
 * @throws KerasArgumentError if an option is unknown, or `scale` not above 0.
 * @example
 * const weights = initializerVarianceScaling({ scale: 3, distribution: 'uniform' }).apply([9, 4])
 * assert.ok(weights.dataSync().every((weight) => Math.abs(weight) <= 1))
 * @see R keras `initializer_variance_scaling`
 */
export const initializerVarianceScaling = defineInitializer<VarianceScalingOptions>()(
  'initializerVarianceScaling',
  ['variance_scaling'],
  {
    scale: optional(positiveNumber, 1),
    mode: optional(mode, 'fanIn'),
    distribution: optional(distribution, 'normal'),
    ...seedCheck,
  },
  (options) => new VarianceScaling({ ...options, seed: seedOf(options) }),
);

const scaled =
  (scale: number, mode: Mode, distribution: Distribution) =>
  (options: { readonly seed?: number }): VarianceScaling =>
    new VarianceScaling({ scale, mode, distribution, seed: seedOf(options) });

/**
 * Uniform numbers between `±√(6 / (inputs + outputs))`: the default of most layers' kernels.
 *
 * @throws KerasArgumentError if `seed` is no integer.
 * @example
 * const weights = initializerGlorotUniform({ seed: 1 }).apply([3, 3])
 * assert.deepStrictEqual(initializerGlorotUniform(1).apply([3, 3]).arraySync(), weights.arraySync())
 * @see R keras `initializer_glorot_uniform`; Glorot and Bengio 2010
 */
export const initializerGlorotUniform = defineInitializer<SeedOptions>()(
  'initializerGlorotUniform',
  ['glorot_uniform'],
  seedCheck,
  scaled(1, 'fanAvg', 'uniform'),
);

/**
 * Normal numbers of standard deviation `√(2 / (inputs + outputs))`, cut at two standard deviations of the uncut normal.
 *
 * @throws KerasArgumentError if `seed` is no integer.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelInitializer: initializerGlorotNormal() }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras `initializer_glorot_normal`; Glorot and Bengio 2010
 */
export const initializerGlorotNormal = defineInitializer<SeedOptions>()(
  'initializerGlorotNormal',
  ['glorot_normal'],
  seedCheck,
  scaled(1, 'fanAvg', 'normal'),
);

/**
 * Uniform numbers between `±√(6 / inputs)`, for layers before a ReLU.
 *
 * @throws KerasArgumentError if `seed` is no integer.
 * @example
 * const weights = initializerHeUniform().apply([6, 2])
 * assert.ok(weights.dataSync().every((weight) => Math.abs(weight) <= 1))
 * @see R keras `initializer_he_uniform`; He et al. 2015
 */
export const initializerHeUniform = defineInitializer<SeedOptions>()(
  'initializerHeUniform',
  ['he_uniform'],
  seedCheck,
  scaled(2, 'fanIn', 'uniform'),
);

/**
 * Normal numbers of standard deviation `√(2 / inputs)`, cut at two standard deviations of the uncut normal, for layers
 * before a ReLU.
 *
 * @throws KerasArgumentError if `seed` is no integer.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelInitializer: initializerHeNormal() }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras `initializer_he_normal`; He et al. 2015
 */
export const initializerHeNormal = defineInitializer<SeedOptions>()(
  'initializerHeNormal',
  ['he_normal'],
  seedCheck,
  scaled(2, 'fanIn', 'normal'),
);

/**
 * Uniform numbers between `±√(3 / inputs)`.
 *
 * @throws KerasArgumentError if `seed` is no integer.
 * @example
 * const weights = initializerLecunUniform().apply([3, 2])
 * assert.ok(weights.dataSync().every((weight) => Math.abs(weight) <= 1))
 * @see R keras `initializer_lecun_uniform`; LeCun et al. 1998
 */
export const initializerLecunUniform = defineInitializer<SeedOptions>()(
  'initializerLecunUniform',
  ['lecun_uniform', 'leCunUniform'],
  seedCheck,
  scaled(1, 'fanIn', 'uniform'),
);

/**
 * Normal numbers of standard deviation `√(1 / inputs)`, cut at two standard deviations of the uncut normal, for layers
 * before a SELU.
 *
 * @throws KerasArgumentError if `seed` is no integer.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], kernelInitializer: initializerLecunNormal() }))
 * assert.strictEqual(countParams(model), 8)
 * @see R keras `initializer_lecun_normal`; LeCun et al. 1998
 */
export const initializerLecunNormal = defineInitializer<SeedOptions>()(
  'initializerLecunNormal',
  ['lecun_normal', 'leCunNormal'],
  seedCheck,
  scaled(1, 'fanIn', 'normal'),
);
