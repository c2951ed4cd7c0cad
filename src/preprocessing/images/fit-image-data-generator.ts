import { callable, type callForm, type CallForm, type Itself } from '../../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  optional,
  positiveInteger,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';
import { nextSeed } from '../../base/random';
import { sizeOf } from '../../base/shapes';
import { isArrayLike, type DataArray } from '../../arrays/tensors';
import { orNull, seed } from '../../datasets/options';
import { RandomState } from '../../datasets/random-state';
import { attribute, run } from '../../ops/native';
import { tf, type Tensor, type Tensor2D } from '../../tfjs/tensorflow';
import { imagesOf } from './image-list';
import { ImageDataGenerator, TINY, type FittedStatistics } from './generator';

/** Options of {@link fitImageDataGenerator}. */
export interface FitImageDataGeneratorOptions {
  /** Whether it is fitted to images that it has changed at random; false by default. */
  augment?: boolean | undefined;
  /** How often it goes through the images then; 1 by default. */
  rounds?: number | undefined;
  /** The seed of these changes. */
  seed?: number | null | undefined;
}

const NAME = 'fitImageDataGenerator';

const checks = {
  augment: optional(boolean, false),
  rounds: optional(positiveInteger, 1),
  seed: optional(orNull(seed), null),
} satisfies OptionChecks<FitImageDataGeneratorOptions>;

/** The mean of each channel. */
const meansOf = (
  data: Float32Array,
  channels: number,
  of: (value: number, channel: number) => number,
): Float32Array => {
  const sums = new Float64Array(channels);
  for (let at = 0; at < data.length; at++) {
    const channel = at % channels;
    sums[channel] = (sums[channel] ?? 0) + of(data[at] ?? 0, channel);
  }
  return Float32Array.from(sums, (sum) => (sum * channels) / data.length);
};

/** The matrix that makes the numbers of images, one in a row, independent: `U diag(√n / (s + ε)) Uᵀ` of their singular values. */
const whiteningOf = (data: Float32Array, rows: number, epsilon: number): Tensor2D => {
  const columns = data.length / rows;
  const matrix = tf.tidy(() => {
    const transposed = tf.transpose(tf.tensor2d(data, [rows, columns]));
    const attributes = [
      attribute.bool('compute_uv', true),
      attribute.bool('full_matrices', false),
      attribute.type('T', 'float'),
    ];
    const [values, vectors] = run('Svd', attributes, [transposed], 3) as [Tensor, Tensor2D, Tensor]; // three were asked for
    const scaled = tf.mul(vectors, tf.div(Math.sqrt(rows), tf.add(values, epsilon)));
    return tf.matMul<Tensor2D>(scaled, vectors, false, true);
  });
  return tf.keep(matrix);
};

/** The images, changed at random where that is asked for. */
const augmented = (
  generator: ImageDataGenerator,
  data: Float32Array,
  [, height, width, channels]: readonly [number, number, number, number],
  { augment, rounds, seed: given }: CheckedOptions<typeof checks>,
): Float32Array => {
  if (!augment) return data;
  const random = new RandomState(given ?? nextSeed());
  const changed = new Float32Array(rounds * data.length);
  const size = height * width * channels;
  for (let from = 0; from < changed.length; from += size) {
    const image = {
      data: data.slice(from % data.length, (from % data.length) + size),
      height,
      width,
      channels,
    };
    changed.set(generator.transform(image, generator.draw(random, height, width)).data, from);
  }
  return changed;
};

const fit = (
  generator: ImageDataGenerator,
  x: unknown,
  options: CheckedOptions<typeof checks>,
): FittedStatistics => {
  const { rescale, zcaEpsilon } = generator.options;
  const { centersFeatures, scalesFeatures, whitens } = generator.normalization;
  const images = imagesOf(x, generator.dataFormat, { function: NAME, argument: 'x' });
  const { channels, height, width, count } = images;
  const factor = Math.fround(rescale ?? 1);
  const scaled = factor === 1 || factor === 0 ? images.data : images.data.map((value) => value * factor);
  let data = augmented(generator, scaled, [count, height, width, channels], options);
  let mean: Float32Array | undefined;
  let deviation: Float32Array | undefined;
  if (centersFeatures) {
    const center = meansOf(data, channels, (value) => value);
    mean = center;
    data = data.map((value, at) => value - (center[at % channels] ?? 0));
  }
  if (scalesFeatures) {
    const rest = meansOf(data, channels, (value) => value);
    const variances = meansOf(data, channels, (value, channel) => (value - (rest[channel] ?? 0)) ** 2);
    const spread = variances.map(Math.sqrt);
    deviation = spread;
    data = data.map((value, at) => value / Math.fround((spread[at % channels] ?? 0) + TINY));
  }
  const rows = data.length / sizeOf([height, width, channels]);
  return { mean, deviation, whitening: whitens ? whiteningOf(data, rows, zcaEpsilon) : undefined };
};

/** A function of a generator, with data, that gives the generator. */
export interface GeneratorFunction {
  (x: DataArray, options?: FitImageDataGeneratorOptions): <Of extends ImageDataGenerator>(object: Of) => Of;
  <Of extends ImageDataGenerator>(object: Of, x: DataArray, options?: FitImageDataGeneratorOptions): Of;
  readonly [callForm]: CallForm<
    ['model', [x: DataArray, options?: FitImageDataGeneratorOptions], Itself, ImageDataGenerator]
  >;
}

/**
 * Fits a generator to images, in place: their mean and deviation, by channel, and what whitens them, as its options ask for. Gives the
 * generator.
 *
 * In `[n, height, width, channels]`, or as its `dataFormat` says. `rescale` is applied before, and with `augment` the changes, `rounds`
 * times. Whitening needs more images than an image has numbers, or the rest is noise.
 *
 * @throws KerasShapeError if `x` is no batch of images.
 * @example
 * const generator = imageDataGenerator({ featurewiseCenter: true })
 * fitImageDataGenerator(generator, [[[[1]]], [[[3]]]])
 * assert.deepStrictEqual(generator.standardize([[[5]]]).arraySync(), [[[3]]])
 * @see R keras `fit_image_data_generator`
 */
export const fitImageDataGenerator: GeneratorFunction = callable({
  name: NAME,
  subject: {
    argument: 'object',
    is: (value) => value instanceof ImageDataGenerator,
    check: (functionName, value) => {
      if (value instanceof ImageDataGenerator) return value;
      const place = { function: functionName, argument: 'object' };
      throw argumentError(place, 'a generator', value, 'Give what imageDataGenerator() gave');
    },
  },
  data: ['x'],
  isData: isArrayLike,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (generator, [x]: readonly [unknown], options) => {
    const fitted = fit(generator, x, options);
    generator.fitted.whitening?.dispose();
    generator.fitted = fitted;
  },
  givesSubject: true,
}) as unknown as typeof fitImageDataGenerator; // the call styles are told apart by the arguments
