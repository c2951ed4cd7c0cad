import { dropRate, integer, nonNegativeNumber, optional, required, type Check } from '../base/checks';
import { nextSeed } from '../base/random';
import { normal, uniform } from '../ops/random';
import { KerasLayer } from '../tfjs/keras-layer';
import { singleInput, register, type CallOptions } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLayer } from './internal/define-layer';
import { noiseShape } from './internal/noise-shape';
import type { LayerOptions } from './internal/options';

/** A layer that changes its input while training only, by random numbers. */
abstract class Noise<Fields extends { readonly seed: number | null }> extends KerasLayer<Fields> {
  private readonly drawn = nextSeed();

  protected get seed(): number {
    return this.own.seed ?? this.drawn;
  }

  /** What it makes of its input while training. */
  protected abstract disturb(x: Tensor): Tensor;

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const x = singleInput(inputs);
    return options['training'] === true ? tf.tidy(() => this.disturb(x)) : x;
  }
}

interface GaussianNoiseFields {
  readonly stddev: number;
  readonly seed: number | null;
}

/** tfjs draws its numbers in JavaScript, which a compiled step would repeat. */
class GaussianNoise extends Noise<GaussianNoiseFields> {
  static readonly className: string = 'GaussianNoise';

  constructor(args: object) {
    super(args, { stddev: 0, seed: null });
  }

  protected override disturb(x: Tensor): Tensor {
    return tf.add(x, tf.mul(normal(x.shape, this.seed), this.own.stddev));
  }
}
register(GaussianNoise);

interface RateFields {
  readonly rate: number;
  readonly seed: number | null;
}

/** As in GaussianNoise. */
class GaussianDropout extends Noise<RateFields> {
  static readonly className: string = 'GaussianDropout';

  constructor(args: object) {
    super(args, { rate: 0, seed: null });
  }

  protected override disturb(x: Tensor): Tensor {
    const { rate } = this.own;
    return tf.mul(x, tf.add(1, tf.mul(normal(x.shape, this.seed), Math.sqrt(rate / (1 - rate)))));
  }
}
register(GaussianDropout);

interface AlphaDropoutFields extends RateFields {
  readonly noiseShape: readonly (number | null)[] | null;
}

/** What the scaled exponential linear unit makes of a number far below zero. */
const LEAST = -1.6732632423543772 * 1.0507009873554805;

/** As in GaussianNoise. */
class AlphaDropout extends Noise<AlphaDropoutFields> {
  static readonly className: string = 'AlphaDropout';

  constructor(args: object) {
    super(args, { rate: 0, seed: null, noiseShape: null });
  }

  protected override disturb(x: Tensor): Tensor {
    const { rate, noiseShape: mask } = this.own;
    if (rate === 0) return tf.clone(x);
    const shape = mask?.map((size, axis) => size ?? x.shape[axis] ?? 1) ?? x.shape;
    const kept = tf.cast(tf.greaterEqual(uniform(shape, this.seed), rate), 'float32');
    const mixed = tf.add(tf.mul(x, kept), tf.mul(tf.sub(1, kept), LEAST));
    // So that mean 0 and variance 1 stay.
    const scale = ((1 - rate) * (1 + rate * LEAST ** 2)) ** -0.5;
    return tf.add(tf.mul(mixed, scale), -scale * LEAST * rate);
  }
}
register(AlphaDropout);

const seed: Check<number> = integer;

/** Options of {@link layerGaussianNoise}. */
export interface GaussianNoiseOptions extends LayerOptions {
  /** The standard deviation of the noise. */
  stddev: number;
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

/**
 * Adds normal noise while training: `x + stddev · n`. Otherwise it does nothing.
 *
 * In `[batch, …]`, out the same shape. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `stddev` is negative.
 * @example
 * const model = pipe(kerasModelSequential(), layerGaussianNoise({ stddev: 0.1, inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras `layer_gaussian_noise`
 */
export const layerGaussianNoise = defineLayer<GaussianNoiseOptions>(
  'layerGaussianNoise',
  (args: object) => new GaussianNoise(args),
  { baseName: 'gaussian_noise', options: { stddev: required(nonNegativeNumber), seed: optional(seed) } },
);

/** Options of {@link layerGaussianDropout}. */
export interface GaussianDropoutOptions extends LayerOptions {
  /** As the rate of a dropout: the noise has the deviation `√(rate / (1 − rate))`; at least 0 and below 1. */
  rate: number;
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

/**
 * Multiplies by normal noise around 1 while training: `x · (1 + √(rate / (1 − rate)) · n)`. Otherwise it does nothing.
 *
 * In `[batch, …]`, out the same shape. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential(), layerGaussianDropout({ rate: 0.3, inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras `layer_gaussian_dropout`; Srivastava et al. 2014
 */
export const layerGaussianDropout = defineLayer<GaussianDropoutOptions>(
  'layerGaussianDropout',
  (args: object) => new GaussianDropout(args),
  { baseName: 'gaussian_dropout', options: { rate: required(dropRate), seed: optional(seed) } },
);

/** Options of {@link layerAlphaDropout}. */
export interface AlphaDropoutOptions extends LayerOptions {
  /** The fraction of the inputs to drop: at least 0 and below 1. */
  rate: number;
  /** The shape of the mask, batch axis included; where it is 1, the values along the axis are dropped together. */
  noiseShape?: readonly (number | null)[] | undefined;
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

/**
 * Dropout that keeps mean and variance of the inputs, for networks of scaled exponential linear units: while training, a fraction of
 * the inputs is set to what that unit puts out far below zero, and all are scaled and shifted. Otherwise it does nothing.
 *
 * In `[batch, …]`, out the same shape. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential(), layerAlphaDropout({ rate: 0.1, inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras `layer_alpha_dropout`; Klambauer et al. 2017
 */
export const layerAlphaDropout = defineLayer<AlphaDropoutOptions>(
  'layerAlphaDropout',
  (args: object) => new AlphaDropout(args),
  {
    baseName: 'alpha_dropout',
    options: { rate: required(dropRate), noiseShape: optional(noiseShape), seed: optional(seed) },
  },
);
