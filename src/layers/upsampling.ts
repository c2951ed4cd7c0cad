import { integersOf, oneOf, optional, positiveInteger } from '../base/checks';
import { INTERPOLATIONS, repeatAlong, stretchAlong, type Interpolation } from '../ops/resample';
import { register, type LayerConfig } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { formatChecks, ResizingLayer, type FormatOption } from './internal/border-options';
import { sizesFor } from './internal/convolution-layer';
import type { DataFormat } from './internal/data-format';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { inputOf, type Sizes2d, type Sizes3d } from './internal/window-options';

interface UpsamplingFields {
  readonly size: readonly number[];
  readonly interpolation: Interpolation;
  readonly dataFormat: DataFormat;
}

abstract class UpSampling extends ResizingLayer<UpsamplingFields> {
  constructor(args: { readonly size?: unknown }, rank: number) {
    super(
      { ...args, size: sizesFor(args.size ?? 2, rank) },
      { size: [], interpolation: 'nearest', dataFormat: 'channelsLast' },
    );
  }

  protected override lengthOf(size: number, axis: number): number {
    return size * (this.own.size[axis] ?? 1);
  }

  protected override resize(x: Tensor, first: number): Tensor {
    const { size, interpolation } = this.own;
    return tf.tidy(() =>
      size.reduce(
        (all, times, axis) =>
          interpolation === 'nearest'
            ? repeatAlong(all, first + axis, times)
            : stretchAlong(all, first + axis, times, interpolation),
        x,
      ),
    );
  }
}

class UpSampling1D extends UpSampling {
  static readonly className: string = 'UpSampling1D';

  constructor(args: object) {
    super(args, 1);
  }

  override getConfig(): LayerConfig {
    const { interpolation: _i, dataFormat: _f, ...config } = super.getConfig();
    return { ...config, size: this.own.size[0] as number }; // Keras's has one number
  }
}
register(UpSampling1D);

class UpSampling2D extends UpSampling {
  static readonly className: string = 'UpSampling2D';

  constructor(args: object) {
    super(args, 2);
  }
}
register(UpSampling2D);

class UpSampling3D extends UpSampling {
  static readonly className: string = 'UpSampling3D';

  constructor(args: object) {
    super(args, 3);
  }

  override getConfig(): LayerConfig {
    const { interpolation: _i, ...config } = super.getConfig();
    return config;
  }
}
register(UpSampling3D);

/** Options of {@link layerUpsampling1d}. */
export interface Upsampling1dOptions extends LayerOptions {
  /** How many times each step is there; 2 by default. */
  size?: number | readonly [number] | undefined;
}

/**
 * Repeats each step of a sequence.
 *
 * In `[batch, steps, features]`, out `[batch, steps · size, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `size` is no positive integer.
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerUpsampling1d({ size: 3, inputShape: [5, 4] }))
 * assert.deepStrictEqual(outputShape(model), [null, 15, 4])
 * @see R keras `layer_upsampling_1d`
 */
export const layerUpsampling1d = defineOptionalLayer<Upsampling1dOptions>(
  'layerUpsampling1d',
  (args: object) => new UpSampling1D(args),
  { baseName: 'up_sampling1d', options: { size: optional(integersOf(1), 2) }, rank: inputOf(1) },
);

/** Options of {@link layerUpsampling2d}. */
export interface Upsampling2dOptions extends LayerOptions, FormatOption {
  /** How many times as high and as wide images become; 2 by default. */
  size?: Sizes2d | undefined;
  /** How the new pixels are made: 'nearest', each pixel again, by default; 'bilinear', or one of TensorFlow's other ways. */
  interpolation?: Interpolation | undefined;
}

/**
 * Makes images larger by whole factors: by repeating pixels, or by interpolation between them.
 *
 * In `[batch, height, width, channels]`, out `[batch, height · size, width · size, channels]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `size` is no positive integer, nor two, or for an interpolation that there is not.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerUpsampling2d({ size: [2, 3], interpolation: 'bilinear', inputShape: [7, 7, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 14, 21, 3])
 * @see R keras `layer_upsampling_2d`
 */
export const layerUpsampling2d = defineOptionalLayer<Upsampling2dOptions>(
  'layerUpsampling2d',
  (args: object) => new UpSampling2D(args),
  {
    baseName: 'up_sampling2d',
    options: {
      size: optional(integersOf(2, positiveInteger), 2),
      interpolation: optional(oneOf(...INTERPOLATIONS), 'nearest'),
      ...formatChecks,
    },
    rank: inputOf(2),
  },
);

/** Options of {@link layerUpsampling3d}. */
export interface Upsampling3dOptions extends LayerOptions, FormatOption {
  /** How many times as deep, high and wide volumes become; 2 by default. */
  size?: Sizes3d | undefined;
}

/**
 * Makes volumes larger by whole factors, by repeating what there is.
 *
 * In `[batch, depth, height, width, channels]`, out the same with longer axes between batch and channels. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `size` is no positive integer, nor three.
 * @throws KerasShapeError if the input has other than five dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerUpsampling3d({ size: [1, 2, 2], inputShape: [3, 4, 4, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3, 8, 8, 1])
 * @see R keras `layer_upsampling_3d`
 */
export const layerUpsampling3d = defineOptionalLayer<Upsampling3dOptions>(
  'layerUpsampling3d',
  (args: object) => new UpSampling3D(args),
  {
    baseName: 'up_sampling3d',
    options: { size: optional(integersOf(3), 2), ...formatChecks },
    rank: inputOf(3),
  },
);
