import type { Place } from '../../base/checks';
import { describeShape, KerasShapeError, KerasStateError } from '../../base/errors';
import { nextSeed } from '../../base/random';
import { toTensor } from '../../arrays/tensors';
import { RandomState } from '../../datasets/random-state';
import { tf, type Tensor2D, type Tensor3D } from '../../tfjs/tensorflow';
import { channelsLast, withTensor, type ImageArray } from './arrays';
import { channelsFirst, type FloatImage } from './float-image';
import type { GeneratorOptions } from './generator-options';
import type { ImageDataFormat } from './options';
import { transformImage, type ImageTransformation } from './transform';

/** What a generator knows of the data that it was fitted to. */
export interface FittedStatistics {
  /** The mean of each channel. */
  readonly mean: Float32Array | undefined;
  /** The deviation of each channel. */
  readonly deviation: Float32Array | undefined;
  /** What whitens an image as one row, of its channels last. */
  readonly whitening: Tensor2D | undefined;
}

/** What is subtracted and divided by: whitening and deviations go with centered data, as in Keras. */
const normalization = (options: GeneratorOptions) => {
  const { zcaWhitening, featurewiseCenter, samplewiseCenter, samplewiseStdNormalization } = options;
  const byFeature = options.featurewiseStdNormalization && !zcaWhitening;
  return {
    centersFeatures: featurewiseCenter || byFeature || zcaWhitening,
    scalesFeatures: byFeature,
    whitens: zcaWhitening,
    centersSamples: samplewiseCenter || samplewiseStdNormalization,
    scalesSamples: samplewiseStdNormalization,
  };
};

/** What keeps a division from one by zero. */
export const TINY = 1e-6;

/** The mean and the deviation of numbers. */
const moments = (data: Float32Array): readonly [mean: number, deviation: number] => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  return [Math.fround(mean), Math.fround(Math.sqrt(variance))];
};

/** A shift that is drawn: a fraction of the size, or pixels, or one of a list, to either side. */
const drawShift = (random: RandomState, range: number | readonly number[], size: number): number => {
  if (range === 0) return 0;
  const isList = typeof range !== 'number';
  const drawn = isList ? random.choice(range) * random.choice([-1, 1]) : random.between(-range, range);
  const largest = isList ? Math.max(...range) : range;
  return largest < 1 ? drawn * size : drawn;
};

/**
 * Images changed at random, and normalized. `imageDataGenerator()` makes one; the flows (`flowImagesFromDirectory()` and others) use it.
 *
 * @example
 * const generator = imageDataGenerator({ rescale: 1 / 255 })
 * assert.deepStrictEqual(generator.standardize([[[255], [0]]]).arraySync(), [[[1], [0]]])
 * const flipped = generator.applyTransform([[[1], [2]]], { flipHorizontal: true })
 * assert.deepStrictEqual(flipped.arraySync(), [[[2], [1]]])
 */
export class ImageDataGenerator {
  /** @internal */
  readonly options: GeneratorOptions;
  /** @internal Where the channels are. */
  readonly dataFormat: ImageDataFormat;
  /** @internal What it was fitted to. */
  fitted: FittedStatistics = { mean: undefined, deviation: undefined, whitening: undefined };
  /** @internal What is subtracted and divided by. */
  readonly normalization: ReturnType<typeof normalization>;

  /** @internal */
  constructor(options: GeneratorOptions) {
    this.options = options;
    this.dataFormat = options.dataFormat ?? 'channels_last';
    this.normalization = normalization(options);
  }

  /** A transformation drawn at random for an image of a shape; with a seed of Keras's, the one that Keras draws. */
  getRandomTransform(shape: readonly number[], seed?: number): ImageTransformation {
    const isFirst = this.dataFormat === 'channels_first';
    const [height = 0, width = 0] = isFirst ? shape.slice(1) : shape;
    return this.draw(new RandomState(seed ?? nextSeed()), height, width);
  }

  /** An image after a transformation: a new tensor of the same shape, float32. */
  applyTransform(image: ImageArray, transformation: ImageTransformation): Tensor3D {
    return this.#tensorOf(this.transform(this.#imageOf(image), transformation));
  }

  /** An image after a transformation that is drawn at random. */
  randomTransform(image: ImageArray, seed?: number): Tensor3D {
    const one = this.#imageOf(image);
    const drawn = this.draw(new RandomState(seed ?? nextSeed()), one.height, one.width);
    return this.#tensorOf(this.transform(one, drawn));
  }

  /** An image normalized: rescaled, centered, divided, whitened, as the options say. */
  standardize(image: ImageArray): Tensor3D {
    return this.#tensorOf(this.normalize(this.#imageOf(image)));
  }

  /** @internal Draws a transformation, in Keras's order. */
  draw(random: RandomState, height: number, width: number): ImageTransformation {
    const { rotationRange, heightShiftRange, widthShiftRange, shearRange, zoomRange } = this.options;
    const { horizontalFlip, verticalFlip, channelShiftRange, brightnessRange } = this.options;
    const around = (range: number): number => (range === 0 ? 0 : random.between(-range, range));
    const theta = around(rotationRange);
    const tx = drawShift(random, heightShiftRange, height);
    const ty = drawShift(random, widthShiftRange, width);
    const shear = around(shearRange);
    const [from, to] = zoomRange ?? [1, 1];
    const isZoomed = from !== 1 || to !== 1;
    const zx = isZoomed ? random.between(from, to) : 1;
    const zy = isZoomed ? random.between(from, to) : 1;
    // Both are drawn, whether they count or not.
    const [left, top] = [random.uniform() < 0.5, random.uniform() < 0.5];
    return {
      theta,
      tx,
      ty,
      shear,
      zx,
      zy,
      flipHorizontal: left && horizontalFlip,
      flipVertical: top && verticalFlip,
      channelShiftIntensity: channelShiftRange === 0 ? null : around(channelShiftRange),
      brightness: brightnessRange === null ? null : random.between(...brightnessRange),
    };
  }

  /** @internal */
  transform(image: FloatImage, transformation: ImageTransformation): FloatImage {
    return transformImage(image, transformation, this.options);
  }

  /** @internal */
  normalize(image: FloatImage): FloatImage {
    const { preprocessingFunction, rescale } = this.options;
    const { centersSamples, scalesSamples, whitens } = this.normalization;
    let { data } = preprocessingFunction === null ? image : this.#preprocessed(image);
    if (rescale !== null && rescale !== 0) {
      const factor = Math.fround(rescale);
      data = data.map((value) => value * factor);
    }
    if (centersSamples) {
      const [mean] = moments(data);
      data = data.map((value) => value - mean);
    }
    if (scalesSamples) {
      const divisor = Math.fround(moments(data)[1] + TINY);
      data = data.map((value) => value / divisor);
    }
    data = this.#byFeatures(data, image.channels);
    return { ...image, data: whitens ? this.#whitened(data) : data };
  }

  #byFeatures(data: Float32Array, channels: number): Float32Array {
    const { centersFeatures, scalesFeatures } = this.normalization;
    if (!centersFeatures) return data;
    const mean = this.#known(this.fitted.mean, channels);
    const centered = data.map((value, at) => value - (mean[at % channels] ?? 0));
    if (!scalesFeatures) return centered;
    const deviation = this.#known(this.fitted.deviation, channels);
    return centered.map((value, at) => value / Math.fround((deviation[at % channels] ?? 0) + TINY));
  }

  #known(statistics: Float32Array | undefined, channels: number): Float32Array {
    if (statistics?.length === channels) return statistics;
    throw statistics === undefined
      ? this.#notFitted()
      : this.#otherShape(`${statistics.length} channels`, `an image of ${channels}`);
  }

  #whitened(data: Float32Array): Float32Array {
    const { whitening } = this.fitted;
    if (whitening === undefined) throw this.#notFitted();
    if (whitening.shape[0] !== data.length) {
      throw this.#otherShape(`${whitening.shape[0]} numbers`, `an image of ${data.length}`);
    }
    return tf.tidy(() =>
      tf.matMul(tf.tensor2d(data, [1, data.length]), whitening).dataSync(),
    ) as Float32Array;
  }

  #notFitted(): KerasStateError {
    return new KerasStateError({
      argument: 'generator',
      expected: 'the generator must be fitted to data, whose mean, deviation or whitening it uses',
      received: 'one that is not',
      advice: 'Call fitImageDataGenerator(generator, x) first',
    });
  }

  #otherShape(expected: string, received: string): KerasShapeError {
    return new KerasShapeError({
      argument: 'generator',
      expected: `images must be as those that the generator was fitted to, of ${expected}`,
      received,
      advice: 'Fit it to images of this shape: fitImageDataGenerator(generator, x)',
    });
  }

  /** What the user's function makes of an image. */
  #preprocessed(image: FloatImage): FloatImage {
    const given = this.#tensorOf(image);
    const place: Place = { argument: 'preprocessingFunction' };
    const made = tf.tidy(() => {
      const { tensor } = toTensor(this.options.preprocessingFunction?.(given), place, 'float32');
      return tf.clone(tensor);
    });
    try {
      if (made.shape.join() === given.shape.join()) return this.#imageOf(made);
      throw new KerasShapeError({
        ...place,
        expected: `\`preprocessingFunction\` must give an array of the image's shape, ${describeShape(given.shape)}`,
        received: describeShape(made.shape),
        advice: 'Change its numbers only',
      });
    } finally {
      tf.dispose([given, made]);
    }
  }

  #imageOf(image: ImageArray): FloatImage {
    const place = { argument: 'image' };
    return withTensor(image, place, (tensor) =>
      tf.tidy(() => {
        const placed = channelsLast(tensor, this.dataFormat, place);
        const [height, width, channels] = placed.shape;
        return { data: Float32Array.from(placed.dataSync()), height, width, channels };
      }),
    );
  }

  #tensorOf(image: FloatImage): Tensor3D {
    const { data, height, width, channels } = image;
    return this.dataFormat === 'channels_last'
      ? tf.tensor3d(data, [height, width, channels])
      : tf.tensor3d(channelsFirst(image), [channels, height, width]);
  }
}
