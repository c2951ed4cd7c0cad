import { tf, type Tensor } from '../tfjs/tensorflow';
import { integersOf, oneOf, optional } from '../base/checks';
import { classOf, singleInput, register, type CallOptions, type LayerArguments } from '../tfjs/layer-classes';
import { defineOptionalLayer } from './internal/define-layer';
import { channelsLast, padding } from './internal/image-options';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerMaxPooling2d}. */
export interface MaxPooling2dOptions extends LayerOptions {
  /** Height and width of the window, in pixels; 2 by default. */
  poolSize?: number | readonly [number, number] | undefined;
  /** Pixels from one window to the next; the window's size by default. */
  strides?: number | readonly [number, number] | undefined;
  /** 'valid', no padding, by default. */
  padding?: 'valid' | 'same' | undefined;
  /** 'channels_last' by default, the only one. */
  dataFormat?: 'channels_last' | undefined;
}

/**
 * The largest value of each window of an image.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, channels]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than four dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerMaxPooling2d({ poolSize: 2, inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 14, 14, 3])
 * @see R keras `layer_max_pooling_2d`
 */
export const layerMaxPooling2d = defineOptionalLayer<MaxPooling2dOptions>(
  'layerMaxPooling2d',
  tf.layers.maxPooling2d,
  {
    baseName: 'max_pooling2d',
    options: {
      poolSize: optional(integersOf(2), 2),
      strides: optional(integersOf(2)),
      padding: optional(padding),
      dataFormat: optional(channelsLast),
    },
    rank: {
      minNDim: 4,
      maxNDim: 4,
      advice: 'Give it images, [batch, height, width, channels]; it belongs before layerFlatten',
    },
  },
);

/** Options of {@link layerGlobalAveragePooling1d}. */
export interface GlobalAveragePooling1dOptions extends LayerOptions {
  /** 'channels_last' by default, the only one. */
  dataFormat?: 'channels_last' | undefined;
}

const TfjsGlobalAveragePooling1d = classOf(tf.layers.globalAveragePooling1d({}));

/** tfjs's own counts the steps that a mask leaves out. */
class GlobalAveragePooling1D extends TfjsGlobalAveragePooling1d {
  static readonly className: string = 'GlobalAveragePooling1D';

  constructor(args: LayerArguments) {
    super(args as never); // `classOf` cannot know the factory's arguments
    this.supportsMasking = true;
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const mask = options['mask'] as Tensor | null | undefined;
    return tf.tidy(() => {
      const x = singleInput(inputs);
      if (mask === undefined || mask === null) return tf.mean(x, 1);
      const present = tf.expandDims(tf.cast(mask, 'float32'), 2);
      return tf.div(tf.sum(tf.mul(x, present), 1), tf.sum(present, 1));
    });
  }

  override computeMask(): Tensor {
    return null as unknown as Tensor; // the steps end here: tfjs takes no mask for null, which its types do not say
  }
}
register(GlobalAveragePooling1D);

/**
 * The mean over time: `Σ_t input[t] / steps`, of the steps that a mask leaves (see `maskZero` of `layerEmbedding`).
 *
 * In `[batch, steps, features]`, out `[batch, features]`.
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
  ({ dataFormat: _onlyOne, ...args }: LayerArguments & { dataFormat?: string }) =>
    new GlobalAveragePooling1D(args),
  {
    baseName: 'global_average_pooling1d',
    options: { dataFormat: optional(oneOf('channels_last')) },
    rank: { minNDim: 3, maxNDim: 3, advice: 'Give it sequences of vectors, [batch, steps, features]' },
  },
);
