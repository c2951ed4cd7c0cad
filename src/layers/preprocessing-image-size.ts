import { integer, oneOf, optional, required } from '../base/checks';
import { INTERPOLATIONS, type Interpolation } from '../ops/resample';
import { resizeImages } from '../ops/resize-images';
import { register, type Shape } from '../tfjs/layer-classes';
import type { Tensor } from '../tfjs/tensorflow';
import { defineLayer } from './internal/define-layer';
import { factorIn, imageInput, inRange, RandomImageLayer, rangeOf, sizedShape, type Factor } from './internal/image-layer'; // prettier-ignore
import type { LayerOptions } from './internal/options';
import type { SeedOption } from './preprocessing-image-transform';

interface RandomSizeFields {
  readonly factor: Factor;
  readonly interpolation: Interpolation;
  readonly seed: number | null;
}

/** Resizes images by a factor that is drawn for each batch: the size is read, so no step of it can be compiled. */
abstract class RandomSize extends RandomImageLayer<RandomSizeFields> {
  /** Why a training step with it cannot be compiled. */
  get reasonNotTraceable(): string {
    return `the layer '${this.name}' draws another size for each batch`;
  }

  constructor(args: object) {
    super(args, { factor: 0, interpolation: 'bilinear', seed: null });
  }

  protected drawnSize(size: number): number {
    const [lower, upper] = rangeOf(this.own.factor);
    const [factor = 1] = inRange(this.draw([1]), [1 + lower, 1 + upper]).dataSync();
    return Math.max(1, Math.trunc(Math.fround(factor * size)));
  }
}

class RandomHeight extends RandomSize {
  static readonly className: string = 'RandomHeight';

  protected override vary(images: Tensor): Tensor {
    const [, height, width] = images.shape as [number, number, number, number];
    return resizeImages(images, [this.drawnSize(height), width], this.own.interpolation);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return sizedShape(inputShape as Shape, null, undefined); // one input
  }
}
register(RandomHeight);

class RandomWidth extends RandomSize {
  static readonly className: string = 'RandomWidth';

  protected override vary(images: Tensor): Tensor {
    const [, height, width] = images.shape as [number, number, number, number];
    return resizeImages(images, [height, this.drawnSize(width)], this.own.interpolation);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return sizedShape(inputShape as Shape, undefined, null); // one input
  }
}
register(RandomWidth);

/** Options of {@link layerRandomHeight} and {@link layerRandomWidth}. */
export interface RandomSizeOptions extends LayerOptions, SeedOption {
  /** By how much at most, as a fraction: 0.2 is smaller by up to 20 % and larger by up to 20 %; or the least and the largest, above −1. */
  factor: Factor;
  /** How the new pixels are made; 'bilinear' by default. */
  interpolation?: Interpolation | undefined;
}

const randomSizeChecks = {
  factor: required(factorIn(-1, Infinity)),
  interpolation: optional(oneOf(...INTERPOLATIONS), 'bilinear'),
  seed: optional(integer),
};

/**
 * Makes images higher or lower while training, by a factor that is drawn for each batch, uniform in `1 + factor`. Otherwise it does
 * nothing. Models with it train step by step: a compiled step has one size.
 *
 * In `[batch, height, width, channels]`, out `[batch, random, width, channels]`; one image without the batch axis, too, where the layer
 * is applied to values, with `{ training: true }` as in training. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `factor` is out of range, or for an interpolation that there is not.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomHeight({ factor: 0.2, inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, null, 28, 3])
 * @see R keras `layer_random_height`
 */
export const layerRandomHeight = defineLayer<RandomSizeOptions, typeof randomSizeChecks>(
  'layerRandomHeight',
  (args: object) => new RandomHeight(args),
  { baseName: 'random_height', options: randomSizeChecks, ...imageInput },
);

/**
 * Makes images wider or narrower while training, by a factor that is drawn for each batch, uniform in `1 + factor`. Otherwise it does
 * nothing. Models with it train step by step: a compiled step has one size.
 *
 * In `[batch, height, width, channels]`, out `[batch, height, random, channels]`; one image without the batch axis, too, where the layer
 * is applied to values, with `{ training: true }` as in training. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `factor` is out of range, or for an interpolation that there is not.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomWidth({ factor: [-0.3, 0], inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 28, null, 3])
 * @see R keras `layer_random_width`
 */
export const layerRandomWidth = defineLayer<RandomSizeOptions, typeof randomSizeChecks>(
  'layerRandomWidth',
  (args: object) => new RandomWidth(args),
  { baseName: 'random_width', options: randomSizeChecks, ...imageInput },
);
