import { integersOf, oneOf, optional } from '../base/checks';
import { KerasLayer } from '../tfjs/keras-layer';
import { singleInput, register, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor, type Tensor4D } from '../tfjs/tensorflow';
import { lengthAfter, sizesFor } from './internal/convolution-layer';
import {
  betweenOf,
  fromChannelsLast,
  shapeWith,
  toChannelsLast,
  type DataFormat,
} from './internal/data-format';
import { formatChecks, type FormatOption } from './internal/border-options';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { inputOf, type Sizes1d, type Sizes2d, type Sizes3d } from './internal/window-options';

interface PoolingFields {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: DataFormat;
}

/** Volumes, as tfjs's pooling over them takes them. */
type Volumes = Parameters<typeof tf.maxPool3d>[0] & Tensor;

const pool = (x: Tensor, kind: 'max' | 'average', { poolSize, strides, padding }: PoolingFields): Tensor => {
  if (x.rank === 3) {
    // Images of one row.
    const sizes = { poolSize: [1, ...poolSize], strides: [1, ...strides], padding };
    return tf.squeeze(pool(tf.expandDims(x, 1), kind, { ...sizes, dataFormat: 'channelsLast' }), [1]);
  }
  if (x.rank === 4) {
    const [window, steps] = [poolSize, strides] as [[number, number], [number, number]];
    return (kind === 'max' ? tf.maxPool : tf.avgPool)(x as Tensor4D, window, steps, padding);
  }
  const [window, steps] = [poolSize, strides] as [[number, number, number], [number, number, number]];
  return (kind === 'max' ? tf.maxPool3d : tf.avgPool3d)(x as Volumes, window, steps, padding);
};

/** Pooling over 1, 2 or 3 axes. */
abstract class Pooling extends KerasLayer<PoolingFields> {
  constructor(
    args: { readonly poolSize?: unknown; readonly strides?: unknown },
    private readonly kind: 'max' | 'average',
    rank: number,
  ) {
    const poolSize = sizesFor(args.poolSize ?? 2, rank);
    super(
      { ...args, poolSize, strides: sizesFor(args.strides ?? poolSize, rank) },
      { poolSize: [], strides: [], padding: 'valid', dataFormat: 'channelsLast' },
    );
    this.supportsMasking = false;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const { dataFormat } = this.own;
      return fromChannelsLast(
        pool(toChannelsLast(singleInput(inputs), dataFormat), this.kind, this.own),
        dataFormat,
      );
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape; // one input
    const { poolSize, strides, padding, dataFormat } = this.own;
    const between = betweenOf(shape, dataFormat).map((size, axis) =>
      lengthAfter(size, poolSize[axis] ?? 1, { stride: strides[axis] ?? 1, padding }),
    );
    return shapeWith(shape, between, dataFormat);
  }
}

class MaxPooling1D extends Pooling {
  static readonly className: string = 'MaxPooling1D';
  constructor(args: object) {
    super(args, 'max', 1);
  }
}
register(MaxPooling1D);

class MaxPooling2D extends Pooling {
  static readonly className: string = 'MaxPooling2D';
  constructor(args: object) {
    super(args, 'max', 2);
  }
}
register(MaxPooling2D);

class MaxPooling3D extends Pooling {
  static readonly className: string = 'MaxPooling3D';
  constructor(args: object) {
    super(args, 'max', 3);
  }
}
register(MaxPooling3D);

class AveragePooling1D extends Pooling {
  static readonly className: string = 'AveragePooling1D';
  constructor(args: object) {
    super(args, 'average', 1);
  }
}
register(AveragePooling1D);

class AveragePooling2D extends Pooling {
  static readonly className: string = 'AveragePooling2D';
  constructor(args: object) {
    super(args, 'average', 2);
  }
}
register(AveragePooling2D);

class AveragePooling3D extends Pooling {
  static readonly className: string = 'AveragePooling3D';
  constructor(args: object) {
    super(args, 'average', 3);
  }
}
register(AveragePooling3D);

/** Options of pooling. */
interface PoolingOptions<Sizes> extends LayerOptions, FormatOption {
  /** The size of the window; 2 by default. */
  poolSize?: Sizes | undefined;
  /** Steps from one window to the next; the window's size by default. */
  strides?: Sizes | undefined;
  /** 'valid', no padding, by default; 'same' pads, with what counts neither for the largest nor for the mean. */
  padding?: 'valid' | 'same' | undefined;
}

const poolingChecks = (rank: number) => ({
  poolSize: optional(integersOf(rank), 2),
  strides: optional(integersOf(rank)),
  padding: optional(oneOf('valid', 'same'), 'valid'),
  ...formatChecks,
});

const images = {
  ...inputOf(2),
  advice: 'Give it images, [batch, height, width, channels]; it belongs before layerFlatten',
};

/** Options of {@link layerMaxPooling1d}. */
export type MaxPooling1dOptions = PoolingOptions<Sizes1d>;

/**
 * The largest value of each window of a sequence.
 *
 * In `[batch, steps, features]`, out `[batch, new steps, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than three dimensions, or is shorter than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerMaxPooling1d({ poolSize: 5, inputShape: [100, 32] }))
 * assert.deepStrictEqual(outputShape(model), [null, 20, 32])
 * @see R keras `layer_max_pooling_1d`
 */
export const layerMaxPooling1d = defineOptionalLayer<MaxPooling1dOptions>(
  'layerMaxPooling1d',
  (args: object) => new MaxPooling1D(args),
  { baseName: 'max_pooling1d', options: poolingChecks(1), rank: inputOf(1) },
);

/** Options of {@link layerMaxPooling2d}. */
export type MaxPooling2dOptions = PoolingOptions<Sizes2d>;

/**
 * The largest value of each window of an image.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, channels]`. No weights.
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
  (args: object) => new MaxPooling2D(args),
  { baseName: 'max_pooling2d', options: poolingChecks(2), rank: images },
);

/** Options of {@link layerMaxPooling3d}. */
export type MaxPooling3dOptions = PoolingOptions<Sizes3d>;

/**
 * The largest value of each window of a volume.
 *
 * In `[batch, depth, height, width, channels]`, out the same with shorter axes between batch and channels. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than five dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerMaxPooling3d({ poolSize: [1, 2, 2], inputShape: [4, 8, 8, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 4, 4, 3])
 * @see R keras `layer_max_pooling_3d`
 */
export const layerMaxPooling3d = defineOptionalLayer<MaxPooling3dOptions>(
  'layerMaxPooling3d',
  (args: object) => new MaxPooling3D(args),
  { baseName: 'max_pooling3d', options: poolingChecks(3), rank: inputOf(3) },
);

/** Options of {@link layerAveragePooling1d}. */
export type AveragePooling1dOptions = PoolingOptions<Sizes1d>;

/**
 * The mean of each window of a sequence.
 *
 * In `[batch, steps, features]`, out `[batch, new steps, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than three dimensions, or is shorter than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerAveragePooling1d({ poolSize: 5, inputShape: [100, 32] }))
 * assert.deepStrictEqual(outputShape(model), [null, 20, 32])
 * @see R keras `layer_average_pooling_1d`
 */
export const layerAveragePooling1d = defineOptionalLayer<AveragePooling1dOptions>(
  'layerAveragePooling1d',
  (args: object) => new AveragePooling1D(args),
  { baseName: 'average_pooling1d', options: poolingChecks(1), rank: inputOf(1) },
);

/** Options of {@link layerAveragePooling2d}. */
export type AveragePooling2dOptions = PoolingOptions<Sizes2d>;

/**
 * The mean of each window of an image.
 *
 * In `[batch, height, width, channels]`, out `[batch, new height, new width, channels]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than four dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerAveragePooling2d({ poolSize: 3, strides: 2, inputShape: [9, 9, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 4, 3])
 * @see R keras `layer_average_pooling_2d`
 */
export const layerAveragePooling2d = defineOptionalLayer<AveragePooling2dOptions>(
  'layerAveragePooling2d',
  (args: object) => new AveragePooling2D(args),
  { baseName: 'average_pooling2d', options: poolingChecks(2), rank: images },
);

/** Options of {@link layerAveragePooling3d}. */
export type AveragePooling3dOptions = PoolingOptions<Sizes3d>;

/**
 * The mean of each window of a volume.
 *
 * In `[batch, depth, height, width, channels]`, out the same with shorter axes between batch and channels. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the input has other than five dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerAveragePooling3d({ inputShape: [4, 8, 8, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 2, 4, 4, 3])
 * @see R keras `layer_average_pooling_3d`
 */
export const layerAveragePooling3d = defineOptionalLayer<AveragePooling3dOptions>(
  'layerAveragePooling3d',
  (args: object) => new AveragePooling3D(args),
  { baseName: 'average_pooling3d', options: poolingChecks(3), rank: inputOf(3) },
);
