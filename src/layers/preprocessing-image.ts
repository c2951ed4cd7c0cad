import {
  argumentError,
  boolean,
  integer,
  oneOf,
  optional,
  positiveInteger,
  required,
  type Check,
} from '../base/checks';
import { INTERPOLATIONS, type Interpolation } from '../ops/resample';
import { cropImages, resizeImages, resizeWithCrop } from '../ops/resize-images';
import { KerasLayer } from '../tfjs/keras-layer';
import { register, singleInput, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor, type Tensor1D } from '../tfjs/tensorflow';
import { defineLayer } from './internal/define-layer';
import { ImageLayer, imageInput, isNumber, RandomImageLayer, sizedShape } from './internal/image-layer';
import type { LayerOptions } from './internal/options';

interface SizeFields {
  readonly height: number;
  readonly width: number;
}

/** The size that is asked for. */
const sizeOfFields = ({ height, width }: SizeFields): [number, number] => [height, width];

interface ResizingFields extends SizeFields {
  readonly interpolation: Interpolation;
  readonly cropToAspectRatio: boolean;
}

class Resizing extends ImageLayer<ResizingFields> {
  static readonly className: string = 'Resizing';

  constructor(args: object) {
    super(args, { height: 1, width: 1, interpolation: 'bilinear', cropToAspectRatio: false });
  }

  protected override change(images: Tensor): Tensor {
    const { interpolation, cropToAspectRatio } = this.own;
    const resize = cropToAspectRatio ? resizeWithCrop : resizeImages;
    return resize(images, sizeOfFields(this.own), interpolation);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return sizedShape(inputShape as Shape, this.own.height, this.own.width); // one input
  }
}
register(Resizing);

/** Options of layers that make images of one size. */
export interface ImageSizeOptions extends LayerOptions {
  /** The height of the images afterwards, in pixels. */
  height: number;
  /** Their width. */
  width: number;
}

const sizeChecks = { height: required(positiveInteger), width: required(positiveInteger) };

/** Options of {@link layerResizing}. */
export interface ResizingOptions extends ImageSizeOptions {
  /** How the new pixels are made; 'bilinear' by default. */
  interpolation?: Interpolation | undefined;
  /** Whether what does not fit the new proportions is cut off at both sides, so that nothing is distorted; false by default. */
  cropToAspectRatio?: boolean | undefined;
}

const resizingChecks = {
  ...sizeChecks,
  interpolation: optional(oneOf(...INTERPOLATIONS), 'bilinear'),
  cropToAspectRatio: optional(boolean, false),
};

/**
 * Makes images of another size by interpolation between pixels, as `tf.image.resize` does, without antialiasing: smaller images are
 * smoothed with 'area' only.
 *
 * In `[batch, height, width, channels]`, out `[batch, height, width, channels]` of the given height and width; one image without the
 * batch axis, too, where the layer is applied to values. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a size is no positive integer, or for an interpolation that there is not.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerResizing({ height: 20, width: 30, inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 20, 30, 3])
 * @see R keras `layer_resizing`
 */
export const layerResizing = defineLayer<ResizingOptions, typeof resizingChecks>(
  'layerResizing',
  (args: object) => new Resizing(args),
  { baseName: 'resizing', options: resizingChecks, ...imageInput },
);

interface RescalingFields {
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];
}

class Rescaling extends KerasLayer<RescalingFields> {
  static readonly className: string = 'Rescaling';

  constructor(args: object) {
    super(args, { scale: 1, offset: 0 });
    this.supportsMasking = false;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const numbers = (value: number | readonly number[]): number | Tensor =>
      typeof value === 'number' ? value : tf.tensor1d([...value]);
    return tf.tidy(() => {
      const { scale, offset } = this.own;
      const scaled = tf.mul(singleInput(inputs), numbers(scale));
      return offset === 0 ? scaled : tf.add(scaled, numbers(offset));
    });
  }
}
register(Rescaling);

/** Options of {@link layerRescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** What values are multiplied by: a number, or one for each channel. */
  scale: number | readonly number[];
  /** What is added then: a number, or one for each channel; 0 by default. */
  offset?: number | readonly number[] | undefined;
}

const numberOrEach: Check<number | readonly number[]> = (value, place) => {
  if (isNumber(value)) return value;
  if (Array.isArray(value) && value.length > 0 && value.every(isNumber)) return value;
  throw argumentError(place, 'a finite number, or an array of them', value);
};

const rescalingChecks = { scale: required(numberOrEach), offset: optional(numberOrEach, 0) };

/**
 * Rescales values: `x · scale + offset`, while training or not.
 *
 * In any shape, out the same shape; a list of numbers is one for each place of the last axis. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `scale` or `offset` is no number, nor a list of them.
 * @throws KerasShapeError if a list has another length than the last axis.
 * @example
 * const model = pipe(kerasModelSequential(), layerRescaling({ scale: 1 / 127.5, offset: -1, inputShape: [3] }))
 * assert.deepStrictEqual((await predict(model, [[0, 127.5, 255]])).arraySync(), [[-1, 0, 1]])
 * @see R keras `layer_rescaling`
 */
export const layerRescaling = defineLayer<RescalingOptions, typeof rescalingChecks>(
  'layerRescaling',
  (args: object) => new Rescaling(args),
  {
    baseName: 'rescaling',
    options: rescalingChecks,
    shapeRequirement: ([shape = []], { scale, offset }) => {
      const last = shape.at(-1);
      const length = [scale, offset].flatMap((value) => (typeof value === 'number' ? [] : value.length)).find((one) => one !== 1 && one !== last); // prettier-ignore
      if (length === undefined || last === null) return undefined;
      return {
        needs: `input whose last axis has ${length} places, as many as it has numbers, and has ${last}`,
        advice: 'Give one number, or one for each channel',
      };
    },
  },
);

/** Where a rectangle begins that lies in the middle. */
const middle = (size: number, cut: number): number => Math.trunc((size - cut) / 2);

/** Whether images are at least as large as a size. */
const isLarge = (images: Tensor, [height, width]: readonly [number, number]): boolean =>
  (images.shape[1] as number) >= height && (images.shape[2] as number) >= width; // of rank 4

class CenterCrop extends ImageLayer<SizeFields> {
  static readonly className: string = 'CenterCrop';

  constructor(args: object) {
    super(args, { height: 1, width: 1 });
  }

  protected override change(images: Tensor): Tensor {
    const size = sizeOfFields(this.own);
    if (!isLarge(images, size)) return resizeWithCrop(images, size, 'bilinear');
    const [, rows, columns] = images.shape as [number, number, number, number];
    return cropImages(images, [middle(rows, size[0]), middle(columns, size[1])], size);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return sizedShape(inputShape as Shape, this.own.height, this.own.width); // one input
  }
}
register(CenterCrop);

/**
 * Cuts the middle out of images. What is smaller than the size is made larger, and cut to its proportions.
 *
 * In `[batch, height, width, channels]`, out `[batch, height, width, channels]` of the given height and width; one image without the
 * batch axis, too, where the layer is applied to values. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a size is no positive integer.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerCenterCrop({ height: 20, width: 10, inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 20, 10, 3])
 * @see R keras `layer_center_crop`
 */
export const layerCenterCrop = defineLayer<ImageSizeOptions, typeof sizeChecks>(
  'layerCenterCrop',
  (args: object) => new CenterCrop(args),
  { baseName: 'center_crop', options: sizeChecks, ...imageInput },
);

interface RandomCropFields extends SizeFields {
  readonly seed: number | null;
}

class RandomCrop extends RandomImageLayer<RandomCropFields> {
  static readonly className: string = 'RandomCrop';

  constructor(args: object) {
    super(args, { height: 1, width: 1, seed: null });
  }

  protected override change(images: Tensor, training: boolean): Tensor {
    const size = sizeOfFields(this.own);
    return training && isLarge(images, size) ? this.vary(images) : resizeWithCrop(images, size, 'bilinear');
  }

  protected override vary(images: Tensor): Tensor {
    const [, rows, columns] = images.shape as [number, number, number, number];
    const { height, width } = this.own;
    const [top, left] = tf.unstack(this.draw([2])) as [Tensor, Tensor]; // two
    const places = (drawn: Tensor, size: number, cut: number): Tensor1D =>
      tf.add(tf.cast(tf.floor(tf.mul(drawn, size - cut + 1)), 'int32'), tf.range(0, cut, 1, 'int32'));
    const band = tf.gather(images, places(top, rows, height), 1);
    return tf.gather(band, places(left, columns, width), 2);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return sizedShape(inputShape as Shape, this.own.height, this.own.width); // one input
  }
}
register(RandomCrop);

/** Options of {@link layerRandomCrop}. */
export interface RandomCropOptions extends ImageSizeOptions {
  /** A seed of the layer's own; drawn from `setRandomSeed`'s stream by default. */
  seed?: number | undefined;
}

const randomCropChecks = { ...sizeChecks, seed: optional(integer) };

/**
 * Cuts a part out of images while training, at a place that is drawn anew for each batch, where all places are as likely. Otherwise, and
 * where images are smaller than the size, it resizes them and cuts off at both sides what does not fit the proportions.
 *
 * In `[batch, height, width, channels]`, out `[batch, height, width, channels]` of the given height and width; one image without the
 * batch axis, too, where the layer is applied to values, with `{ training: true }` as in training. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a size is no positive integer.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomCrop({ height: 24, width: 24, inputShape: [28, 28, 1] }))
 * assert.deepStrictEqual(outputShape(model), [null, 24, 24, 1])
 * @see R keras `layer_random_crop`
 */
export const layerRandomCrop = defineLayer<RandomCropOptions, typeof randomCropChecks>(
  'layerRandomCrop',
  (args: object) => new RandomCrop(args),
  { baseName: 'random_crop', options: randomCropChecks, ...imageInput },
);
