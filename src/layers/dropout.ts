import { tf, type Tensor } from '../tfjs/tensorflow';
import { dropRate, integer, optional, required } from '../base/checks';
import { nextSeed } from '../base/random';
import { classOf, singleInput, register, type CallOptions, type LayerConfig } from '../tfjs/layer-classes';
import { KerasLayer } from '../tfjs/keras-layer';
import { formatChecks, type FormatOption } from './internal/border-options';
import { channelAxisOf, type DataFormat } from './internal/data-format';
import { defineLayer } from './internal/define-layer';
import { noiseShape } from './internal/noise-shape';
import type { LayerOptions } from './internal/options';
import { dropout } from '../ops/random';
import { inputOf } from './internal/window-options';

/** Options of {@link layerDropout}. */
export interface DropoutOptions extends LayerOptions {
  /** The fraction of the inputs to drop: at least 0 and below 1. */
  rate: number;
  /**
   * The shape of the mask, batch axis included; where it is 1, the values along the axis are dropped together, and
   * `null` stands for the input's size.
   */
  noiseShape?: readonly (number | null)[] | undefined;
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

const TfjsDropout = classOf(tf.layers.dropout({ rate: 0.5 }));

/** tfjs draws its masks number by number in JavaScript, from a generator without a seed. */
class Dropout extends TfjsDropout {
  static readonly className: string = 'Dropout';
  private readonly drawSeed: number;
  private readonly fraction: number;
  private readonly mask: readonly (number | null)[] | null | undefined;

  constructor(args: { rate: number; noiseShape?: (number | null)[]; seed?: number }) {
    super(args as never); // `classOf` cannot know the factory's arguments
    this.drawSeed = args.seed ?? nextSeed();
    this.fraction = args.rate;
    this.mask = args.noiseShape;
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const x = singleInput(inputs);
    if (options['training'] !== true || this.fraction === 0) return x;
    const shape = this.mask?.map((size, axis) => size ?? x.shape[axis] ?? 1);
    return dropout(x, this.fraction, this.drawSeed, shape);
  }
}
register(Dropout);

/**
 * Randomly zeroes inputs while training: `x · mask / (1 − rate)`. Otherwise it does nothing.
 *
 * In `[batch, …]`, out the same shape. `rate` is a fraction of the inputs.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [8] }), layerDropout({ rate: 0.5 }))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_dropout`; Srivastava et al. 2014
 */
export const layerDropout = defineLayer<DropoutOptions>(
  'layerDropout',
  (args: ConstructorParameters<typeof Dropout>[0]) => new Dropout(args),
  {
    baseName: 'dropout',
    options: { rate: required(dropRate), noiseShape: optional(noiseShape), seed: optional(integer) },
  },
);

interface SpatialDropoutFields {
  readonly rate: number;
  /** In Keras's configurations, where it is null. */
  readonly noiseShape: null;
  readonly seed: number | null;
  readonly dataFormat: DataFormat;
}

/** Drops whole features or channels. */
abstract class SpatialDropout extends KerasLayer<SpatialDropoutFields> {
  private readonly drawn = nextSeed();

  constructor(args: object) {
    super(args, { rate: 0, noiseShape: null, seed: null, dataFormat: 'channelsLast' });
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const x = singleInput(inputs);
    const { rate, dataFormat } = this.own;
    if (options['training'] !== true || rate === 0) return x;
    const channels = channelAxisOf(dataFormat, x.rank);
    const mask = x.shape.map((size, axis) => (axis === 0 || axis === channels ? size : 1));
    return dropout(x, rate, this.own.seed ?? this.drawn, mask);
  }
}

class SpatialDropout1D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout1D';

  override getConfig(): LayerConfig {
    const { dataFormat: _format, ...config } = super.getConfig(); // Keras's has none
    return config;
  }
}
register(SpatialDropout1D);

class SpatialDropout2D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout2D';
}
register(SpatialDropout2D);

class SpatialDropout3D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout3D';
}
register(SpatialDropout3D);

/** Options of {@link layerSpatialDropout1d}. */
export interface SpatialDropout1dOptions extends LayerOptions {
  /** The fraction of the features to drop: at least 0 and below 1. */
  rate: number;
}

/**
 * Randomly drops whole features of sequences while training: all steps of a feature together. Otherwise it does nothing.
 *
 * In `[batch, steps, features]`, out the same shape; what stays is divided by `1 − rate`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerSpatialDropout1d({ rate: 0.3, inputShape: [10, 8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 10, 8])
 * @see R keras `layer_spatial_dropout_1d`; Tompson et al. 2015
 */
export const layerSpatialDropout1d = defineLayer<SpatialDropout1dOptions>(
  'layerSpatialDropout1d',
  (args: object) => new SpatialDropout1D(args),
  { baseName: 'spatial_dropout1d', options: { rate: required(dropRate) }, rank: inputOf(1) },
);

/** Options of {@link layerSpatialDropout2d}. */
export interface SpatialDropout2dOptions extends SpatialDropout1dOptions, FormatOption {}

/**
 * Randomly drops whole channels of images while training. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, out the same shape; what stays is divided by `1 − rate`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerSpatialDropout2d({ rate: 0.3, inputShape: [8, 8, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8, 8, 4])
 * @see R keras `layer_spatial_dropout_2d`; Tompson et al. 2015
 */
export const layerSpatialDropout2d = defineLayer<SpatialDropout2dOptions>(
  'layerSpatialDropout2d',
  (args: object) => new SpatialDropout2D(args),
  { baseName: 'spatial_dropout2d', options: { rate: required(dropRate), ...formatChecks }, rank: inputOf(2) },
);

/** Options of {@link layerSpatialDropout3d}. */
export interface SpatialDropout3dOptions extends SpatialDropout1dOptions, FormatOption {}

/**
 * Randomly drops whole channels of volumes while training. Otherwise it does nothing.
 *
 * In `[batch, depth, height, width, channels]`, out the same shape; what stays is divided by `1 − rate`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `rate` is not in [0, 1).
 * @throws KerasShapeError if the input has other than five dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerSpatialDropout3d({ rate: 0.3, inputShape: [4, 4, 4, 2] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 4, 4, 2])
 * @see R keras `layer_spatial_dropout_3d`; Tompson et al. 2015
 */
export const layerSpatialDropout3d = defineLayer<SpatialDropout3dOptions>(
  'layerSpatialDropout3d',
  (args: object) => new SpatialDropout3D(args),
  { baseName: 'spatial_dropout3d', options: { rate: required(dropRate), ...formatChecks }, rank: inputOf(3) },
);
