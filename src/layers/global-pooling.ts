import { boolean, optional } from '../base/checks';
import { maxAlong } from '../ops/reduce-max';
import { KerasLayer, maskOrNone } from '../tfjs/keras-layer';
import { singleInput, register, type CallOptions, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { formatChecks, type FormatOption } from './internal/border-options';
import { channelAxisOf, type DataFormat } from './internal/data-format';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import type { RankRule } from './internal/target';
import { inputOf } from './internal/window-options';

interface GlobalPoolingFields {
  readonly dataFormat: DataFormat;
  readonly keepdims: boolean;
}

/** Pooling over all of the axes between batch and channels. */
abstract class GlobalPooling extends KerasLayer<GlobalPoolingFields> {
  constructor(args: object) {
    super(args, { dataFormat: 'channelsLast', keepdims: false });
    this.supportsMasking = false;
  }

  /** The axes that it is over, of so many. */
  protected axes(rank: number): number[] {
    const channels = channelAxisOf(this.own.dataFormat, rank);
    return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 0 && axis !== channels);
  }

  /** What becomes of values along axes. */
  protected abstract reduce(x: Tensor, axes: number[], mask: Tensor | undefined): Tensor;

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const mask = (options['mask'] as Tensor | null | undefined) ?? undefined;
      return this.reduce(x, this.axes(x.rank), mask);
    });
  }

  override computeMask(): Tensor {
    return maskOrNone(null); // the steps end here
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape; // one input
    const axes = this.axes(shape.length);
    return this.own.keepdims
      ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : shape.filter((_, axis) => !axes.includes(axis));
  }
}

abstract class GlobalMaxPooling extends GlobalPooling {
  protected override reduce(x: Tensor, axes: number[]): Tensor {
    return maxAlong(x, axes, this.own.keepdims);
  }
}

abstract class GlobalAveragePooling extends GlobalPooling {
  protected override reduce(x: Tensor, axes: number[], mask: Tensor | undefined): Tensor {
    if (mask === undefined || x.rank !== 3 || this.own.dataFormat === 'channelsFirst') {
      return tf.mean(x, axes, this.own.keepdims);
    }
    const present = tf.expandDims(tf.cast(mask, 'float32'), 2);
    return tf.div(
      tf.sum(tf.mul(x, present), axes, this.own.keepdims),
      tf.sum(present, axes, this.own.keepdims),
    );
  }
}

class GlobalMaxPooling1D extends GlobalMaxPooling {
  static readonly className: string = 'GlobalMaxPooling1D';
}
register(GlobalMaxPooling1D);

class GlobalMaxPooling2D extends GlobalMaxPooling {
  static readonly className: string = 'GlobalMaxPooling2D';
}
register(GlobalMaxPooling2D);

class GlobalMaxPooling3D extends GlobalMaxPooling {
  static readonly className: string = 'GlobalMaxPooling3D';
}
register(GlobalMaxPooling3D);

class GlobalAveragePooling1D extends GlobalAveragePooling {
  static readonly className: string = 'GlobalAveragePooling1D';

  constructor(args: object) {
    super(args);
    this.supportsMasking = true;
  }
}
register(GlobalAveragePooling1D);

class GlobalAveragePooling2D extends GlobalAveragePooling {
  static readonly className: string = 'GlobalAveragePooling2D';
}
register(GlobalAveragePooling2D);

class GlobalAveragePooling3D extends GlobalAveragePooling {
  static readonly className: string = 'GlobalAveragePooling3D';
}
register(GlobalAveragePooling3D);

/** Options of global pooling. */
export interface GlobalPoolingOptions extends LayerOptions, FormatOption {
  /** Whether the axes that it is over stay, of size 1; false by default. */
  keepdims?: boolean | undefined;
}

const globalChecks = { ...formatChecks, keepdims: optional(boolean, false) };

const sequences: RankRule = {
  ...inputOf(1),
  advice: 'Give it sequences of vectors, [batch, steps, features]',
};

/** Options of {@link layerGlobalMaxPooling1d}. */
export type GlobalMaxPooling1dOptions = GlobalPoolingOptions;

/**
 * The largest value of each feature over time. Masks do not count for it, as in Keras.
 *
 * In `[batch, steps, features]`, out `[batch, features]`, or with `keepdims` `[batch, 1, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGlobalMaxPooling1d({ inputShape: [10, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_global_max_pooling_1d`
 */
export const layerGlobalMaxPooling1d = defineOptionalLayer<GlobalMaxPooling1dOptions>(
  'layerGlobalMaxPooling1d',
  (args: object) => new GlobalMaxPooling1D(args),
  { baseName: 'global_max_pooling1d', options: globalChecks, rank: sequences },
);

/** Options of {@link layerGlobalMaxPooling2d}. */
export type GlobalMaxPooling2dOptions = GlobalPoolingOptions;

/**
 * The largest value of each channel of an image.
 *
 * In `[batch, height, width, channels]`, out `[batch, channels]`, or with `keepdims` `[batch, 1, 1, channels]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGlobalMaxPooling2d({ inputShape: [7, 7, 64] }))
 * assert.deepStrictEqual(outputShape(model), [null, 64])
 * @see R keras `layer_global_max_pooling_2d`
 */
export const layerGlobalMaxPooling2d = defineOptionalLayer<GlobalMaxPooling2dOptions>(
  'layerGlobalMaxPooling2d',
  (args: object) => new GlobalMaxPooling2D(args),
  { baseName: 'global_max_pooling2d', options: globalChecks, rank: inputOf(2) },
);

/** Options of {@link layerGlobalMaxPooling3d}. */
export type GlobalMaxPooling3dOptions = GlobalPoolingOptions;

/**
 * The largest value of each channel of a volume.
 *
 * In `[batch, depth, height, width, channels]`, out `[batch, channels]`, or with `keepdims` `[batch, 1, 1, 1, channels]`.
 * No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than five dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGlobalMaxPooling3d({ keepdims: true, inputShape: [4, 7, 7, 8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 1, 1, 1, 8])
 * @see R keras `layer_global_max_pooling_3d`
 */
export const layerGlobalMaxPooling3d = defineOptionalLayer<GlobalMaxPooling3dOptions>(
  'layerGlobalMaxPooling3d',
  (args: object) => new GlobalMaxPooling3D(args),
  { baseName: 'global_max_pooling3d', options: globalChecks, rank: inputOf(3) },
);

/** Options of {@link layerGlobalAveragePooling1d}. */
export type GlobalAveragePooling1dOptions = GlobalPoolingOptions;

/**
 * The mean over time: `Σ_t input[t] / steps`, of the steps that a mask leaves (see `maskZero` of `layerEmbedding`).
 *
 * In `[batch, steps, features]`, out `[batch, features]`, or with `keepdims` `[batch, 1, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGlobalAveragePooling1d({ inputShape: [10, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_global_average_pooling_1d`
 */
export const layerGlobalAveragePooling1d = defineOptionalLayer<GlobalAveragePooling1dOptions>(
  'layerGlobalAveragePooling1d',
  (args: object) => new GlobalAveragePooling1D(args),
  { baseName: 'global_average_pooling1d', options: globalChecks, rank: sequences },
);

/** Options of {@link layerGlobalAveragePooling2d}. */
export type GlobalAveragePooling2dOptions = GlobalPoolingOptions;

/**
 * The mean of each channel of an image.
 *
 * In `[batch, height, width, channels]`, out `[batch, channels]`, or with `keepdims` `[batch, 1, 1, channels]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGlobalAveragePooling2d({ inputShape: [7, 7, 64] }))
 * assert.deepStrictEqual(outputShape(model), [null, 64])
 * @see R keras `layer_global_average_pooling_2d`
 */
export const layerGlobalAveragePooling2d = defineOptionalLayer<GlobalAveragePooling2dOptions>(
  'layerGlobalAveragePooling2d',
  (args: object) => new GlobalAveragePooling2D(args),
  { baseName: 'global_average_pooling2d', options: globalChecks, rank: inputOf(2) },
);

/** Options of {@link layerGlobalAveragePooling3d}. */
export type GlobalAveragePooling3dOptions = GlobalPoolingOptions;

/**
 * The mean of each channel of a volume.
 *
 * In `[batch, depth, height, width, channels]`, out `[batch, channels]`, or with `keepdims` `[batch, 1, 1, 1, channels]`.
 * No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than five dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGlobalAveragePooling3d({ inputShape: [4, 7, 7, 8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 8])
 * @see R keras `layer_global_average_pooling_3d`
 */
export const layerGlobalAveragePooling3d = defineOptionalLayer<GlobalAveragePooling3dOptions>(
  'layerGlobalAveragePooling3d',
  (args: object) => new GlobalAveragePooling3D(args),
  { baseName: 'global_average_pooling3d', options: globalChecks, rank: inputOf(3) },
);
