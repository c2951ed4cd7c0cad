import { checkOptions } from '../../base/checks';
import { refuseSurplus } from '../../base/function-name';
import { ImageDataGenerator } from './generator';
import { generatorChecks, type ImageDataGeneratorOptions } from './generator-options';

const NAME = 'imageDataGenerator';

/**
 * Images changed at random, so that a model sees others in each epoch, and normalized: what the flows take as `generator`. By Keras's
 * formulas, in Keras's order: rotation, shift, shear and zoom as one affine transformation that is sampled once, shift of channels, flips,
 * brightness; then `preprocessingFunction`, `rescale`, and what is subtracted and divided by.
 *
 * With the same seed each image is changed as Keras 2.13 changes it: by a number that is a fraction, or pixels, as R has it, and by one
 * of a list where a list is given. As in Keras 2.13, `widthShiftRange` moves rows and `heightShiftRange` columns, and images that are not
 * square are rotated around a point beside their middle. `interpolationOrder` is Keras's.
 *
 * `applyTransform(image, { theta: 10 })`, `randomTransform(image, seed)`, `getRandomTransform(shape, seed)` and `standardize(image)` do to one
 * image what the flows do to all. What depends on data, `featurewiseCenter`, `featurewiseStdNormalization` and `zcaWhitening`, needs
 * {@link fitImageDataGenerator} first: without it Keras leaves it out with a warning, here it is an error.
 *
 * @throws KerasArgumentError if an option is wrong.
 * @example
 * const generator = imageDataGenerator({ rotationRange: 20, horizontalFlip: true, rescale: 1 / 255 })
 * const image = [[[0], [255]], [[255], [0]]]
 * assert.deepStrictEqual(generator.randomTransform(image).shape, [2, 2, 1])
 * assert.deepStrictEqual(generator.applyTransform(image, { theta: 90 }).round().arraySync(), [[[255], [0]], [[0], [255]]])
 * @see R keras `image_data_generator`
 */
export const imageDataGenerator = (
  options?: ImageDataGeneratorOptions,
  ...surplus: []
): ImageDataGenerator => {
  refuseSurplus(NAME, ['options'], surplus);
  return new ImageDataGenerator(checkOptions(NAME, options, generatorChecks));
};
