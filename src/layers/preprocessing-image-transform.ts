import { anyNumber, integer, oneOf, optional, required, type Check } from '../base/checks';
import {
  FILL_MODES,
  rotation,
  SAMPLINGS,
  transformImages,
  translation,
  zoom,
  type Fill,
  type FillMode,
  type Mapping,
  type Sampling,
} from '../ops/affine-transform';
import { register } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLayer, defineOptionalLayer } from './internal/define-layer';
import { factorIn, imageInput, RandomImageLayer, rangeOf, type Factor } from './internal/image-layer';
import type { LayerOptions } from './internal/options';

/** An option of layers that draw random numbers. */
export interface SeedOption {
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

const MODES = ['horizontal_and_vertical', 'horizontal', 'vertical'] as const;

/** Which way images are flipped. */
export type FlipMode = (typeof MODES)[number];

interface RandomFlipFields {
  readonly mode: FlipMode;
  readonly seed: number | null;
}

class RandomFlip extends RandomImageLayer<RandomFlipFields> {
  static readonly className: string = 'RandomFlip';

  constructor(args: object) {
    super(args, { mode: 'horizontal_and_vertical', seed: null });
  }

  protected override vary(images: Tensor): Tensor {
    const { mode } = this.own;
    const axes = [...(mode === 'vertical' ? [] : [2]), ...(mode === 'horizontal' ? [] : [1])];
    const [batch] = images.shape as [number];
    const chances = tf.unstack(this.draw([axes.length, batch]));
    return axes.reduce((flipped, axis, index) => {
      const isFlipped = tf.reshape(tf.less(chances[index] as Tensor, 0.5), [batch, 1, 1, 1]); // one for each axis
      return tf.where(isFlipped, tf.reverse(flipped, axis), flipped);
    }, images);
  }
}
register(RandomFlip);

/** Options of {@link layerRandomFlip}. */
export interface RandomFlipOptions extends LayerOptions, SeedOption {
  /** 'horizontal', left and right are exchanged; 'vertical', top and bottom; 'horizontal_and_vertical' by default, each by itself. */
  mode?: FlipMode | undefined;
}

const randomFlipChecks = {
  mode: optional(oneOf(...MODES), 'horizontal_and_vertical'),
  seed: optional(integer),
};

/**
 * Flips half of the images while training, each direction drawn by itself for each image. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, out the same shape; one image without the batch axis, too, where the layer is applied to
 * values, with `{ training: true }` as in training. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for a mode that there is not.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomFlip({ mode: 'horizontal', inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 28, 28, 3])
 * @see R keras `layer_random_flip`
 */
export const layerRandomFlip = defineOptionalLayer<RandomFlipOptions, typeof randomFlipChecks>(
  'layerRandomFlip',
  (args: object) => new RandomFlip(args),
  { baseName: 'random_flip', options: randomFlipChecks, ...imageInput },
);

interface FillFields extends Fill {
  readonly seed: number | null;
}

const FILL_DEFAULTS: FillFields = {
  fillMode: 'reflect',
  interpolation: 'bilinear',
  seed: null,
  fillValue: 0,
};

/** A layer that takes the pixels of images from other places. */
abstract class TransformLayer<Fields extends FillFields> extends RandomImageLayer<Fields> {
  /** Where they come from, for a batch of images of a size. */
  protected abstract mapping(batch: number, height: number, width: number): Mapping;

  protected override vary(images: Tensor): Tensor {
    const [batch, height, width] = images.shape as [number, number, number, number];
    return transformImages(images, this.mapping(batch, height, width), this.own);
  }
}

/** Options of layers that take the pixels of images from other places. */
export interface ImageFillOptions extends LayerOptions, SeedOption {
  /**
   * What is beyond the borders: 'reflect', `(d c b a | a b c d | d c b a)`, by default; 'constant', `(k k k k | a b c d | k k k k)`;
   * 'wrap', `(a b c d | a b c d | a b c d)`; 'nearest', `(a a a a | a b c d | d d d d)`.
   */
  fillMode?: FillMode | undefined;
  /** How values between pixels are made: 'bilinear' by default, or 'nearest'. */
  interpolation?: Sampling | undefined;
  /** The value beyond the borders with 'constant'; 0 by default. */
  fillValue?: number | undefined;
}

const fillChecks = {
  fillMode: optional(oneOf(...FILL_MODES), 'reflect'),
  interpolation: optional(oneOf(...SAMPLINGS), 'bilinear'),
  seed: optional(integer),
  fillValue: optional(anyNumber, 0),
};

interface RandomRotationFields extends FillFields {
  readonly factor: Factor;
}

class RandomRotation extends TransformLayer<RandomRotationFields> {
  static readonly className: string = 'RandomRotation';

  constructor(args: object) {
    super(args, { factor: 0, ...FILL_DEFAULTS });
  }

  protected override mapping(batch: number, height: number, width: number): Mapping {
    const [lower, upper] = rangeOf(this.own.factor);
    const [angles] = this.drawEach(batch, [[lower * 2 * Math.PI, upper * 2 * Math.PI]]) as [Tensor]; // one range
    return rotation(angles, height, width);
  }
}
register(RandomRotation);

/** Options of {@link layerRandomRotation}. */
export interface RandomRotationOptions extends ImageFillOptions {
  /** How far at most to both sides, as a fraction of a whole turn; or the least and the largest, counterclockwise. */
  factor: Factor;
}

const randomRotationChecks = { factor: required(factorIn(-Infinity, Infinity)), ...fillChecks };

/**
 * Turns images around their middle while training, each by an angle of its own, uniform in `factor · 2π`. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, out the same shape; one image without the batch axis, too, where the layer is applied to
 * values, with `{ training: true }` as in training. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `factor` is negative, or its two numbers are the wrong way round, and for an unknown name.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomRotation({ factor: 0.1, inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 28, 28, 3])
 * @see R keras `layer_random_rotation`
 */
export const layerRandomRotation = defineLayer<RandomRotationOptions, typeof randomRotationChecks>(
  'layerRandomRotation',
  (args: object) => new RandomRotation(args),
  { baseName: 'random_rotation', options: randomRotationChecks, ...imageInput },
);

interface RandomZoomFields extends FillFields {
  readonly heightFactor: Factor;
  readonly widthFactor: Factor | null;
}

class RandomZoom extends TransformLayer<RandomZoomFields> {
  static readonly className: string = 'RandomZoom';

  constructor(args: object) {
    super(args, { heightFactor: 0, widthFactor: null, ...FILL_DEFAULTS });
  }

  protected override mapping(batch: number, height: number, width: number): Mapping {
    const { heightFactor, widthFactor } = this.own;
    const ranges = [rangeOf(heightFactor), ...(widthFactor === null ? [] : [rangeOf(widthFactor)])];
    const around1 = ranges.map(([lower, upper]) => [1 + lower, 1 + upper] as const);
    const [heights, widths = heights] = this.drawEach(batch, around1) as [Tensor, Tensor?]; // one or two
    return zoom(heights, widths, height, width);
  }
}
register(RandomZoom);

/** Options of {@link layerRandomZoom}. */
export interface RandomZoomOptions extends ImageFillOptions {
  /** How much at most, from −1 to 1, as a fraction: 0.2 is out by up to 20 % and in by up to 20 %; or the least and the largest. */
  heightFactor: Factor;
  /** The same for the width; by default the height's, so that proportions stay. */
  widthFactor?: Factor | null | undefined;
}

const orNull =
  (check: Check<Factor>): Check<Factor | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

const randomZoomChecks = {
  heightFactor: required(factorIn(-1, 1)),
  widthFactor: optional(orNull(factorIn(-1, Infinity))),
  ...fillChecks,
};

/**
 * Zooms images around their middle while training, each by a factor of its own, uniform in `1 + heightFactor` and `1 + widthFactor`: above
 * 1 out, below 1 in. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, out the same shape; one image without the batch axis, too, where the layer is applied to
 * values, with `{ training: true }` as in training. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a factor is out of range, or its two numbers are the wrong way round, and for an unknown name.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomZoom({ heightFactor: [-0.3, -0.1], inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 28, 28, 3])
 * @see R keras `layer_random_zoom`
 */
export const layerRandomZoom = defineLayer<RandomZoomOptions, typeof randomZoomChecks>(
  'layerRandomZoom',
  (args: object) => new RandomZoom(args),
  { baseName: 'random_zoom', options: randomZoomChecks, ...imageInput },
);

interface RandomTranslationFields extends FillFields {
  readonly heightFactor: Factor;
  readonly widthFactor: Factor;
}

class RandomTranslation extends TransformLayer<RandomTranslationFields> {
  static readonly className: string = 'RandomTranslation';

  constructor(args: object) {
    super(args, { heightFactor: 0, widthFactor: 0, ...FILL_DEFAULTS });
  }

  protected override mapping(batch: number, height: number, width: number): Mapping {
    const { heightFactor, widthFactor } = this.own;
    const [down, right] = this.drawEach(batch, [rangeOf(heightFactor), rangeOf(widthFactor)]) as [Tensor, Tensor]; // prettier-ignore
    return translation(tf.mul(right, width), tf.mul(down, height));
  }
}
register(RandomTranslation);

/** Options of {@link layerRandomTranslation}. */
export interface RandomTranslationOptions extends ImageFillOptions {
  /** How far at most up and down, from −1 to 1, as a fraction of the height; or the least and the largest, down. */
  heightFactor: Factor;
  /** How far at most to the left and right, as a fraction of the width; or the least and the largest, to the right. */
  widthFactor: Factor;
}

const randomTranslationChecks = {
  heightFactor: required(factorIn(-1, 1)),
  widthFactor: required(factorIn(-1, 1)),
  ...fillChecks,
};

/**
 * Shifts images while training, each as far as is drawn for it, uniform in `heightFactor · height` down and `widthFactor · width` to the
 * right. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, out the same shape; one image without the batch axis, too, where the layer is applied to
 * values, with `{ training: true }` as in training. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a factor is out of range, or its two numbers are the wrong way round, and for an unknown name.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const layer = layerRandomTranslation({ heightFactor: 0.1, widthFactor: 0.2, fillMode: 'constant', inputShape: [28, 28, 3] })
 * assert.deepStrictEqual(outputShape(pipe(kerasModelSequential(), layer)), [null, 28, 28, 3])
 * @see R keras `layer_random_translation`
 */
export const layerRandomTranslation = defineLayer<RandomTranslationOptions, typeof randomTranslationChecks>(
  'layerRandomTranslation',
  (args: object) => new RandomTranslation(args),
  { baseName: 'random_translation', options: randomTranslationChecks, ...imageInput },
);
