import { argumentError, integer, optional, required, type Check } from '../base/checks';
import { adjustContrast } from '../ops/adjust-images';
import { register } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLayer } from './internal/define-layer';
import {
  imageInput,
  inRange,
  isNumber,
  isPair,
  RandomImageLayer,
  rangeOf,
  type Factor,
  type Range,
} from './internal/image-layer';
import type { LayerOptions } from './internal/options';
import type { SeedOption } from './preprocessing-image-transform';

interface RandomContrastFields {
  readonly factor: Factor;
  readonly seed: number | null;
}

class RandomContrast extends RandomImageLayer<RandomContrastFields> {
  static readonly className: string = 'RandomContrast';

  constructor(args: object) {
    super(args, { factor: 0, seed: null });
  }

  protected override vary(images: Tensor): Tensor {
    const { factor } = this.own;
    const [less, more] = typeof factor === 'number' ? [factor, factor] : factor;
    const contrast = inRange(this.draw([1]), [1 - less, 1 + more]);
    return tf.clipByValue(adjustContrast(images, contrast), 0, 255);
  }
}
register(RandomContrast);

/** Options of {@link layerRandomContrast}. */
export interface RandomContrastOptions extends LayerOptions, SeedOption {
  /** By how much at most contrast becomes less or more, as a fraction, at most 1; or both of them: `[less, more]`. */
  factor: Factor;
}

const contrastFactor: Check<Factor> = (value, place) => {
  if (isNumber(value) && value >= 0 && value <= 1) return value;
  if (isPair(value) && value[0] >= 0 && value[0] <= 1 && value[1] >= 0) return value;
  const expected =
    'a number from 0 to 1, or two: how much less, from 0 to 1, and how much more, of 0 or more';
  throw argumentError(place, expected, value, `Write ${place.argument}: [0.2, 0.3]`);
};

const randomContrastChecks = { factor: required(contrastFactor), seed: optional(integer) };

/**
 * Changes the contrast of images while training: `(x − mean) · c + mean`, cut to 0 … 255, with the mean of each channel of each image
 * and one `c` for a batch, uniform between `1 − less` and `1 + more`. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, of values from 0 to 255 or less, out the same shape; one image without the batch axis, too,
 * where the layer is applied to values, with `{ training: true }` as in training. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `factor` is out of range.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomContrast({ factor: 0.2, inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 28, 28, 3])
 * @see R keras `layer_random_contrast`
 */
export const layerRandomContrast = defineLayer<RandomContrastOptions, typeof randomContrastChecks>(
  'layerRandomContrast',
  (args: object) => new RandomContrast(args),
  { baseName: 'random_contrast', options: randomContrastChecks, ...imageInput },
);

const sorted = ([a, b]: Range): [number, number] => [Math.min(a, b), Math.max(a, b)];

interface RandomBrightnessFields {
  readonly factor: Range;
  readonly valueRange: Range;
  readonly seed: number | null;
}

class RandomBrightness extends RandomImageLayer<RandomBrightnessFields> {
  static readonly className: string = 'RandomBrightness';

  constructor({ factor = 0, valueRange = [0, 255], ...args }: { factor?: Factor; valueRange?: Range }) {
    super(
      { ...args, factor: sorted(rangeOf(factor)), valueRange: sorted(valueRange) },
      { factor: [0, 0], valueRange: [0, 255], seed: null },
    );
  }

  protected override vary(images: Tensor): Tensor {
    const { factor, valueRange } = this.own;
    const [least, most] = valueRange;
    const [batch] = images.shape as [number];
    const added = tf.mul(inRange(this.draw([batch, 1, 1, 1]), factor), most - least);
    return tf.clipByValue(tf.add(images, added), least, most);
  }
}
register(RandomBrightness);

/** Options of {@link layerRandomBrightness}. */
export interface RandomBrightnessOptions extends LayerOptions, SeedOption {
  /** By how much at most, as a fraction of the range of values, from −1, black, to 1, white; or the least and the largest. */
  factor: Factor;
  /** The least and the largest value of a pixel; `[0, 255]` by default. */
  valueRange?: readonly [number, number] | undefined;
}

const brightnessFactor: Check<Factor> = (value, place) => {
  const isFraction = (one: number): boolean => Math.abs(one) <= 1;
  if (isNumber(value) ? isFraction(value) : isPair(value) && value.every(isFraction)) return value as Factor; // as checked
  throw argumentError(place, 'a number from -1 to 1, or two of them', value);
};

const valueRange: Check<Range> = (value, place) => {
  if (isPair(value)) return value;
  throw argumentError(
    place,
    'two numbers, the least and the largest value',
    value,
    'Write valueRange: [0, 1]',
  );
};

const randomBrightnessChecks = {
  factor: required(brightnessFactor),
  valueRange: optional(valueRange, [0, 255]),
  seed: optional(integer),
};

/**
 * Makes images brighter or darker while training: `x + b · (most − least)`, cut to the range of values, with a `b` of its own for each
 * image, uniform in `factor`. Otherwise it does nothing.
 *
 * In `[batch, height, width, channels]`, out the same shape; one image without the batch axis, too, where the layer is applied to
 * values, with `{ training: true }` as in training. No weights. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `factor` is out of range, or `valueRange` is not two numbers.
 * @throws KerasShapeError if the input has other than four dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerRandomBrightness({ factor: 0.2, valueRange: [0, 1], inputShape: [28, 28, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 28, 28, 3])
 * @see R keras `layer_random_brightness`
 */
export const layerRandomBrightness = defineLayer<RandomBrightnessOptions, typeof randomBrightnessChecks>(
  'layerRandomBrightness',
  (args: never) => new RandomBrightness(args),
  { baseName: 'random_brightness', options: randomBrightnessChecks, ...imageInput },
);
