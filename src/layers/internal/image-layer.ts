import { argumentError, type Check } from '../../base/checks';
import { nextSeed } from '../../base/random';
import { uniform } from '../../ops/random';
import { KerasLayer } from '../../tfjs/keras-layer';
import { singleInput, type CallOptions, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { RankRule, UnmetRequirement } from './target';

/** A layer of images, `[batch, height, width, channels]`; one image, `[height, width, channels]`, is taken, too. */
export abstract class ImageLayer<Fields extends object> extends KerasLayer<Fields> {
  constructor(args: object, defaults: Fields) {
    super(args, defaults);
    this.supportsMasking = false;
  }

  /** What it makes of a batch of images. */
  protected abstract change(images: Tensor, training: boolean): Tensor;

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor {
    const x = singleInput(inputs);
    const training = options['training'] === true;
    if (x.rank !== 3) return tf.tidy(() => this.change(x, training));
    return tf.tidy(() => tf.squeeze(this.change(tf.expandDims(x, 0), training), [0]));
  }
}

/** A shape of images with another height and width; the channels and the batch stay. */
export const sizedShape = (
  shape: Shape,
  height: number | null | undefined,
  width: number | null | undefined,
): Shape => {
  const rows = shape.length - 3;
  const sized = [...shape];
  if (height !== undefined) sized[rows] = height;
  if (width !== undefined) sized[rows + 1] = width;
  return sized;
};

/** The least and the largest of the numbers that are drawn. */
export type Range = readonly [number, number];

/** A layer that changes images at random while training. */
export abstract class RandomImageLayer<
  Fields extends { readonly seed: number | null },
> extends ImageLayer<Fields> {
  private readonly drawn = nextSeed();

  /** What it makes of a batch of images while training. */
  protected abstract vary(images: Tensor): Tensor;

  protected override change(images: Tensor, training: boolean): Tensor {
    return training ? this.vary(images) : images;
  }

  /** Uniform numbers in [0, 1): one draw for each step, so that no two numbers of a step are the same by their seed. */
  protected draw(shape: readonly number[]): Tensor {
    return uniform(shape, this.own.seed ?? this.drawn);
  }

  /** Numbers `[batch]` for each of some ranges. */
  protected drawEach(batch: number, ranges: readonly Range[]): Tensor[] {
    return tf
      .unstack(this.draw([ranges.length, batch]))
      .map((numbers, index) => inRange(numbers, ranges[index] as Range)); // one for each
  }
}

/** Numbers of [0, 1) in a range, as TensorFlow puts them there. */
export const inRange = (numbers: Tensor, [lower, upper]: Range): Tensor =>
  tf.add(tf.mul(numbers, upper - lower), lower);

/** A number, or the least and the largest. */
export type Factor = number | readonly [number, number];

/** The range of a factor: a number is that far to both sides. */
export const rangeOf = (factor: Factor): Range => (typeof factor === 'number' ? [-factor, factor] : factor);

export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

export const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber);

/** A factor: its range must be within bounds, the least first. */
export const factorIn =
  (lowest: number, highest: number): Check<Factor> =>
  (value, place) => {
    const bounds =
      lowest === -Infinity
        ? ''
        : highest === Infinity
          ? `, of ${lowest} or more`
          : `, from ${lowest} to ${highest}`;
    const expected = `a number of 0 or more, or two numbers, the least and the largest${bounds}`;
    if (!isNumber(value) && !isPair(value)) throw argumentError(place, expected, value);
    const [lower, upper] = rangeOf(value);
    if (lower <= upper && lower >= lowest && upper <= highest) return value;
    throw argumentError(
      place,
      expected,
      value,
      `Write ${place.argument}: ${lowest === -1 ? '[-0.2, 0.3]' : '0.2'}`,
    );
  };

const ADVICE = 'Give it images, [batch, height, width, channels]; layerReshape adds an axis of one channel';

/** What all layers of images are defined with: images in batches, or one as values. */
export const imageInput: {
  readonly rank: RankRule;
  readonly shapeRequirement: (
    shapes: readonly (readonly (number | null)[])[],
  ) => UnmetRequirement | undefined;
} = {
  rank: { minNDim: 3, maxNDim: 4, advice: ADVICE },
  shapeRequirement: ([shape = []]) =>
    shape.length === 3 && shape[0] === null
      ? { needs: 'input of 4 dimensions, the batch axis included', advice: ADVICE }
      : undefined,
};
